#pragma once
// Random field tables and methods for property tests.

#include <concepts>
#include <deque>

#include "core/field.hpp"
#include "protocols/amqp/method.hpp"
#include "tests/unit/amqp/random_bytes.hpp"

namespace causeway::test {

inline core::field_table random_table(dice& dice, std::size_t depth);
inline core::field_array random_array(dice& dice, std::size_t depth);

inline core::field_value random_value(dice& dice, std::size_t depth) {
    switch (dice.below(depth > 0 ? 18 : 16)) {
        case 0: return core::no_value{};
        case 1: return dice.one_in(2);
        case 2: return static_cast<std::int8_t>(dice.bits());
        case 3: return static_cast<std::uint8_t>(dice.bits());
        case 4: return static_cast<std::int16_t>(dice.bits());
        case 5: return static_cast<std::uint16_t>(dice.bits());
        case 6: return static_cast<std::int32_t>(dice.bits());
        case 7: return static_cast<std::uint32_t>(dice.bits());
        case 8: return static_cast<std::int64_t>(dice.bits());
        case 9: return dice.bits();
        case 10: return static_cast<float>(dice.below(1000)) / 7;
        case 11: return static_cast<double>(dice.bits()) / 3;
        case 12: return core::decimal{static_cast<std::uint8_t>(dice.bits()), static_cast<std::int32_t>(dice.bits())};
        case 13: return dice.bytes(20);
        case 14: return core::byte_array{dice.bytes(20)};
        case 15: return core::timestamp{dice.bits()};
        case 16: return random_array(dice, depth - 1);
        default: return random_table(dice, depth - 1);
    }
}

inline core::field_array random_array(dice& dice, std::size_t depth) {
    core::field_array made;
    for (std::size_t count = dice.below(5); count > 0; --count) made.push_back(random_value(dice, depth));
    return made;
}

inline core::field_table random_table(dice& dice, std::size_t depth) {
    core::field_table made;
    for (std::size_t count = dice.below(5); count > 0; --count) made.emplace_back(dice.bytes(8), random_value(dice, depth));
    return made;
}

/// Fills every field of a method. Strings live in `keep`.
class method_filler {
public:
    explicit method_filler(dice& dice) : dice_(dice) {}

    void fill(bool& out) { out = dice_.one_in(2); }
    template <std::unsigned_integral T>
    void fill(T& out) {
        out = static_cast<T>(dice_.bits());
    }
    /// Texts: most methods refuse octets that are not UTF-8.
    void fill(std::string_view& out) { out = keep_.emplace_back(dice_.text("abc.#/'\" \n", 255)); }
    void fill(core::field_table& out) { out = random_table(dice_, 3); }

private:
    dice& dice_;
    std::deque<std::string> keep_;
};

#define AMQP_FIELD(type, name) filler.fill(m.name);
#define AMQP_METHOD(class_name, method_name, class_number, method_number, ...)                                       \
    inline void fill([[maybe_unused]] method_filler& filler, [[maybe_unused]] amqp::class_name##_##method_name& m) { \
        __VA_ARGS__                                                                                                  \
    }
#include "protocols/amqp/spec.def"
#undef AMQP_METHOD
#undef AMQP_FIELD

/// Calls visit(method) with one default-made method of each kind.
template <class Visit>
void each_method(Visit visit) {
#define AMQP_METHOD(class_name, method_name, ...) visit(amqp::class_name##_##method_name{});
#include "protocols/amqp/spec.def"
#undef AMQP_METHOD
}

}  // namespace causeway::test
