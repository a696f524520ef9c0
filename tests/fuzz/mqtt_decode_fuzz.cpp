// Any bytes, read as a stream of packets of each version. What decodes must be written and read back as the same packet.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.hpp"
#include "protocols/mqtt/decode.hpp"
#include "protocols/mqtt/encode.hpp"
#include "protocols/mqtt/framing.hpp"
#include "protocols/mqtt/print.hpp"

using namespace causeway;
using namespace causeway::mqtt;

namespace {

constexpr std::size_t bytes_max = 1 << 20;

/// A CONNECT and its version are settled before anything else is.
version framing_version(std::string_view bytes, version v) { return bytes.starts_with('\x10') ? version::v3_1_1 : v; }

packet decode_again(const std::string& bytes, version v) {
    const auto framed = next_frame(bytes, bytes_max, framing_version(bytes, v));
    ENSURE(framed && framed.value() && framed.value()->size == bytes.size());
    auto decoded = decode(*framed.value(), v);
    ENSURE(decoded);
    return std::move(decoded).value();
}

void check_round_trip(const packet& p, version v) {
    std::string once;
    encode(once, p, v);
    const packet again = decode_again(once, v);
    ENSURE(again == p);
    std::string twice;
    encode(twice, again, v);
    ENSURE(twice == once);
}

/// The way of a message to a subscriber.
void check_forwarded(const packet& in, version v) {
    if (type_of(in) != packet_type::publish) return;
    const publish& p = std::get<publish>(in);
    if (p.topic.empty()) return;
    std::string scratch;
    const std::uint32_t ids[] = {1, 300};
    const outgoing_publish out{.qos = p.qos,
                               .topic = p.topic,
                               .packet_id = p.packet_id,
                               .forwarded_properties = p.properties.forwardable(scratch),
                               .expiry_s = p.properties.number(property::message_expiry_s),
                               .subscription_ids = ids};
    std::string bytes;
    const publish_sizes sizes = sizes_of(out, p.payload.size(), v);
    encode(bytes, out, sizes, p.payload, v);
    ENSURE(bytes.size() == sizes.whole);
    const packet got = decode_again(bytes, v);
    ENSURE(std::get<publish>(got).topic == p.topic && std::get<publish>(got).payload == p.payload);
    std::string again;
    ENSURE(std::get<publish>(got).properties.forwardable(again) == out.forwarded_properties);
}

void read_stream(std::string_view bytes, version v) {
    while (true) {
        const auto framed = next_frame(bytes, bytes_max, framing_version(bytes, v));
        if (!framed || !framed.value()) return;
        const auto decoded = decode(*framed.value(), v);
        if (decoded) {
            check_round_trip(decoded.value(), v);
            check_forwarded(decoded.value(), v);
            ENSURE(print(decoded.value()).find('\n') == std::string::npos);
        }
        bytes.remove_prefix(framed.value()->size);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    for (version v : {version::v3_1, version::v3_1_1, version::v5}) read_stream(bytes, v);
    return 0;
}
