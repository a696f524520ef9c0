#include "bench/pump.hpp"

#include <algorithm>
#include <limits>

#include "bench/clock.hpp"
#include "bench/interrupt.hpp"

namespace causeway::bench {

namespace {

constexpr std::uint64_t tick_ns = second_ns / 20;

std::uint64_t as_ns(double seconds) { return static_cast<std::uint64_t>(seconds * static_cast<double>(second_ns)); }

}  // namespace

pump::pump(stage& on, senders& who) : on_(on), who_(who), total_(on.how.messages.value_or(0)) {
    if (total_ > 0) share_out(total_);
}

/// Each sender its part, so that none publishes all.
void pump::share_out(std::uint64_t messages) {
    for (std::size_t i = 0; i < who_.size(); ++i) who_[i]->limit(messages / who_.size() + (i < messages % who_.size()));
}

std::uint64_t pump::published() const {
    std::uint64_t sum = 0;
    for (const auto& s : who_) sum += s->published();
    return sum;
}

std::uint64_t pump::due_ns(std::uint64_t number) const {
    return started_ns_ +
           static_cast<std::uint64_t>(static_cast<double>(number) / *on_.how.rate * static_cast<double>(second_ns));
}

bool pump::finished(std::uint64_t now_ns) {
    if (on_.over() || interrupted()) return true;
    const std::uint64_t done = published();
    if (total_ > 0 ? done >= total_ : now_ns >= ends_ns_) return true;
    if (moves_ != done + on_.loop.reads()) {
        moves_ = done + on_.loop.reads();
        moved_ns_ = now_ns;
    }
    const double fraction = static_cast<double>(total_ > 0 ? done : now_ns - started_ns_) /
                            static_cast<double>(total_ > 0 ? total_ : ends_ns_ - started_ns_);
    on_.progress.show("publishing", fraction, done, "messages", now_ns);
    return !on_.how.rate && now_ns - moved_ns_ > as_ns(on_.how.patience_seconds);
}

void pump::publish_what_fits(std::uint64_t now_ns) {
    std::vector<sender*> able;
    able.swap(on_.woken);
    for (sender* s : able) {
        s->fall_asleep();
        while (s->may_publish()) s->publish(now_ns);
    }
    able.clear();
    if (on_.woken.empty()) on_.woken.swap(able);  // its memory is used again
}

/// One that cannot go yet holds up those that are due after it: it is counted from when it was due anyway.
void pump::publish_what_is_due(std::uint64_t now_ns) {
    for (sender* s : on_.woken) s->fall_asleep();
    on_.woken.clear();
    for (; due_ns(next_) <= now_ns && (total_ == 0 || next_ < total_); ++next_) {
        sender& s = *who_[next_ % who_.size()];
        if (!s.may_publish()) return;
        s.publish(due_ns(next_));
    }
}

void pump::run() {
    started_ns_ = moved_ns_ = now_ns();
    ends_ns_ = started_ns_ + as_ns(on_.how.seconds);
    for (const auto& s : who_) s->wake();
    for (std::uint64_t now = started_ns_; !finished(now); now = now_ns()) {
        if (on_.how.rate)
            publish_what_is_due(now);
        else
            publish_what_fits(now);
        const std::uint64_t next = on_.how.rate ? due_ns(next_) : std::numeric_limits<std::uint64_t>::max();
        on_.turn(std::min(std::max(next, now + 1), now + tick_ns));
    }
    for (const auto& s : who_) s->limit(s->published());
}

}  // namespace causeway::bench
