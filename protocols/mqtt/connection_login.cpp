// The connection from CONNECT to CONNACK, and AUTH, before and after it (MQTT 3.1, 3.2, 3.15, 4.12).

#include <utility>

#include "protocols/mqtt/connection.hpp"
#include "protocols/mqtt/decode.hpp"
#include "protocols/mqtt/failure_reason.hpp"

namespace causeway::mqtt {

void connection::handle_connect(const frame& f) {
    if (f.header.type != packet_type::connect) return close();  // [MQTT-3.1.0-1]
    ++traffic().logins;
    version_ = answering_version(f.body);
    const auto decoded = decode(f, version_);
    if (!decoded) return fail(decoded.error());
    const connect& asked = std::get<connect>(decoded.value());
    greeting_ = std::make_unique<greeting>(greeting_of(asked, options_, link_.peer(), broker_));
    if (link_.peer().certificate_unnamed)
        log_.warning("no user can be read from the client's certificate", {{"listener", link_.peer().listener}, {"peer", link_.peer().address}});
    if (const auto refusal = refusal_of(asked, options_, link_.peer(), broker_)) return fail(*refusal);
    if (!asked.properties.has(property::authentication_method)) return verify(asked);

    authentication_ = std::make_unique<enhanced_authentication>(users_, greeting_->method);
    state_ = state::challenged;
    answer(authentication_->begin(where_it_is(), asked.properties.text(property::authentication_data).value_or("")));
}

void connection::verify(const connect& asked) {
    state_ = state::authenticating;
    verifying_ = std::make_shared<char>();
    core::credentials shown = credentials_of(asked, *greeting_, link_.peer());
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
    if (!certified.empty() && identity_->user() != certified) return fail(reason::not_authorized);
    if (const auto refusal = refusal_of(*greeting_, *identity_, broker_)) return fail(*refusal);
    // Before another client loses the session to this one.
    if (!can_be_welcomed(as_recipient(), *greeting_, broker_, options_)) return fail(reason::packet_too_large);
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
                                              .holder = this,
                                              .no_local = greeting_->bridge});
    if (!opened) return fail(reason_of(opened.error()));
    opened_ = opened.value().it;
    opened_by_ = opened.value().commit;
    session_present_ = opened.value().present;
    expiry_s_ = opened_->expiry_s;
    if (greeting_->publisher) greeting_->publisher->session = opened_->id();

    state_ = state::opening;
    if (opened_by_ == 0) return accept();
    broker_.await_commit(*this, opened_by_);
}

void connection::accept() {
    welcome(as_recipient(), *greeting_, *opened_, session_present_, options_);
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

}  // namespace causeway::mqtt
