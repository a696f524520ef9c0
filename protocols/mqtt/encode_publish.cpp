// PUBLISH  [topic: text16] [packet id: u16, if QoS > 0] [properties, if v5] [payload: rest]   3.3
// The way out of most traffic: sizes first, then one resize and plain stores.

#include <cstring>

#include "base/byte_writer.hpp"
#include "protocols/mqtt/encode.hpp"
#include "protocols/mqtt/encode_parts.hpp"

namespace causeway::mqtt {

namespace {

/// Plain stores into room that was made before.
class cursor {
public:
    explicit cursor(char* at) : at_(at) {}
    void u8(unsigned value) { *at_++ = static_cast<char>(value); }
    void u16(unsigned value) { at_ = put_integer(at_, static_cast<std::uint16_t>(value)); }
    void u32(std::uint32_t value) { at_ = put_integer(at_, value); }
    void variable(std::uint32_t value) { at_ = put_variable(at_, value); }
    void bytes(std::string_view view) {
        if (view.empty()) return;
        std::memcpy(at_, view.data(), view.size());
        at_ += view.size();
    }
    const char* position() const { return at_; }

private:
    char* at_;
};

std::size_t properties_size(const outgoing_publish& p) {
    std::size_t size = p.forwarded_properties.size();
    if (p.expiry_s) size += 5;
    if (p.topic_alias != 0) size += 3;
    for (std::uint32_t id : p.subscription_ids) size += 1 + variable_size(id);
    return size;
}

void put_properties(cursor& to, const outgoing_publish& p, std::size_t size) {
    to.variable(static_cast<std::uint32_t>(size));
    if (p.topic_alias != 0) {
        to.u8(static_cast<unsigned>(property::topic_alias));
        to.u16(p.topic_alias);
    }
    if (p.expiry_s) {
        to.u8(static_cast<unsigned>(property::message_expiry_s));
        to.u32(*p.expiry_s);
    }
    for (std::uint32_t id : p.subscription_ids) {
        to.u8(static_cast<unsigned>(property::subscription_id));
        to.variable(id);
    }
    to.bytes(p.forwarded_properties);
}

unsigned flags_of(const outgoing_publish& p) {
    return (p.dup ? 8U : 0U) | static_cast<unsigned>(p.qos) << 1 | (p.retain ? 1U : 0U);
}

}  // namespace

publish_sizes sizes_of(const outgoing_publish& p, std::size_t payload_size, version v) {
    publish_sizes s{.head = 2 + p.topic.size()};
    if (p.qos != qos::at_most_once) s.head += 2;
    if (v == version::v5) {
        s.properties = properties_size(p);
        s.head += variable_size(static_cast<std::uint32_t>(s.properties)) + s.properties;
    }
    s.remaining = s.head + payload_size;
    const std::size_t length = s.remaining > variable_integer_max ? 4 : variable_size(static_cast<std::uint32_t>(s.remaining));
    s.whole = 1 + length + s.remaining;
    return s;
}

void encode(std::string& out, const outgoing_publish& p, const publish_sizes& sizes, std::string_view behind, version v) {
    ENSURE(sizes.remaining <= variable_integer_max && p.topic.size() <= 0xFFFF);
    const std::size_t payload_size = sizes.remaining - sizes.head;
    ENSURE(behind.empty() || behind.size() == payload_size);

    const std::size_t start = out.size();
    out.resize(start + sizes.whole - payload_size + behind.size());
    cursor to(out.data() + start);
    to.u8(first_byte(packet_type::publish, flags_of(p)));
    to.variable(static_cast<std::uint32_t>(sizes.remaining));
    to.u16(static_cast<unsigned>(p.topic.size()));
    to.bytes(p.topic);
    if (p.qos != qos::at_most_once) to.u16(p.packet_id);
    if (v == version::v5) put_properties(to, p, sizes.properties);
    to.bytes(behind);
    ENSURE(to.position() == out.data() + out.size());
}

void encode(std::string& out, const publish& p, version v) {
    const outgoing_publish whole{.dup = p.dup,
                                 .qos = p.qos,
                                 .retain = p.retain,
                                 .topic = p.topic,
                                 .packet_id = p.packet_id,
                                 .forwarded_properties = p.properties.bytes()};
    encode(out, whole, sizes_of(whole, p.payload.size(), v), p.payload, v);
}

}  // namespace causeway::mqtt
