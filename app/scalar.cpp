#include "app/scalar.hpp"

#include <charconv>

#include "app/suggestion.hpp"
#include "app/units.hpp"

namespace causeway::app {

namespace {

/// In the unit that the member counts.
parsed<std::uint64_t> parse_in(unit in, const std::string& text) {
    switch (in) {
        case unit::none: return parse_number(text);
        case unit::bytes: return parse_bytes(text);
        case unit::milliseconds: return parse_duration_ms(text);
        case unit::seconds: break;
    }
    TRY(const std::uint64_t ms, parse_duration_ms(text));
    if (ms % 1'000 != 0) return complaint{"whole seconds, not '" + text + "'"};
    return ms / 1'000;
}

parsed<void> put_number(const key& k, void* owner, const std::string& text) {
    if (!k.word.empty() && text == k.word) {
        k.member.put_number(owner, k.word_value);
        return success();
    }
    auto value = parse_in(k.unit, text);
    if (!value && !k.word.empty()) return complaint{"'" + std::string(k.word) + "' or " + value.error().text};
    if (!value) return value.error();
    if (value.value() < k.least && k.open_end())
        return complaint{"at least " + number_text(k, k.least) + ", not '" + text + "'"};
    if (value.value() < k.least || value.value() > k.most)
        return complaint{"between " + number_text(k, k.least) + " and " + number_text(k, k.most) + ", not '" + text + "'"};
    k.member.put_number(owner, value.value());
    return success();
}

parsed<void> put_flag(const key& k, void* owner, const std::string& text) {
    if (text != "true" && text != "false") return complaint{"true or false, not '" + text + "'"};
    k.member.put_number(owner, text == "true");
    return success();
}

parsed<void> put_choice(const key& k, void* owner, const std::string& text) {
    std::string all;
    for (std::size_t i = 0; i < k.choices.size(); ++i) {
        if (k.choices[i] == text) {
            k.member.put_number(owner, i);
            return success();
        }
        all += (i == 0 ? "" : ", ") + std::string(k.choices[i]);
    }
    return complaint{"one of " + all + ", not '" + text + "'" + did_you_mean(text, k.choices)};
}

template <class T>
bool whole(const std::string& text, T& value) {
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    return failed == std::errc() && end == text.data() + text.size();
}

}  // namespace

parsed<void> put_scalar(const key& k, void* owner, const std::string& text) {
    switch (k.what) {
        case kind::number: return put_number(k, owner, text);
        case kind::flag: return put_flag(k, owner, text);
        case kind::choice: return put_choice(k, owner, text);
        case kind::text:
            if (text.empty() && k.required) return complaint{"something, not ''"};
            k.member.text(owner) = text;
            return success();
        case kind::texts:
        case kind::section:
        case kind::sections:
        case kind::arguments: break;
    }
    return complaint{"no single value"};
}

core::field_value argument_of(const std::string& text) {
    if (text == "true" || text == "false") return text == "true";
    std::int64_t integer = 0;
    if (whole(text, integer)) return integer;
    double decimal = 0;
    if (whole(text, decimal)) return decimal;
    return text;
}

}  // namespace causeway::app
