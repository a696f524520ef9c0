// What one message costs in instructions, step by step, for callgrind to count: instructions.py runs it. A number of
// instructions does not depend on how busy a machine is, so a slide is seen even where times say nothing.
//
//   instructions STEP COUNT      does the step so many times
//   instructions                 lists the steps

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/check.hpp"
#include "base/output_buffer.hpp"
#include "protocols/amqp/framing.hpp"
#include "protocols/amqp/properties.hpp"
#include "protocols/mqtt/decode.hpp"
#include "protocols/mqtt/encode.hpp"
#include "tests/support/plain_origin.hpp"
#include "tests/support/world.hpp"

namespace {

using namespace causeway;

constexpr std::string_view topic = "site/7/sensor/42/temperature";
const std::string payload(64, 'x');

/// Keeps a result from being optimised away.
template <class T>
void use(const T& value) {
    asm volatile("" : : "g"(&value) : "memory");
}

/// A turn sends what many messages have written.
void send(output_buffer& out, int number) {
    constexpr int messages_a_turn = 50;
    if (number % messages_a_turn == messages_a_turn - 1) out.consume(out.size());
}

void decode_publish(int count) {
    std::string bytes;
    mqtt::encode(bytes, mqtt::publish{.qos = mqtt::qos::at_least_once, .topic = topic, .packet_id = 7, .payload = payload},
                 mqtt::version::v3_1_1);
    for (int i = 0; i < count; ++i) {
        const auto frame = mqtt::next_frame(bytes, mqtt::packet_bytes_max, mqtt::version::v3_1_1);
        const auto packet = mqtt::decode_publish(frame.value().value(), mqtt::version::v3_1_1);
        ENSURE(packet);
        use(packet);
    }
}

void encode_publish(int count) {
    output_buffer out;
    const mqtt::outgoing_publish head{.qos = mqtt::qos::at_least_once, .topic = topic, .packet_id = 7};
    for (int i = 0; i < count; ++i) {
        const mqtt::publish_sizes sizes = mqtt::sizes_of(head, payload.size(), mqtt::version::v3_1_1);
        mqtt::encode(out.tail(), head, sizes, payload, mqtt::version::v3_1_1);
        send(out, i);
    }
    use(out);
}

std::string published_frames() {
    output_buffer out;
    amqp::basic_publish method;
    method.exchange = "amq.topic";
    method.routing_key = topic;
    amqp::write_method(out.tail(), 1, method);
    amqp::write_content(out, 1, {"\x10\0\x02", 3}, payload, {}, 131'072);
    return out.tail();
}

void decode_basic_publish(int count) {
    const std::string bytes = published_frames();
    for (int i = 0; i < count; ++i) {
        std::string_view rest = bytes;
        const auto next = [&] {
            const amqp::frame frame = amqp::read_frame(rest, 131'072).value().value();
            rest.remove_prefix(frame.size());
            return frame;
        };
        const auto method = amqp::decode_method(next().payload);
        const auto header = amqp::decode_content_header(next().payload);
        ENSURE(method && header);
        use(method);
        use(header);
        use(next());
    }
}

void encode_basic_deliver(int count) {
    output_buffer out;
    for (int i = 0; i < count; ++i) {
        amqp::basic_deliver method;
        method.consumer_tag = "amq.ctag-1";
        method.delivery_tag = static_cast<std::uint64_t>(i);
        method.exchange = "amq.topic";
        method.routing_key = topic;
        amqp::write_method(out.tail(), 1, method);
        amqp::write_content(out, 1, {"\x10\0\x02", 3}, payload, {}, 131'072);
        send(out, i);
    }
    use(out);
}

class glutton final : public core::consumer {
public:
    bool can_take(const core::queue&, const core::entry&) override { return true; }
    core::handover deliver(core::queue&, const core::entry& next) override {
        use(next);
        return core::handover::settled;
    }
    void queue_deleted(core::queue&) override {}
};

/// From a publisher's bytes in the hand to every consumer having been given the message, without any protocol.
void route(int queues, int count) {
    constexpr int messages_a_turn = 10;
    test::world world(test::plain_origins());
    core::broker& broker = world.broker();
    glutton everybody;
    for (int i = 0; i < queues; ++i) {
        core::queue& q = *broker.declare_queue({.name = "q" + std::to_string(i)}, {}).value().it;
        ENSURE(
            broker.bind({.source = &broker.mqtt_exchange(), .to_queue = &q, .from = &test::plain_mqtt, .key = "site/7/#"}));
        ENSURE(q.add_consumer(everybody));
    }
    for (int i = 0; i < count; ++i) {
        if (i % messages_a_turn == 0) broker.begin_turn(world.now());
        core::message_parts parts;
        parts.from = &test::plain_mqtt;
        parts.exchange = "amq.topic";
        parts.name = topic;
        parts.payload = payload;
        parts.account = broker.memory();
        broker.publish(broker.mqtt_exchange(), core::message::make(std::move(parts)));
        if (i % messages_a_turn == messages_a_turn - 1) broker.end_turn();
    }
}

struct step {
    const char* name;
    void (*run)(int count);
};

constexpr step steps[] = {
    {"decode PUBLISH", decode_publish},
    {"encode PUBLISH", encode_publish},
    {"decode basic.publish", decode_basic_publish},
    {"encode basic.deliver", encode_basic_deliver},
    {"route to 1 subscription", [](int count) { route(1, count); }},
    {"route to 100 subscriptions", [](int count) { route(100, count); }},
    {"route to 10,000 subscriptions", [](int count) { route(10'000, count); }},
};

}  // namespace

int main(int argc, char** argv) {
    for (const step& s : steps) {
        if (argc < 3) std::puts(s.name);
        if (argc < 3 || s.name != std::string_view(argv[1])) continue;
        s.run(std::atoi(argv[2]));
        return 0;
    }
    return argc < 3 ? 0 : 1;
}
