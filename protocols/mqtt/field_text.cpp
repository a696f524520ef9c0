#include "protocols/mqtt/field_text.hpp"

#include <charconv>
#include <cmath>
#include <concepts>

#include "base/base64.hpp"
#include "base/utf8.hpp"
#include "core/crossing.hpp"

namespace causeway::mqtt {

namespace {

template <class T>
std::string digits(T number) {
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, number).ptr};
}

std::string text_of_decimal(const core::decimal& d) {
    std::string text = digits(std::abs(static_cast<std::int64_t>(d.value)));
    if (d.scale > 0) {
        if (text.size() <= d.scale) text.insert(0, d.scale + 1U - text.size(), '0');
        text.insert(text.size() - d.scale, ".");
    }
    return d.value < 0 ? "-" + text : text;
}

class json_writer {
public:
    explicit json_writer(std::string& out) : out_(out) {}

    void operator()(const core::no_value&) { out_ += "null"; }
    void operator()(bool b) { out_ += b ? "true" : "false"; }
    void operator()(std::integral auto number) { out_ += digits(number); }
    void operator()(std::floating_point auto number) { real(digits(number), std::isfinite(number)); }
    void operator()(const core::decimal& d) { out_ += text_of_decimal(d); }
    void operator()(const core::timestamp& t) { out_ += digits(t.seconds); }
    void operator()(const core::byte_array& b) { quoted(base64_of(b.bytes)); }
    void operator()(const std::string& text) { quoted(valid_utf8(text) ? text : base64_of(text)); }

    void operator()(const core::field_array& array) {
        char before = '[';
        for (const core::field_value& each : array) {
            out_ += before;
            write(each);
            before = ',';
        }
        out_ += array.empty() ? "[]" : "]";
    }
    void operator()(const core::field_table& table) {
        char before = '{';
        for (const auto& [name, value] : table) {
            out_ += before;
            quoted(valid_utf8(name) ? name : base64_of(name));
            out_ += ':';
            write(value);
            before = ',';
        }
        out_ += table.empty() ? "{}" : "}";
    }

    void write(const core::field_value& value) { std::visit(*this, value.base()); }

private:
    void real(std::string text, bool finite) {
        if (!finite) return (*this)(core::no_value{});
        if (text.find_first_of(".e") == std::string::npos) text += ".0";
        out_ += text;
    }
    void quoted(std::string_view text) {
        static constexpr char hex[] = "0123456789abcdef";
        out_ += '"';
        for (const char c : text) {
            const auto byte = static_cast<unsigned char>(c);
            if (c == '"' || c == '\\')
                (out_ += '\\') += c;
            else if (byte < 0x20)
                ((out_ += "\\u00") += hex[byte >> 4]) += hex[byte & 15];
            else
                out_ += c;
        }
        out_ += '"';
    }

    std::string& out_;
};

/// Reads what json_writer writes. Remembers its first failure, like every cursor here.
class json_reader {
public:
    explicit json_reader(std::string_view text) : left_(text) {}

    core::field_value value(int depth = 0) {
        if (depth > depth_max || left_.empty()) return fail();
        switch (left_.front()) {
            case '[': return array(depth);
            case '{': return table(depth);
            case '"': return string();
            default: return word();
        }
    }
    bool complete() const { return !failed_ && left_.empty(); }

private:
    static constexpr int depth_max = 32;

    core::field_value fail() {
        failed_ = true;
        left_ = {};
        return core::no_value{};
    }
    bool skip(char c) {
        if (!left_.starts_with(c)) return false;
        left_.remove_prefix(1);
        return true;
    }

    core::field_value array(int depth) {
        core::field_array made;
        skip('[');
        if (skip(']')) return made;
        do made.push_back(value(depth + 1));
        while (skip(','));
        return skip(']') ? core::field_value(std::move(made)) : fail();
    }

    core::field_value table(int depth) {
        core::field_table made;
        skip('{');
        if (skip('}')) return made;
        do {
            std::string name = string();
            if (name.size() > core::header_name_bytes_max || !skip(':')) return fail();
            made.emplace_back(std::move(name), value(depth + 1));
        } while (skip(','));
        return skip('}') ? core::field_value(std::move(made)) : fail();
    }

    std::string string() {
        std::string text;
        if (!skip('"')) fail();
        while (!left_.empty() && left_.front() != '"') {
            const char c = left_.front();
            left_.remove_prefix(1);
            text.push_back(c == '\\' ? escaped() : c);
        }
        if (!skip('"')) fail();
        return text;
    }

    char escaped() {
        if (skip('"')) return '"';
        if (skip('\\')) return '\\';
        unsigned code = 0;
        if (left_.size() < 5 || std::from_chars(left_.data() + 1, left_.data() + 5, code, 16).ptr != left_.data() + 5) fail();
        left_.remove_prefix(std::min<std::size_t>(5, left_.size()));
        return static_cast<char>(code);
    }

    core::field_value word() {
        const std::string_view text = left_.substr(0, left_.find_first_of(",]}"));
        left_.remove_prefix(text.size());
        if (text == "true") return true;
        if (text == "false") return false;
        if (text == "null") return core::no_value{};
        const bool whole = text.find_first_of(".e") == std::string_view::npos;
        std::optional<core::field_value> read = whole ? number<std::int64_t>(text) : number<double>(text);
        if (!read && whole) read = number<std::uint64_t>(text);
        return read ? *read : fail();
    }

    template <class T>
    static std::optional<core::field_value> number(std::string_view text) {
        T read{};
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), read);
        if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
        return read;
    }

    std::string_view left_;
    bool failed_ = false;
};

struct scalar_text {
    std::string operator()(const core::no_value&) const { return {}; }
    std::string operator()(bool b) const { return b ? "true" : "false"; }
    std::string operator()(std::integral auto number) const { return digits(number); }
    std::string operator()(std::floating_point auto number) const { return digits(number); }
    std::string operator()(const core::decimal& d) const { return text_of_decimal(d); }
    std::string operator()(const core::timestamp& t) const { return digits(t.seconds); }
    std::string operator()(const std::string& text) const { return text; }
    std::string operator()(const core::byte_array& b) const { return b.bytes; }
    std::string operator()(const core::field_array& a) const { return json_of(a); }
    std::string operator()(const core::field_table& t) const { return json_of(t); }
};

}  // namespace

std::string json_of(const core::field_value& value) {
    std::string out;
    json_writer(out).write(value);
    return out;
}

std::optional<core::field_value> value_of_json(std::string_view text) {
    if (text.empty() || std::string_view("[{\"").find(text.front()) == std::string_view::npos) return std::nullopt;
    json_reader reader(text);
    core::field_value value = reader.value();
    if (!reader.complete() || json_of(value) != text) return std::nullopt;
    return value;
}

header_text text_of(const core::field_value& value) {
    std::string text = std::visit(scalar_text{}, value.base());
    if (std::holds_alternative<core::field_array>(value.base()) || std::holds_alternative<core::field_table>(value.base()))
        return {json_suffix, std::move(text)};
    if (std::holds_alternative<core::byte_array>(value.base()) || !valid_mqtt_text(text))
        return {base64_suffix, base64_of(text)};
    return {"", std::move(text)};
}

}  // namespace causeway::mqtt
