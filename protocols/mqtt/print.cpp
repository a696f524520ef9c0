#include "protocols/mqtt/print.hpp"

#include <array>
#include <cstdint>

namespace causeway::mqtt {

namespace {

constexpr std::array<std::string_view, 16> type_names = {
    "?",      "CONNECT",     "CONNACK",  "PUBLISH", "PUBACK",   "PUBREC",     "PUBREL", "PUBCOMP", "SUBSCRIBE",
    "SUBACK", "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH",
};

/// Words behind each other, made so that what a peer sent cannot break a line of the log.
class line {
public:
    explicit line(std::string_view first) : text_(first) {}

    line& word(std::string_view w) {
        text_ += ' ';
        text_ += w;
        return *this;
    }
    line& flag(std::string_view w, bool set) { return set ? word(w) : *this; }
    line& number(std::string_view key, std::uint64_t value) {
        word(key);
        text_ += '=' + std::to_string(value);
        return *this;
    }
    line& quoted(std::string_view value) {
        text_ += ' ';
        quote(value);
        return *this;
    }
    line& quoted(std::string_view key, std::string_view value) {
        word(key);
        text_ += '=';
        quote(value);
        return *this;
    }
    line& with(const properties& p) {
        if (p.empty()) return *this;
        text_ += " {";
        bool first = true;
        for (const property_value& value : p) {
            if (!first) text_ += ", ";
            first = false;
            one(value);
        }
        text_ += '}';
        return *this;
    }
    std::string take() { return std::move(text_); }

private:
    void quote(std::string_view value) {
        constexpr std::string_view hex = "0123456789abcdef";
        text_ += '\'';
        for (const char c : value) {
            const auto byte = static_cast<std::uint8_t>(c);
            if (byte >= 0x20 && byte != 0x7F && c != '\'' && c != '\\') {
                text_ += c;
                continue;
            }
            text_ += "\\x";
            text_ += hex[byte >> 4];
            text_ += hex[byte & 0xF];
        }
        text_ += '\'';
    }
    void one(const property_value& value) {
        const property_info& info = *find_property(static_cast<std::uint8_t>(value.id));
        text_ += info.name;
        text_ += '=';
        switch (info.type) {
            case wire_type::byte:
            case wire_type::two_bytes:
            case wire_type::four_bytes:
            case wire_type::variable: text_ += std::to_string(value.number); return;
            case wire_type::text: quote(value.text); return;
            case wire_type::binary: text_ += std::to_string(value.text.size()) + " bytes"; return;
            case wire_type::text_pair:
                quote(value.text);
                text_ += ':';
                quote(value.value);
                return;
        }
    }
    std::string text_;
};

std::string_view quality(qos q) {
    switch (q) {
        case qos::at_most_once: return "q0";
        case qos::at_least_once: return "q1";
        case qos::exactly_once: return "q2";
    }
    return "q?";
}

std::string_view words(version v) {
    switch (v) {
        case version::v3_1: return "v3.1";
        case version::v3_1_1: return "v3.1.1";
        case version::v5: return "v5";
    }
    return "v?";
}

void add_code(line& l, reason code) {
    if (code != reason::success) l.quoted("reason", name(code));
}

void add(line& l, const connect& p) {
    l.word(words(p.version)).flag("bridge", p.bridge).quoted("client", p.client_id).flag("clean", p.clean_start).number("keep_alive_s", p.keep_alive_s);
    if (p.user) l.quoted("user", *p.user);
    if (p.password) l.number("password_bytes", p.password->size());
    l.with(p.properties);
    if (!p.will) return;
    l.word("will").word(quality(p.will->qos)).flag("retain", p.will->retain).quoted(p.will->topic);
    l.number("payload", p.will->payload.size()).with(p.will->properties);
}
void add(line& l, const connack& p) {
    l.flag("present", p.session_present);
    add_code(l, p.code);
    l.with(p.properties);
}
void add(line& l, const publish& p) {
    l.word(quality(p.qos)).flag("dup", p.dup).flag("retain", p.retain);
    if (p.qos != qos::at_most_once) l.number("id", p.packet_id);
    l.quoted(p.topic).number("payload", p.payload.size()).with(p.properties);
}
template <packet_type Type>
void add(line& l, const acknowledgement<Type>& p) {
    l.number("id", p.packet_id);
    add_code(l, p.code);
    l.with(p.properties);
}
void add(line& l, const subscribe& p) {
    l.number("id", p.packet_id).with(p.properties);
    for (const subscription& s : p.subscriptions) {
        l.quoted(s.filter).word(quality(s.qos)).flag("no_local", s.no_local).flag("as_published", s.retain_as_published);
        if (s.retain_handling != retain_handling::send) l.number("retain_handling", static_cast<unsigned>(s.retain_handling));
    }
}
void add(line& l, const unsubscribe& p) {
    l.number("id", p.packet_id).with(p.properties);
    for (std::string_view filter : p.filters) l.quoted(filter);
}
template <class Answer>
void add_codes(line& l, const Answer& p) {
    l.number("id", p.packet_id).with(p.properties);
    for (reason code : p.codes) l.quoted(name(code));
}
void add(line& l, const suback& p) { add_codes(l, p); }
void add(line& l, const unsuback& p) { add_codes(l, p); }
void add(line&, const pingreq&) {}
void add(line&, const pingresp&) {}
void add(line& l, const disconnect& p) {
    add_code(l, p.code);
    l.with(p.properties);
}
void add(line& l, const auth& p) {
    add_code(l, p.code);
    l.with(p.properties);
}

}  // namespace

std::string_view name(packet_type type) { return type_names[static_cast<std::size_t>(type) & 0xF]; }

std::string print(const packet& p) {
    line l(name(type_of(p)));
    std::visit([&](const auto& one) { add(l, one); }, p);
    return l.take();
}

}  // namespace causeway::mqtt
