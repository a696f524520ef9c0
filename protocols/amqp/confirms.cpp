#include "protocols/amqp/confirms.hpp"

#include "protocols/amqp/framing.hpp"
#include "protocols/amqp/method.hpp"

namespace causeway::amqp {

void confirms::published(const core::receipt& what) {
    if (!on_) return;
    const bool refused = what.refused();
    ++published_;
    at_.confirms_due = true;
    if (!runs_.empty() && runs_.back().commit == what.commit && runs_.back().refused == refused) {
        runs_.back().last = published_;
        return;
    }
    runs_.push_back({published_, what.commit, refused});
    at_.await(what.commit);
}

void confirms::flush() {
    while (!runs_.empty()) {
        const answer what = answer_to(runs_.front());
        if (what == answer::not_yet) return;
        std::uint64_t last = 0;
        while (!runs_.empty() && answer_to(runs_.front()) == what) {
            last = runs_.front().last;
            runs_.pop_front();
        }
        send(what, last);
    }
}

confirms::answer confirms::answer_to(const run& r) const {
    if (r.refused) return answer::nack;
    if (r.commit == 0) return answer::ack;
    switch (at_.broker->state_of(r.commit)) {
        case core::commit_state::pending: return answer::not_yet;
        case core::commit_state::stored: return answer::ack;
        case core::commit_state::failed: return answer::nack;
    }
    return answer::nack;
}

void confirms::send(answer what, std::uint64_t last) {
    const bool multiple = last - answered_ > 1;
    std::string& out = replies_.where().tail();
    if (what == answer::ack)
        write_method(out, channel_, basic_ack{.delivery_tag = last, .multiple = multiple});
    else
        write_method(out, channel_, basic_nack{.delivery_tag = last, .multiple = multiple});
    replies_.written();
    answered_ = last;
}

}  // namespace causeway::amqp
