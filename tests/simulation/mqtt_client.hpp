#pragma once
// An MQTT client: subscribes to everything with QoS 2 in a persistent session and publishes with any QoS; or it is a member of a
// share, with a session of any kind, which leaves and joins again at times; or one of several who consume an AMQP queue.

#include <deque>
#include <optional>
#include <set>
#include <string>

#include "protocols/mqtt/packet.hpp"
#include "tests/simulation/client.hpp"

namespace causeway::simulation {

/// What makes a client a member of a share.
struct membership {
    int share = 0;             // of the ledger
    std::string filter;        // "$share/…"
    mqtt::qos qos = mqtt::qos::exactly_once;
    bool lasting = true;       // else its session ends with its connection
    bool restless = false;     // leaves at times
    bool gives_back = false;   // what is under way when it goes is for others, whatever its QoS: the members consume a queue
};

class mqtt_client final : public client {
public:
    mqtt_client(int number, mqtt::version version, ledger& books);
    mqtt_client(int number, mqtt::version version, ledger& books, membership what);

    void connected(test::fake_link& into) override;
    void disconnected() override;
    void read() override;
    void act(dice& chance) override;
    void settle() override;
    bool ready() const override { return online_ && subscribed_; }
    bool idle() const override { return in_flight_.empty() && to_acknowledge_.empty(); }
    bool speaks_mqtt() const override { return true; }

private:
    struct outgoing {
        serial what;
        int qos;
        std::uint16_t packet_id;
        bool received = false;  // PUBREC came
    };
    struct acknowledgement {
        mqtt::packet_type type;
        std::uint16_t packet_id;
    };

    void handle(const mqtt::packet& p);
    void handle(const mqtt::connack& p);
    void handle(const mqtt::publish& p);
    void handle(const mqtt::suback& p);
    void handle(const mqtt::disconnect& p);
    void handle_puback(std::uint16_t packet_id);
    void handle_pubrec(std::uint16_t packet_id);
    void refused(std::uint16_t packet_id);
    bool refusal(mqtt::reason code);
    void handle_pubcomp(std::uint16_t packet_id);
    void subscribe();
    void leave();
    void stay_or_leave(dice& chance);
    void tell_of_unrest();
    void note(serial what, mqtt::qos qos, bool dup);
    void publish(int qos);
    void send(const outgoing& o, bool again);
    void acknowledge_next();
    outgoing* find(std::uint16_t packet_id);

    int number_;
    mqtt::version version_;
    ledger& books_;
    int receiver_;  // or member
    std::string client_id_;
    std::optional<membership> shares_;

    // Kept over lost connections, as a session's client side must [MQTT5 4.1].
    std::deque<outgoing> in_flight_;
    std::set<std::uint16_t> receiving_;
    bool subscribed_ = false;
    int next_serial_ = 0;
    std::uint16_t next_packet_id_ = 1;

    bool online_ = false;
    bool asked_ = false;  // SUBSCRIBE or UNSUBSCRIBE is on its way
    std::deque<acknowledgement> to_acknowledge_;
};

}  // namespace causeway::simulation
