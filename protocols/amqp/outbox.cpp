#include "protocols/amqp/outbox.hpp"

namespace causeway::amqp {

void outbox::wait_for(core::commit_number commit) {
    if (commit == 0) return;
    if (held_.empty() && at_.broker->state_of(commit) == core::commit_state::stored) return;
    // Commits are numbered in order, so one promise serves all that follow up to it.
    if (!held_.empty() && held_.back().commit >= commit) return;
    held_.push_back({commit, {}});
    at_.await(commit);
}

outbox::progress outbox::advance() {
    while (!held_.empty()) {
        promise& head = held_.front();
        switch (at_.broker->state_of(head.commit)) {
            case core::commit_state::pending: return progress::waiting;
            case core::commit_state::failed: held_.clear(); return progress::failed;
            case core::commit_state::stored: break;
        }
        at_.link.output().splice(head.bytes);
        at_.touch();
        held_.pop_front();
    }
    return progress::clear;
}

}  // namespace causeway::amqp
