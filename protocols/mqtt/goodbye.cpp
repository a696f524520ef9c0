#include "protocols/mqtt/goodbye.hpp"

namespace causeway::mqtt {

namespace {

/// The code, or the one that hides it where it may not stand [MQTT-3.2.2-8, MQTT-3.14.2-1].
reason allowed(packet_type where, reason why) {
    const bool listed = allowed_in(static_cast<std::uint8_t>(where), static_cast<std::uint8_t>(why));
    return listed ? why : reason::unspecified_error;
}

/// With where to go instead, if there is room to say so.
template <class Packet>
void send_last(const recipient& to, Packet p, const options& o) {
    property_block block;
    if (p.code == reason::use_another_server && !o.server_reference.empty()) {
        block.text(property::server_reference, o.server_reference);
        p.properties = block.view();
        if (send_refusal(to, p, p.code)) return;
        p.properties = {};
    }
    send_refusal(to, p, p.code);
}

}  // namespace

void send_connack(const recipient& to, reason why, const options& o) {
    if (to.version == version::v5) return send_last(to, connack{.code = allowed(packet_type::connack, why)}, o);
    if (connect_return_code(why)) send(to, connack{.code = why});
}

void send_disconnect(const recipient& to, reason why, const options& o) {
    if (to.version == version::v5) send_last(to, disconnect{.code = allowed(packet_type::disconnect, why)}, o);
}

}  // namespace causeway::mqtt
