// Where messages go is remembered while other names change. Two brokers live the same random life, and one of them is made to forget
// all it knows before every message: both send each message to the same queues.

#include <random>

#include <catch2/catch.hpp>

#include "tests/unit/core/core_world.hpp"

using namespace causeway;
using namespace causeway::test;

namespace {

const char* const queue_names[] = {"q", "a.b", "a", "a/b"};
const char* const exchange_names[] = {"amq.direct", "amq.topic", "amq.fanout", "other", "last"};
const char* const client_ids[] = {"c1", "c2", "c3"};
const char* const keys[] = {"a", "b", "a.b", "a/b", "a.c", "", "a.*", "a.#", "#", "mqtt-subscription-c1"};
const char* const filters[] = {"a", "b", "a/b", "a/c", "a.b", "+/b", "a/#", "#"};
const char* const names[] = {"a", "b", "a.b", "a/b", "a.c", "a/c", "", "q", "mqtt-subscription-c1", "mqtt-subscription-c2"};

struct life : core_world {
    explicit life(bool forgets) : forgets_(forgets) {
        REQUIRE(broker().declare_exchange({.name = "last", .type = core::exchange_type::direct, .arguments = {}}));
    }

    /// `pick(n)`: a number below n; the same for both lives.
    template <class Pick>
    void live(Pick pick) {
        const auto one_of = [&](const auto& all) { return all[pick(std::size(all))]; };
        const core::origin& from = pick(4) == 0 ? plain_mqtt : plain_amqp;
        switch (pick(8)) {
            case 0: queue(one_of(queue_names), false); return;
            case 1: (void)broker().delete_queue(one_of(queue_names), false, false, {}); return;
            case 2: return come_and_go(one_of(exchange_names));
            case 3: return change_binding(one_of(exchange_names), one_of(queue_names), one_of(keys), from, pick(3) == 0);
            case 4: return change_link(one_of(exchange_names), one_of(exchange_names), one_of(keys), pick(2) == 0);
            case 5: {
                core::session& s = session(one_of(client_ids), 0);
                if (pick(3) == 0) broker().close_session(s, false, 0);
                return;
            }
            default: {
                core::session* const s = broker().find_session(one_of(client_ids));
                const char* const filter = one_of(filters);
                if (s && pick(3) != 0)
                    subscribe(*s, filter, static_cast<int>(pick(3)));
                else if (s)
                    (void)broker().unbind({.source = broker().find_exchange("amq.topic"), .to_queue = &broker().inbox_of(*s),
                                           .from = &plain_mqtt, .key = filter});
            }
        }
    }

    /// The queues that it came to, in order.
    std::string reached(const char* exchange, const char* name, const core::origin& from) {
        if (!broker().find_exchange(exchange)) return "";
        if (forgets_) come_and_go("forgetting");
        publish(exchange, name, "x", 1, from);
        settle();
        std::vector<std::string> where;
        broker().each_queue([&](const core::queue& q) {
            if (broker().find_queue(q.name())->purge() > 0) where.push_back(q.name());
        });
        for (const char* id : client_ids)
            if (core::session* const s = broker().find_session(id); s && s->has_inbox() && s->inbox().purge() > 0) where.push_back(id);
        std::sort(where.begin(), where.end());
        std::string text;
        for (const std::string& each : where) text += each + ' ';
        return text;
    }

private:
    void come_and_go(const char* name) {
        if (std::string_view(name).starts_with("amq.") || std::string_view(name) == "last") return;
        if (broker().find_exchange(name))
            (void)broker().delete_exchange(name, false);
        else
            REQUIRE(broker().declare_exchange({.name = name, .type = core::exchange_type::topic,
                                               .arguments = {{"alternate-exchange", std::string("last")}}}));
    }
    void change_binding(const char* exchange, const char* to, const char* key, const core::origin& from, bool gone) {
        core::queue* const q = broker().find_queue(to);
        if (!q || !broker().find_exchange(exchange)) return;
        core::broker::binding_request request{.source = broker().find_exchange(exchange), .to_queue = q, .from = &from, .key = key};
        if (gone)
            (void)broker().unbind(request);
        else
            (void)broker().bind(std::move(request));
    }
    void change_link(const char* source, const char* to, const char* key, bool gone) {
        if (!broker().find_exchange(source) || !broker().find_exchange(to)) return;
        core::broker::binding_request request{.source = broker().find_exchange(source), .to_exchange = broker().find_exchange(to), .key = key};
        if (gone)
            (void)broker().unbind(request);
        else
            (void)broker().bind(std::move(request));
    }

    const bool forgets_;
};

}  // namespace

TEST_CASE("what is remembered is where a search would lead") {
    const auto seed = GENERATE(range(1u, 9u));
    std::mt19937 random(seed);
    life remembers(false), forgets(true);
    std::size_t arrived = 0;
    for (int step = 0; step < 600; ++step) {
        const auto same = random();
        for (life* each : {&remembers, &forgets}) {
            std::mt19937 dice(same);
            each->live([&dice](std::size_t below) { return dice() % below; });
        }
        for (int n = 0; n < 4; ++n) {
            const char* const exchange = random() % 4 == 0 ? "" : exchange_names[random() % std::size(exchange_names)];
            const char* const name = names[random() % std::size(names)];
            const core::origin& from = random() % 2 ? plain_mqtt : plain_amqp;
            CAPTURE(seed, step, exchange, name);
            const std::string where = forgets.reached(exchange, name, from);
            REQUIRE(remembers.reached(exchange, name, from) == where);
            arrived += !where.empty();
        }
    }
    CHECK(arrived > 300);
}

TEST_CASE("a session is found by its inbox's name, though messages have been sent there before it came") {
    core_world w;
    CHECK(w.publish("", "mqtt-subscription-c", "1").what == core::receipt::fate::no_target);
    REQUIRE(w.broker().open_session({.client_id = "c", .user = "", .clean_start = true, .expiry_s = 0, .last_will = {}, .holder = nullptr}));
    CHECK(w.publish("", "mqtt-subscription-c", "2").what == core::receipt::fate::routed);
}
