#include "net/websocket/packets.hpp"

#include <algorithm>

namespace causeway::net::websocket {

std::size_t packet_ends::take(std::string_view bytes) {
    std::size_t at = 0;
    while (at < bytes.size()) {
        switch (next_) {
            case part::type:
                left_ = shift_ = 0;
                next_ = part::length;
                ++at;
                break;
            case part::length: read_length(static_cast<unsigned char>(bytes[at++])); break;
            case part::rest: {
                const std::size_t taken = std::min<std::size_t>(left_, bytes.size() - at);
                left_ -= static_cast<std::uint32_t>(taken);
                at += taken;
                break;
            }
        }
        if (next_ != part::rest || left_ > 0) continue;
        next_ = part::type;
        return at;
    }
    return at;
}

void packet_ends::read_length(unsigned char byte) {
    left_ |= static_cast<std::uint32_t>(byte & 0x7F) << shift_;
    shift_ = static_cast<std::uint8_t>((shift_ + 7) % 28);  // a fourth byte is the last one
    if ((byte & 0x80) == 0) next_ = part::rest;
}

}  // namespace causeway::net::websocket
