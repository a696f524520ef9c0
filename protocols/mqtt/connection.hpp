#pragma once
// One MQTT client's connection: from its first byte to its last, MQTT 3.1, 3.1.1 or 5.0. Finds the packets, leads through
// CONNECT, authentication and CONNACK, keeps time, and says goodbye; everything between belongs to its session, except AUTH.

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/log.hpp"
#include "core/access.hpp"
#include "core/broker.hpp"
#include "protocols/endpoint.hpp"
#include "protocols/mqtt/framing.hpp"
#include "protocols/mqtt/handle_auth.hpp"
#include "protocols/mqtt/handle_connect.hpp"
#include "protocols/mqtt/options.hpp"
#include "protocols/mqtt/rate_limit.hpp"
#include "protocols/mqtt/session.hpp"
#include "protocols/mqtt/silence_timer.hpp"

namespace causeway::mqtt {

class connection final : public protocols::endpoint, private core::participant, private core::session_holder {
public:
    /// Everything that is referred to outlives it.
    connection(protocols::link& l, core::broker& broker, core::authenticator& users, const options& limits, logger& log);

    // --- protocols::endpoint ---
    std::size_t receive(std::string_view bytes) override;
    void flushed() override;
    void closed() override;
    void shut_down() override;

private:
    enum class state : std::uint8_t {
        awaiting_connect,
        authenticating,  // the password is being verified
        challenged,      // AUTH is expected
        opening,         // the session's record is being stored
        connected,
        closing,         // link::close() was called, or the link is gone
    };

    // --- core::participant, core::session_holder ---
    void commits_settled() override;
    void publishers_blocked(bool blocked) override;
    bool taken_over() override;

    void handle(const frame& f);
    void handle_connect(const frame& f);
    void handle_auth(const frame& f);
    void handle_disconnect(const frame& f);
    void verify(const connect& asked);
    void answer(const result<enhanced_authentication::reply, reason>& r);
    core::credentials where_it_is() const;
    void authenticated(core::identity_ptr who);
    bool may_go_on_as(const core::identity& who) const;
    void open_session();
    void accept();
    void session_not_stored();

    void fail(reason why);
    void fell_silent();
    void say_goodbye(reason why);
    reason farewell() const;
    /// Lets go of the session, which lives on for `expiry_s` (if not told, as CONNECT asked), and closes.
    void leave(bool publish_will);
    void leave(bool publish_will, std::uint32_t expiry_s);
    void close();
    bool must_wait(const frame& f);
    void regulate_reading();
    std::size_t packet_bytes_max() const;
    core::traffic& traffic() { return broker_.traffic(core::protocol::mqtt); }
    recipient as_recipient() const;
    bool expects_little() const { return state_ == state::awaiting_connect || state_ == state::challenged; }
    bool listening() const { return expects_little() || (state_ == state::connected && reading_); }

    protocols::link& link_;
    core::broker& broker_;
    core::authenticator& users_;
    const options& options_;
    logger& log_;

    state state_ = state::awaiting_connect;
    version version_ = version::v3_1_1;
    bool reading_ = true;
    bool waits_for_memory_ = false;  // its next packet is a PUBLISH
    bool session_present_ = false;
    silence_timer silence_;
    std::shared_ptr<char> verifying_;      // gone: nobody waits for the answer any more
    std::unique_ptr<greeting> greeting_;   // from CONNECT to CONNACK
    std::unique_ptr<enhanced_authentication> authentication_;  // if CONNECT named a method
    core::identity_ptr identity_;
    core::session* opened_ = nullptr;      // ours, from open_session until it is closed or taken over
    core::commit_number opened_by_ = 0;
    std::unique_ptr<session> session_;     // while connected
    std::unique_ptr<publish_gate> gate_;   // where there is a limit
    std::uint32_t expiry_s_ = 0;           // what CONNECT asked for, or the most that is allowed
};

}  // namespace causeway::mqtt
