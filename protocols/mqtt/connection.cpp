#include "protocols/mqtt/connection.hpp"

#include <algorithm>
#include <utility>

#include "protocols/mqtt/decode.hpp"
#include "protocols/mqtt/goodbye.hpp"

namespace causeway::mqtt {

namespace {

/// Only packets are signs of life, not bytes [MQTT-3.1.2-22, 3.1.1: MQTT-3.1.2-24]. But while a large one is on its way over a slow
/// network the client cannot say anything else, so more than this of one counts as well.
constexpr std::size_t short_packet_bytes_max = 4096;

}  // namespace

connection::connection(protocols::link& l, core::broker& broker, const common& with_others)
    : silence_timer(broker.timers()), link_(l), broker_(broker), common_(with_others) {
    broker_.add(*this);
    ++traffic().sockets;
    limit_silence(limits().connect_timeout_ms);
}

// --- bytes in ---

std::size_t connection::packet_bytes_max() const {
    return state_ == state::connected ? limits().packet_bytes_max : std::min(limits().connect_bytes_max, limits().packet_bytes_max);
}

std::size_t connection::receive(std::string_view bytes) {
    std::size_t consumed = 0;
    std::uint64_t packets = 0;
    while (listening()) {
        const auto next = next_frame(bytes.substr(consumed), packet_bytes_max(), version_);
        if (!next) {
            fail(next.error());
            break;
        }
        if (!next.value() || must_wait(*next.value())) break;
        consumed += next.value()->size;
        ++packets;
        handle(*next.value());
        regulate_reading();
    }
    if (state_ == state::connected && (consumed > 0 || bytes.size() > short_packet_bytes_max)) heard();
    traffic().in.bytes += consumed;
    traffic().in.packets += packets;
    return consumed;
}

void connection::handle(const frame& f) {
    if (state_ == state::awaiting_connect) return handle_connect(f);
    if (f.header.type == packet_type::disconnect) return handle_disconnect(f);
    if (f.header.type == packet_type::auth) return handle_auth(f);
    if (state_ == state::challenged) return fail(reason::protocol_error);  // [MQTT-3.1.2-30]
    if (const auto done = session_->handle(f); !done) fail(done.error());
}

void connection::flushed() {
    if (state_ != state::connected) return;
    session_->output_flushed();
    regulate_reading();
}

/// While memory is short, or the client publishes too fast, no PUBLISH is taken. Whatever else the client says rather makes
/// room.
bool connection::must_wait(const frame& f) {
    if (state_ != state::connected || f.header.type != packet_type::publish) return false;
    if (broker_.publishers_blocked())
        waits_for_memory_ = true;
    else if (!gate_ || gate_->admit(f.size))
        return false;
    else if (limits().on_rate_exceeded == rate_excess::disconnect)
        fail(reason::message_rate_too_high);
    regulate_reading();
    return true;
}

/// Stops or resumes the client's bytes. What is being decided about its CONNECT comes before anything else that it sent.
void connection::regulate_reading() {
    if (state_ == state::closing) return;
    const bool wanted =
        expects_little() || (state_ == state::connected && !waits_for_memory_ && !(gate_ && gate_->closed()) && session_->may_send_more());
    if (wanted == reading_) return;
    reading_ = wanted;
    if (state_ == state::connected) heard();
    if (link_.output().size() >= limits().output_bytes_max) link_.notify_when_flushed();
    link_.read(wanted);
}

// --- what the core says ---

void connection::commits_settled() {
    if (state_ == state::opening) {
        switch (broker_.state_of(login_->opened_by)) {
            case core::commit_state::pending: return;
            case core::commit_state::stored: return accept();
            case core::commit_state::failed: return session_not_stored();
        }
    }
    if (state_ != state::connected) return;
    if (const auto done = session_->commits_settled(); !done) return fail(done.error());
    regulate_reading();
}

void connection::publishers_blocked(bool blocked) {
    if (blocked) return;
    waits_for_memory_ = false;
    regulate_reading();
}

bool connection::taken_over() {
    const bool accepted = state_ == state::connected;
    if (accepted) say_goodbye(reason::session_taken_over);  // [MQTT-3.1.4-3]
    lose_session();
    close();
    return accepted;
}

/// Somebody wants to send it something, perhaps before CONNACK: then the session that is made with that finds it.
void connection::inbox_made() {
    if (session_) session_->attend_inbox();
}

core::session* connection::opened() const {
    if (session_) return &session_->state();
    return login_ ? login_->opened : nullptr;
}

void connection::lose_session() {
    session_.reset();
    if (login_) login_->opened = nullptr;
}

// --- goodbye ---

void connection::handle_disconnect(const frame& f) {
    const auto decoded = decode(f, version_);
    if (!decoded) return fail(decoded.error());
    const disconnect& d = std::get<disconnect>(decoded.value());
    const auto expiry_s = d.properties.number(property::session_expiry_s);
    if (expiry_s && *expiry_s != 0 && expiry_s_ == 0) return fail(reason::protocol_error);  // 3.14.2.2.2
    // Only a normal disconnection takes the will away [MQTT-3.1.2-8, MQTT-3.14.4-3].
    leave(d.code != reason::success, expiry_s.value_or(expiry_s_));
}

void connection::fail(reason why) {
    if (state_ == state::closing) return;
    common_.log.info("client is disconnected", {{"peer", link_.peer_address()}, {"reason", name(why)}});
    say_goodbye(why);
    leave(true);
}

void connection::say_goodbye(reason why) {
    if (state_ == state::connected)
        send_disconnect(as_recipient(), why, limits());
    else
        send_connack(as_recipient(), why, limits());
}

/// It takes packets as large as it has said, as far as it has.
recipient connection::as_recipient() const {
    std::size_t bytes_max = client_limits::packet_bytes_unlimited;
    if (session_)
        bytes_max = session_->limits().packet_bytes_max;
    else if (login_)
        bytes_max = login_->asked.limits.packet_bytes_max;
    return {.link = link_, .counted = broker_.traffic(core::protocol::mqtt), .version = version_, .packet_bytes_max = bytes_max};
}

void connection::fell_silent() {
    if (state_ != state::connected) {
        common_.log.info("no CONNECT in time", {{"peer", link_.peer_address()}});
        return leave(true);
    }
    // A client that is held back cannot be heard.
    if (!reading_) return excuse_silence();
    fail(reason::keep_alive_timeout);
}

void connection::shut_down() {
    if (state_ == state::closing) return;
    if (state_ != state::awaiting_connect) say_goodbye(farewell());
    leave(true);
}

/// Why the server stops: another one takes over, if there is one [4.11].
reason connection::farewell() const {
    if (!limits().server_reference.empty()) return reason::use_another_server;
    return state_ == state::connected ? reason::server_shutting_down : reason::server_unavailable;
}

void connection::closed() {
    leave(true);
    broker_.remove(*this);
}

void connection::leave(bool publish_will) { leave(publish_will, expiry_s_); }

void connection::leave(bool publish_will, std::uint32_t expiry_s) {
    core::session* const s = opened();
    lose_session();
    if (s) {
        if (common_.log.enabled(log_level::info))
            common_.log.info("client disconnected", {{"client_id", s->client_id()}, {"peer", link_.peer_address()}});
        // There is a will only once CONNECT has been accepted [MQTT-3.1.2-7].
        broker_.close_session(*s, publish_will && state_ == state::connected, expiry_s);
    }
    close();
}

void connection::close() {
    login_.reset();
    ignore_silence();
    if (std::exchange(state_, state::closing) != state::closing) link_.close();
}

}  // namespace causeway::mqtt
