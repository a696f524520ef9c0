#include "protocols/amqp/method.hpp"

#include <type_traits>

#include "base/byte_reader.hpp"
#include "base/byte_writer.hpp"
#include "base/utf8.hpp"
#include "protocols/amqp/octets_text.hpp"
#include "protocols/amqp/table.hpp"

namespace causeway::amqp {

namespace {

/// Reads the fields of one method. Bits that follow each other are packed, the first one lowest; any other field starts
/// at the next octet (4.2.5.2).
class field_reader {
public:
    field_reader(byte_reader in, bool check_texts) : in_(in), check_texts_(check_texts) {}

    bool read_bit() {
        if (next_bit_ == 8) {
            bits_ = in_.u8();
            next_bit_ = 0;
        }
        return ((bits_ >> next_bit_++) & 1U) != 0;
    }
    std::uint8_t read_octet() { return at_octet().u8(); }
    std::uint16_t read_short() { return at_octet().u16(); }
    std::uint32_t read_long() { return at_octet().u32(); }
    std::uint64_t read_longlong() { return at_octet().u64(); }
    std::string_view read_shortstr() {
        const std::string_view text = at_octet().bytes8();
        if (check_texts_ && !valid_utf8(text)) bad_text_ = true;
        return text;
    }
    std::string_view read_longstr() { return at_octet().bytes32(); }
    core::field_table read_table() { return amqp::read_table(at_octet()); }

    bool complete() const { return !in_.failed() && in_.empty(); }
    bool bad_text() const { return bad_text_; }

private:
    byte_reader& at_octet() {
        next_bit_ = 8;
        return in_;
    }

    byte_reader in_;
    bool check_texts_;
    bool bad_text_ = false;
    std::uint8_t bits_ = 0;
    unsigned next_bit_ = 8;  // 8: the next bit starts an octet
};

class field_writer {
public:
    explicit field_writer(std::string& out) : out_(out), to_(out) {}

    void write_bit(bool value) {
        if (next_bit_ == 8) {
            to_.u8(0);
            next_bit_ = 0;
        }
        if (value) out_.back() = static_cast<char>(static_cast<std::uint8_t>(out_.back()) | (1U << next_bit_));
        ++next_bit_;
    }
    void write_octet(std::uint8_t value) { at_octet().u8(value); }
    void write_short(std::uint16_t value) { at_octet().u16(value); }
    void write_long(std::uint32_t value) { at_octet().u32(value); }
    void write_longlong(std::uint64_t value) { at_octet().u64(value); }
    void write_shortstr(std::string_view value) { at_octet().bytes8(value); }
    void write_longstr(std::string_view value) { at_octet().bytes32(value); }
    void write_table(const core::field_table& value) {
        at_octet();
        amqp::write_table(out_, value);
    }

private:
    byte_writer& at_octet() {
        next_bit_ = 8;
        return to_;
    }

    std::string& out_;
    byte_writer to_;
    unsigned next_bit_ = 8;
};

// Methods without fields leave their arguments unused.
#define AMQP_FIELD(type, name) m.name = in.read_##type();
#define AMQP_METHOD(class_name, method_name, class_number, method_number, ...)                                      \
    [[maybe_unused]] void read([[maybe_unused]] field_reader& in, [[maybe_unused]] class_name##_##method_name& m) { \
        __VA_ARGS__                                                                                                 \
    }
#include "protocols/amqp/spec.def"
#undef AMQP_METHOD
#undef AMQP_FIELD

refusal malformed(std::string_view arguments, method_ids ids) {
    return {reply_code::frame_error, "cannot decode " + octet_numbers(arguments), ids.class_id, ids.method_id};
}

refusal unknown(method_ids ids) {
    return {reply_code::not_implemented, "no method " + std::to_string(ids.class_id) + "," + std::to_string(ids.method_id),
            ids.class_id, ids.method_id};
}

template <class M>
result<method, refusal> decode_as(byte_reader arguments) {
    // RabbitMQ does not look at the texts of a publish either: their keys may be any octets.
    field_reader in(arguments, !std::is_same_v<M, basic_publish>);
    result<method, refusal> decoded(std::in_place_type<method>, std::in_place_type<M>);
    read(in, std::get<M>(decoded.assume_value()));
    if (!in.complete()) return malformed(arguments.rest(), {M::class_id_of, M::method_id_of});
    if (in.bad_text()) return refusal{reply_code::frame_error, "Malformed UTF-8 in shortstr", 0, 0};
    return decoded;
}

constexpr std::uint32_t both(std::uint16_t class_id, std::uint16_t method_id) {
    return (static_cast<std::uint32_t>(class_id) << 16U) | method_id;
}

}  // namespace

result<method, refusal> decode_method(std::string_view payload) {
    byte_reader in(payload);
    const std::uint16_t class_id = in.u16();
    const std::uint16_t method_id = in.u16();
    if (in.failed()) return refusal{reply_code::syntax_error, "method frame without a method", 0, 0};
    switch (both(class_id, method_id)) {
#define AMQP_METHOD(class_name, method_name, class_number, method_number, ...) \
    case both(class_number, method_number):                                    \
        return decode_as<class_name##_##method_name>(in);
#include "protocols/amqp/spec.def"
#undef AMQP_METHOD
        default: return unknown({class_id, method_id});
    }
}

#define AMQP_FIELD(type, name) to.write_##type(m.name);
#define AMQP_METHOD(class_name, method_name, class_number, method_number, ...)            \
    void encode(std::string& out, [[maybe_unused]] const class_name##_##method_name& m) { \
        field_writer to(out);                                                             \
        to.write_short(class_number);                                                     \
        to.write_short(method_number);                                                    \
        __VA_ARGS__                                                                       \
    }
#include "protocols/amqp/spec.def"
#undef AMQP_METHOD
#undef AMQP_FIELD

void encode(std::string& out, const method& m) {
    std::visit([&out](const auto& each) { encode(out, each); }, m);
}

std::string_view name_of(const method& m) {
    return std::visit([](const auto& each) { return std::decay_t<decltype(each)>::name_of; }, m);
}

method_ids ids_of(const method& m) {
    return std::visit(
        [](const auto& each) {
            using type = std::decay_t<decltype(each)>;
            return method_ids{type::class_id_of, type::method_id_of};
        },
        m);
}

}  // namespace causeway::amqp
