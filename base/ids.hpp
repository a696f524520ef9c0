#pragma once
// Numbers that name things. Each is its own type, so that a queue's number is never taken for a session's. 0 is "none".

#include <cstdint>

namespace causeway {

enum class connection_id : std::uint64_t { none = 0 };
enum class queue_id : std::uint64_t { none = 0 };
enum class session_id : std::uint64_t { none = 0 };
enum class message_id : std::uint64_t { none = 0 };
enum class exchange_id : std::uint64_t { none = 0 };
enum class binding_id : std::uint64_t { none = 0 };

template <class Id>
constexpr std::uint64_t number(Id id) {
    return static_cast<std::uint64_t>(id);
}

}  // namespace causeway
