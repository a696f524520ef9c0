#pragma once
// A map from 16-bit numbers of which those that are there at one time mostly follow each other, such as packet ids. Each has a place in
// an array, at its lowest bits. One whose place is taken is a stray, in a hash table, so the array never has more than four times as
// many places as there were elements. 0 is no number. No memory before the first element.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/check.hpp"

namespace causeway {

template <class T>
class id_map {
public:
    bool empty() const { return size_ == 0; }
    std::size_t size() const { return size_; }

    /// Until an element comes or goes; nullptr: it is not there.
    T* find(std::uint16_t id) {
        if (places_.empty()) return nullptr;
        if (place& at = place_of(id); at.id == id) return &at.value;
        return strays_ ? find_stray(id) : nullptr;
    }
    bool contains(std::uint16_t id) { return find(id) != nullptr; }

    /// Instead of the one that is there. Returns whether there was none.
    bool set(std::uint16_t id, T value) {
        ENSURE(id != 0);
        if (T* known = find(id)) {
            *known = std::move(value);
            return false;
        }
        // A stray is for ids that lie apart, not for an array that is too small.
        while (places_.empty() || (place_of(id).id != 0 && 2 * size_ >= places_.size())) grow();
        ++size_;
        settle(id, value);
        return true;
    }

    /// Returns whether it was there.
    bool erase(std::uint16_t id) {
        if (places_.empty()) return false;
        if (place& at = place_of(id); at.id == id)
            at = {};
        else if (!strays_ || strays_->erase(id) == 0)
            return false;
        if (--size_ == 0 && places_.size() > kept_places_max) clear();
        return true;
    }

    void clear() {
        places_ = std::vector<place>();  // "{}" would keep the memory
        strays_ = nullptr;
        size_ = 0;
    }

    /// visit(number, element), in no particular order.
    template <class Visit>
    void each(Visit visit) {
        for (place& at : places_)
            if (at.id != 0) visit(at.id, at.value);
        if (!strays_) return;
        for (auto& [id, value] : *strays_) visit(id, value);
    }

private:
    struct place {
        std::uint16_t id = 0;  // 0: free
        T value{};
    };
    using strays = std::unordered_map<std::uint16_t, T>;
    static constexpr std::size_t first_places = 8;
    static constexpr std::size_t kept_places_max = 64;  // when it runs empty

    place& place_of(std::uint16_t id) { return places_[id & (places_.size() - 1)]; }

    T* find_stray(std::uint16_t id) {
        const auto at = strays_->find(id);
        return at == strays_->end() ? nullptr : &at->second;
    }

    void grow() {
        std::vector<place> before(places_.empty() ? first_places : 2 * places_.size());
        before.swap(places_);
        const std::unique_ptr<strays> astray = std::move(strays_);
        for (place& each : before)
            if (each.id != 0) settle(each.id, each.value);
        if (!astray) return;
        for (auto& [id, value] : *astray) settle(id, value);
    }
    /// To its place, or away from it.
    void settle(std::uint16_t id, T& value) {
        place& at = place_of(id);
        if (at.id == 0) {
            at = {id, std::move(value)};
            return;
        }
        if (!strays_) strays_ = std::make_unique<strays>();
        strays_->emplace(id, std::move(value));
    }

    std::vector<place> places_;  // none, or a power of two of them
    std::unique_ptr<strays> strays_;
    std::size_t size_ = 0;
};

}  // namespace causeway
