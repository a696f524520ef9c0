#pragma once
// One AMQP 0-9-1 connection: bytes in, bytes out. Reads frames, leads them to the handshake, to itself (channel 0) or to
// the channels, and closes in the protocol's words. Belongs to the broker thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "core/participant.hpp"
#include "protocols/amqp/channels.hpp"
#include "protocols/amqp/context.hpp"
#include "protocols/amqp/framing.hpp"
#include "protocols/amqp/handshake.hpp"
#include "protocols/amqp/heartbeat.hpp"
#include "protocols/amqp/origin.hpp"
#include "protocols/endpoint.hpp"
#include "protocols/vhosts.hpp"

namespace causeway::amqp {

class connection final : public protocols::endpoint, public core::participant {
public:
    connection(protocols::link& link, protocols::vhosts& vhosts, core::authenticator& authenticator, const options& limits,
               logger& log);
    ~connection() override;

    // protocols::endpoint
    std::size_t receive(std::string_view bytes) override;
    void flushed() override;
    void closed() override;
    void shut_down() override;

    // core::participant
    void commits_settled() override;
    void publishers_blocked(bool blocked) override;
    void storage_changed(bool available) override;

private:
    enum class phase : std::uint8_t {
        preface,    // the protocol header has not come yet
        handshake,  // up to connection.open-ok
        running,
        closing,  // we have sent connection.close: only its answer counts
        closed,
    };

    std::size_t take_preface(std::string_view bytes);
    bool may_read() const;
    verdict take(const frame& f);
    verdict take_control(const frame& f);
    verdict take_handshake(const method& m);
    void take_while_closing(const frame& f);
    verdict handle(const method& m);
    void opened();
    void closed_by_client();

    void refused(const refusal& why);
    void login_refused(const refusal& why);
    void send_close(const refusal& why);
    void close_link();
    /// Everything goes back to the core.
    void leave();

    void get_again();
    void block_if_short();
    void announce_blocked();
    /// Reading stops while memory is short, while the peer does not take its answers, and while one is on its way.
    void update_reading();
    void set_reading(bool on);
    void arm_deadline(std::int64_t ms);

    context at_;
    protocols::vhosts& vhosts_;
    phase phase_ = phase::preface;
    bool blocked_ = false;    // a publisher while memory is short: not read
    bool publisher_ = false;  // has published
    bool announced_ = false;  // connection.blocked has been sent, and no connection.unblocked since
    bool full_ = false;     // the output holds too many answers
    bool reading_ = true;
    channels channels_;
    std::unique_ptr<handshake> handshake_;   // during that phase only
    std::unique_ptr<heartbeat> heartbeat_;   // while running
    std::unique_ptr<core::timer> deadline_;  // of the handshake, or of our connection.close
    core::authenticator& authenticator_;
};

}  // namespace causeway::amqp
