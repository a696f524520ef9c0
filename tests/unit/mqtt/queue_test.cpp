// "$queue/<name>": MQTT clients consume an AMQP queue in competition (docs/mapping.md, Meeting points).

#include <algorithm>
#include <map>
#include <set>

#include "protocols/mqtt/queue_consumers.hpp"
#include "tests/unit/mqtt/mqtt_world.hpp"

using namespace causeway;
using namespace causeway::mqtt;
using namespace causeway::mqtt::test;

namespace {

constexpr std::string_view work = "$queue/work";

struct workshop : mqtt_world {
    explicit workshop(options o = {}, core::field_table arguments = {}) : mqtt_world(o) { declare("work", std::move(arguments)); }

    core::queue& declare(std::string name, core::field_table arguments = {}, bool auto_delete = false,
                         connection_id owner = connection_id::none) {
        const bool exclusive = owner != connection_id::none;
        const auto made = world.broker().declare_queue({.name = std::move(name),
                                                        .durable = !exclusive,
                                                        .exclusive = exclusive,
                                                        .auto_delete = auto_delete,
                                                        .arguments = std::move(arguments)},
                                                       owner);
        REQUIRE(made);
        world.settle();
        return *made.value().it;
    }
    core::queue& queue(std::string_view name = "work") { return *world.broker().find_queue(name); }

    /// As an AMQP client would.
    void publish(std::string_view payload, core::qos q = core::qos::at_least_once, std::string_view key = "work") {
        core::message_parts parts{.from = &amqp_origin, .exchange = "", .name = key, .payload = payload, .qos = q, .durable = true};
        world.broker().publish(world.broker().default_exchange(), core::message::make(std::move(parts)));
    }
    void publish_all(std::initializer_list<const char*> payloads, core::qos q = core::qos::at_least_once) {
        for (const char* each : payloads) publish(each, q);
    }
    void into(std::string_view name, std::string_view key) {
        core::message_parts parts{.from = &amqp_origin, .exchange = "amq.fanout", .name = key, .payload = "x", .qos = core::qos::at_least_once};
        core::exchange& fanout = *world.broker().find_exchange("amq.fanout");
        REQUIRE(world.broker().bind({.source = &fanout, .to_queue = &queue(name), .from = &amqp_origin, .key = "", .arguments = {}, .options = {}}));
        world.broker().publish(fanout, core::message::make(std::move(parts)));
    }

    peer worker(std::string_view id, std::uint16_t receive_max = 100, qos q = qos::exactly_once) {
        property_block block;
        block.number(property::receive_maximum, receive_max);
        peer made = client(connect{.version = version::v5, .properties = block.view(), .client_id = id});
        made.sends(subscription_to(work, q));
        CHECK(made.gets() == lines{"SUBACK id=1 '" + std::string(name(static_cast<reason>(q))) + "'"});
        return made;
    }
    std::string answer(peer& p, std::string_view filter) {
        p.sends(subscription_to(filter));
        return p.gets().at(0);
    }
};

/// The packet id that stands in a printed PUBLISH.
std::uint16_t id_of(const std::string& line) { return static_cast<std::uint16_t>(std::stoi(line.substr(line.find("id=") + 3))); }

std::vector<std::string> payloads_of(const lines& got) {
    std::vector<std::string> all;
    for (const std::string& line : got)
        if (line.starts_with("PUBLISH")) all.push_back(line.substr(line.find('"') + 1, line.size() - line.find('"') - 2));
    return all;
}

void acknowledge_all(peer& p, const lines& got) {
    for (const std::string& line : got)
        if (line.starts_with("PUBLISH")) p.sends(puback{.packet_id = id_of(line)});
}

unsubscribe leaving(std::string_view filter) { return {.packet_id = 7, .filters = {filter}}; }

}  // namespace

TEST_CASE("clients of every version consume a queue in competition, and PUBACK acknowledges [mapping.md, Meeting points]") {
    workshop w;
    peer a = w.subscriber("a", work, qos::at_least_once, version::v3_1);
    peer b = w.subscriber("b", work, qos::at_least_once, version::v3_1_1);
    peer c = w.subscriber("c", work, qos::at_least_once, version::v5);
    CHECK(w.queue().consumer_count() == 3);
    w.publish_all({"1", "2", "3"});
    std::vector<std::string> all;
    for (peer* each : {&a, &b, &c}) {
        const lines got = each->gets();
        REQUIRE(got.size() == 1);
        CHECK(got[0].starts_with("PUBLISH q1 id=1 'work'"));
        all.push_back(payloads_of(got)[0]);
        each->sends(puback{.packet_id = 1});
    }
    std::sort(all.begin(), all.end());
    CHECK(all == std::vector<std::string>{"1", "2", "3"});
    w.world.settle();
    CHECK(w.queue().unacknowledged_count() == 0);
    CHECK(w.world.broker().counted().acknowledged == 3);
}

TEST_CASE("a message of QoS 0 is acknowledged by being sent, and the granted QoS bounds what is delivered") {
    workshop w;
    peer a = w.worker("a", 100, qos::at_least_once);
    w.publish("0", core::qos::at_most_once);
    CHECK(a.gets() == lines{"PUBLISH q0 'work' payload=1 \"0\""});
    CHECK(w.queue().unacknowledged_count() == 0);
    w.publish("2", core::qos::exactly_once);
    CHECK(a.gets() == lines{"PUBLISH q1 id=1 'work' payload=1 \"2\""});
    CHECK(w.queue().unacknowledged_count() == 1);
}

TEST_CASE("the Receive Maximum is the prefetch") {
    workshop w;
    peer a = w.worker("a", 2);
    w.publish_all({"1", "2", "3"});
    CHECK(payloads_of(a.gets()) == std::vector<std::string>{"1", "2"});
    CHECK(w.queue().ready_count() == 1);
    a.sends(puback{.packet_id = 2});
    CHECK(payloads_of(a.gets()) == std::vector<std::string>{"3"});
}

TEST_CASE("what a client cannot consume is refused in SUBACK, and no other filter suffers from it") {
    workshop w;
    peer a = w.client("a");
    w.declare("forbidden", {});
    w.declare("mine", {}, false, connection_id{77});
    core::queue& inbox = *w.world.broker().find_queue("mqtt-subscription-a");
    CHECK(w.answer(a, "$queue/none") == "SUBACK id=1 'implementation specific error'");
    CHECK(w.answer(a, "$queue/forbidden") == "SUBACK id=1 'not authorized'");
    CHECK(w.answer(a, "$queue/mine") == "SUBACK id=1 'not authorized'");
    CHECK(w.answer(a, "$queue/" + inbox.name()) == "SUBACK id=1 'not authorized'");
    for (const std::string& wrong : {std::string("$queue/"), std::string("$queue/+"), std::string("$queue/w/#"),
                                     std::string("$share/g/$queue/work"), "$queue/" + std::string(256, 'q')})
        CHECK(w.answer(a, wrong) == "SUBACK id=1 'topic filter invalid'");
    a.sends(subscribe{.packet_id = 2, .subscriptions = {{.filter = "$queue/none"}, {.filter = work}, {.filter = "t"}}});
    CHECK(a.gets() == lines{"SUBACK id=2 'implementation specific error' 'success' 'success'"});
    CHECK(w.world.broker().subscription_count() == 2);

    peer old = w.client("old", version::v3_1_1);
    CHECK(w.answer(old, "$queue/none") == "SUBACK id=1 'unspecified error'");
}

TEST_CASE("rights to topics say nothing about queues, nor the other way round") {
    workshop w;
    w.declare("a/b", {});
    peer a = w.client("a");
    CHECK(w.answer(a, "$queue/a/b") == "SUBACK id=1 'granted QoS 2'");
    CHECK(w.queue("a/b").consumer_count() == 1);
}

TEST_CASE("a queue that one consumer has for itself is refused") {
    struct loner : core::consumer {
        bool can_take(const core::queue&, const core::entry&) override { return false; }
        core::handover deliver(core::queue&, const core::entry&) override { return core::handover::waiting; }
        void queue_deleted(core::queue&) override {}
    } alone;
    workshop w;
    REQUIRE(w.queue().add_consumer(alone, true));
    peer a = w.client("a");
    CHECK(w.answer(a, work) == "SUBACK id=1 'not authorized'");
    w.queue().remove_consumer(alone);
    CHECK(w.answer(a, work) == "SUBACK id=1 'granted QoS 2'");
}

TEST_CASE("what was in flight when a connection ends goes to another, without DUP [mapping.md, Delivery]") {
    workshop w;
    peer a = w.worker("a");
    w.publish_all({"1", "2", "3"});
    const lines got = a.gets();
    REQUIRE(payloads_of(got) == std::vector<std::string>{"1", "2", "3"});
    a.sends(puback{.packet_id = id_of(got[1])}).gets();
    peer b = w.worker("b");
    a.breaks();
    CHECK(b.gets() == lines{"PUBLISH q1 id=1 'work' payload=1 \"1\"", "PUBLISH q1 id=2 'work' payload=1 \"3\""});
    CHECK(w.queue().unacknowledged_count() == 2);
    CHECK(w.queue().consumer_count() == 1);
}

TEST_CASE("a PUBACK that refuses puts the message back for another [mapping.md, Meeting points]") {
    workshop w;
    peer a = w.worker("a");
    w.publish("1");
    const lines got = a.gets();
    peer b = w.worker("b");
    a.sends(puback{.packet_id = id_of(got[0]), .code = reason::unspecified_error});
    CHECK(a.gets().empty());
    CHECK(payloads_of(b.gets()) == std::vector<std::string>{"1"});
}

TEST_CASE("who refuses a message and is alone gets it again after a pause, until the queue's delivery limit") {
    workshop w({}, {{"x-queue-type", std::string("quorum")}, {"x-delivery-limit", std::int32_t{2}}});
    peer a = w.worker("a");
    w.publish("1");
    lines got = a.gets();
    for (int again = 0; again < 2; ++again) {
        REQUIRE(payloads_of(got) == std::vector<std::string>{"1"});
        a.sends(puback{.packet_id = id_of(got[0]), .code = reason::unspecified_error});
        CHECK(a.gets().empty());
        w.world.pass_ms(refusal_pause_ms - 1);
        CHECK(a.gets().empty());
        w.world.pass_ms(1);
        got = a.gets();
    }
    REQUIRE(payloads_of(got) == std::vector<std::string>{"1"});
    a.sends(puback{.packet_id = id_of(got[0]), .code = reason::unspecified_error}).gets();
    w.world.pass_ms(refusal_pause_ms);
    CHECK(a.gets().empty());
    CHECK(w.dropped(core::drop_reason::delivery_limit) == 1);
}

TEST_CASE("two who refuse a message pass it to each other without a pause") {
    workshop w;
    peer a = w.worker("a");
    peer b = w.worker("b");
    w.publish("1");
    peer* has = &a;
    peer* other = &b;
    lines got = a.gets();
    if (got.empty()) {
        got = b.gets();
        std::swap(has, other);
    }
    for (int times = 0; times < 5; ++times) {
        REQUIRE(payloads_of(got) == std::vector<std::string>{"1"});
        has->sends(puback{.packet_id = id_of(got[0]), .code = reason::unspecified_error});
        got = other->gets();
        std::swap(has, other);
    }
}

// --- QoS 2 ---

TEST_CASE("PUBREC settles a message of QoS 2, and PUBREL waits for the disk") {
    workshop w;
    peer a = w.worker("a");
    w.publish("1", core::qos::exactly_once);
    CHECK(a.gets() == lines{"PUBLISH q2 id=1 'work' payload=1 \"1\""});
    w.world.store().hold();
    a.sends(pubrec{.packet_id = 1});
    CHECK(a.gets().empty());
    CHECK(w.queue().unacknowledged_count() == 0);
    a.sends(pubrec{.packet_id = 1});
    CHECK(a.gets().empty());
    w.world.store().release();
    CHECK(a.gets() == lines{"PUBREL id=1", "PUBREL id=1"});
    a.sends(pubcomp{.packet_id = 1});
    CHECK(a.gets().empty());
    CHECK(w.world.broker().traffic(core::protocol::mqtt).in_flight == 0);
    CHECK(w.world.broker().counted().acknowledged == 1);
}

TEST_CASE("a message whose PUBREC came is never sent again, and its packet id is released on the next connection [MQTT-4.4.0-1]") {
    workshop w;
    peer a = w.lasting_client("a");
    a.sends(subscription_to(work)).gets();
    w.publish("1", core::qos::exactly_once);
    CHECK(a.gets() == lines{"PUBLISH q2 id=1 'work' payload=1 \"1\""});
    a.sends(pubrec{.packet_id = 1});
    CHECK(a.gets() == lines{"PUBREL id=1"});
    const bool crash = GENERATE(false, true);
    if (crash)
        w.world.crash();
    else
        a.breaks();
    peer again = w.returning("a");
    CHECK(again.gets() == lines{"CONNACK present {receive_maximum=1000, maximum_packet_size=16777216, topic_alias_maximum=100}", "PUBREL id=1"});
    again.sends(pubcomp{.packet_id = 1}).gets();
    w.publish("2", core::qos::exactly_once);
    CHECK(payloads_of(again.gets()) == std::vector<std::string>{"2"});
    CHECK(w.world.broker().find_session("a")->inbox().unacknowledged_count() == 1);
}

TEST_CASE("without PUBREC it goes to another, and the packet id is released before it stands for another message") {
    workshop w;
    peer a = w.lasting_client("a");
    a.sends(subscription_to(work)).gets();
    w.publish("1", core::qos::exactly_once);
    CHECK(payloads_of(a.gets()) == std::vector<std::string>{"1"});
    peer b = w.worker("b");
    a.breaks();
    CHECK(payloads_of(b.gets()) == std::vector<std::string>{"1"});
    peer again = w.returning("a");
    CHECK(again.gets().at(1) == "PUBREL id=1");
    again.sends(pubrec{.packet_id = 9});
    CHECK(again.gets() == lines{"PUBREL id=9 reason='packet identifier not found'"});
}

TEST_CASE("a PUBREC that refuses puts the message back") {
    workshop w;
    peer a = w.lasting_client("a");
    a.sends(subscription_to(work)).gets();
    w.publish("1", core::qos::exactly_once);
    a.gets();
    a.sends(pubrec{.packet_id = 1, .code = reason::unspecified_error}).gets();
    CHECK(w.queue().ready_count() == 1);
    CHECK(w.world.broker().find_session("a")->inbox().unacknowledged_count() == 0);
    w.world.pass_ms(refusal_pause_ms);
    CHECK(payloads_of(a.gets()) == std::vector<std::string>{"1"});
}

// --- the session ---

TEST_CASE("a session that lasts remembers what it consumes, and consumes while its client is connected") {
    workshop w;
    peer a = w.lasting_client("a");
    a.sends(subscription_to(work, qos::at_least_once)).gets();
    a.breaks();
    CHECK(w.queue().consumer_count() == 0);
    w.publish("1");
    w.world.settle();
    if (GENERATE(false, true)) w.world.restart();
    CHECK(w.queue().ready_count() == 1);
    peer again = w.returning("a");
    CHECK(payloads_of(again.gets()) == std::vector<std::string>{"1"});
    CHECK(w.queue().consumer_count() == 1);
}

TEST_CASE("a message to the topic of a queue's subscription is not the queue's") {
    workshop w;
    peer a = w.worker("a");
    w.client("p").sends(message(work, "x")).gets();
    CHECK(a.gets().empty());
}

TEST_CASE("UNSUBSCRIBE ends consumption, and what is in flight can still be acknowledged") {
    workshop w;
    peer a = w.worker("a");
    w.publish_all({"1", "2"});
    const lines got = a.gets();
    a.sends(leaving(work));
    CHECK(a.gets() == lines{"UNSUBACK id=7 'success'"});
    CHECK(w.queue().consumer_count() == 0);
    w.publish("3");
    CHECK(a.gets().empty());
    CHECK(w.queue().unacknowledged_count() == 2);
    acknowledge_all(a, got);
    a.sends(leaving(work));
    CHECK(a.gets() == lines{"UNSUBACK id=7 'no subscription existed'"});
    CHECK(w.queue().unacknowledged_count() == 0);
    CHECK(w.queue().ready_count() == 1);
    CHECK(w.world.broker().subscription_count() == 0);
}

TEST_CASE("subscribing again changes the options and leaves one consumer") {
    workshop w;
    peer a = w.worker("a");
    property_block block;
    block.number(property::subscription_id, 5);
    a.sends(subscribe{.packet_id = 2, .properties = block.view(), .subscriptions = {{.filter = work, .qos = qos::at_most_once, .no_local = true}}});
    CHECK(a.gets() == lines{"SUBACK id=2 'success'"});
    CHECK(w.queue().consumer_count() == 1);
    CHECK(w.world.broker().subscription_count() == 1);
    w.publish("1");
    CHECK(a.gets() == lines{"PUBLISH q0 'work' payload=1 {subscription_id=5} \"1\""});
}

TEST_CASE("a subscription outlives its queue, and consumes the next one of that name") {
    workshop w;
    peer a = w.worker("a");
    w.publish("old");
    const lines got = a.gets();
    REQUIRE(w.world.broker().delete_queue("work", false, false, connection_id::none));
    w.world.settle();
    CHECK_FALSE(a.is_closed());
    w.declare("work");
    w.publish("new");
    acknowledge_all(a, got);  // of the queue that is gone
    w.world.pass_ms(queue_retry_ms);
    CHECK(payloads_of(a.gets()) == std::vector<std::string>{"new"});
    CHECK(w.queue().unacknowledged_count() == 1);
}

TEST_CASE("an auto-delete queue goes with the last client that consumes it") {
    workshop w;
    w.declare("short", {}, true);
    peer a = w.client("a");
    a.sends(subscription_to("$queue/short")).gets();
    a.breaks();
    CHECK(w.world.broker().find_queue("short") == nullptr);
}

TEST_CASE("nothing is delivered before its SUBACK, and nothing after one that failed") {
    workshop w;
    peer a = w.lasting_client("a");
    w.publish("1");
    w.world.settle();
    w.world.store().hold();
    a.sends(subscription_to(work));
    CHECK(a.gets().empty());
    if (GENERATE(true, false)) {
        w.world.store().release();
        CHECK(a.gets() == lines{"SUBACK id=1 'granted QoS 2'", "PUBLISH q1 id=1 'work' payload=1 \"1\""});
    } else {
        w.world.store().break_down();
        w.world.store().release();
        CHECK(a.gets() == lines{"SUBACK id=1 'quota exceeded'"});
        CHECK(w.queue().consumer_count() == 0);
        CHECK(w.queue().ready_count() == 1);
    }
}

// --- what cannot be sent ---

TEST_CASE("a key that is no topic, or a message that is too large, leaves the queue as a dead letter [mapping.md, Names]") {
    workshop w({}, {{"x-dead-letter-exchange", std::string()}, {"x-dead-letter-routing-key", std::string("morgue")}});
    w.declare("morgue");
    property_block block;
    block.number(property::maximum_packet_size, 40);
    peer a = w.client(connect{.version = version::v5, .properties = block.view(), .client_id = "a"});
    a.sends(subscription_to(work)).gets();
    w.into("work", "");
    w.publish(std::string(100, 'x'));
    w.publish("fits");
    CHECK(payloads_of(a.gets()) == std::vector<std::string>{"fits"});
    CHECK_FALSE(a.is_closed());
    CHECK(w.dropped(core::drop_reason::unmappable) == 1);
    CHECK(w.dropped(core::drop_reason::too_large) == 1);
    CHECK(w.queue("morgue").ready_count() == 2);
    CHECK(w.queue().unacknowledged_count() == 1);
}

// --- one client, several queues ---

TEST_CASE("an inbox and queues share the Receive Maximum, and none starves [MQTT-3.3.4-9]") {
    const auto receive_max = static_cast<std::uint16_t>(GENERATE(1, 2, 3, 10));
    workshop w;
    w.declare("more");
    peer a = w.worker("a", receive_max);
    a.sends(subscription_to("$queue/more")).sends(subscription_to("t")).gets();
    for (int i = 0; i < 40; ++i) {
        w.publish("work");
        w.publish("more", core::qos::at_least_once, "more");
    }
    peer p = w.client("p");
    for (std::uint16_t i = 1; i <= 40; ++i) p.sends(message("t", "inbox", qos::at_least_once, i));
    p.gets();
    std::map<std::string, int> first_half;
    std::size_t sent = 0;
    for (int round = 0; sent < 120 && round < 500; ++round) {
        const lines got = a.gets();
        const auto payloads = payloads_of(got);
        CHECK(payloads.size() <= receive_max);
        for (const std::string& each : payloads)
            if (sent++ < 60) ++first_half[each];
        acknowledge_all(a, got);
    }
    CHECK(sent == 120);
    for (const char* each : {"work", "more", "inbox"}) CHECK(first_half[each] >= 12);
}

TEST_CASE("a source that has run dry leaves all of the credit to the others") {
    workshop w;
    w.declare("more");
    peer a = w.worker("a", 4);
    a.sends(subscription_to("$queue/more")).gets();
    w.publish_all({"1", "2", "3", "4", "5", "6", "7", "8"});
    w.publish("m", core::qos::at_least_once, "more");
    lines got = a.gets();
    CHECK(payloads_of(got).size() == 4);
    for (int round = 0; round < 3; ++round) {
        acknowledge_all(a, got);
        got = a.gets();
    }
    w.publish_all({"a", "b", "c", "d", "e"});
    acknowledge_all(a, got);
    CHECK(payloads_of(a.gets()).size() == 4);
}

TEST_CASE("packet ids of the inbox and of queues never meet") {
    workshop w;
    peer a = w.worker("a");
    a.sends(subscription_to("t")).gets();
    peer p = w.client("p");
    std::set<std::uint16_t> ids;
    for (std::uint16_t i = 1; i <= 20; ++i) {
        w.publish("w");
        p.sends(message("t", "i", qos::at_least_once, i));
        for (const std::string& line : a.gets()) CHECK(ids.insert(id_of(line)).second);
        p.got();
    }
    CHECK(ids.size() == 40);
}

TEST_CASE("with a single active consumer the others wait until it goes") {
    workshop w({}, {{"x-single-active-consumer", true}});
    peer a = w.worker("a");
    peer b = w.worker("b");
    w.publish_all({"1", "2"});
    CHECK(payloads_of(a.gets()) == std::vector<std::string>{"1", "2"});
    CHECK(b.gets().empty());
    a.breaks();
    CHECK(payloads_of(b.gets()) == std::vector<std::string>{"1", "2"});
}

TEST_CASE("another connection that takes over the session goes on consuming") {
    workshop w;
    peer a = w.lasting_client("a");
    a.sends(subscription_to(work)).gets();
    w.publish("1");
    CHECK(payloads_of(a.gets()) == std::vector<std::string>{"1"});
    peer again = w.returning("a");
    CHECK(payloads_of(again.gets()) == std::vector<std::string>{"1"});
    CHECK(a.is_closed());
    CHECK(w.queue().consumer_count() == 1);
}
