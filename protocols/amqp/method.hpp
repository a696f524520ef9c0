#pragma once
// The methods of AMQP 0-9-1: one struct for each line of spec.def, named class_method (basic_publish), with its fields in
// wire order. Strings are views into the frame they were decoded from, or into whatever the sender keeps until encode()
// has returned.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.hpp"
#include "core/field.hpp"
#include "protocols/amqp/reply_code.hpp"

namespace causeway::amqp {

/// What each wire type of spec.def is in C++.
namespace wire {
using of_bit = bool;
using of_octet = std::uint8_t;
using of_short = std::uint16_t;
using of_long = std::uint32_t;
using of_longlong = std::uint64_t;
using of_shortstr = std::string_view;  // at most 255 bytes
using of_longstr = std::string_view;
using of_table = core::field_table;
}  // namespace wire

#define AMQP_FIELD(type, name) wire::of_##type name{};
#define AMQP_METHOD(class_name, method_name, class_number, method_number, ...)    \
    struct class_name##_##method_name {                                           \
        static constexpr std::uint16_t class_id_of = class_number;                \
        static constexpr std::uint16_t method_id_of = method_number;              \
        static constexpr std::string_view name_of = #class_name "." #method_name; \
        __VA_ARGS__                                                               \
        bool operator==(const class_name##_##method_name&) const = default;       \
    };
#include "protocols/amqp/spec.def"
#undef AMQP_METHOD
#undef AMQP_FIELD

namespace detail {
template <class, class... Methods>
struct list {
    using variant = std::variant<Methods...>;
};
}  // namespace detail

/// Any of them.
#define AMQP_METHOD(class_name, method_name, ...) , class_name##_##method_name
using method = detail::list<void
#include "protocols/amqp/spec.def"
                            >::variant;
#undef AMQP_METHOD

/// Reads a method frame's payload. Refused: an unknown class or method (540), arguments that end early or are malformed
/// (502), both with the ids. Bytes behind the last field are refused too.
result<method, refusal> decode_method(std::string_view payload);

/// Appends [class id: u16] [method id: u16] [fields]; short strings must fit.
#define AMQP_METHOD(class_name, method_name, ...) void encode(std::string& out, const class_name##_##method_name& m);
#include "protocols/amqp/spec.def"
#undef AMQP_METHOD
void encode(std::string& out, const method& m);

/// "basic.publish"
std::string_view name_of(const method& m);

/// Any method's ids, for close.
struct method_ids {
    std::uint16_t class_id = 0;
    std::uint16_t method_id = 0;
    bool operator==(const method_ids&) const = default;
};
method_ids ids_of(const method& m);

}  // namespace causeway::amqp
