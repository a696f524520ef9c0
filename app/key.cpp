#include "app/key.hpp"

#include "app/units.hpp"

namespace causeway::app {

const key* section::find(std::string_view name) const {
    for (const key& k : keys)
        if (k.name == name) return &k;
    return nullptr;
}

std::vector<std::string_view> section::names() const {
    std::vector<std::string_view> names;
    for (const key& k : keys) names.push_back(k.name);
    return names;
}

std::string number_text(const key& k, std::uint64_t value) {
    if (!k.word.empty() && value == k.word_value) return std::string(k.word);
    switch (k.unit) {
        case unit::none: return std::to_string(value);
        case unit::bytes: return bytes_text(value);
        case unit::seconds: return duration_text(value * 1'000);
        case unit::milliseconds: return duration_text(value);
    }
    return {};
}

std::string default_text(const section& in, const key& k) {
    if (k.required) return {};
    switch (k.what) {
        case kind::text: return k.member.text(in.defaults.get());
        case kind::flag: return k.member.number(in.defaults.get()) != 0 ? "true" : "false";
        case kind::number: return number_text(k, k.member.number(in.defaults.get()));
        case kind::choice: return std::string(k.choices.at(k.member.number(in.defaults.get())));
        case kind::texts:
        case kind::section:
        case kind::sections:
        case kind::arguments: break;
    }
    return {};
}

}  // namespace causeway::app
