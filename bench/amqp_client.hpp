#pragma once
// A client that speaks AMQP 0-9-1: one connection, one channel.

#include <deque>
#include <optional>

#include "bench/amqp_scan.hpp"
#include "bench/client.hpp"
#include "protocols/amqp/method.hpp"

namespace causeway::bench {

class amqp_client final : public client {
public:
    using client::client;

    void fence() override;
    void say_goodbye() override;

private:
    void connected() override;
    std::size_t receive(std::string_view bytes) override;
    void handle(const amqp_frame& f);
    void handle_method(std::string_view payload);
    void handle_body(std::string_view payload);
    void handle_confirmation(std::string_view payload, bool refused);
    void acknowledge();

    // --- seldom ---
    void handle_rarely(std::string_view payload);
    void on(const amqp::connection_start& m);
    void on(const amqp::connection_tune& m);
    void on(const amqp::connection_close& m);
    void on(const amqp::channel_close& m);
    void on(const amqp::basic_cancel& m);
    void on(const amqp::connection_blocked&) {}  // it stops reading; that is all
    void on(const amqp::connection_unblocked&) {}
    void on(const amqp::connection_close_ok&) {}
    template <class Answer>
    void on(const Answer&) {
        proceed();
    }
    void plan_requests();
    void plan_queue();
    void proceed();
    template <class Method>
    void ask(std::uint16_t channel, const Method& m);
    template <class Method>
    void plan_request(const Method& m);

    std::uint64_t tag_ = 0;  // of the delivery that is coming in
    std::uint64_t body_left_ = 0;
    bool body_begins_ = false;
    std::optional<stamp> stamp_;
    std::uint32_t frame_max_ = 0;
    std::deque<std::string> requests_;  // each is sent when the one before has been answered
};

/// basic.publish with its content as a sender needs it.
message_template amqp_message(const plan& how, const route& to, std::uint32_t frame_max);

}  // namespace causeway::bench
