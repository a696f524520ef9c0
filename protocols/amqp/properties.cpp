#include "protocols/amqp/properties.hpp"

#include "base/byte_reader.hpp"
#include "base/byte_writer.hpp"
#include "protocols/amqp/table.hpp"

namespace causeway::amqp {

namespace {

// The basic class's properties: flag bit, wire type, name; in wire order (1.8, 4.2.6.1).
#define EACH_PROPERTY(PROPERTY)              \
    PROPERTY(15, shortstr, content_type)     \
    PROPERTY(14, shortstr, content_encoding) \
    PROPERTY(13, table, headers)             \
    PROPERTY(12, octet, delivery_mode)       \
    PROPERTY(11, octet, priority)            \
    PROPERTY(10, shortstr, correlation_id)   \
    PROPERTY(9, shortstr, reply_to)          \
    PROPERTY(8, shortstr, expiration)        \
    PROPERTY(7, shortstr, message_id)        \
    PROPERTY(6, timestamp, timestamp_s)      \
    PROPERTY(5, shortstr, type)              \
    PROPERTY(4, shortstr, user_id)           \
    PROPERTY(3, shortstr, app_id)            \
    PROPERTY(2, shortstr, cluster_id)

// Bit 1 has no property, and bit 0 would announce a second word of flags, which the basic class does not have.
constexpr std::uint16_t unused_flags = 3;
constexpr std::uint16_t basic_class = 60;

std::string_view take_shortstr(byte_reader& in) { return in.bytes8(); }
std::uint8_t take_octet(byte_reader& in) { return in.u8(); }
std::uint64_t take_timestamp(byte_reader& in) { return in.u64(); }
std::string_view take_table(byte_reader& in) {
    const std::string_view entries = in.bytes32();
    if (!valid_table_entries(entries)) in.fail();
    return entries;
}

void put_shortstr(byte_writer& to, std::string_view value) { to.bytes8(value); }
void put_octet(byte_writer& to, std::uint8_t value) { to.u8(value); }
void put_timestamp(byte_writer& to, std::uint64_t value) { to.u64(value); }
void put_table(byte_writer& to, std::string_view entries) { to.bytes32(entries); }

std::string text_of(const std::optional<std::string_view>& value) { return std::string(value.value_or("")); }

std::optional<std::string> copy_of(const std::optional<std::string_view>& value) {
    if (!value) return std::nullopt;
    return std::string(*value);
}

/// A property that is there if its text is not empty and fits.
std::optional<std::string_view> if_any(std::string_view text) {
    if (text.empty() || text.size() > shortstr_bytes_max) return std::nullopt;
    return text;
}

std::optional<std::string_view> if_fits(const std::optional<std::string>& text) {
    if (!text || text->size() > shortstr_bytes_max) return std::nullopt;
    return std::string_view(*text);
}

}  // namespace

std::optional<property_block> read_block(std::string_view block) {
    property_block p;
    if (block.empty()) return p;
    byte_reader in(block);
    const std::uint16_t flags = in.u16();
#define READ(bit, type, name) \
    if ((flags & (1U << bit)) != 0) p.name = take_##type(in);
    EACH_PROPERTY(READ)
#undef READ
    if (in.failed() || !in.empty() || (flags & unused_flags) != 0) return std::nullopt;
    return p;
}

void write_block(std::string& out, const property_block& p) {
    std::uint16_t flags = 0;
#define FLAG(bit, type, name) \
    if (p.name) flags = static_cast<std::uint16_t>(flags | (1U << bit));
    EACH_PROPERTY(FLAG)
#undef FLAG
    byte_writer to(out);
    to.u16(flags);
#define WRITE(bit, type, name) \
    if (p.name) put_##type(to, *p.name);
    EACH_PROPERTY(WRITE)
#undef WRITE
}

namespace {

std::string written(property_block p, const core::field_table& headers) {
    std::string entries;
    write_table_entries(entries, headers);
    p.headers = entries;
    std::string out;
    write_block(out, p);
    return out;
}

}  // namespace

std::string with_headers(std::string_view block, const core::field_table& headers) {
    return written(read_block(block).value_or(property_block()), headers);
}

std::string with_history(std::string_view block, const core::field_table& headers) {
    property_block p = read_block(block).value_or(property_block());
    p.expiration.reset();
    return written(p, headers);
}

core::field_table headers_of(std::string_view block) {
    const auto p = read_block(block);
    if (!p || !p->headers) return {};
    byte_reader in(*p->headers);
    return read_table_entries(in);
}

result<content_header, refusal> decode_content_header(std::string_view payload) {
    byte_reader in(payload);
    const std::uint16_t class_id = in.u16();
    const std::uint16_t weight = in.u16();
    content_header header;
    header.body_bytes = in.u64();
    header.block = in.rest();
    if (!in.failed() && weight != 0)
        return refusal{reply_code::unexpected_frame,
                       "expected content header for class 60, got non content header frame instead", 0, 0};
    if (!in.failed() && class_id != basic_class)
        return refusal{reply_code::unexpected_frame,
                       "expected content header for class 60, got one for class " + std::to_string(class_id) + " instead",
                       0, 0};
    // Even a content without properties has its flags.
    const auto properties = header.block.empty() ? std::nullopt : read_block(header.block);
    if (in.failed() || !properties) return refusal{reply_code::syntax_error, "malformed content header", basic_class, 0};
    header.properties = *properties;
    return header;
}

core::properties to_neutral(const property_block& block) {
    core::properties p;
    p.content_type = text_of(block.content_type);
    p.content_encoding = text_of(block.content_encoding);
    p.correlation_id = copy_of(block.correlation_id);
    p.reply_to = copy_of(block.reply_to);
    p.message_id = text_of(block.message_id);
    p.type = text_of(block.type);
    p.user_id = text_of(block.user_id);
    p.app_id = text_of(block.app_id);
    p.cluster_id = text_of(block.cluster_id);
    p.timestamp_s = block.timestamp_s;
    p.priority = block.priority;
    if (block.headers) {
        byte_reader in(*block.headers);
        p.headers = read_table_entries(in);
    }
    return p;
}

std::string to_block(const core::properties& from, std::optional<std::uint8_t> delivery_mode,
                     std::optional<std::int64_t> expiration_ms) {
    std::string entries;
    write_table_entries(entries, from.headers);
    const std::string expiration = expiration_ms ? std::to_string(*expiration_ms) : std::string();
    property_block p;
    p.content_type = if_any(from.content_type);
    p.content_encoding = if_any(from.content_encoding);
    if (!entries.empty()) p.headers = entries;
    p.delivery_mode = delivery_mode;
    p.priority = from.priority;
    p.correlation_id = if_fits(from.correlation_id);
    p.reply_to = if_fits(from.reply_to);
    p.expiration = if_any(expiration);
    p.message_id = if_any(from.message_id);
    p.timestamp_s = from.timestamp_s;
    p.type = if_any(from.type);
    p.user_id = if_any(from.user_id);
    p.app_id = if_any(from.app_id);
    p.cluster_id = if_any(from.cluster_id);
    std::string out;
    write_block(out, p);
    return out;
}

}  // namespace causeway::amqp
