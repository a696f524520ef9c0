#include "protocols/amqp/channel.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "protocols/amqp/channels.hpp"
#include "protocols/amqp/handlers.hpp"

namespace causeway::amqp {

namespace {
constexpr std::size_t kept_deliveries_max = 1024;  // room for them, for the next acknowledgement
}

verdict channel::take(const frame& f) {
    if (incoming.expected()) return take_content(f);
    if (f.type == frame_type::method_frame) return take_method(f);
    return not_a_method();
}

verdict channel::take_method(const frame& f) {
    TRY(const method m, decode_method(f.payload));
    verdict v = std::visit([this](const auto& it) { return handle(*this, it); }, m);
    if (v || v.assume_error().class_id != 0) return v;
    const method_ids ids = ids_of(m);
    v.assume_error().class_id = ids.class_id;
    v.assume_error().method_id = ids.method_id;
    return v;
}

verdict channel::take_content(const frame& f) {
    const auto whole = incoming.take(f, at.limits.message_bytes_max);
    verdict v = success();
    if (!whole)
        v = whole.assume_error();
    else if (whole.assume_value())
        v = take_message(incoming.get());
    if (!incoming.expected()) incoming.done();
    if (v || v.assume_error().class_id != 0) return v;
    v.assume_error().class_id = basic_publish::class_id_of;
    v.assume_error().method_id = basic_publish::method_id_of;
    return v;
}

verdict channel::take_message(const published& whole) {
    ++at.counted->in.messages;
    at.counted->in.message_bytes += whole.body.size();
    return publish(*this, whole);
}

void channel::let_go() {
    incoming.done();
    consuming.cancel_all();
    if (auto promised = std::exchange(transaction, std::nullopt))
        for (const auto& s : promised->settlements) settle(s.which, settlement::requeue);
    std::vector<delivery> all;
    waiting.take(0, true, all);
    settle(all, settlement::requeue);
}

verdict channel::may(core::right what, std::string_view kind, std::string_view resource) const {
    // RabbitMQ's name of the default exchange in rights.
    const std::string_view name = kind == "exchange" && resource.empty() ? "amq.default" : resource;
    if (at.identity->may(what, at.vhost, name)) return success();
    std::string text("access to ");
    text.append(kind).append(" '").append(name).append("' in vhost '").append(at.vhost);
    text.append("' refused for user '").append(at.identity->user()).append("'");
    return refuse(reply_code::access_refused, std::move(text));
}

result<std::string_view, refusal> channel::queue_name(std::string_view given) const {
    if (!given.empty()) return given;
    if (last_queue.empty()) return refuse(reply_code::not_found, "no previously declared queue");
    return std::string_view(last_queue);
}

void channel::await_settlement(std::uint64_t tag, const core::entry& e, source& from, consumer* to) {
    const auto bytes = static_cast<std::uint32_t>(
        std::min<std::size_t>(e.message->size(), std::numeric_limits<std::uint32_t>::max()));
    waiting.add({.tag = tag,
                 .seq = e.seq,
                 .from = &from,
                 .to = to,
                 .bytes = bytes,
                 .given_ds = delivery::tenths(broker().now().steady_ms)});
    ++from.held;
    ++at.counted->in_flight;
    at.unsettled.add(bytes);
    acknowledging.watch();
}

verdict channel::settle(std::uint64_t tag, bool multiple, settlement how) {
    settling_.clear();
    if (!waiting.take(tag, multiple, settling_))
        return refuse(reply_code::precondition_failed, "unknown delivery tag " + std::to_string(tag));
    if (transaction)
        transaction->settlements.push_back({settling_, how});
    else
        settle(settling_, how);
    if (settling_.capacity() > kept_deliveries_max) std::vector<delivery>().swap(settling_);
    return success();
}

core::commit_number channel::settle(const std::vector<delivery>& which, settlement how) {
    core::commit_number last = 0;
    if (how == settlement::requeue)
        requeue(which);
    else
        for (const delivery& d : which) last = std::max(last, settle_one(d, how));
    if (at.unsettled.room_again())
        at.all_channels->wake_starved();
    else
        consuming.wake_starved();
    return last;
}

/// The newest first: that is how queues take entries back most cheaply.
void channel::requeue(const std::vector<delivery>& which) {
    for (auto d = which.rbegin(); d != which.rend(); ++d) settle_one(*d, settlement::requeue);
    const source* told = nullptr;
    for (const delivery& d : which)
        if (std::exchange(told, d.from) != d.from)
            if (core::queue* q = d.from->find(broker())) q->requeued();
}

core::commit_number channel::settle_one(const delivery& d, settlement how) {
    core::commit_number commit = 0;
    --d.from->held;
    --at.counted->in_flight;
    at.unsettled.remove(d.bytes);
    if (core::queue* q = d.from->find(broker())) {
        switch (how) {
            case settlement::acknowledge: commit = q->acknowledge(d.seq); break;
            case settlement::requeue: q->requeue(d.seq); break;
            case settlement::reject: q->reject(d.seq); break;
        }
    }
    if (d.to != nullptr) consuming.settled(*d.to);
    return commit;
}

}  // namespace causeway::amqp
