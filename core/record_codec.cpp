#include "core/record_codec.hpp"

#include <bit>
#include <type_traits>

#include "base/crc32c.hpp"

namespace causeway::core::record {

namespace {

// A value is [letter: u8] [content]. The letters are AMQP's (field.hpp); texts, arrays and tables are
// [bytes: u32] [content], tables hold [name: bytes32] [value] one after the other.

void write_value(byte_writer& out, const field_value& value);

template <class Fill>
void write_sized(byte_writer& out, Fill fill) {
    const std::size_t size_at = out.position();
    out.u32(0);
    fill();
    const std::size_t size = out.position() - size_at - 4;
    ENSURE(size <= 0xFFFF'FFFF);
    out.put_u32(size_at, static_cast<std::uint32_t>(size));
}

void write_table(byte_writer& out, const field_table& table) {
    write_sized(out, [&] {
        for (const auto& [name, value] : table) {
            out.bytes32(name);
            write_value(out, value);
        }
    });
}

struct value_writer {
    byte_writer& out;

    void letter(char c) const { out.u8(static_cast<std::uint8_t>(c)); }

    void operator()(no_value) const { letter('V'); }
    void operator()(bool v) const { letter('t'), out.u8(v ? 1 : 0); }
    void operator()(std::int8_t v) const { letter('b'), out.u8(static_cast<std::uint8_t>(v)); }
    void operator()(std::uint8_t v) const { letter('B'), out.u8(v); }
    void operator()(std::int16_t v) const { letter('s'), out.u16(static_cast<std::uint16_t>(v)); }
    void operator()(std::uint16_t v) const { letter('u'), out.u16(v); }
    void operator()(std::int32_t v) const { letter('I'), out.u32(static_cast<std::uint32_t>(v)); }
    void operator()(std::uint32_t v) const { letter('i'), out.u32(v); }
    void operator()(std::int64_t v) const { letter('l'), out.u64(static_cast<std::uint64_t>(v)); }
    void operator()(std::uint64_t v) const { letter('L'), out.u64(v); }
    void operator()(float v) const { letter('f'), out.u32(std::bit_cast<std::uint32_t>(v)); }
    void operator()(double v) const { letter('d'), out.u64(std::bit_cast<std::uint64_t>(v)); }
    void operator()(decimal v) const { letter('D'), out.u8(v.scale), out.u32(static_cast<std::uint32_t>(v.value)); }
    void operator()(const std::string& v) const { letter('S'), out.bytes32(v); }
    void operator()(const byte_array& v) const { letter('x'), out.bytes32(v.bytes); }
    void operator()(timestamp v) const { letter('T'), out.u64(v.seconds); }
    void operator()(const field_array& v) const {
        letter('A');
        write_sized(out, [&] {
            for (const field_value& element : v) write_value(out, element);
        });
    }
    void operator()(const field_table& v) const { letter('F'), write_table(out, v); }
};

void write_value(byte_writer& out, const field_value& value) { std::visit(value_writer{out}, value.base()); }

field_table read_table(byte_reader& in, std::size_t depth);

bool read_bool(byte_reader& in) {
    const std::uint8_t value = in.u8();
    if (value > 1) in.fail();
    return value == 1;
}

decimal read_decimal(byte_reader& in) {
    const std::uint8_t scale = in.u8();
    return {scale, static_cast<std::int32_t>(in.u32())};
}

field_value read_value(byte_reader& in, std::size_t depth);

field_array read_array(byte_reader& in, std::size_t depth) {
    byte_reader inside(in.bytes32());
    field_array array;
    while (!inside.empty()) array.push_back(read_value(inside, depth));
    if (inside.failed()) in.fail();
    return array;
}

field_value read_value(byte_reader& in, std::size_t depth) {
    switch (in.u8()) {
        case 'V': return no_value{};
        case 't': return read_bool(in);
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
        case 'D': return read_decimal(in);
        case 'S': return std::string(in.bytes32());
        case 'x': return byte_array{std::string(in.bytes32())};
        case 'T': return timestamp{in.u64()};
        case 'A':
            if (depth < field_depth_max) return read_array(in, depth + 1);
            break;
        case 'F':
            if (depth < field_depth_max) return read_table(in, depth + 1);
            break;
    }
    in.fail();
    return no_value{};
}

field_table read_table(byte_reader& in, std::size_t depth) {
    byte_reader inside(in.bytes32());
    field_table table;
    while (!inside.empty()) {
        std::string name(inside.bytes32());
        table.emplace_back(std::move(name), read_value(inside, depth));
    }
    if (inside.failed()) in.fail();
    return table;
}

}  // namespace

void encode(std::string& out, const field_table& table) {
    byte_writer writer(out);
    write_table(writer, table);
}

void record_writer::count(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) u8(static_cast<std::uint8_t>(value | 0x80));
    u8(static_cast<std::uint8_t>(value));
}

void record_writer::text(std::string_view bytes_of_text) {
    count(bytes_of_text.size());
    bytes(bytes_of_text);
}

void record_writer::table(const field_table& table) { write_table(*this, table); }

void record_writer::seal() { u32(crc32c(std::string_view(out_).substr(start_))); }

record_reader::record_reader(std::string_view value) {
    constexpr std::size_t crc_bytes = 4;
    if (value.size() < 1 + crc_bytes) {
        fail("truncated");
        return;
    }
    const std::string_view content = value.substr(0, value.size() - crc_bytes);
    if (byte_reader(value.substr(content.size())).u32() != crc32c(content)) {
        fail("checksum");
        return;
    }
    in_ = byte_reader(content);
    if (const std::uint8_t version = in_.u8(); version != record_version) fail("version " + std::to_string(version));
}

std::uint64_t record_reader::count() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
        const std::uint8_t byte = in_.u8();
        value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
        if (byte >= 0x80) continue;
        if (byte == 0 && shift > 0) fail("malformed count");  // one form for each number
        return value;
    }
    fail("malformed count");
    return 0;
}

field_table record_reader::table() {
    const bool readable = !in_.failed();
    field_table table = read_table(in_, 1);
    if (readable && in_.failed()) fault_ = "malformed table";
    return table;
}

std::uint8_t record_reader::flags(std::uint8_t known) {
    const std::uint8_t value = in_.u8();
    if ((value & ~known) != 0) fail("unknown flags");
    return value;
}

void record_reader::fail(std::string why) {
    if (fault_.empty()) fault_ = in_.failed() ? "truncated" : std::move(why);
    in_.fail();
}

bool record_reader::finish() {
    if (fault_.empty() && !in_.failed() && !in_.empty()) fail("trailing bytes");
    return fault_.empty() && !in_.failed();
}

}  // namespace causeway::core::record
