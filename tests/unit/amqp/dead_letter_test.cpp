// Dead letters as AMQP clients see them: their properties, the ways they go, and what their publishers wait for.

#include <optional>

#include "protocols/amqp/table.hpp"
#include "tests/unit/amqp/amqp_world.hpp"

using namespace causeway;
using namespace causeway::amqp;
using namespace causeway::amqp::test;
using Catch::Matchers::Contains;

namespace {

struct burial {
    amqp_world w;
    std::optional<client> c = client::opened(w);

    burial() { declare("dead", true); }

    void declare(std::string_view name, bool durable, core::field_table arguments = {}) {
        REQUIRE_THAT(c->asks(1, queue_declare{.queue = name, .durable = durable, .arguments = std::move(arguments)}),
                     Contains("queue.declare_ok"));
    }
    /// Its dead letters go to queue "dead".
    void declare_dying(std::string_view name, bool durable, core::field_table more) {
        more.emplace_back("x-dead-letter-exchange", std::string());
        more.emplace_back("x-dead-letter-routing-key", std::string("dead"));
        declare(name, durable, std::move(more));
    }
    std::string get(std::string_view queue) { return c->asks(1, basic_get{.queue = queue, .no_ack = true}); }
    void reject(std::string_view queue) {
        const std::string got = c->asks(1, basic_get{.queue = queue});
        REQUIRE_THAT(got, Contains("basic.get_ok"));
        const std::size_t at = got.find("delivery_tag=") + 13;
        c->sends(1, basic_reject{.delivery_tag = std::stoull(got.substr(at)), .requeue = false});
        c->gets();
    }
};

core::field_table takes_nothing() { return {{"x-message-ttl", std::int32_t{0}}}; }

}  // namespace

TEST_CASE("what comes back counts to its queue's limit again: the oldest go, in their order") {
    burial b;
    b.declare_dying("q", true, {{"x-max-length", std::int32_t{2}}});
    for (const char* m : {"first", "second"}) {
        b.c->publishes(1, {.routing_key = "q"}, m);
        REQUIRE_THAT(b.c->asks(1, basic_get{.queue = "q"}), Contains("basic.get_ok"));
    }
    for (const char* m : {"third", "fourth"}) b.c->publishes(1, {.routing_key = "q"}, m);
    SECTION("refused") { b.c->sends(1, basic_nack{.delivery_tag = 2, .multiple = true, .requeue = true}); }
    SECTION("left by a channel that closes") { REQUIRE_THAT(b.c->asks(1, channel_close{}), Contains("channel.close_ok")); }
    b.c->gets();
    b.c.emplace(client::opened(b.w));
    for (const char* m : {"first", "second"}) CHECK_THAT(b.get("dead"), Contains(m));
    for (const char* m : {"third", "fourth"}) CHECK_THAT(b.get("q"), Contains(m));
    CHECK_THAT(b.get("q"), Contains("basic.get_empty"));
}

TEST_CASE("a dead letter says what its publisher said of it, and of delivery_mode nothing if that said nothing") {
    burial b;
    b.declare_dying("q", true, {});
    property_block p;
    p.content_type = "text/plain";
    p.priority = 3;
    p.expiration = "60000";
    SECTION("nothing") {
        b.c->publishes(1, {.routing_key = "q"}, "m", p);
        b.reject("q");
        const std::string got = b.get("dead");
        CHECK_THAT(got, !Contains("delivery_mode") && !Contains("expiration=") && Contains("content_type=\"text/plain\""));
        CHECK_THAT(got, Contains("priority=3") && Contains("original-expiration"));
    }
    SECTION("a number") {
        const std::uint8_t mode = GENERATE(std::uint8_t{1}, std::uint8_t{2});
        p.delivery_mode = mode;
        b.c->publishes(1, {.routing_key = "q"}, "m", p);
        b.reject("q");
        CHECK_THAT(b.get("dead"), Contains("delivery_mode=" + std::to_string(mode)) && !Contains("expiration="));
    }
    SECTION("not even that there are properties") {
        b.c->publishes(1, {.routing_key = "q"}, "m", {});
        b.reject("q");
        CHECK_THAT(b.get("dead"), !Contains("delivery_mode") && Contains("x-death"));
    }
}

TEST_CASE("a dead letter goes by the keys of BCC, too, through any number of deaths and a restart, and nobody sees them") {
    burial b;
    b.c->asks(1, exchange_declare{.exchange = "graves", .type = "direct", .durable = true});
    const core::field_table to_graves{{"x-dead-letter-exchange", std::string("graves")}};
    b.declare("q", true, to_graves);
    b.declare("again", true, to_graves);
    for (const char* queue : {"again", "dead"}) b.c->asks(1, queue_bind{.queue = queue, .exchange = "graves", .routing_key = "hidden"});
    std::string entries;
    write_table_entries(entries, {{"CC", core::field_array{std::string("shown")}}, {"BCC", core::field_array{std::string("hidden")}}});
    property_block p;
    p.headers = entries;
    p.delivery_mode = std::uint8_t{2};
    b.c->publishes(1, {.routing_key = "q"}, "m", p);
    b.c->gets();
    if (GENERATE(false, true)) {
        b.w.world.crash();
        b.c.emplace(client::opened(b.w));
    }
    b.reject("q");
    const std::string first = b.get("dead");
    CHECK_THAT(first, Contains("1 body m") && Contains("\"shown\"") && !Contains("hidden") && !Contains("BCC"));
    b.reject("again");
    CHECK_THAT(b.get("dead"), Contains("1 body m") && !Contains("hidden"));
}

TEST_CASE("with a routing key of its own a dead letter goes by no key of BCC, and dies further without them") {
    burial b;
    b.declare("hidden", true);
    b.declare_dying("q", true, {});
    std::string entries;
    write_table_entries(entries, {{"BCC", core::field_array{std::string("elsewhere")}}});
    property_block p;
    p.headers = entries;
    b.declare("elsewhere", true, {{"x-dead-letter-exchange", std::string()}, {"x-dead-letter-routing-key", std::string("hidden")}});
    b.c->publishes(1, {.routing_key = "q"}, "m", p);
    CHECK_THAT(b.get("elsewhere"), Contains("1 body m"));
    b.reject("q");
    CHECK_THAT(b.get("dead"), Contains("1 body m"));
    CHECK_THAT(b.get("elsewhere"), Contains("get_empty"));
}

TEST_CASE("a confirm and tx.commit-ok for a message that dies on arrival wait until its dead letter is stored") {
    burial b;
    const bool durable = GENERATE(true, false);
    b.declare_dying("q", durable, takes_nothing());
    SECTION("confirm") {
        b.c->asks(1, confirm_select{});
        b.w.world.store().hold();
        b.c->publishes_to_queue(1, "q", "m", 2);
        CHECK(b.c->gets().empty());
        b.w.world.store().release();
        CHECK(b.c->gets_joined() == "1 basic.ack(delivery_tag=1)");
    }
    SECTION("transaction") {
        b.c->asks(1, tx_select{});
        b.c->publishes_to_queue(1, "q", "m", 2);
        b.w.world.store().hold();
        CHECK(b.c->asks(1, tx_commit{}).empty());
        b.w.world.store().release();
        CHECK(b.c->gets_joined() == "1 tx.commit_ok()");
    }
    b.w.world.crash();
    b.c.emplace(client::opened(b.w));
    CHECK_THAT(b.get("dead"), Contains("1 body m"));
}

TEST_CASE("a message of which the dead letter could not be stored is not confirmed") {
    burial b;
    b.declare_dying("q", false, takes_nothing());
    b.c->asks(1, confirm_select{});
    SECTION("the commit fails") {
        b.w.world.store().hold();
        b.c->publishes_to_queue(1, "q", "m", 2);
        b.c->gets();
        b.w.world.store().break_down();
        b.w.world.store().release();
    }
    SECTION("the store takes nothing") {
        b.w.world.store().break_down();
        b.c->publishes_to_queue(1, "q", "m", 2);
    }
    CHECK_THAT(b.c->gets_joined(), Contains("1 basic.nack(delivery_tag=1)") && !Contains("basic.ack"));
}
