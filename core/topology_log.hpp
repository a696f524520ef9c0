#pragma once
// What changed lately in what decides where messages go. Most changes concern one name: a device comes and subscribes to a topic of its
// own. Where messages of other names go is then still known. Belongs to the broker.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace causeway::core {

/// Of a name as it was written.
inline std::size_t hash_of_text(std::string_view name) { return std::hash<std::string_view>()(name); }

/// Of a message's name.
struct name_hashes {
    std::uint64_t levels = 0;  // stable_hash
    std::uint64_t text = 0;    // hash_of_text
};

class topology_log {
public:
    /// So many changes are looked through for one name; what is older is given up.
    static constexpr std::size_t kept = 256;

    std::uint64_t version() const { return version_; }

    /// Any name may be concerned.
    void add() { for_all_ = ++version_; }
    /// Only names whose levels, or whose text, hash so.
    void add(std::uint64_t hash) { changes_[++version_ % kept] = hash; }

    /// May what was known of this name at that version have changed?
    bool concerns(const name_hashes& name, std::uint64_t since) const {
        if (since < for_all_ || version_ - since > kept) return true;
        while (since < version_) {
            const std::uint64_t hash = changes_[++since % kept];
            if (hash == name.levels || hash == name.text) return true;
        }
        return false;
    }

private:
    std::uint64_t version_ = 1;
    std::uint64_t for_all_ = 1;
    std::array<std::uint64_t, kept> changes_{};
};

}  // namespace causeway::core
