#pragma once
// One message often goes to many subscribers that asked for it alike: it is encoded for the first two of them, and the others get a
// copy of those bytes, with their own packet id.

#include <cstdint>
#include <string>
#include <string_view>

#include "core/message.hpp"
#include "protocols/mqtt/packet.hpp"

namespace causeway::mqtt {

class publish_copy {
public:
    /// All that the bytes depend on besides the packet id, if there is nothing of the receiver's own in them: no DUP, topic alias,
    /// subscription identifier or remaining expiry.
    struct terms {
        const core::message* of = nullptr;
        std::uint64_t made = 0;  // core::message::made(): while it stands, no other message can have come to that address
        mqtt::version version{};
        mqtt::qos qos{};
        bool retain = false;
        bool operator==(const terms&) const = default;
    };

    /// The whole packet with another one's packet id; empty: it has to be encoded.
    std::string_view find(const terms& t) const { return t == last_ ? std::string_view(bytes_) : std::string_view(); }

    /// It was encoded. Its bytes are kept from the second time on: most messages have one receiver.
    void encoded(const terms& t, std::string_view whole) {
        if (t == last_) {
            bytes_ = whole;
        } else {
            last_ = t;
            bytes_.clear();
        }
    }

private:
    terms last_;
    std::string bytes_;
};

}  // namespace causeway::mqtt
