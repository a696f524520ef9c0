#include "protocols/amqp/connection.hpp"

#include <utility>

#include <boost/smart_ptr/make_local_shared.hpp>

#include "protocols/amqp/say.hpp"

namespace causeway::amqp {

namespace {

refusal with_ids(refusal why, const method& cause) {
    if (why.class_id != 0) return why;
    const method_ids ids = ids_of(cause);
    why.class_id = ids.class_id;
    why.method_id = ids.method_id;
    return why;
}

}  // namespace

connection::connection(protocols::link& link, protocols::vhosts& vhosts, core::authenticator& authenticator,
                       const options& limits, logger& log)
    : at_{.link = link, .limits = limits, .log = log, .participant = *this},
      vhosts_(vhosts),
      channels_(at_),
      authenticator_(authenticator) {
    at_.frame_bytes_max = limits.frame_bytes_max;
    if (core::broker* home = vhosts_.find(link.peer().vhost)) {
        at_.counted = &home->traffic(core::protocol::amqp);
        ++at_.counted->sockets;
    }
    arm_deadline(limits.handshake_timeout_ms);
}

connection::~connection() = default;

// --- bytes in ---

std::size_t connection::receive(std::string_view bytes) {
    if (heartbeat_) heartbeat_->heard();  // 4.2.7: any octet will do, also of a large frame on a slow line
    std::size_t used = phase_ == phase::preface ? take_preface(bytes) : 0;
    std::uint64_t frames = 0;
    while (may_read()) {
        const auto next = read_frame(bytes.substr(used), at_.frame_bytes_max);
        if (!next) {
            // Where the next frame begins is unknown: there is no way to hear a close-ok.
            refused(next.assume_error());
            close_link();
            break;
        }
        if (!next.assume_value()) break;
        const frame& f = *next.assume_value();
        used += f.size();
        ++frames;
        if (const verdict v = take(f); !v) refused(v.assume_error());
        if (at_.getting) update_reading();
        if (at_.publishes && phase_ == phase::running) {
            if (!std::exchange(publisher_, true)) announce_blocked();
            block_if_short();
        }
        if (!full_ && phase_ == phase::running && !at_.room_for_answers()) {
            full_ = true;
            update_reading();
        }
    }
    if (phase_ == phase::running) channels_.flush_confirms();
    if (at_.counted) {
        at_.counted->in.bytes += used;
        at_.counted->in.packets += frames;
    }
    return used;
}

std::size_t connection::take_preface(std::string_view bytes) {
    switch (detect_preface(bytes)) {
        case preface::incomplete: return 0;
        case preface::other:  // 4.2.2: say what is spoken here, and close
            at_.link.output().append(protocol_header);
            at_.count_out(protocol_header.size(), 0);
            at_.touch();
            close_link();
            return bytes.size();
        case preface::amqp_0_9_1: break;
    }
    phase_ = phase::handshake;
    handshake_ = std::make_unique<handshake>(at_, vhosts_, authenticator_, [this](const verdict& v) {
        if (!v) refused(v.assume_error());
        set_reading(true);
    });
    handshake_->begin();
    return protocol_header.size();
}

bool connection::may_read() const {
    switch (phase_) {
        case phase::preface:
        case phase::closed: return false;
        case phase::handshake: return !handshake_->waiting();
        case phase::running:
        case phase::closing: return !blocked_ && !full_ && !at_.getting;
    }
    return false;
}

verdict connection::take(const frame& f) {
    if (phase_ == phase::closing) {
        take_while_closing(f);
        return success();
    }
    if (f.channel == 0) return take_control(f);
    if (phase_ != phase::running) return unexpected(f);
    TRY(check_payload(f));
    if (f.type == frame_type::heartbeat_frame) return unexpected(f);
    return channels_.take(f);
}

verdict connection::take_control(const frame& f) {
    TRY(check_payload(f));
    if (f.type == frame_type::heartbeat_frame) return success();
    if (f.type != frame_type::method_frame) return unexpected(f);  // 4.2.6.1: contents are never on channel 0
    TRY(const method m, decode_method(f.payload));
    if (std::holds_alternative<connection_close>(m)) {
        closed_by_client();
        return success();
    }
    const verdict v = phase_ == phase::handshake ? take_handshake(m) : handle(m);
    if (v) return v;
    return with_ids(v.assume_error(), m);
}

verdict connection::take_handshake(const method& m) {
    TRY(handshake_->take(m));
    if (handshake_->waiting()) set_reading(false);
    if (handshake_->done()) opened();
    return success();
}

/// The connection class once it is open.
verdict connection::handle(const method& m) {
    if (std::holds_alternative<connection_update_secret>(m)) {
        say(at_, connection_update_secret_ok{});
        return success();
    }
    return refuse(reply_code::channel_error, "unexpected method in connection state running");
}

/// After connection.close only its answer counts, and a close of the client's own that crossed ours (1.4.2.9).
void connection::take_while_closing(const frame& f) {
    if (f.type != frame_type::method_frame || f.channel != 0) return;
    const auto m = decode_method(f.payload);
    if (!m) return;
    if (std::holds_alternative<connection_close>(m.assume_value())) say(at_, connection_close_ok{});
    if (std::holds_alternative<connection_close_ok>(m.assume_value())) close_link();
}

void connection::opened() {
    handshake_.reset();
    deadline_.reset();
    phase_ = phase::running;
    at_.rules = static_cast<const origin*>(at_.broker->origins().amqp)->rules();
    auto publisher = boost::make_local_shared<core::publisher>();
    publisher->connection = at_.id();
    publisher->user = at_.identity->user();
    at_.publisher = std::move(publisher);
    heartbeat_ = std::make_unique<heartbeat>(at_.broker->timers(), at_, at_.heartbeat_s, [this] {
        at_.log.warning("missed heartbeats", {{"peer", at_.link.peer_address()}, {"timeout_s", at_.heartbeat_s}});
        close_link();
    });
    at_.broker->add(*this);
    at_.log.info("amqp connection opened",
                 {{"peer", at_.link.peer_address()}, {"user", at_.identity->user()}, {"vhost", at_.vhost}});
}

// --- from the link and the broker ---

void connection::flushed() {
    at_.flush_asked = false;
    if (std::exchange(full_, false)) update_reading();
    channels_.wake_starved();
}

void connection::commits_settled() {
    channels_.commits_settled();
    if (at_.getting) get_again();
}

/// Entries have come from the store.
void connection::get_again() {
    const std::unique_ptr<pending_get> what = std::move(at_.getting);
    if (const verdict v = channels_.get_again(*what); !v) refused(v.assume_error());
    if (phase_ == phase::running) update_reading();
}

void connection::publishers_blocked(bool blocked) {
    if (phase_ != phase::running) return;
    if (blocked) {
        if (at_.publishes) block_if_short();
        return;
    }
    if (!std::exchange(blocked_, false)) return;
    announce_blocked();
    update_reading();
}

void connection::storage_changed(bool) {
    if (phase_ == phase::running && at_.publishes) announce_blocked();
}

/// Only who publishes is held back. A message that has begun to arrive may end first: what it takes would stay taken.
void connection::block_if_short() {
    if (blocked_ || at_.unfinished_bytes != 0 || !at_.broker->publishers_blocked()) return;
    blocked_ = true;
    announce_blocked();
    update_reading();
}

/// RabbitMQ's extension. While the store takes nothing, durable messages are refused and others go on, so nobody is held back.
void connection::announce_blocked() {
    const bool blocked = blocked_ || !at_.broker->storage_available();
    if (blocked == announced_) return;
    announced_ = blocked;
    if (!at_.client.connection_blocked) return;
    if (blocked)
        say(at_, connection_blocked{.reason = blocked_ ? "low on memory" : "low on disk"});
    else
        say(at_, connection_unblocked{});
}

void connection::update_reading() {
    const bool on = !blocked_ && !full_ && !at_.getting;
    if (heartbeat_) heartbeat_->listen(on);
    set_reading(on);
}

void connection::set_reading(bool on) {
    if (phase_ == phase::closed || on == std::exchange(reading_, on)) return;
    at_.link.read(on);
}

// --- the end ---

void connection::closed_by_client() {
    leave();
    say(at_, connection_close_ok{});
    close_link();
}

void connection::refused(const refusal& why) {
    if (phase_ == phase::closing || phase_ == phase::closed) return;
    if (phase_ == phase::handshake && why.code == reply_code::access_refused) return login_refused(why);
    send_close(why);
    phase_ = phase::closing;
    arm_deadline(at_.limits.close_timeout_ms);
}

/// Only clients that announce authentication_failure_close expect to be told (RabbitMQ's extension).
void connection::login_refused(const refusal& why) {
    if (at_.client.authentication_failure_close) {
        send_close({.code = why.code, .text = why.text});
        phase_ = phase::closing;
        arm_deadline(at_.limits.close_timeout_ms);
    } else {
        at_.log.warning("amqp login refused", {{"peer", at_.link.peer_address()}});
        close_link();
    }
}

void connection::send_close(const refusal& why) {
    const std::string text = reply_text(why.code, why.text);
    at_.log.warning("amqp client is disconnected", {{"peer", at_.link.peer_address()}, {"reason", text}});
    leave();
    blocked_ = full_ = false;
    at_.getting.reset();
    set_reading(true);  // for the close-ok
    say(at_, connection_close{
        .reply_code = number(why.code), .reply_text = text, .class_id = why.class_id, .method_id = why.method_id});
}

void connection::shut_down() {
    if (phase_ == phase::closed) return;
    if (phase_ == phase::running)
        send_close(refuse(reply_code::connection_forced, "broker forced connection closure with reason 'shutdown'"));
    close_link();
}

void connection::close_link() {
    if (std::exchange(phase_, phase::closed) == phase::closed) return;
    leave();
    deadline_.reset();
    at_.link.close();
}

void connection::closed() {
    phase_ = phase::closed;
    leave();
    handshake_.reset();
    deadline_.reset();
}

void connection::leave() {
    heartbeat_.reset();
    if (at_.broker == nullptr) return;
    channels_.let_go();
    at_.broker->remove(*this);
    at_.broker->connection_gone(at_.id());
    at_.counted->client_went();
    at_.broker = nullptr;
}

/// Runs on the clock of the listener's vhost, since the client may not have named one yet.
void connection::arm_deadline(std::int64_t ms) {
    core::broker* home = vhosts_.find(at_.link.peer().vhost);
    if (home == nullptr) return;
    if (!deadline_)
        deadline_ = std::make_unique<core::timer>(home->timers(), [this] {
            at_.log.warning("amqp peer did not answer in time", {{"peer", at_.link.peer_address()}});
            close_link();
        });
    deadline_->arm_in(ms);
}

}  // namespace causeway::amqp
