// Clients that break the rules at random: whatever they send, nobody else notices.

#include <random>

#include "tests/unit/mqtt/mqtt_world.hpp"

using namespace causeway;
using namespace causeway::mqtt;
using namespace causeway::mqtt::test;

namespace {

using randomness = std::mt19937_64;

std::uint64_t below(randomness& r, std::uint64_t limit) { return r() % limit; }

std::uint16_t some_id(randomness& r) { return static_cast<std::uint16_t>(1 + below(r, 4)); }

void append_packet(std::string& out, randomness& r, version v) {
    static constexpr std::string_view topics[] = {"a", "a/b", "$amqp/queue/q", "forbidden/t", "$SYS/x"};
    static constexpr std::string_view filters[] = {"#", "a/+", "+/b", "$share/g/a", "forbidden"};
    property_block block;
    switch (below(r, 11)) {
        case 0:
        case 1:
        case 2: {
            publish m = message(topics[below(r, std::size(topics))], "payload", static_cast<qos>(below(r, 3)));
            if (m.qos != qos::at_most_once) m.packet_id = some_id(r);
            m.retain = below(r, 4) == 0;
            if (below(r, 3) == 0) block.number(property::topic_alias, 1 + static_cast<std::uint32_t>(below(r, 3)));
            if (below(r, 3) == 0) block.number(property::message_expiry_s, 1);
            m.properties = block.view();
            return encode(out, m, v);
        }
        case 3: return encode(out, subscription_to(filters[below(r, std::size(filters))], static_cast<qos>(below(r, 3)), some_id(r)), v);
        case 4: return encode(out, unsubscribe{.packet_id = some_id(r), .filters = {filters[below(r, std::size(filters))]}}, v);
        case 5: return encode(out, puback{.packet_id = some_id(r)}, v);
        case 6: return encode(out, pubrec{.packet_id = some_id(r)}, v);
        case 7: return encode(out, pubrel{.packet_id = some_id(r)}, v);
        case 8: return encode(out, pubcomp{.packet_id = some_id(r)}, v);
        case 9: {
            if (v != version::v5) return encode(out, pingreq{}, v);
            static constexpr std::string_view words[] = {"ann", "answer of ann", "bob", ""};
            block.text(property::authentication_method, below(r, 8) == 0 ? "ANOTHER" : "RIDDLE");
            block.text(property::authentication_data, words[below(r, std::size(words))]);
            static constexpr reason codes[] = {reason::success, reason::continue_authentication, reason::reauthenticate};
            return encode(out, auth{.code = codes[below(r, 3)], .properties = block.view()}, v);
        }
        default: return encode(out, pingreq{}, v);
    }
}

std::string conversation(randomness& r, version v) {
    std::string bytes;
    property_block block;
    block.number(property::session_expiry_s, 100);
    if (below(r, 4) == 0) block.text(property::authentication_method, "RIDDLE").text(property::authentication_data, "ann");
    if (below(r, 4) == 0) block.number(property::maximum_packet_size, 1 + static_cast<std::uint32_t>(below(r, 40)));
    connect c{.version = v, .clean_start = below(r, 2) == 0, .properties = block.view()};
    c.client_id = below(r, 2) == 0 ? "x" : "y";
    c.will = mqtt::will{.topic = "a/will", .payload = "w", .qos = static_cast<qos>(below(r, 3))};
    encode(bytes, c);
    for (std::uint64_t left = below(r, 20); left > 0; --left) append_packet(bytes, r, v);
    if (below(r, 2) == 0) encode(bytes, disconnect{}, v);
    return bytes;
}

void damage(std::string& bytes, randomness& r) {
    for (std::uint64_t left = below(r, 3); left > 0; --left) bytes[below(r, bytes.size())] = static_cast<char>(below(r, 256));
}

}  // namespace

TEST_CASE("damaged conversations, in any pieces, over held, failing and lost commits, leave the broker whole") {
    randomness r(20'240'501);
    mqtt_world w;
    for (int round = 0; round < 1'500; ++round) {
        const version v = below(r, 2) == 0 ? version::v3_1_1 : version::v5;
        std::string bytes = conversation(r, v);
        if (below(r, 2) == 0) damage(bytes, r);
        causeway::test::fake_link& l = w.world.connect(w.factory);
        for (std::size_t at = 0; at < bytes.size();) {
            const std::size_t piece = 1 + below(r, 40);
            l.sends(std::string_view(bytes).substr(at, piece));
            at += piece;
            w.world.turn();
        }
        switch (below(r, 8)) {
            case 0: l.breaks(); break;
            case 1: w.world.store().hold(); break;
            case 2: w.world.store().release(); break;
            case 3: w.world.store().break_down(); break;
            case 4: w.world.store().repair(); break;
            case 5:
                if (below(r, 10) == 0) w.world.crash();
                break;
            default: w.world.pass_ms(static_cast<std::int64_t>(below(r, 3'000))); break;
        }
        w.world.turn();
    }
    w.world.store().repair();
    w.world.store().release();
    w.world.settle();
    peer s = w.subscriber("good subscriber", "good/#");
    w.client("good publisher").sends(message("good/t", "still there", qos::exactly_once, 1)).gets();
    CHECK(s.got() == lines{"PUBLISH q2 id=1 'good/t' payload=11 \"still there\""});
}
