#include "protocols/mqtt/queue_consumer.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "protocols/mqtt/queue_consumers.hpp"

namespace causeway::mqtt {

queue_consumer::queue_consumer(queue_consumers& all, core::broker& broker, core::queue& from)
    : all_(all), broker_(broker), id_(from.id()), name_(from.name()), queue_(&from) {}

core::outcome<void> queue_consumer::attach() {
    TRY(queue_->add_consumer(*this));
    joined_ = true;
    return success();
}

void queue_consumer::detach() {
    refused_.reset();
    core::queue* const q = std::exchange(queue_, nullptr);
    if (q && std::exchange(joined_, false)) q->remove_consumer(*this);
}

core::queue* queue_consumer::find_queue() const {
    if (queue_) return queue_;
    core::queue* const found = broker_.find_queue(name_);
    return found && found->id() == id_ ? found : nullptr;
}

bool queue_consumer::can_take(const core::queue&, const core::entry& next) {
    return !(refused_ && leaves_to_others(next)) && all_.may_take(*this, next);
}

core::handover queue_consumer::deliver(core::queue&, const core::entry& next) { return all_.deliver(*this, next); }

void queue_consumer::queue_deleted(core::queue&) {
    queue_ = nullptr;
    joined_ = false;
    refused_.reset();
    all_.queue_gone(*this);
}

// --- refusals ---

void queue_consumer::refuse(std::uint64_t seq) {
    core::queue* const q = find_queue();
    const core::entry* const e = q ? q->unacknowledged(seq) : nullptr;
    if (!e) return;
    if (queue_) {
        if (!refused_) refused_ = std::make_unique<refusals>(broker_.timers(), [this] { pause_over(); });
        const std::int64_t until = broker_.now().steady_ms + refusal_pause_ms;
        refused_->by_seq.insert_or_assign(seq, refusal{e->deliveries, until});
        if (!refused_->pause.armed()) refused_->pause.arm_at(until);
    }
    q->requeue(seq);
    q->requeued();
}

bool queue_consumer::leaves_to_others(const core::entry& next) {
    const auto at = refused_->by_seq.find(next.seq);
    return at != refused_->by_seq.end() && at->second.deliveries == next.deliveries &&
           broker_.now().steady_ms < at->second.until_steady_ms;
}

void queue_consumer::pause_over() {
    auto& by_seq = refused_->by_seq;
    boost::unordered::erase_if(by_seq, [now = broker_.now().steady_ms](const auto& each) { return each.second.until_steady_ms <= now; });
    std::int64_t next = std::numeric_limits<std::int64_t>::max();
    for (const auto& [seq, what] : by_seq) next = std::min(next, what.until_steady_ms);
    if (!by_seq.empty()) refused_->pause.arm_at(next);
    queue_->wake();
}

}  // namespace causeway::mqtt
