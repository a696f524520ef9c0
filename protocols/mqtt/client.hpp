#pragma once
// What the handlers of one accepted client share. Lives as long as the client is attached to its session.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <boost/smart_ptr/make_local_shared.hpp>

#include "core/access.hpp"
#include "core/broker.hpp"
#include "protocols/endpoint.hpp"
#include "protocols/mqtt/options.hpp"
#include "protocols/mqtt/origin.hpp"
#include "protocols/mqtt/packet.hpp"
#include "protocols/mqtt/send.hpp"

namespace causeway::mqtt {

/// What an MQTT 5 client said about itself in CONNECT; the defaults are the standard's (3.1.2.11).
struct client_limits {
    std::uint32_t packet_bytes_max = packet_bytes_unlimited;
    std::uint16_t receive_max = 65'535;
    std::uint16_t topic_alias_max = 0;
    bool problem_information = true;  // wants reasons in words on acknowledgements, too

    static constexpr std::uint32_t packet_bytes_unlimited = 0xFFFF'FFFF;
};

/// How many of the client's own QoS 1 and 2 messages await their last acknowledgement (4.9).
class receive_quota {
public:
    explicit receive_quota(std::uint16_t max) : max_(max) {}
    /// False: the client has sent more than it may.
    bool take() { return used_ < max_ && ++used_ > 0; }
    /// MQTT 3 has no quota, so there may be nothing to give back.
    void give_back() { used_ -= used_ > 0; }

private:
    std::uint32_t used_ = 0;
    std::uint32_t max_;
};

struct client {
    protocols::link& link;
    core::broker& broker;
    core::participant& self;  // who waits for commits
    core::session& session;
    const mqtt::options& options;
    core::identity_ptr identity;
    core::publisher_ptr publisher;  // see as_publisher
    client_limits limits;
    receive_quota quota;
    mqtt::version version;
    bool bridge;  // see bridge_bit
    bool unsendable = false;  // it would have got a packet larger than it takes: the connection must end

    bool v5() const { return version == mqtt::version::v5; }
    /// Under whose name it publishes. Made when it is first needed: those who only listen need none.
    const core::publisher_ptr& as_publisher() {
        if (!publisher)
            publisher = boost::make_local_shared<const core::publisher>(
                core::publisher{link.peer().id, session.id(), std::string(session.client_id()), identity->user()});
        return publisher;
    }

    const std::string& vhost() const { return broker.options().vhost; }

    bool may(core::right what, std::string_view topic) const { return may_topic(*identity, what, broker, topic); }

    core::traffic& traffic() const { return broker.traffic(core::protocol::mqtt); }

    template <class Packet>
    void send(const Packet& p) {
        sent(mqtt::send(as_recipient(), p));
    }
    /// With the reason in words, if it refuses anything.
    template <class Packet>
    void send(const Packet& p, reason why) {
        const bool worded = refuses(why) && limits.problem_information;  // [MQTT-3.1.2-29]
        sent(worded ? send_refusal(as_recipient(), p, why) : mqtt::send(as_recipient(), p));
    }
    /// An acknowledgement that says nothing but success.
    void acknowledge(packet_type type, std::uint16_t packet_id) { sent(send_acknowledgement(as_recipient(), type, packet_id)); }
    void sent(bool done) { unsendable = unsendable || !done; }
    recipient as_recipient() const {
        return {.link = link, .counted = traffic(), .version = version, .packet_bytes_max = limits.packet_bytes_max};
    }

    /// The client is so far behind that it gets nothing more until it has caught up.
    bool output_full() const { return link.output().size() >= options.output_bytes_max; }
};

}  // namespace causeway::mqtt
