#pragma once
// Where the packets of an MQTT stream end, however it is cut into pieces:
//
//   [type and flags: 1 byte] [length of the rest: 7 bits a byte, least first, bit 7 says that there is more] [rest]     MQTT 2.1.1

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace causeway::net::websocket {

class packet_ends {
public:
    /// How many of the bytes belong to the packet that is going on: up to and with its end, or all of them.
    std::size_t take(std::string_view bytes);

private:
    enum class part : std::uint8_t { type, length, rest };

    void read_length(unsigned char byte);

    std::uint32_t left_ = 0;  // of the rest; its length, as far as it has come
    std::uint8_t shift_ = 0;
    part next_ = part::type;
};

}  // namespace causeway::net::websocket
