#pragma once
// What the decoders of several packets share. Only for decode*.cpp.

#include <string_view>
#include <utility>

#include "base/byte_reader.hpp"
#include "base/result.hpp"
#include "base/utf8.hpp"
#include "protocols/mqtt/framing.hpp"
#include "protocols/mqtt/packet.hpp"
#include "protocols/mqtt/reason.hpp"

namespace causeway::mqtt {

/// A UTF-8 string [MQTT-1.5.4-1, MQTT-1.5.4-2]; fails the reader if it is none.
inline std::string_view read_text(byte_reader& in) {
    const std::string_view text = in.bytes16();
    if (!valid_mqtt_text(text)) in.fail();
    return text;
}

/// The packet, if all of the frame was read and not more.
template <class P>
result<packet, reason> whole(const byte_reader& in, P&& p) {
    if (in.failed() || !in.empty()) return reason::malformed_packet;
    return packet(std::forward<P>(p));
}

result<packet, reason> decode_connect(const frame& f);
result<packet, reason> decode_subscribe(const frame& f, version v);
result<packet, reason> decode_suback(const frame& f, version v);
result<packet, reason> decode_unsubscribe(const frame& f, version v);
result<packet, reason> decode_unsuback(const frame& f, version v);

}  // namespace causeway::mqtt
