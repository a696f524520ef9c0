#pragma once
// A client that speaks MQTT 3.1.1 or 5.0.

#include "bench/client.hpp"
#include "bench/mqtt_scan.hpp"

namespace causeway::bench {

class mqtt_client final : public client {
public:
    using client::client;

    void fence() override;
    void say_goodbye() override;

private:
    void connected() override;
    std::size_t receive(std::string_view bytes) override;
    void handle(const mqtt_packet& p);
    void handle_publish(const mqtt_packet& p);
    void handle_confirmation(const mqtt_packet& p);
    void answer(unsigned first, unsigned packet_id);

    // --- seldom ---
    void handle_rarely(const mqtt_packet& p);
    void handle_connack(const mqtt_packet& p);
    void handle_suback(const mqtt_packet& p);
    void subscribe();
    std::string filter(std::uint32_t index) const;
    void attach_sender();

    std::size_t receive_maximum_ = 65'535;  // the server's
    std::uint32_t filters_asked_ = 0, filters_granted_ = 0;
};

/// One PUBLISH as a sender needs it. Behind the topic comes a number, if it is numbered.
message_template mqtt_message(const plan& how, std::string_view topic, bool retain, bool numbered);

}  // namespace causeway::bench
