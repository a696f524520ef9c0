#include "protocols/amqp/table.hpp"

#include <bit>

#include "base/byte_writer.hpp"

namespace causeway::amqp {

namespace {

using core::field_value;

bool holds_bytes(char letter) { return letter == 'S' || letter == 'x' || letter == 'A' || letter == 'F'; }

/// Bytes of a value with this letter, -1 if there is no such letter or its length stands on the wire.
int fixed_bytes(char letter) {
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

std::string_view take_value(byte_reader& in, char letter) {
    if (const int size = fixed_bytes(letter); size >= 0) return in.take(static_cast<std::size_t>(size));
    if (holds_bytes(letter)) return in.bytes32();
    in.fail();
    return {};
}

/// All entries of a table (`named`) or array, and whatever they hold.
bool well_formed(std::string_view entries, bool named, std::size_t depth) {
    if (depth > table_depth_max) return false;
    byte_reader in(entries);
    while (!in.empty()) {
        if (named) in.bytes8();
        const char letter = static_cast<char>(in.u8());
        const std::string_view bytes = take_value(in, letter);
        if ((letter == 'F' || letter == 'A') && !well_formed(bytes, letter == 'F', depth + 1)) return false;
    }
    return !in.failed();
}

core::field_table build_table(std::string_view entries);
core::field_array build_array(std::string_view entries);

/// `bytes` are well formed and of the letter's size.
field_value build(char letter, std::string_view bytes) {
    byte_reader in(bytes);
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
            return core::decimal{scale, static_cast<std::int32_t>(in.u32())};
        }
        case 'T': return core::timestamp{in.u64()};
        case 'S': return std::string(bytes);
        case 'x': return core::byte_array{std::string(bytes)};
        case 'A': return build_array(bytes);
        case 'F': return build_table(bytes);
        default: return core::no_value{};
    }
}

core::field_table build_table(std::string_view entries) {
    core::field_table table;
    byte_reader in(entries);
    while (!in.empty()) {
        const std::string_view name = in.bytes8();
        const char letter = static_cast<char>(in.u8());
        table.emplace_back(std::string(name), build(letter, take_value(in, letter)));
    }
    return table;
}

core::field_array build_array(std::string_view entries) {
    core::field_array array;
    byte_reader in(entries);
    while (!in.empty()) {
        const char letter = static_cast<char>(in.u8());
        array.push_back(build(letter, take_value(in, letter)));
    }
    return array;
}

/// Writes letter and value of each kind.
class value_writer {
public:
    explicit value_writer(std::string& out) : out_(out), to_(out) {}

    void operator()(core::no_value) { letter('V'); }
    void operator()(bool value) { letter('t'), to_.u8(value ? 1 : 0); }
    void operator()(std::int8_t value) { letter('b'), to_.u8(static_cast<std::uint8_t>(value)); }
    void operator()(std::uint8_t value) { letter('B'), to_.u8(value); }
    void operator()(std::int16_t value) { letter('s'), to_.u16(static_cast<std::uint16_t>(value)); }
    void operator()(std::uint16_t value) { letter('u'), to_.u16(value); }
    void operator()(std::int32_t value) { letter('I'), to_.u32(static_cast<std::uint32_t>(value)); }
    void operator()(std::uint32_t value) { letter('i'), to_.u32(value); }
    void operator()(std::int64_t value) { letter('l'), to_.u64(static_cast<std::uint64_t>(value)); }
    void operator()(std::uint64_t value) { letter('L'), to_.u64(value); }
    void operator()(float value) { letter('f'), to_.u32(std::bit_cast<std::uint32_t>(value)); }
    void operator()(double value) { letter('d'), to_.u64(std::bit_cast<std::uint64_t>(value)); }
    void operator()(core::decimal value) {
        letter('D'), to_.u8(value.scale), to_.u32(static_cast<std::uint32_t>(value.value));
    }
    void operator()(core::timestamp value) { letter('T'), to_.u64(value.seconds); }
    void operator()(const std::string& value) { letter('S'), to_.bytes32(value); }
    void operator()(const core::byte_array& value) { letter('x'), to_.bytes32(value.bytes); }
    void operator()(const core::field_table& value) { letter('F'), write_table(out_, value); }
    void operator()(const core::field_array& value) {
        letter('A');
        const std::size_t size_at = to_.position();
        to_.u32(0);
        for (const field_value& element : value) std::visit(*this, element.base());
        to_.put_u32(size_at, static_cast<std::uint32_t>(to_.position() - size_at - 4));
    }

private:
    void letter(char c) { out_.push_back(c); }

    std::string& out_;
    byte_writer to_;
};

}  // namespace

core::field_table read_table(byte_reader& in) {
    const std::string_view entries = in.bytes32();
    if (well_formed(entries, true, 1)) return build_table(entries);
    in.fail();
    return {};
}

core::field_table read_table_entries(byte_reader& in) {
    const std::string_view entries = in.rest();
    if (well_formed(entries, true, 1)) return build_table(entries);
    in.fail();
    return {};
}

bool valid_table_entries(std::string_view entries) { return well_formed(entries, true, 1); }

void write_table(std::string& out, const core::field_table& table) {
    byte_writer to(out);
    const std::size_t size_at = to.position();
    to.u32(0);
    write_table_entries(out, table);
    to.put_u32(size_at, static_cast<std::uint32_t>(to.position() - size_at - 4));
}

void write_table_entries(std::string& out, const core::field_table& table) {
    byte_writer to(out);
    for (const auto& [name, value] : table) {
        if (name.size() > table_name_bytes_max) continue;
        to.bytes8(name);
        std::visit(value_writer(out), value.base());
    }
}

bool table_cursor::next() {
    if (in_.empty()) return false;
    name_ = in_.bytes8();
    letter_ = static_cast<char>(in_.u8());
    bytes_ = take_value(in_, letter_);
    if (letter_ == 'F' || letter_ == 'A') {
        if (!well_formed(bytes_, letter_ == 'F', 2)) in_.fail();
    }
    return !in_.failed();
}

core::field_value table_cursor::value() const { return build(letter_, bytes_); }

}  // namespace causeway::amqp
