#include "protocols/amqp/consumers.hpp"

#include <algorithm>
#include <utility>

#include "protocols/amqp/channel.hpp"
#include "protocols/amqp/framing.hpp"
#include "protocols/amqp/method.hpp"
#include "protocols/amqp/translate.hpp"

namespace causeway::amqp {

// --- one consumer: the core's side ---

bool consumer::has_channel_credit() const {
    if (owner_.replies.held() || !owner_.at.room()) return false;
    if (no_ack_) return true;
    if (!owner_.at.unsettled.has_room()) return false;
    return !in_channel_ || owner_.prefetch_of_channel == 0 || owner_.consuming.outstanding() < owner_.prefetch_of_channel;
}

bool consumer::can_take(const core::queue&, const core::entry&) {
    full_ = !has_own_credit();
    if (full_) return false;
    if (has_channel_credit()) return true;
    owner_.consuming.starve(*this);
    return false;
}

void consumer::call_queue() {
    if (queue_) queue_->wake(*this);
}

core::handover consumer::deliver(core::queue& from, const core::entry& next) {
    const core::message& m = *next.message;
    const outgoing what(m, owner_.at.rules, owner_.at.broker->now().wall_ms, returns_of_delivery(from, next));
    if (!owner_.fits(what)) return core::handover::too_large;
    const std::uint64_t tag = owner_.waiting.next_tag();
    owner_.write_message(basic_deliver{.consumer_tag = tag_,
                                       .delivery_tag = tag,
                                       .redelivered = next.redelivered(),
                                       .exchange = what.exchange(),
                                       .routing_key = what.routing_key()},
                         what, m);
    if (no_ack_) return core::handover::settled;
    owner_.await_settlement(tag, next, from_, this);
    ++outstanding_;
    if (in_channel_) ++owner_.consuming.outstanding_;
    return core::handover::waiting;
}

void consumer::queue_deleted(core::queue&) {
    queue_ = nullptr;
    from_.unwatch();
    if (owner_.at.client.consumer_cancel_notify) owner_.say(basic_cancel{.consumer_tag = tag_, .no_wait = true});
    consumers& all = owner_.consuming;
    if (auto self = all.extract(tag_)) all.retire(std::move(self));
}

// --- all of a channel ---

core::outcome<void> consumers::add(std::unique_ptr<consumer> made, bool exclusive) {
    consumer& c = *made;
    auto joined = c.queue_->add_consumer(c, exclusive);
    if (!joined) {
        c.from_.unwatch();
        return joined;
    }
    by_tag_.emplace(c.tag(), std::move(made));
    return success();
}

bool consumers::cancel(std::string_view tag) {
    auto c = extract(tag);
    if (!c) return false;
    if (core::queue* q = std::exchange(c->queue_, nullptr)) {
        c->from_.unwatch();
        q->remove_consumer(*c);
    }
    retire(std::move(c));
    return true;
}

void consumers::cancel_all() {
    while (!by_tag_.empty()) cancel(std::string(by_tag_.begin()->first));
}

std::unique_ptr<consumer> consumers::extract(std::string_view tag) {
    const auto at = by_tag_.find(tag);
    if (at == by_tag_.end()) return nullptr;
    auto found = std::move(at->second);
    by_tag_.erase(at);
    if (found->starved_) std::erase(starved_, found.get());
    return found;
}

void consumers::retire(std::unique_ptr<consumer> c) {
    if (c->outstanding_ == 0) return;
    c->retired_place_ = retired_.size();
    retired_.push_back(std::move(c));
}

void consumers::settled(consumer& c) {
    if (c.in_channel_) --outstanding_;
    --c.outstanding_;
    if (std::exchange(c.full_, false)) c.call_queue();
    if (c.outstanding_ > 0 || c.queue_ != nullptr) return;
    const std::size_t place = c.retired_place_;  // there may be as many as deliveries
    std::swap(retired_[place], retired_.back());
    retired_[place]->retired_place_ = place;
    retired_.pop_back();
}

void consumers::starve(consumer& c) {
    if (std::exchange(c.starved_, true)) return;
    starved_.push_back(&c);
}

void consumers::wake_starved() {
    std::erase_if(starved_, [](consumer* c) {
        if (!c->has_channel_credit()) return false;
        c->starved_ = false;
        c->call_queue();
        return true;
    });
}

}  // namespace causeway::amqp
