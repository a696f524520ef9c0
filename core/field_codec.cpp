#include "core/field_codec.hpp"

#include <bit>
#include <type_traits>

namespace causeway::core {

namespace {

struct scalar_writer {
    byte_writer& out;

    bool operator()(no_value) const { return true; }
    bool operator()(bool v) const { return out.u8(v ? 1 : 0), true; }
    bool operator()(std::int8_t v) const { return out.u8(static_cast<std::uint8_t>(v)), true; }
    bool operator()(std::uint8_t v) const { return out.u8(v), true; }
    bool operator()(std::int16_t v) const { return out.u16(static_cast<std::uint16_t>(v)), true; }
    bool operator()(std::uint16_t v) const { return out.u16(v), true; }
    bool operator()(std::int32_t v) const { return out.u32(static_cast<std::uint32_t>(v)), true; }
    bool operator()(std::uint32_t v) const { return out.u32(v), true; }
    bool operator()(std::int64_t v) const { return out.u64(static_cast<std::uint64_t>(v)), true; }
    bool operator()(std::uint64_t v) const { return out.u64(v), true; }
    bool operator()(float v) const { return out.u32(std::bit_cast<std::uint32_t>(v)), true; }
    bool operator()(double v) const { return out.u64(std::bit_cast<std::uint64_t>(v)), true; }
    bool operator()(decimal v) const { return out.u8(v.scale), out.u32(static_cast<std::uint32_t>(v.value)), true; }
    bool operator()(timestamp v) const { return out.u64(v.seconds), true; }
    bool operator()(const std::string&) const { return false; }
    bool operator()(const byte_array&) const { return false; }
    bool operator()(const field_array&) const { return false; }
    bool operator()(const field_table&) const { return false; }
};

}  // namespace

int scalar_bytes(char letter) {
    switch (letter) {
        case 'V': return 0;
        case 't':
        case 'b':
        case 'B': return 1;
        case 's':
        case 'u': return 2;
        case 'I':
        case 'i':
        case 'f': return 4;
        case 'D': return 5;
        case 'l':
        case 'L':
        case 'd':
        case 'T': return 8;
        default: return -1;
    }
}

field_value read_scalar(byte_reader& in, char letter) {
    switch (letter) {
        case 't': return in.u8() != 0;
        case 'b': return static_cast<std::int8_t>(in.u8());
        case 'B': return in.u8();
        case 's': return static_cast<std::int16_t>(in.u16());
        case 'u': return in.u16();
        case 'I': return static_cast<std::int32_t>(in.u32());
        case 'i': return in.u32();
        case 'l': return static_cast<std::int64_t>(in.u64());
        case 'L': return in.u64();
        case 'f': return std::bit_cast<float>(in.u32());
        case 'd': return std::bit_cast<double>(in.u64());
        case 'D': {
            const std::uint8_t scale = in.u8();
            return decimal{scale, static_cast<std::int32_t>(in.u32())};
        }
        case 'T': return timestamp{in.u64()};
        default: return no_value{};
    }
}

bool write_scalar(byte_writer& out, const field_value& value) { return std::visit(scalar_writer{out}, value.base()); }

}  // namespace causeway::core
