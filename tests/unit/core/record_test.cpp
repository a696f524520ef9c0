#include "core/queue.hpp"
#include "core/record.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <random>

#include <boost/smart_ptr/make_local_shared.hpp>

#include "base/byte_writer.hpp"
#include "base/crc32c.hpp"

using namespace causeway;
using namespace causeway::core;

namespace {

/// Neither is asked anything by the codec.
class named_origin final : public origin {
public:
    explicit named_origin(protocol id) : id_(id) {}
    protocol id() const override { return id_; }
    topic_levels levels(std::string_view) const override { return {}; }
    topic_pattern pattern(std::string_view) const override { return {}; }
    properties parse_properties(std::string_view) const override { return {}; }

private:
    protocol id_;
};

const named_origin mqtt(protocol::mqtt);
const named_origin amqp(protocol::amqp);
const record::origins both{&mqtt, &amqp};

template <class T>
std::string encoded(const T& what) {
    std::string out;
    record::encode(out, what);
    return out;
}

/// With the checksum put right.
std::string sealed(std::string content) {
    byte_writer(content).u32(crc32c(content));
    return content;
}

std::string content_of(const std::string& record) { return record.substr(0, record.size() - 4); }

field_table every_kind() {
    return {{"void", no_value{}},
            {"true", true},
            {"false", false},
            {"i8", std::int8_t{-8}},
            {"u8", std::uint8_t{200}},
            {"i16", std::int16_t{-16'000}},
            {"u16", std::uint16_t{60'000}},
            {"i32", std::int32_t{-2'000'000'000}},
            {"u32", std::uint32_t{4'000'000'000}},
            {"i64", std::numeric_limits<std::int64_t>::min()},
            {"u64", std::numeric_limits<std::uint64_t>::max()},
            {"float", 1.5F},
            {"double", -0.1},
            {"decimal", decimal{3, -12345}},
            {"text", std::string("text \0 with zero", 16)},
            {"bytes", byte_array{std::string("\xff\x00", 2)}},
            {"time", timestamp{1'700'000'000}},
            {"array", field_array{true, std::string("x"), field_array{}}},
            {"table", field_table{{"", field_table{}}, {"twice", true}, {"twice", false}}},
            {std::string(300, 'n'), std::string(70'000, 'v')}};
}

options_ptr some_options() {
    boost::intrusive_ptr<delivery_options> options(new delivery_options);
    options->qos_max = qos::at_least_once;
    options->no_local = true;
    options->retain_as_published = true;
    options->subscription_ids = {1, 268'435'455, 7};
    return options;
}

options_ptr default_options() { return options_ptr(new delivery_options); }

bool same(const delivery_options& a, const delivery_options& b) {
    return a.qos_max == b.qos_max && a.no_local == b.no_local && a.retain_as_published == b.retain_as_published &&
           a.retained_replay == b.retained_replay && a.subscription_ids == b.subscription_ids;
}

message_ptr mqtt_message(std::string_view payload = "payload") {
    message_parts parts;
    parts.from = &mqtt;
    parts.exchange = "amq.topic";
    parts.name = "a/b";
    parts.raw_properties = std::string_view("\x01\x00\x02", 3);
    parts.payload = payload;
    parts.qos = qos::exactly_once;
    parts.durable = true;
    parts.retain = true;
    parts.expires_wall_ms = 1'700'000'000'123;
    auto by = boost::make_local_shared<publisher>();
    by->connection = connection_id{5};
    by->session = session_id{9};
    by->client_id = "client";
    by->user = "user";
    parts.by = std::move(by);
    return message::make(std::move(parts));
}

message_ptr message_with_hidden_names(bool neutral, std::string_view payload = "payload") {
    message_parts parts;
    parts.from = &amqp;
    parts.name = "key";
    std::string hidden;
    pack_name(hidden, "first");
    pack_name(hidden, "");
    pack_name(hidden, std::string(255, 'k'));
    parts.hidden_names = hidden;
    if (neutral)
        parts.neutral = std::make_unique<properties>();
    else
        parts.raw_properties = std::string_view("\x10\x00\x02", 3);
    parts.payload = payload;
    return message::make(std::move(parts));
}

message_ptr broker_message() {
    message_parts parts;
    parts.name = "key";
    parts.neutral = std::make_unique<properties>();
    properties& p = *parts.neutral;
    p.content_type = "text/plain";
    p.content_encoding = "gzip";
    p.correlation_id = std::string("\0\1", 2);
    p.reply_topic = "reply/here";
    p.reply_to = "";
    p.message_id = "id";
    p.type = "type";
    p.user_id = "user";
    p.app_id = "app";
    p.cluster_id = "cluster";
    p.timestamp_s = 1;
    p.priority = std::uint8_t{9};
    p.payload_format = std::uint8_t{1};
    p.headers = every_kind();
    return message::make(std::move(parts));
}

void check_same(const message& a, const message& b) {
    CHECK(a.from() == b.from());
    CHECK(a.exchange() == b.exchange());
    CHECK(a.name() == b.name());
    CHECK(a.raw_properties() == b.raw_properties());
    CHECK(a.payload() == b.payload());
    CHECK(a.packed_hidden_names() == b.packed_hidden_names());
    CHECK(a.size() == b.size());
    CHECK(a.qos() == b.qos());
    CHECK(a.durable() == b.durable());
    CHECK(a.retain() == b.retain());
    CHECK(a.expires_wall_ms() == b.expires_wall_ms());
    CHECK(a.has_neutral() == b.has_neutral());
    CHECK(a.properties() == b.properties());
    REQUIRE((a.by() == nullptr) == (b.by() == nullptr));
    if (!a.by()) return;
    CHECK(a.by()->session == b.by()->session);
    CHECK(a.by()->client_id == b.by()->client_id);
    CHECK(a.by()->user == b.by()->user);
}

}  // namespace

TEST_CASE("a message of any size comes back from its record") {
    for (std::size_t size = 0; size < 20'000; size = size * 5 / 4 + 1) {
        const std::string payload(size, 'p');
        const std::string name(1 + size % 700, 'n');
        const message_ptr m = message::make({.from = &mqtt, .exchange = "amq.topic", .name = name, .payload = payload, .by = {}, .neutral = {}});
        const entry e{.message = m, .options = options_ptr(new delivery_options), .seq = 1};
        std::string before = "what stands in front";
        record::encode(before, e);
        const auto back = record::decode_entry(before.substr(20), both, nullptr);
        REQUIRE(back);
        CHECK(back.value().e.message->payload() == payload);
        CHECK(back.value().e.message->name() == name);
        CHECK(encoded(*m) == encoded(*back.value().e.message));
    }
}

TEST_CASE("keys order as their numbers do and are read back") {
    CHECK(record::key(255) < record::key(256));
    CHECK(record::key(1, std::uint64_t{256}) < record::key(2, std::uint64_t{1}));
    CHECK(record::key(7, std::uint16_t{255}) < record::key(7, std::uint16_t{256}));

    std::uint64_t number = 0;
    std::uint64_t seq = 0;
    std::uint16_t packet_id = 0;
    REQUIRE(record::parse_key(record::key(0x0102'0304'0506'0708), number));
    CHECK(number == 0x0102'0304'0506'0708);
    REQUIRE(record::parse_key(record::key(3, std::uint64_t{4}), number, seq));
    CHECK((number == 3 && seq == 4));
    REQUIRE(record::parse_key(record::key(5, std::uint16_t{65'535}), number, packet_id));
    CHECK((number == 5 && packet_id == 65'535));
}

TEST_CASE("keys of another length are refused") {
    std::uint64_t number = 0;
    std::uint64_t seq = 0;
    std::uint16_t packet_id = 0;
    for (const std::size_t size : {0U, 7U, 9U, 15U, 17U}) {
        const std::string key(size, 'k');
        CHECK_FALSE(record::parse_key(key, number));
        CHECK_FALSE(record::parse_key(key, number, seq));
        CHECK_FALSE(record::parse_key(key, number, packet_id));
    }
}

TEST_CASE("the format record tells its version") {
    std::string out;
    record::encode_meta(out);
    REQUIRE(record::decode_meta(out));
    CHECK(record::decode_meta(out).value() == record::format_version);
}

TEST_CASE("exchanges come back as they were, whatever their arguments") {
    for (const auto type : {exchange_type::direct, exchange_type::fanout, exchange_type::topic, exchange_type::headers,
                            exchange_type::consistent_hash, exchange_type::delayed_message}) {
        const exchange_definition definition{"name", type, true, false, true, every_kind()};
        const auto decoded = record::decode_exchange(encoded(definition));
        REQUIRE(decoded);
        CHECK(decoded.value().name == "name");
        CHECK(decoded.value().type == type);
        CHECK(decoded.value().durable);
        CHECK_FALSE(decoded.value().auto_delete);
        CHECK(decoded.value().internal);
        CHECK(decoded.value().arguments == every_kind());
    }
}

TEST_CASE("queues come back as they were") {
    const queue_definition definition{std::string(255, 'q'), true, false, true, {{"x-max-length", std::int32_t{5}}}};
    const auto decoded = record::decode_queue(encoded(definition));
    REQUIRE(decoded);
    CHECK(decoded.value().name == definition.name);
    CHECK(decoded.value().durable);
    CHECK_FALSE(decoded.value().exclusive);
    CHECK(decoded.value().auto_delete);
    CHECK(decoded.value().arguments == definition.arguments);
}

TEST_CASE("bindings come back as they were") {
    record::binding_record binding;
    binding.source = exchange_id{3};
    binding.to_queue = queue_id{4};
    binding.from = protocol::mqtt;
    binding.key = "a/+/#";
    binding.arguments = every_kind();
    binding.options = some_options();
    const auto decoded = record::decode_binding(encoded(binding));
    REQUIRE(decoded);
    CHECK(decoded.value().source == exchange_id{3});
    CHECK(decoded.value().to_queue == queue_id{4});
    CHECK(decoded.value().to_exchange == exchange_id::none);
    CHECK(decoded.value().from == protocol::mqtt);
    CHECK(decoded.value().key == "a/+/#");
    CHECK(decoded.value().arguments == binding.arguments);
    CHECK(same(*decoded.value().options, *binding.options));
}

TEST_CASE("a binding has exactly one destination") {
    record::binding_record binding;
    binding.source = exchange_id{3};
    binding.options = default_options();
    CHECK(record::decode_binding(encoded(binding)).error() == "destination");
    binding.to_queue = queue_id{1};
    CHECK(record::decode_binding(encoded(binding)));
    binding.to_exchange = exchange_id{1};
    CHECK(record::decode_binding(encoded(binding)).error() == "destination");
}

TEST_CASE("sessions come back as they were, with and without a will") {
    record::session_record session;
    session.client_id = "client";
    session.user = "user";
    session.inbox = queue_id{7};
    session.expiry_s = no_expiry;
    session.disconnected_wall_ms = -1;
    session.will_due_wall_ms = 1'700'000'000'000;
    const auto expiry_s = GENERATE(values<std::optional<std::uint32_t>>({std::nullopt, 0, 60}));
    for (const bool has_will : {false, true}) {
        if (has_will) session.last_will = will{mqtt_message(), 30, expiry_s};
        const auto decoded = record::decode_session(encoded(session), both, nullptr);
        REQUIRE(decoded);
        CHECK(decoded.value().client_id == "client");
        CHECK(decoded.value().user == "user");
        CHECK(decoded.value().inbox == queue_id{7});
        CHECK(decoded.value().expiry_s == no_expiry);
        CHECK(decoded.value().disconnected_wall_ms == -1);
        CHECK(decoded.value().will_due_wall_ms == 1'700'000'000'000);
        REQUIRE(decoded.value().last_will.has_value() == has_will);
        if (!has_will) continue;
        CHECK(decoded.value().last_will->delay_s == 30);
        CHECK(decoded.value().last_will->expiry_s == expiry_s);
        check_same(*decoded.value().last_will->message, *session.last_will->message);
    }
}

TEST_CASE("messages come back as they were, whoever made them and however large") {
    const std::string large(300'000, 'L');
    for (const message_ptr& m : {mqtt_message(), mqtt_message(""), mqtt_message(large), broker_message()}) {
        const auto decoded = record::decode_message(encoded(*m), both, nullptr);
        REQUIRE(decoded);
        check_same(*decoded.value(), *m);
    }
}

TEST_CASE("hidden names come back, beside properties of either kind and payloads of any size, and stand in the way of neither") {
    const bool neutral = GENERATE(false, true);
    const std::string payload(GENERATE(0, 7, 300'000), 'p');
    const message_ptr m = message_with_hidden_names(neutral, payload);
    CHECK(m->hidden_names() == std::vector<std::string>{"first", "", std::string(255, 'k')});
    CHECK(m->raw_properties() == (neutral ? std::string_view() : std::string_view("\x10\x00\x02", 3)));
    CHECK(m->payload() == payload);
    check_same(*message::make(m->parts()), *m);
    const auto decoded = record::decode_message(encoded(*m), both, nullptr);
    REQUIRE(decoded);
    check_same(*decoded.value(), *m);
    CHECK(record::outline_message(encoded(*m)).value().message_bytes == m->size());
}

TEST_CASE("a decoded message counts in the account that is given") {
    core::memory_account account;
    {
        const auto decoded = record::decode_message(encoded(*mqtt_message()), both, &account);
        REQUIRE(decoded);
        CHECK(account.bytes == decoded.value()->size());
        CHECK(account.messages == 1);
    }
    CHECK(account.bytes == 0);
    CHECK(account.messages == 0);
}

TEST_CASE("properties that are taken apart count in the account, too, as long as their message lives") {
    core::memory_account account;
    core::message_parts parts{.from = &amqp, .name = "k", .by = {}, .neutral = std::make_unique<core::properties>(), .account = &account};
    parts.neutral->headers = {{"text", std::string(1'000, 'x')}, {"array", core::field_array(1'000, true)}};
    parts.neutral->content_type = std::string(1'000, 'x');
    core::message_ptr m = message::make(std::move(parts));
    CHECK(account.bytes >= m->size() + 2'000 + 1'000 * sizeof(core::field_value));
    m = message::make({.from = &amqp, .name = "k", .raw_properties = "raw", .by = {}, .neutral = {}, .account = &account});
    CHECK(account.bytes == m->size());
    m->properties();
    CHECK(account.bytes >= m->size() + sizeof(core::properties));
    m.reset();
    CHECK(account.bytes == 0);
}

TEST_CASE("a message of a protocol that is not there is not readable") {
    CHECK(record::decode_message(encoded(*mqtt_message()), {nullptr, &amqp}, nullptr).error() == "no origin for protocol 1");
}

TEST_CASE("an entry holds its message inside, names a shared one, or has none once it is released [MQTT-4.3.3]") {
    entry e;
    e.options = some_options();
    e.expires_wall_ms = 42;
    e.deliveries = 300;
    e.message = mqtt_message();

    const auto inside = record::decode_entry(encoded(e), both, nullptr);
    REQUIRE(inside);
    check_same(*inside.value().e.message, *e.message);
    CHECK(inside.value().shared == message_id::none);
    CHECK(inside.value().e.expires_wall_ms == 42);
    CHECK(inside.value().e.deliveries == 300);
    CHECK_FALSE(inside.value().e.released);
    CHECK(inside.value().e.stored);
    CHECK(same(*inside.value().e.options, *e.options));

    e.message->stored.id = message_id{77};
    const auto shared = record::decode_entry(encoded(e), both, nullptr);
    REQUIRE(shared);
    CHECK(shared.value().shared == message_id{77});
    CHECK_FALSE(shared.value().e.message);

    e.released = true;
    const auto released = record::decode_entry(encoded(e), both, nullptr);
    REQUIRE(released);
    CHECK(released.value().e.released);
    CHECK(released.value().shared == message_id::none);
    CHECK_FALSE(released.value().e.message);
}

TEST_CASE("an entry of a share remembers its place there") {
    entry e;
    auto options = boost::intrusive_ptr<delivery_options>(new delivery_options);
    options->share = queue_id{9};
    options->subscription_ids = {3, 4};
    e.options = options;
    e.share_seq = 1234;
    e.message = mqtt_message();
    const auto decoded = record::decode_entry(encoded(e), both, nullptr);
    REQUIRE(decoded);
    CHECK(decoded.value().e.options->share == queue_id{9});
    CHECK(decoded.value().e.options->subscription_ids == options->subscription_ids);
    CHECK(decoded.value().e.share_seq == 1234);
}

TEST_CASE("shares and their members come back as they were") {
    const auto share = record::decode_share(encoded(record::share_record{"$share/g/a/+/#"}));
    REQUIRE(share);
    CHECK(share.value().name == "$share/g/a/+/#");
    const auto member = record::decode_member(encoded(record::member_record{some_options()}));
    REQUIRE(member);
    CHECK(same(*member.value().options, *some_options()));
}

TEST_CASE("a delayed message comes back with its exchange and further names, an awakened one as nothing") {
    const auto waits = record::decode_delayed(encoded(record::delayed_record{"late", {"cc", ""}, mqtt_message()}), both, nullptr);
    REQUIRE(waits);
    CHECK(waits.value().exchange == "late");
    CHECK(waits.value().more_names == std::vector<std::string>{"cc", ""});
    CHECK(encoded(*waits.value().message) == encoded(*mqtt_message()));
    const auto awakened = record::decode_delayed(encoded(record::delayed_record{}), both, nullptr);
    REQUIRE(awakened);
    CHECK_FALSE(awakened.value().message);
}

TEST_CASE("records are appended to what is there already") {
    std::string out = "before";
    record::encode(out, *mqtt_message());
    CHECK(out == "before" + encoded(*mqtt_message()));
}

TEST_CASE("every single flipped bit is noticed") {
    entry e;
    e.options = some_options();
    e.message = mqtt_message();
    const std::string good = encoded(e);
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        std::string bad = good;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
        const auto decoded = record::decode_entry(bad, both, nullptr);
        REQUIRE_FALSE(decoded);
        REQUIRE(decoded.error() == "checksum");
    }
}

TEST_CASE("a record of another version says so") {
    std::string content = content_of(encoded(queue_definition{"q", true, false, false, {}}));
    content[0] = 7;
    CHECK(record::decode_queue(sealed(content)).error() == "version 7");
}

TEST_CASE("a record that ends early or late is refused, whatever its checksum says") {
    const std::string whole = content_of(encoded(*broker_message()));
    for (std::size_t size = 1; size < whole.size(); size += size < 300 ? 1 : 997)
        REQUIRE_FALSE(record::decode_message(sealed(whole.substr(0, size)), both, nullptr));
    CHECK(record::decode_message(sealed(whole + '\0'), both, nullptr).error() == "trailing bytes");
    CHECK(record::decode_message("", both, nullptr).error() == "truncated");
    CHECK(record::decode_message("1234", both, nullptr).error() == "truncated");
}

TEST_CASE("a size that is larger than the record allocates nothing") {
    // [version] [name: 2^62 bytes …]
    CHECK_FALSE(record::decode_queue(sealed(std::string("\x01\xff\xff\xff\xff\xff\xff\xff\xff\x3f", 10))));
    // options with 2^32 subscription ids: [version] [no message] [deliveries 0] [options: flags] [count]
    CHECK(record::decode_entry(sealed(std::string("\x01\x00\x00\x00\xff\xff\xff\xff\x0f", 9)), both, nullptr).error() ==
          "truncated");
}

TEST_CASE("tables nest as deep as the limit and not deeper") {
    const auto nested = [](std::size_t depth) {
        field_table table;
        for (std::size_t i = 1; i < depth; ++i) {
            field_table outer;
            outer.emplace_back("t", std::move(table));
            table = std::move(outer);
        }
        return queue_definition{"q", false, false, false, std::move(table)};
    };
    CHECK(record::decode_queue(encoded(nested(128))));
    CHECK(record::decode_queue(encoded(nested(129))).error() == "malformed table");
}

TEST_CASE("random damage behind a right checksum never does more than fail") {
    std::mt19937 random(7);
    entry e;
    e.options = some_options();
    e.message = broker_message();
    const std::string good = content_of(encoded(e));
    for (int i = 0; i < 3000; ++i) {
        std::string bad = good;
        for (int n = 0; n < 4; ++n) bad[random() % 400] = static_cast<char>(random());
        bad[0] = 1;
        const std::string value = sealed(bad);
        const auto decoded = record::decode_entry(value, both, nullptr);
        if (!decoded) continue;
        entry again = decoded.value().e;
        if (decoded.value().shared != message_id::none) continue;
        REQUIRE(encoded(again) == value);  // one form for each record
    }
}
