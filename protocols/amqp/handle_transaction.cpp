// The confirm class (RabbitMQ's) and the tx class (AMQP 0-9-1, 1.9.2). A channel is in one of these modes at most.

#include <algorithm>

#include "protocols/amqp/handlers.hpp"

namespace causeway::amqp {

namespace {

refusal not_transactional() { return refuse(reply_code::precondition_failed, "channel is not transactional"); }

/// All of it in this turn, so in one batch. Returns the commit; 406 if a message was refused.
result<core::commit_number, refusal> carry_out(channel& c, const transaction& promised) {
    core::commit_number last = 0;
    bool partial = false;
    for (const outgoing_publish& p : promised.publishes) {
        const core::receipt r = route(c, c.broker().find_exchange(p.exchange), p);
        partial = partial || r.refused();
        last = std::max(last, r.commit);
    }
    for (const transaction::settle& s : promised.settlements) last = std::max(last, c.settle(s.which, s.how));
    if (partial) return refuse(reply_code::precondition_failed, "partial tx completion");
    return last;
}

}  // namespace

verdict handle(channel& c, const confirm_select& m) {
    if (c.transaction) return refuse(reply_code::precondition_failed, "cannot switch from tx to confirm mode");
    c.confirming.select();
    if (!m.no_wait) c.say(confirm_select_ok{});
    return success();
}

verdict handle(channel& c, const tx_select&) {
    if (c.confirming.on()) return refuse(reply_code::precondition_failed, "cannot switch from confirm to tx mode");
    if (!c.transaction) c.transaction.emplace();
    c.say(tx_select_ok{});
    return success();
}

verdict handle(channel& c, const tx_commit&) {
    if (!c.transaction) return not_transactional();
    const transaction promised = std::exchange(*c.transaction, {});
    TRY(const core::commit_number commit, carry_out(c, promised));
    c.say_after(commit, tx_commit_ok{});
    return success();
}

/// Publishes are forgotten; what was acknowledged waits for its acknowledgement again.
verdict handle(channel& c, const tx_rollback&) {
    if (!c.transaction) return not_transactional();
    const transaction promised = std::exchange(*c.transaction, {});
    std::vector<delivery> all;  // at once: each time costs as much as all that wait
    for (const transaction::settle& s : promised.settlements) all.insert(all.end(), s.which.begin(), s.which.end());
    c.waiting.restore(all);
    if (c.waiting.size() != 0) c.acknowledging.watch();
    c.say(tx_rollback_ok{});
    return success();
}

}  // namespace causeway::amqp
