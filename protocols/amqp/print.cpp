#include "protocols/amqp/print.hpp"

#include <charconv>
#include <type_traits>

#include "base/byte_reader.hpp"
#include "protocols/amqp/properties.hpp"
#include "protocols/amqp/table.hpp"

namespace causeway::amqp {

namespace {

void append_quoted(std::string& out, std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    out.push_back('"');
    for (const char c : text) {
        const auto byte = static_cast<std::uint8_t>(c);
        if (c == '"' || c == '\\')
            out.append(1, '\\').append(1, c);
        else if (byte < 0x20 || byte == 0x7F)
            out.append("\\x").append(1, digits[byte >> 4U]).append(1, digits[byte & 15U]);
        else
            out.push_back(c);
    }
    out.push_back('"');
}

template <class T>
void append_number(std::string& out, T value) {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    out.append(text, end);
}

class value_printer {
public:
    explicit value_printer(std::string& out) : out_(out) {}

    void operator()(core::no_value) { out_.push_back('V'); }
    void operator()(bool value) { out_.append(value ? "t true" : "t false"); }
    void operator()(std::int8_t value) { number("b ", value); }
    void operator()(std::uint8_t value) { number("B ", value); }
    void operator()(std::int16_t value) { number("s ", value); }
    void operator()(std::uint16_t value) { number("u ", value); }
    void operator()(std::int32_t value) { number("I ", value); }
    void operator()(std::uint32_t value) { number("i ", value); }
    void operator()(std::int64_t value) { number("l ", value); }
    void operator()(std::uint64_t value) { number("L ", value); }
    void operator()(float value) { number("f ", value); }
    void operator()(double value) { number("d ", value); }
    void operator()(core::decimal value) {
        number("D ", value.value);
        number("e-", value.scale);
    }
    void operator()(core::timestamp value) { number("T ", value.seconds); }
    void operator()(const std::string& value) { text("S ", value); }
    void operator()(const core::byte_array& value) { text("x ", value.bytes); }
    void operator()(const core::field_table& value) { out_.append(print(value)); }
    void operator()(const core::field_array& value) {
        out_.push_back('[');
        for (std::size_t i = 0; i < value.size(); ++i) {
            if (i > 0) out_.append(", ");
            std::visit(*this, value[i].base());
        }
        out_.push_back(']');
    }

private:
    template <class T>
    void number(std::string_view letter, T value) {
        out_.append(letter);
        append_number(out_, value);
    }
    void text(std::string_view letter, std::string_view value) {
        out_.append(letter);
        append_quoted(out_, value);
    }

    std::string& out_;
};

bool secret(std::string_view name) { return name == "response" || name == "new_secret"; }

/// name=value, name=value, …; bits by their name only, and only if they are set.
class field_printer {
public:
    explicit field_printer(std::string& out) : out_(out) {}

    void put(std::string_view name, bool value) {
        if (value) start(name);
    }
    template <std::unsigned_integral T>
    void put(std::string_view name, T value) {
        start(name).push_back('=');
        append_number(out_, value);
    }
    void put(std::string_view name, std::string_view value) {
        start(name).push_back('=');
        if (!secret(name)) return append_quoted(out_, value);
        append_number(out_, value.size());
        out_.append(" bytes");
    }
    void put(std::string_view name, const core::field_table& value) { start(name).append("=").append(print(value)); }
    template <class T>
    void put(std::string_view name, const std::optional<T>& value) {
        if (value) put(name, *value);
    }

private:
    std::string& start(std::string_view name) {
        if (!first_) out_.append(", ");
        first_ = false;
        return out_.append(name);
    }

    std::string& out_;
    bool first_ = true;
};

#define AMQP_FIELD(type, name) to.put(#name, m.name);
#define AMQP_METHOD(class_name, method_name, class_number, method_number, ...) \
    void put_fields([[maybe_unused]] field_printer& to, [[maybe_unused]] const class_name##_##method_name& m) { __VA_ARGS__ }
#include "protocols/amqp/spec.def"
#undef AMQP_METHOD
#undef AMQP_FIELD

}  // namespace

std::string print(const method& m) {
    std::string out(name_of(m));
    out.push_back('(');
    field_printer to(out);
    std::visit([&to](const auto& each) { put_fields(to, each); }, m);
    out.push_back(')');
    return out;
}

std::string print(const core::field_table& table) {
    std::string out("{");
    for (const auto& [name, value] : table) {
        if (out.size() > 1) out.append(", ");
        append_quoted(out, name);
        out.append(": ");
        std::visit(value_printer(out), value.base());
    }
    out.push_back('}');
    return out;
}

std::string print_block(std::string_view block) {
    const auto p = read_block(block);
    if (!p) return "[malformed]";
    std::string out("[");
    field_printer to(out);
    to.put("content_type", p->content_type);
    to.put("content_encoding", p->content_encoding);
    if (p->headers) to.put("headers", headers_of(block));
    to.put("delivery_mode", p->delivery_mode);
    to.put("priority", p->priority);
    to.put("correlation_id", p->correlation_id);
    to.put("reply_to", p->reply_to);
    to.put("expiration", p->expiration);
    to.put("message_id", p->message_id);
    to.put("timestamp", p->timestamp_s);
    to.put("type", p->type);
    to.put("user_id", p->user_id);
    to.put("app_id", p->app_id);
    to.put("cluster_id", p->cluster_id);
    out.push_back(']');
    return out;
}

}  // namespace causeway::amqp
