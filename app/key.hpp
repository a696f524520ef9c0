#pragma once
// The shape of the configuration as data. A section is a struct and its keys are the struct's members; one table
// (config_keys.cpp) names and describes them, and parsing, defaults, units, error messages, documentation and the JSON
// schema all follow from it. A key's default is what its member is initialized with.

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/field.hpp"

namespace causeway::app {

enum class kind : std::uint8_t {
    text,
    flag,
    number,
    choice,  // of an enum: one word per value, in order
    texts,   // a list
    section,
    sections,   // a list
    arguments,  // names and values that mean something to the broker only
};

/// Of a number. Durations are written with units and kept as the member counts them.
enum class unit : std::uint8_t { none, bytes, seconds, milliseconds };

struct section;

/// What a key's member can do, with the types of struct and member forgotten. Only the functions of its kind are set.
struct member_access {
    void (*put_number)(void* owner, std::uint64_t value) = nullptr;  // number, flag, choice
    std::uint64_t (*number)(const void* owner) = nullptr;
    std::string& (*text)(void* owner) = nullptr;
    std::vector<std::string>& (*texts)(void* owner) = nullptr;
    core::field_table& (*arguments)(void* owner) = nullptr;
    void* (*enter)(void* owner) = nullptr;  // the struct of a section, a new last element of sections
    const section& (*inner)() = nullptr;
};

/// What the table may say about a key beside its name, its member and its meaning.
struct key_facts {
    app::unit unit = unit::none;
    std::uint64_t least = 0;
    std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    std::vector<std::string_view> choices{};
    std::string_view word{};  // stands for the number below
    std::uint64_t word_value = 0;
    bool required = false;
    std::string_view example{};  // for the annotated file; the default otherwise
};

struct key : key_facts {
    std::string_view name;
    std::string_view about;
    kind what = kind::text;
    member_access member;

    /// Its upper limit is only that of its type: not worth telling.
    bool open_end() const { return most >= std::numeric_limits<std::uint32_t>::max(); }
};

struct section {
    std::string_view about;
    std::vector<key> keys;
    std::shared_ptr<void> defaults;  // a default-constructed struct

    const key* find(std::string_view name) const;
    std::vector<std::string_view> names() const;
};

/// The table's part for a struct.
template <class T>
const section& section_of();

/// A number as the table shows it: with its unit, or as its word.
std::string number_text(const key& k, std::uint64_t value);

/// The default as it would be written; empty if there is none (required keys, texts that are empty, lists, sections).
std::string default_text(const section& in, const key& k);

// --- how a table entry is made from a member pointer ---

namespace detail {

template <class>
struct member_parts;
template <class Owner, class Value>
struct member_parts<Value Owner::*> {
    using owner = Owner;
    using value = Value;
};

template <class T>
struct contained {  // the struct of a section, however it is held
    using type = T;
};
template <class T>
struct contained<std::optional<T>> {
    using type = T;
};
template <class T>
struct contained<std::vector<T>> {
    using type = T;
};

template <class T>
inline constexpr bool is_list = false;
template <class T>
inline constexpr bool is_list<std::vector<T>> = true;

template <class T>
constexpr kind kind_of() {
    if constexpr (std::is_same_v<T, bool>)
        return kind::flag;
    else if constexpr (std::is_integral_v<T>)
        return kind::number;
    else if constexpr (std::is_enum_v<T>)
        return kind::choice;
    else if constexpr (std::is_same_v<T, std::string>)
        return kind::text;
    else if constexpr (std::is_same_v<T, std::vector<std::string>>)
        return kind::texts;
    else if constexpr (std::is_same_v<T, core::field_table>)
        return kind::arguments;
    else if constexpr (is_list<T>)
        return kind::sections;
    else
        return kind::section;
}

template <auto Member>
auto& at(void* owner) {
    return static_cast<typename member_parts<decltype(Member)>::owner*>(owner)->*Member;
}

template <auto Member>
void* enter(void* owner) {
    auto& value = at<Member>(owner);
    using value_type = std::remove_reference_t<decltype(value)>;
    if constexpr (is_list<value_type>)
        return &value.emplace_back();
    else if constexpr (std::is_same_v<value_type, typename contained<value_type>::type>)
        return &value;
    else
        return &value.emplace();
}

template <auto Member>
member_access access_of() {
    using value = typename member_parts<decltype(Member)>::value;
    constexpr kind what = kind_of<value>();
    member_access access;
    if constexpr (what == kind::text) {
        access.text = [](void* owner) -> std::string& { return at<Member>(owner); };
    } else if constexpr (what == kind::texts) {
        access.texts = [](void* owner) -> std::vector<std::string>& { return at<Member>(owner); };
    } else if constexpr (what == kind::arguments) {
        access.arguments = [](void* owner) -> core::field_table& { return at<Member>(owner); };
    } else if constexpr (what == kind::section || what == kind::sections) {
        access.enter = enter<Member>;
        access.inner = section_of<typename contained<value>::type>;
    } else {
        access.put_number = [](void* owner, std::uint64_t number) { at<Member>(owner) = static_cast<value>(number); };
        access.number = [](const void* owner) { return static_cast<std::uint64_t>(at<Member>(const_cast<void*>(owner))); };
    }
    return access;
}

}  // namespace detail

/// A line of the table.
template <auto Member>
key describe(std::string_view name, std::string_view about, key_facts facts = {}) {
    using value = typename detail::member_parts<decltype(Member)>::value;
    if constexpr (detail::kind_of<value>() == kind::number) {
        constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<value>::max());
        if (facts.most > largest) facts.most = largest;
    }
    return {std::move(facts), name, about, detail::kind_of<value>(), detail::access_of<Member>()};
}

template <class T>
section describe_section(std::string_view about, std::vector<key> keys) {
    return {about, std::move(keys), std::make_shared<T>()};
}

}  // namespace causeway::app
