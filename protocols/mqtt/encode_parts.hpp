#pragma once
// What the encoders of several packets share. Only for encode*.cpp.

#include <cstdint>
#include <string>

#include "base/byte_writer.hpp"
#include "base/check.hpp"
#include "protocols/mqtt/packet.hpp"
#include "protocols/mqtt/variable_integer.hpp"

namespace causeway::mqtt {

constexpr std::uint8_t first_byte(packet_type type, unsigned flags = 0) {
    return static_cast<std::uint8_t>(static_cast<unsigned>(type) << 4 | flags);
}

/// Appends the first byte, the Remaining Length, and the body that `write(byte_writer&)` writes.
template <class Write>
void write_packet(std::string& out, std::uint8_t first, Write&& write) {
    byte_writer writer(out);
    writer.u8(first);
    const std::size_t body = writer.position();
    write(writer);
    const std::size_t size = writer.position() - body;
    ENSURE(size <= variable_integer_max);
    char length[4];
    const char* end = put_variable(length, static_cast<std::uint32_t>(size));
    out.insert(body, length, static_cast<std::size_t>(end - length));
}

/// The block with its length in front, in MQTT 5 [MQTT-2.2.2-1].
inline void write_properties(std::string& out, const properties& p, version v) {
    if (v != version::v5) return;
    append_variable(out, static_cast<std::uint32_t>(p.bytes().size()));
    out.append(p.bytes());
}

}  // namespace causeway::mqtt
