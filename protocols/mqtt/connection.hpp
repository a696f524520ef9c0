#pragma once
// One MQTT client's connection: from its first byte to its last, MQTT 3.1, 3.1.1 or 5.0. Finds the packets, leads through
// CONNECT, authentication and CONNACK, keeps time, and says goodbye; everything between belongs to its session, except AUTH.
// There may be a million of them, most of them idle: what is needed only until CONNACK is in `login`, which goes with it.

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "core/access.hpp"
#include "core/broker.hpp"
#include "protocols/endpoint.hpp"
#include "protocols/mqtt/common.hpp"
#include "protocols/mqtt/framing.hpp"
#include "protocols/mqtt/handle_auth.hpp"
#include "protocols/mqtt/handle_connect.hpp"
#include "protocols/mqtt/rate_limit.hpp"
#include "protocols/mqtt/session.hpp"
#include "protocols/mqtt/silence_timer.hpp"

namespace causeway::mqtt {

class connection final : public protocols::endpoint, private core::participant, private core::session_holder, private silence_timer {
public:
    /// Everything that is referred to outlives it.
    connection(protocols::link& l, core::broker& broker, const common& with_others);

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

    /// From CONNECT to CONNACK.
    struct login {
        greeting asked;
        std::shared_ptr<char> verifying{};  // gone: nobody waits for the answer any more
        core::identity_ptr identity{};
        core::session* opened = nullptr;    // from open_session until it is lost or connected to
        core::commit_number opened_by = 0;
        bool session_present = false;
    };

    // --- core::participant, core::session_holder, silence_timer ---
    void commits_settled() override;
    void publishers_blocked(bool blocked) override;
    bool taken_over() override;
    void inbox_made() override;
    void fell_silent() override;

    void handle(const frame& f);
    void handle_connect(const frame& f);
    void handle_auth(const frame& f);
    void handle_disconnect(const frame& f);
    void verify(const connect& asked);
    void answer(const result<enhanced_authentication::reply, reason>& r);
    core::credentials where_it_is() const;
    void authenticated(core::identity_ptr who);
    bool may_go_on_as(const core::identity& who) const;
    std::optional<reason> objection_to(const core::identity& who) const;
    void open_session();
    void accept();
    void session_not_stored();

    void fail(reason why);
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
    const options& limits() const { return common_.options; }
    /// Ours, from open_session until it is closed or taken over; else nullptr.
    core::session* opened() const;
    void lose_session();
    bool expects_little() const { return state_ == state::awaiting_connect || state_ == state::challenged; }
    bool listening() const { return expects_little() || (state_ == state::connected && reading_); }

    protocols::link& link_;
    core::broker& broker_;
    const common& common_;

    state state_ = state::awaiting_connect;
    version version_ = version::v3_1_1;
    bool reading_ : 1 = true;
    bool waits_for_memory_ : 1 = false;    // its next packet is a PUBLISH
    std::uint32_t expiry_s_ = 0;           // what CONNECT asked for, or the most that is allowed
    std::unique_ptr<login> login_;
    std::unique_ptr<session> session_;     // while connected
    std::unique_ptr<enhanced_authentication> authentication_;  // if CONNECT named a method
    std::unique_ptr<publish_gate> gate_;   // where there is a limit
};

}  // namespace causeway::mqtt
