#pragma once
// Owns things that have a name, and finds them by it. The name is stored once, in the thing itself.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <boost/unordered/unordered_flat_set.hpp>

#include "base/check.hpp"

namespace causeway::core {

/// `Name`: the member function that tells it, as a view or a string that stays where it is.
template <class T, auto Name>
class directory {
public:
    directory() = default;
    directory(const directory&) = delete;
    directory& operator=(const directory&) = delete;
    ~directory() {
        for (T* each : things_) delete each;
    }

    /// nullptr if there is none.
    T* find(std::string_view name) const {
        const auto at = things_.find(name);
        return at == things_.end() ? nullptr : *at;
    }
    /// There is none of that name yet.
    T& insert(std::unique_ptr<T> thing) {
        const bool fresh = things_.insert(thing.get()).second;
        ENSURE(fresh);
        return *thing.release();
    }
    /// Out of the directory: find() does not find it any more.
    std::unique_ptr<T> take(T& thing) {
        const std::size_t erased = things_.erase(&thing);
        ENSURE(erased == 1);
        return std::unique_ptr<T>(&thing);
    }

    std::size_t size() const { return things_.size(); }
    auto begin() const { return things_.begin(); }
    auto end() const { return things_.end(); }

private:
    static std::string_view name_of(std::string_view name) { return name; }
    static std::string_view name_of(const T* thing) { return (thing->*Name)(); }
    struct hash {
        using is_transparent = void;
        std::size_t operator()(const auto& key) const { return std::hash<std::string_view>()(name_of(key)); }
    };
    struct same {
        using is_transparent = void;
        bool operator()(const auto& a, const auto& b) const { return name_of(a) == name_of(b); }
    };
    boost::unordered_flat_set<T*, hash, same> things_;
};

}  // namespace causeway::core
