#include "protocols/amqp/channels.hpp"

#include <string>
#include <utility>

#include "base/byte_reader.hpp"
#include "protocols/amqp/handlers.hpp"

namespace causeway::amqp {

namespace {

/// Is it this method? Looks at the ids only.
template <class M>
bool carries(const frame& f) {
    if (f.type != frame_type::method_frame) return false;
    byte_reader in(f.payload);
    return in.u16() == M::class_id_of && in.u16() == M::method_id_of && !in.failed();
}

verdict not_open(const method& m) {
    const method_ids ids = ids_of(m);
    return refusal{reply_code::channel_error, "expected 'channel.open'", ids.class_id, ids.method_id};
}

verdict not_open(const frame& f) {
    if (f.type != frame_type::method_frame) return not_a_method();
    TRY(const method m, decode_method(f.payload));
    return not_open(m);
}

}  // namespace

verdict channels::take(const frame& f) {
    const auto at = by_number_.find(f.channel);
    if (at == by_number_.end()) return open(f);
    channel& c = *at->second;
    switch (c.now) {
        case channel::state::closing: take_while_closing(c, f); return success();
        case channel::state::leaving: return not_open(f);
        case channel::state::open: break;
    }
    if (carries<channel_close>(f) && !c.incoming.expected()) return closed_by_client(c, f);
    const verdict v = c.take(f);
    if (v || closes_connection(v.assume_error())) return v;
    close(c, v.assume_error());
    return success();
}

/// As in RabbitMQ, channel_max bounds how many are open, not their numbers.
verdict channels::open(const frame& f) {
    if (by_number_.size() >= at_.channel_max)
        return refuse(reply_code::not_allowed, "number of channels opened (" + std::to_string(by_number_.size()) +
                                                   ") has reached the negotiated channel_max (" +
                                                   std::to_string(at_.channel_max) + ")");
    if (f.type != frame_type::method_frame) return not_a_method();
    TRY(const method m, decode_method(f.payload));
    if (!std::holds_alternative<channel_open>(m)) return not_open(m);
    auto made = std::make_unique<channel>(at_, f.channel);
    made->say(channel_open_ok{});
    by_number_.emplace(f.channel, std::move(made));
    return success();
}

/// After channel.close only its answer counts, and a close of the client's own that crossed ours (1.5.2.5).
void channels::take_while_closing(channel& c, const frame& f) {
    const bool crossed = carries<channel_close>(f);
    if (crossed) c.say(channel_close_ok{});
    if (!carries<channel_close_ok>(f)) return;
    if (!c.replies.held())
        by_number_.erase(c.number);
    else
        c.now = channel::state::leaving;
}

verdict channels::closed_by_client(channel& c, const frame& f) {
    TRY(decode_method(f.payload));
    c.let_go();
    c.confirming.flush();
    c.say(channel_close_ok{});
    if (c.replies.held())
        c.now = channel::state::leaving;
    else
        by_number_.erase(c.number);
    return success();
}

void channels::close(channel& c, const refusal& why) {
    const std::string text = reply_text(why.code, why.text);
    at_.log.info("channel closed", {{"peer", at_.link.peer_address()}, {"channel", c.number}, {"reason", text}});
    c.let_go();
    c.confirming.flush();
    c.say(channel_close{
        .reply_code = number(why.code), .reply_text = text, .class_id = why.class_id, .method_id = why.method_id});
    c.now = channel::state::closing;
}

/// What a reply promised could not be stored. The reply and all behind it were thrown away.
void channels::promise_broken(channel& c) {
    const refusal why = refuse(reply_code::internal_error, "the broker could not store what it was asked to");
    switch (c.now) {
        case channel::state::open:
        case channel::state::closing: close(c, why); break;
        case channel::state::leaving: c.say(channel_close_ok{}); break;
    }
}

void channels::flush_confirms() {
    if (!std::exchange(at_.confirms_due, false)) return;
    for (auto& [number, c] : by_number_)
        if (c->confirming.pending()) c->confirming.flush();
}

void channels::commits_settled() {
    for (auto at = by_number_.begin(); at != by_number_.end();) {
        channel& c = *at->second;
        if (c.replies.held()) {
            const outbox::progress got = c.replies.advance();
            if (got == outbox::progress::failed) promise_broken(c);
            if (got == outbox::progress::clear) c.consuming.wake_starved();
        }
        c.confirming.flush();
        const auto here = at++;
        if (c.now == channel::state::leaving && !c.replies.held()) by_number_.erase(here);
    }
}

verdict channels::get_again(const pending_get& what) {
    const auto at = by_number_.find(what.channel);
    if (at == by_number_.end() || at->second->now != channel::state::open) return success();
    channel& c = *at->second;
    const verdict v = handle(c, basic_get{.queue = what.queue, .no_ack = what.no_ack});
    if (v || closes_connection(v.assume_error())) return v;
    close(c, v.assume_error());
    return success();
}

void channels::wake_starved() {
    for (auto& [number, c] : by_number_) c->consuming.wake_starved();
}

void channels::let_go() {
    for (auto& [number, c] : by_number_) c->let_go();
    by_number_.clear();
}

}  // namespace causeway::amqp
