#include "protocols/amqp/table.hpp"

#include "base/byte_writer.hpp"
#include "core/field_codec.hpp"

namespace causeway::amqp {

namespace {

using core::field_value;

bool holds_bytes(char letter) { return letter == 'S' || letter == 'x' || letter == 'A' || letter == 'F'; }

std::string_view take_value(byte_reader& in, char letter) {
    if (const int size = core::scalar_bytes(letter); size >= 0) return in.take(static_cast<std::size_t>(size));
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
        case 'S': return std::string(bytes);
        case 'x': return core::byte_array{std::string(bytes)};
        case 'A': return build_array(bytes);
        case 'F': return build_table(bytes);
        default: return core::read_scalar(in, letter);
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

void write_value(std::string& out, const field_value& value);

void write_array(std::string& out, const core::field_array& array) {
    byte_writer to(out);
    const std::size_t size_at = to.position();
    to.u32(0);
    for (const field_value& element : array) write_value(out, element);
    to.put_u32(size_at, static_cast<std::uint32_t>(to.position() - size_at - 4));
}

void write_value(std::string& out, const field_value& value) {
    byte_writer to(out);
    to.u8(static_cast<std::uint8_t>(core::letter_of(value)));
    if (core::write_scalar(to, value)) return;
    if (const std::string* text = core::as_text(value)) return to.bytes32(*text);
    if (const auto* table = std::get_if<core::field_table>(&value)) return write_table(out, *table);
    write_array(out, std::get<core::field_array>(value));
}

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

std::string_view type_name(char letter) {
    struct named {
        char letter;
        std::string_view name;
    };
    static constexpr named all[] = {{'t', "bool"},       {'b', "byte"},          {'B', "unsignedbyte"}, {'s', "short"},
                                    {'u', "unsignedshort"}, {'I', "signedint"},  {'i', "unsignedint"},  {'l', "long"},
                                    {'L', "long"},       {'f', "float"},         {'d', "double"},       {'D', "decimal"},
                                    {'T', "timestamp"},  {'S', "longstr"},       {'x', "binary"},       {'A', "array"},
                                    {'F', "table"},      {'V', "void"}};
    for (const named& each : all)
        if (each.letter == letter) return each.name;
    return "unknown";
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
        write_value(out, value);
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
