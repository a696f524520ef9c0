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
    const protocols::peer_info peer = link_.peer();
    login_ = std::make_unique<login>(login{.asked = greeting_of(asked, limits(), peer, broker_)});
    if (peer.certificate_unnamed)
        common_.log.warning("no user can be read from the client's certificate", {{"listener", peer.listener}, {"peer", link_.peer_address()}});
    if (const auto refusal = refusal_of(asked, limits(), peer, broker_)) return fail(*refusal);
    if (!asked.properties.has(property::authentication_method)) return verify(asked);

    authentication_ = std::make_unique<enhanced_authentication>(common_.users, login_->asked.method);
    state_ = state::challenged;
    answer(authentication_->begin(where_it_is(), asked.properties.text(property::authentication_data).value_or("")));
}

void connection::verify(const connect& asked) {
    state_ = state::authenticating;
    login_->verifying = std::make_shared<char>();
    core::credentials shown = credentials_of(asked, login_->asked, link_);
    const reason refusal = shown.anonymous || shown.certified ? reason::not_authorized : reason::bad_user_name_or_password;
    common_.users.verify(std::move(shown), [this, refusal, guard = std::weak_ptr<char>(login_->verifying)](core::identity_ptr who) {
        if (guard.expired()) return;
        login_->verifying.reset();
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
        login_->asked.proof = reply.data;
        return authenticated(reply.who);
    }
    if (reply.what == progress::accepted && !may_go_on_as(*reply.who)) return fail(reason::not_authorized);
    if (!send_auth(as_recipient(), authentication_->method(), reply)) return fail(reason::packet_too_large);
    if (reply.what == progress::accepted) session_->identify(reply.who);
}

/// Where the client's credentials come from, whatever they are.
core::credentials connection::where_it_is() const {
    core::credentials from;
    from.peer_address = link_.peer_address();
    from.loopback = link_.peer().loopback;
    from.client_id = opened() ? opened()->client_id() : login_->asked.client_id;
    return from;
}

/// A session belongs to its user: who proves to be another one has to connect anew.
bool connection::may_go_on_as(const core::identity& who) const {
    return who.user() == session_->identity().user() && who.may_enter(broker_.options().vhost);
}

void connection::authenticated(core::identity_ptr who) {
    if (const auto refusal = objection_to(*who)) return fail(*refusal);
    login_->identity = std::move(who);
    open_session();
}

/// Why nobody may enter as this one, before another client loses the session to it.
std::optional<reason> connection::objection_to(const core::identity& who) const {
    const std::string_view certified = link_.peer().certificate_user;
    if (!certified.empty() && who.user() != certified) return reason::not_authorized;
    if (const auto refusal = refusal_of(login_->asked, who, broker_)) return refusal;
    if (!can_be_welcomed(as_recipient(), login_->asked, broker_, limits())) return reason::packet_too_large;
    return {};
}

void connection::open_session() {
    greeting& asked = login_->asked;
    const std::string& user = login_->identity->user();
    if (asked.publisher) {  // the core stores the will, with who left it
        asked.publisher->user = user;
        asked.publisher->client_id = asked.client_id;
    }
    const auto opened = broker_.open_session({.client_id = asked.client_id,
                                              .user = user,
                                              .clean_start = asked.clean_start,
                                              .expiry_s = asked.expiry_s,
                                              .last_will = std::move(asked.will),
                                              .holder = this,
                                              .no_local = asked.bridge});
    if (!opened) return fail(reason_of(opened.error()));
    login_->opened = opened.value().it;
    login_->opened_by = opened.value().commit;
    login_->session_present = opened.value().present;
    expiry_s_ = login_->opened->expiry_s;
    if (asked.publisher) asked.publisher->session = login_->opened->id();

    state_ = state::opening;
    if (login_->opened_by == 0) return accept();
    broker_.await_commit(*this, login_->opened_by);
}

void connection::accept() {
    const greeting& asked = login_->asked;
    welcome(as_recipient(), asked, *login_->opened, login_->session_present, limits());
    session_ = std::make_unique<session>(client{.link = link_,
                                                .broker = broker_,
                                                .self = *this,
                                                .session = *login_->opened,
                                                .options = limits(),
                                                .identity = login_->identity,
                                                .publisher = asked.publisher,
                                                .limits = asked.limits,
                                                .quota = receive_quota(limits().receive_max),
                                                .version = version_,
                                                .bridge = asked.bridge});
    if (publish_gate::wanted(limits()))
        gate_ = std::make_unique<publish_gate>(limits(), broker_.timers(), [this] { regulate_reading(); });
    state_ = state::connected;
    limit_silence(std::int64_t{asked.keep_alive_s} * 1500);  // one and a half times [MQTT-3.1.2-22]
    if (common_.log.enabled(log_level::info))
        common_.log.info("client connected", {{"client_id", session_->state().client_id()},
                                              {"user", session_->identity().user()},
                                              {"peer", link_.peer_address()},
                                              {"version", static_cast<int>(version_)}});
    login_.reset();
    regulate_reading();
}

/// The store did not take the session. One that was there before goes on as it was stored then; a new one would promise to
/// be kept, and is refused.
void connection::session_not_stored() {
    if (login_->session_present) return accept();
    expiry_s_ = 0;  // it goes at once
    fail(version_ == version::v5 ? reason::quota_exceeded : reason::server_unavailable);
}

}  // namespace causeway::mqtt
