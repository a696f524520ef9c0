#include "core/record_codec.hpp"

#include <algorithm>

#include "base/crc32c.hpp"
#include "core/field_codec.hpp"

namespace causeway::core::record {

namespace {

// A value is [letter: u8] [content]. The letters are AMQP's (field_codec.hpp); texts, arrays and tables are
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

void write_value(byte_writer& out, const field_value& value) {
    out.u8(static_cast<std::uint8_t>(letter_of(value)));
    if (write_scalar(out, value)) return;
    if (const std::string* text = as_text(value)) return out.bytes32(*text);
    if (const auto* table = std::get_if<field_table>(&value)) return write_table(out, *table);
    write_sized(out, [&] {
        for (const field_value& element : std::get<field_array>(value)) write_value(out, element);
    });
}

field_table read_table(byte_reader& in, std::size_t depth);

field_value read_value(byte_reader& in, std::size_t depth);

/// One form for each value: what is read back is written again as it was.
bool read_bool(byte_reader& in) {
    const std::uint8_t value = in.u8();
    if (value > 1) in.fail();
    return value == 1;
}

field_array read_array(byte_reader& in, std::size_t depth) {
    byte_reader inside(in.bytes32());
    field_array array;
    while (!inside.empty()) array.push_back(read_value(inside, depth));
    if (inside.failed()) in.fail();
    return array;
}

field_value read_value(byte_reader& in, std::size_t depth) {
    const char letter = static_cast<char>(in.u8());
    if (letter == 't') return read_bool(in);
    if (scalar_bytes(letter) >= 0) return read_scalar(in, letter);
    switch (letter) {
        case 'S': return std::string(in.bytes32());
        case 'x': return byte_array{std::string(in.bytes32())};
        case 'A':
            if (depth < field_depth_max) return read_array(in, depth + 1);
            break;
        case 'F':
            if (depth < field_depth_max) return read_table(in, depth + 1);
            break;
        default: break;
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

void skip_value(byte_reader& in, std::size_t depth);

void skip_table(byte_reader& in, std::size_t depth) {
    byte_reader inside(in.bytes32());
    while (!inside.empty()) {
        inside.bytes32();
        skip_value(inside, depth);
    }
    if (inside.failed()) in.fail();
}

void skip_array(byte_reader& in, std::size_t depth) {
    byte_reader inside(in.bytes32());
    while (!inside.empty()) skip_value(inside, depth);
    if (inside.failed()) in.fail();
}

void skip_value(byte_reader& in, std::size_t depth) {
    const char letter = static_cast<char>(in.u8());
    const int bytes = scalar_bytes(letter);
    if (letter == 't')
        read_bool(in);
    else if (bytes >= 0)
        in.take(static_cast<std::size_t>(bytes));
    else if (letter == 'S' || letter == 'x')
        in.bytes32();
    else if (letter == 'A' && depth < field_depth_max)
        skip_array(in, depth + 1);
    else if (letter == 'F' && depth < field_depth_max)
        skip_table(in, depth + 1);
    else
        in.fail();
}

}  // namespace

void encode(std::string& out, const field_table& table) {
    byte_writer writer(out);
    write_table(writer, table);
}

void record_writer::open(std::size_t room) {
    const std::size_t size = out_.size();
    out_.resize(size + room);
    at_ = out_.data() + size;
    end_ = at_ + room;
}

void record_writer::text(std::string_view bytes) {
    constexpr std::size_t large = 4096;  // room is filled with zeros when it is made
    count(bytes.size());
    if (bytes.size() >= large) {
        close();
        out_.append(bytes);
        open(count_bytes_max);
        return;
    }
    reach(bytes.size());
    at_ = std::copy(bytes.begin(), bytes.end(), at_);
}

void record_writer::table(const field_table& table) {
    close();
    byte_writer writer(out_);
    write_table(writer, table);
    open(sizeof(std::uint32_t));
}

void record_writer::seal() {
    const std::size_t size = static_cast<std::size_t>(at_ - out_.data()) - start_;
    u32(crc32c({out_.data() + start_, size}));
    close();
}

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

void record_reader::skip_table() {
    const bool readable = !in_.failed();
    record::skip_table(in_, 1);
    if (readable && in_.failed()) fault_ = "malformed table";
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
