// Whatever keeps messages from a consumer, they go on when it ends. Clients do at random what takes and gives credit and room, and
// count both themselves: nothing may wait in a queue while one of its consumers could be sent it.

#include <algorithm>
#include <array>
#include <map>
#include <memory>

#include "protocols/amqp/consumers.hpp"
#include "tests/unit/amqp/amqp_world.hpp"
#include "tests/unit/amqp/random_bytes.hpp"

using namespace causeway;
using namespace causeway::amqp;
using namespace causeway::amqp::test;
using causeway::test::dice;

namespace {

const options narrow{.output_bytes_max = 2'000, .unacknowledged_messages_max = 6, .unacknowledged_bytes_max = 7'000};
constexpr std::array<std::uint16_t, 2> both{1, 2};  // channels
constexpr std::size_t overhead_max = 1'000;  // of a message, beside its body: what dead-lettering notes is long

struct kind {
    const char* name;
    bool durable = false;
    bool auto_delete = false;
    core::field_table arguments{};
};

const std::array<kind, 5> kinds{{
    {.name = "plain"},
    {.name = "quorum", .durable = true, .arguments = {{"x-queue-type", std::string("quorum")}}},
    {.name = "single", .arguments = {{"x-single-active-consumer", true}}},
    {.name = "short",
     .arguments = {{"x-max-length", std::int32_t{2}},
                   {"x-dead-letter-exchange", std::string()},
                   {"x-dead-letter-routing-key", std::string("plain")}}},
    {.name = "passing", .auto_delete = true},
}};

/// A consumer, as its client sees it.
struct tap {
    std::string queue;
    std::size_t prefetch = 0;
    bool no_ack = false;
    std::size_t number = 0;  // of all that came

    bool in_channel() const { return queue != "quorum"; }
};

/// A message that is not settled.
struct given {
    std::size_t to = 0;  // a tap's number; 0: who got it itself
    bool in_channel = false;
    std::size_t bytes = 0;
};

using all_given = std::map<std::uint64_t, given>;  // by delivery tag

struct channel_view {
    std::map<std::string, tap> asked, taps;  // by consumer tag
    all_given unsettled, promised;           // promised: settled in a transaction that is not committed
    std::size_t prefetch = 0, prefetch_of_taps = 0;
    bool open = true, held = false, transactional = false;
    given* arriving = nullptr;

    template <class Which>
    std::size_t count(Which&& which) const {
        std::size_t found = 0;
        for (const all_given* all : {&unsettled, &promised})
            for (const auto& [tag, g] : *all) found += which(g);
        return found;
    }
    std::size_t outstanding(const tap& t) const {
        return count([&t](const given& g) { return std::size_t{g.to == t.number}; });
    }
    std::size_t outstanding() const {
        return count([](const given& g) { return std::size_t{g.in_channel}; });
    }
    bool has_credit(const tap& t) const {
        if (held || !open) return false;
        if (t.no_ack) return true;
        return (t.prefetch == 0 || outstanding(t) < t.prefetch) && (!t.in_channel() || prefetch == 0 || outstanding() < prefetch);
    }
};

/// A connection of two channels, and what its client knows.
class customer {
public:
    customer(amqp_world& home, std::string name, std::size_t& taps_made)
        : name_(std::move(name)), client_(client::opened(home)), taps_made_(taps_made) {
        client_.sends(2, channel_open{});
    }

    const std::string& name() const { return name_; }
    client& speaks() { return client_; }
    channel_view& at(std::uint16_t channel) { return channels_[channel - 1]; }

    /// Otherwise something has been sent that it does not know of.
    bool sees_all() { return client_.link().output().empty(); }

    bool can_be_sent_to(const channel_view& c, const tap& t) {
        if (!sees_all() || !c.has_credit(t)) return false;
        std::size_t messages = 0, bytes = 0;
        for (const channel_view& each : channels_) {
            messages += each.count([](const given&) { return std::size_t{1}; });
            bytes += each.count([](const given& g) { return g.bytes + overhead_max; });
        }
        return t.no_ack || (messages < narrow.unacknowledged_messages_max && bytes < narrow.unacknowledged_bytes_max);
    }

    /// Whether there was anything.
    bool reads() {
        const std::string got = client_.link().gets();
        for (std::string_view rest = got; !rest.empty();) {
            const frame f = *read_frame(rest, 0).assume_value();
            rest.remove_prefix(f.size());
            if (f.type == frame_type::header_frame && at(f.channel).arriving)
                at(f.channel).arriving->bytes = decode_content_header(f.payload).assume_value().body_bytes;
            if (f.type != frame_type::method_frame) continue;
            std::visit([&](const auto& m) { hears(f.channel, m); }, decode_method(f.payload).assume_value());
        }
        return !got.empty();
    }

private:
    template <class M>
    void hears(std::uint16_t, const M&) {}
    void hears(std::uint16_t, const connection_close& m) { FAIL(m.reply_text); }
    void hears(std::uint16_t n, const channel_close&) {
        client_.sends(n, channel_close_ok{});
        if (at(n).open) opens(n);  // otherwise both have closed, and the other answer is still to come
    }
    void hears(std::uint16_t n, const channel_close_ok&) { opens(n); }
    void opens(std::uint16_t n) {
        at(n) = {};
        client_.sends(n, channel_open{});
    }
    void hears(std::uint16_t n, const basic_consume_ok& m) {
        auto made = at(n).asked.extract(std::string(m.consumer_tag));
        REQUIRE(made);
        made.mapped().number = ++taps_made_;
        at(n).taps.insert(std::move(made));
    }
    void hears(std::uint16_t n, const basic_cancel& m) { at(n).taps.erase(std::string(m.consumer_tag)); }
    void hears(std::uint16_t n, const basic_cancel_ok& m) { at(n).taps.erase(std::string(m.consumer_tag)); }
    void hears(std::uint16_t n, const basic_deliver& m) {
        channel_view& c = at(n);
        const auto to = c.taps.find(std::string(m.consumer_tag));
        REQUIRE(to != c.taps.end());
        const tap& t = to->second;
        c.arriving = t.no_ack ? nullptr : &(c.unsettled[m.delivery_tag] = {.to = t.number, .in_channel = t.in_channel()});
        CHECK((t.no_ack || t.prefetch == 0 || c.outstanding(t) <= t.prefetch));
    }
    void hears(std::uint16_t n, const basic_recover_ok&) { at(n).unsettled.clear(); }
    void hears(std::uint16_t n, const basic_get_ok& m) { at(n).arriving = &(at(n).unsettled[m.delivery_tag] = {}); }

    std::string name_;
    client client_;
    std::size_t& taps_made_;
    std::array<channel_view, 2> channels_;
};

/// One of another protocol, that does not say when it can take again.
struct passer final : core::consumer {
    bool can_take(const core::queue&, const core::entry&) override { return credit > 0; }
    core::handover deliver(core::queue&, const core::entry&) override {
        --credit;
        return core::handover::settled;
    }
    void queue_deleted(core::queue&) override { joined = nullptr; }
    ~passer() override {
        if (joined) joined->remove_consumer(*this);
    }

    core::queue* joined = nullptr;
    std::size_t credit = 0;
};

class market {
public:
    explicit market(dice& dice) : dice_(dice) {
        for (auto& c : customers_) comes(c);
    }

    void does_something() {
        auto& c = customers_[dice_.below(customers_.size())];
        const auto n = static_cast<std::uint16_t>(1 + dice_.below(2));
        if (!c->at(n).open) return;
        std::size_t chosen = dice_.below(100);
        for (const auto& [weight, act] : actions) {
            if (chosen < weight) return (this->*act)(c, n);
            chosen -= weight;
        }
    }

    void settles() {
        bool more = true;
        while (std::exchange(more, false)) {
            for (int i = 0; i < 10; ++i) w_.world.turn();
            for (auto& c : customers_) more = c->reads() || more;
        }
    }

    void ends_all_that_holds() {
        releases();
        for (auto& c : customers_) c->speaks().link().takes(true);
        settles();
        for (auto& c : customers_)
            for (const std::uint16_t n : both)
                if (c->at(n).open && !c->at(n).transactional) acknowledges_all(*c, n);
        settles();
    }

    void check() {
        for (const kind& k : kinds) {
            const core::queue* const q = w_.world.broker().find_queue(k.name);
            if (!q || q->ready_count() == 0 || (store_held_ && k.durable)) continue;
            INFO(q->ready_count() << " wait in " << k.name);
            if (k.name == std::string("plain")) CHECK_FALSE((passer_.joined && passer_.credit > 0));
            check(k.name, static_cast<const consumer*>(q->single_active_consumer()));
        }
    }

private:
    using place = std::unique_ptr<customer>;

    void comes(place& c) { c = std::make_unique<customer>(w_, std::to_string(++customers_made_) + '.', taps_made_); }
    std::string any_name() { return kinds[dice_.below(kinds.size())].name; }

    void check(const std::string& name, const consumer* only) {
        for (place& c : customers_)
            for (const std::uint16_t n : both)
                for (const auto& [tag, t] : c->at(n).taps)
                    if (t.queue == name && (!only || only->tag() == tag)) {
                        INFO("consumer " << tag << ", prefetch " << t.prefetch << " of " << c->at(n).prefetch);
                        CHECK_FALSE(c->can_be_sent_to(c->at(n), t));
                    }
    }

    void declares(customer& c, std::uint16_t n, const std::string& name) {
        for (const kind& k : kinds)
            if (k.name == name)
                c.speaks().sends(n, queue_declare{.queue = name, .durable = k.durable, .auto_delete = k.auto_delete, .arguments = k.arguments});
        if (store_held_) c.at(n).held = true;
    }

    void publishes(place& c, std::uint16_t n) {
        const std::string name = any_name();
        for (std::size_t left = 1 + dice_.below(4); left > 0; --left)
            c->speaks().publishes_to_queue(n, name, std::string(dice_.one_in(8) ? 3'000 : 1 + dice_.below(40), 'x'));
    }

    void consumes(place& c, std::uint16_t n) {
        channel_view& v = c->at(n);
        const std::string tag = c->name() + std::to_string(n) + static_cast<char>('a' + dice_.below(3));
        tap t{.queue = any_name(), .prefetch = v.prefetch_of_taps, .no_ack = dice_.one_in(6)};
        const bool known = c->sees_all() && !v.held;
        if (v.taps.contains(tag) || v.asked.contains(tag) || !known || (t.queue == "quorum" && v.prefetch != 0)) return;
        declares(*c, n, t.queue);
        core::field_table arguments;
        if (t.queue != "single" && dice_.one_in(4)) arguments = {{"x-priority", static_cast<std::int32_t>(dice_.below(3))}};
        c->speaks().sends(n, basic_consume{.queue = t.queue, .consumer_tag = tag, .no_ack = t.no_ack, .arguments = arguments});
        v.asked[tag] = t;
    }

    void cancels(place& c, std::uint16_t n) {
        if (!c->at(n).taps.empty()) c->speaks().sends(n, basic_cancel{.consumer_tag = c->at(n).taps.begin()->first});
    }

    void sets_prefetch(place& c, std::uint16_t n) {
        channel_view& v = c->at(n);
        const std::size_t count = dice_.below(4);
        const bool global = dice_.one_in(3);
        c->speaks().sends(n, basic_qos{.prefetch_count = static_cast<std::uint16_t>(count), .global = global});
        v.prefetch = global ? count : 0;
        if (!global) v.prefetch_of_taps = count;
    }

    void settles_some(place& c, std::uint16_t n) {
        channel_view& v = c->at(n);
        if (v.unsettled.empty()) return;
        const auto at = std::next(v.unsettled.begin(), static_cast<std::ptrdiff_t>(dice_.below(v.unsettled.size())));
        const std::uint64_t tag = at->first;
        const bool multiple = dice_.one_in(3);
        if (dice_.one_in(2))
            c->speaks().sends(n, basic_ack{.delivery_tag = tag, .multiple = multiple});
        else
            c->speaks().sends(n, basic_nack{.delivery_tag = tag, .multiple = multiple, .requeue = dice_.one_in(2)});
        forgets(v, multiple ? v.unsettled.begin() : at, std::next(at));
    }

    static void forgets(channel_view& v, all_given::iterator first, all_given::iterator last) {
        if (v.transactional) v.promised.insert(first, last);
        v.unsettled.erase(first, last);
        v.arriving = nullptr;
    }

    void acknowledges_all(customer& c, std::uint16_t n) {
        c.speaks().sends(n, basic_ack{.multiple = true});
        forgets(c.at(n), c.at(n).unsettled.begin(), c.at(n).unsettled.end());
    }

    void recovers(place& c, std::uint16_t n) {
        if (!c->sees_all() || c->at(n).transactional) return;
        c->speaks().sends(n, basic_recover{.requeue = true});
        c->at(n).unsettled.clear();
    }

    void gets(place& c, std::uint16_t n) {
        if (c->at(n).held) return;
        declares(*c, n, "plain");
        c->speaks().sends(n, basic_get{.queue = "plain"});
    }

    void transacts(place& c, std::uint16_t n) {
        channel_view& v = c->at(n);
        if (!std::exchange(v.transactional, true)) return c->speaks().sends(n, tx_select{});
        if (dice_.one_in(2)) {
            c->speaks().sends(n, tx_commit{});
            v.held = v.held || store_held_;
        } else {
            c->speaks().sends(n, tx_rollback{});
            v.unsettled.merge(v.promised);
        }
        v.promised.clear();
    }

    void closes_channel(place& c, std::uint16_t n) {
        if (!dice_.one_in(2)) return;
        c->speaks().sends(n, channel_close{});
        c->at(n).open = false;
    }

    void is_lost(place& c, std::uint16_t) {
        c->speaks().link().breaks();
        comes(c);
    }

    void stops_or_begins_taking(place& c, std::uint16_t) {
        c->speaks().link().takes(!c->sees_all() || dice_.one_in(2));
    }

    /// A reply that waits for its commit holds back all that follows on its channel.
    void holds(place& c, std::uint16_t n) {
        if (store_held_) return releases();
        settles();
        if (!c->at(n).open) return;
        store_held_ = true;
        w_.world.store().hold();
        c->speaks().sends(n, queue_declare{.queue = "kept " + std::to_string(++kept_), .durable = true});
        c->at(n).held = true;
    }

    void releases() {
        if (!std::exchange(store_held_, false)) return;
        settles();
        const bool fails = dice_.one_in(3);
        if (fails) w_.world.store().break_down();
        w_.world.store().release();
        settles();
        if (fails) w_.world.store().repair();
        for (place& c : customers_)
            for (const std::uint16_t n : both) c->at(n).held = false;
    }

    void deletes(place& c, std::uint16_t n) {
        const kind& k = kinds[dice_.below(kinds.size())];
        if (k.durable) return;
        c->speaks().sends(n, queue_delete{.queue = k.name});
        c->at(n).held = c->at(n).held || store_held_;
    }

    void lets_another_pass(place&, std::uint16_t) {
        core::queue* const q = w_.world.broker().find_queue("plain");
        if (!q) return;
        if (!passer_.joined) {
            if (q->add_consumer(passer_)) passer_.joined = q;
        } else if (dice_.one_in(3)) {
            std::exchange(passer_.joined, nullptr)->remove_consumer(passer_);
        } else {
            passer_.credit += dice_.below(3);
            q->wake();
        }
    }

    struct action {
        std::size_t weight;
        void (market::*act)(place&, std::uint16_t);
    };
    static constexpr std::array<action, 14> actions{{{26, &market::publishes},
                                                     {15, &market::consumes},
                                                     {25, &market::settles_some},
                                                     {5, &market::cancels},
                                                     {6, &market::sets_prefetch},
                                                     {2, &market::recovers},
                                                     {3, &market::gets},
                                                     {4, &market::transacts},
                                                     {1, &market::closes_channel},
                                                     {1, &market::is_lost},
                                                     {5, &market::stops_or_begins_taking},
                                                     {2, &market::holds},
                                                     {1, &market::deletes},
                                                     {4, &market::lets_another_pass}}};

    dice& dice_;
    amqp_world w_{narrow, {.dispatch_budget = 3}};
    std::size_t taps_made_ = 0;
    passer passer_;
    std::array<place, 3> customers_;
    std::size_t customers_made_ = 0;
    bool store_held_ = false;
    std::size_t kept_ = 0;
};

}  // namespace

TEST_CASE("nothing waits in a queue while one of its consumers has credit and room, whatever kept it from them (1.8.3.1)") {
    dice dice;
    for (int played = 0; played < 200; ++played) {
        INFO("play " << played);
        market m(dice);
        for (int step = 0; step < 100; ++step) {
            INFO("step " << step);
            for (std::size_t left = 1 + dice.below(5); left > 0; --left) m.does_something();
            m.settles();
            m.check();
        }
        m.ends_all_that_holds();
        m.check();
    }
}
