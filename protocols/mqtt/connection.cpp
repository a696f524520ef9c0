#include "protocols/mqtt/connection.hpp"

#include <algorithm>
#include <utility>

#include "protocols/mqtt/decode.hpp"
#include "protocols/mqtt/failure_reason.hpp"
#include "protocols/mqtt/goodbye.hpp"

namespace causeway::mqtt {

namespace {

/// Only packets are signs of life, not bytes [MQTT-3.1.2-22, 3.1.1: MQTT-3.1.2-24]. But while a large one is on its way over a slow
/// network the client cannot say anything else, so more than this of one counts as well.
constexpr std::size_t short_packet_bytes_max = 4096;

}  // namespace

connection::connection(protocols::link& l, core::broker& broker, core::authenticator& users, const options& limits,
                       logger& log)
    : link_(l), broker_(broker), users_(users), options_(limits), log_(log), silence_(broker.timers(), [this] { if (silence_.too_long()) fell_silent(); }) {
    broker_.add(*this);
    ++traffic().sockets;
    silence_.limit(options_.connect_timeout_ms);
}

// --- bytes in ---

std::size_t connection::packet_bytes_max() const {
    return state_ == state::connected ? options_.packet_bytes_max : std::min(options_.connect_bytes_max, options_.packet_bytes_max);
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
    if (state_ == state::connected && (consumed > 0 || bytes.size() > short_packet_bytes_max)) silence_.heard();
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
    else if (options_.on_rate_exceeded == rate_excess::disconnect)
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
    if (state_ == state::connected) silence_.heard();
    if (link_.output().size() >= options_.output_bytes_max) link_.notify_when_flushed();
    link_.read(wanted);
}

// --- CONNECT … CONNACK ---

void connection::handle_connect(const frame& f) {
    if (f.header.type != packet_type::connect) return close();  // [MQTT-3.1.0-1]
    ++traffic().logins;
    version_ = answering_version(f.body);
    const auto decoded = decode(f, version_);
    if (!decoded) return fail(decoded.error());
    const connect& asked = std::get<connect>(decoded.value());
    greeting_ = std::make_unique<greeting>(greeting_of(asked, options_, link_.peer(), broker_));
    if (const auto refusal = refusal_of(asked, options_, link_.peer(), broker_)) return fail(*refusal);
    if (!asked.properties.has(property::authentication_method)) return verify(asked);

    authentication_ = std::make_unique<enhanced_authentication>(users_, greeting_->method);
    state_ = state::challenged;
    answer(authentication_->begin(where_it_is(), asked.properties.text(property::authentication_data).value_or("")));
}

void connection::verify(const connect& asked) {
    state_ = state::authenticating;
    verifying_ = std::make_shared<char>();
    core::credentials shown = credentials_of(asked, link_.peer());
    const reason refusal = shown.anonymous || shown.certified ? reason::not_authorized : reason::bad_user_name_or_password;
    users_.verify(std::move(shown), [this, refusal, guard = std::weak_ptr<char>(verifying_)](core::identity_ptr who) {
        if (guard.expired()) return;
        verifying_.reset();
        if (who)
            authenticated(std::move(who));
        else
            fail(refusal);
    });
}

// --- AUTH, before CONNACK and after it ---

void connection::handle_auth(const frame& f) {
    const auto decoded = decode(f, version_);
    if (!decoded) return fail(decoded.error());
    if (!authentication_) return fail(reason::protocol_error);  // [MQTT-4.12.0-7]
    answer(authentication_->handle(std::get<auth>(decoded.value()), state_ == state::connected, where_it_is()));
}

void connection::answer(const result<enhanced_authentication::reply, reason>& r) {
    using progress = core::challenge_response::progress;
    if (!r) return fail(r.error());
    const auto& reply = r.value();
    if (reply.what == progress::refused) return fail(reason::not_authorized);
    if (reply.what == progress::accepted && state_ == state::challenged) {
        greeting_->proof = reply.data;
        return authenticated(reply.who);
    }
    if (reply.what == progress::accepted && !may_go_on_as(*reply.who)) return fail(reason::not_authorized);
    if (!send_auth(as_recipient(), authentication_->method(), reply)) return fail(reason::packet_too_large);
    if (reply.what == progress::accepted) session_->identify(identity_ = reply.who);
}

/// Where the client's credentials come from, whatever they are.
core::credentials connection::where_it_is() const {
    const protocols::peer_info& peer = link_.peer();
    core::credentials from;
    from.peer_address = peer.address;
    from.loopback = peer.loopback;
    from.client_id = opened_ ? opened_->client_id() : greeting_->client_id;
    return from;
}

/// A session belongs to its user: who proves to be another one has to connect anew.
bool connection::may_go_on_as(const core::identity& who) const {
    return who.user() == identity_->user() && who.may_enter(broker_.options().vhost);
}

void connection::authenticated(core::identity_ptr who) {
    identity_ = std::move(who);
    const std::string& certified = link_.peer().certificate_user;
    const bool somebody_else = !certified.empty() && identity_->user() != certified;
    if (somebody_else || !may_connect(*identity_, *greeting_, broker_.options().vhost)) return fail(reason::not_authorized);
    open_session();
}

void connection::open_session() {
    if (greeting_->publisher) {  // the core stores the will, with who left it
        greeting_->publisher->user = identity_->user();
        greeting_->publisher->client_id = greeting_->client_id;
    }
    const auto opened = broker_.open_session({.client_id = greeting_->client_id,
                                              .user = identity_->user(),
                                              .clean_start = greeting_->clean_start,
                                              .expiry_s = greeting_->expiry_s,
                                              .last_will = std::move(greeting_->will),
                                              .holder = this});
    if (!opened) return fail(reason_of(opened.error()));
    opened_ = opened.value().it;
    opened_by_ = opened.value().commit;
    session_present_ = opened.value().present;
    expiry_s_ = opened_->expiry_s;
    if (core::publisher* we = greeting_->publisher.get()) {
        we->session = opened_->id();
        we->client_id = opened_->client_id();
    }

    state_ = state::opening;
    if (opened_by_ == 0) return accept();
    broker_.await_commit(*this, opened_by_);
}

void connection::accept() {
    if (!welcome(as_recipient(), *greeting_, *opened_, session_present_, options_)) return fail(reason::packet_too_large);

    session_ = std::make_unique<session>(client{.link = link_,
                                                .broker = broker_,
                                                .self = *this,
                                                .session = *opened_,
                                                .options = options_,
                                                .identity = identity_,
                                                .publisher = greeting_->publisher,
                                                .version = version_,
                                                .bridge = greeting_->bridge,
                                                .limits = greeting_->limits,
                                                .quota = receive_quota(options_.receive_max)});
    if (publish_gate::wanted(options_))
        gate_ = std::make_unique<publish_gate>(options_, broker_.timers(), [this] { regulate_reading(); });
    state_ = state::connected;
    silence_.limit(std::int64_t{greeting_->keep_alive_s} * 1500);  // one and a half times [MQTT-3.1.2-22]
    log_.info("client connected", {{"client_id", opened_->client_id()},
                                   {"user", identity_->user()},
                                   {"peer", link_.peer().address},
                                   {"version", static_cast<int>(version_)}});
    greeting_.reset();
    regulate_reading();
}

/// The store did not take the session. One that was there before goes on as it was stored then; a new one would promise to
/// be kept, and is refused.
void connection::session_not_stored() {
    if (session_present_) return accept();
    expiry_s_ = 0;  // it goes at once
    fail(version_ == version::v5 ? reason::quota_exceeded : reason::server_unavailable);
}

// --- what the core says ---

void connection::commits_settled() {
    if (state_ == state::opening) {
        switch (broker_.state_of(opened_by_)) {
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
    session_.reset();
    opened_ = nullptr;
    close();
    return accepted;
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
    log_.info("client is disconnected", {{"peer", link_.peer().address}, {"reason", name(why)}});
    say_goodbye(why);
    leave(true);
}

void connection::say_goodbye(reason why) {
    if (state_ == state::connected)
        send_disconnect(as_recipient(), why, options_);
    else
        send_connack(as_recipient(), why, options_);
}

/// It takes packets as large as it has said, as far as it has.
recipient connection::as_recipient() const {
    std::size_t bytes_max = client_limits::packet_bytes_unlimited;
    if (session_)
        bytes_max = session_->limits().packet_bytes_max;
    else if (greeting_)
        bytes_max = greeting_->limits.packet_bytes_max;
    return {.link = link_, .counted = broker_.traffic(core::protocol::mqtt), .version = version_, .packet_bytes_max = bytes_max};
}

void connection::fell_silent() {
    if (state_ != state::connected) {
        log_.info("no CONNECT in time", {{"peer", link_.peer().address}});
        return leave(true);
    }
    // A client that is held back cannot be heard.
    if (!reading_) return silence_.again();
    fail(reason::keep_alive_timeout);
}

void connection::shut_down() {
    if (state_ == state::closing) return;
    if (state_ != state::awaiting_connect) say_goodbye(farewell());
    leave(true);
}

/// Why the server stops: another one takes over, if there is one [4.11].
reason connection::farewell() const {
    if (!options_.server_reference.empty()) return reason::use_another_server;
    return state_ == state::connected ? reason::server_shutting_down : reason::server_unavailable;
}

void connection::closed() {
    leave(true);
    broker_.remove(*this);
}

void connection::leave(bool publish_will) { leave(publish_will, expiry_s_); }

void connection::leave(bool publish_will, std::uint32_t expiry_s) {
    session_.reset();
    if (core::session* s = std::exchange(opened_, nullptr)) {
        log_.info("client disconnected", {{"client_id", s->client_id()}, {"peer", link_.peer().address}});
        // There is a will only once CONNECT has been accepted [MQTT-3.1.2-7].
        broker_.close_session(*s, publish_will && state_ == state::connected, expiry_s);
    }
    close();
}

void connection::close() {
    verifying_.reset();
    greeting_.reset();
    silence_.stop();
    if (std::exchange(state_, state::closing) != state::closing) link_.close();
}

}  // namespace causeway::mqtt
