// Messages and entries: the records of the data path.

#include <algorithm>

#include <boost/smart_ptr/make_local_shared.hpp>

#include "core/record.hpp"
#include "core/record_codec.hpp"

namespace causeway::core::record {

namespace {

std::uint8_t flag(bool set, std::uint8_t bit) { return set ? bit : 0; }

qos read_qos(record_reader& in, std::uint8_t flags) {
    const std::uint8_t level = flags & 3;
    if (level > static_cast<std::uint8_t>(qos::exactly_once)) in.fail("qos 3");
    return static_cast<qos>(level);
}

std::int64_t read_expiry(record_reader& in) {
    const std::int64_t wall_ms = in.i64();
    if (wall_ms == 0) in.fail("expiry 0");  // said by leaving it out
    return wall_ms;
}

protocol protocol_of(record_reader& in, std::uint8_t value) {
    if (value > static_cast<std::uint8_t>(protocol::amqp)) in.fail("protocol " + std::to_string(value));
    return static_cast<protocol>(value);
}

/// Beside the protocol of a message's publisher.
constexpr std::uint8_t of_will = 128;

}  // namespace

protocol read_protocol(record_reader& in) { return protocol_of(in, in.u8()); }


// --- options: [flags: u8, qos in bits 0-1] [share: u64, if of one] [count] [subscription id: u32] … ---

namespace {

enum options_flag : std::uint8_t { no_local = 4, retain_as_published = 8, retained_replay = 16, of_share = 32 };
constexpr std::uint8_t options_bits = 3 | no_local | retain_as_published | retained_replay | of_share;

queue_id read_share(record_reader& in) {
    const queue_id share{in.u64()};
    if (share == queue_id::none) in.fail("share 0");
    return share;
}

}  // namespace

void write_options(record_writer& to, const delivery_options& options) {
    to.u8(static_cast<std::uint8_t>(options.qos_max) | flag(options.no_local, no_local) |
          flag(options.retain_as_published, retain_as_published) | flag(options.retained_replay, retained_replay) |
          flag(options.share != queue_id::none, of_share));
    if (options.share != queue_id::none) to.u64(number(options.share));
    to.count(options.subscription_ids.size());
    for (const std::uint32_t id : options.subscription_ids) to.u32(id);
}

options_ptr read_options(record_reader& in) {
    boost::intrusive_ptr<delivery_options> options(new delivery_options);
    const std::uint8_t flags = in.flags(options_bits);
    options->qos_max = read_qos(in, flags);
    options->no_local = flags & no_local;
    options->retain_as_published = flags & retain_as_published;
    options->retained_replay = flags & retained_replay;
    if (flags & of_share) options->share = read_share(in);
    const std::uint64_t ids = in.count();
    if (ids > in.remaining() / sizeof(std::uint32_t)) {
        in.fail("truncated");
        return options;
    }
    for (std::uint64_t i = 0; i < ids; ++i) options->subscription_ids.push_back(in.u32());
    return options;
}

// --- properties: [which: u8, one bit for each optional one that is there] [content type, encoding, message id, type, user,
//     app, cluster: text] [the optional ones that are there, in the order of their bits] [headers: table] ---

namespace {

enum property_bit : std::uint8_t {
    has_correlation_id = 1,
    has_reply_topic = 2,
    has_reply_to = 4,
    has_timestamp = 8,
    has_priority = 16,
    has_payload_format = 32,
};
constexpr std::uint8_t property_bits = 63;

void write_properties(record_writer& to, const properties& p) {
    to.u8(flag(p.correlation_id.has_value(), has_correlation_id) | flag(p.reply_topic.has_value(), has_reply_topic) |
          flag(p.reply_to.has_value(), has_reply_to) | flag(p.timestamp_s.has_value(), has_timestamp) |
          flag(p.priority.has_value(), has_priority) | flag(p.payload_format.has_value(), has_payload_format));
    for (const std::string* text : {&p.content_type, &p.content_encoding, &p.message_id, &p.type, &p.user_id, &p.app_id,
                                    &p.cluster_id})
        to.text(*text);
    if (p.correlation_id) to.text(*p.correlation_id);
    if (p.reply_topic) to.text(*p.reply_topic);
    if (p.reply_to) to.text(*p.reply_to);
    if (p.timestamp_s) to.u64(*p.timestamp_s);
    if (p.priority) to.u8(*p.priority);
    if (p.payload_format) to.u8(*p.payload_format);
    to.table(p.headers);
}

std::unique_ptr<properties> read_properties(record_reader& in) {
    auto p = std::make_unique<properties>();
    const std::uint8_t has = in.flags(property_bits);
    for (std::string* text : {&p->content_type, &p->content_encoding, &p->message_id, &p->type, &p->user_id, &p->app_id,
                              &p->cluster_id})
        *text = in.text();
    if (has & has_correlation_id) p->correlation_id = in.text();
    if (has & has_reply_topic) p->reply_topic = in.text();
    if (has & has_reply_to) p->reply_to = in.text();
    if (has & has_timestamp) p->timestamp_s = in.u64();
    if (has & has_priority) p->priority = in.u8();
    if (has & has_payload_format) p->payload_format = in.u8();
    p->headers = in.table();
    return p;
}

// --- publisher: [session: u64] [client id: text] [user: text]. Its connection does not outlive the process ---

void write_publisher(record_writer& to, const publisher& by) {
    to.u64(number(by.session));
    to.text(by.client_id);
    to.text(by.user);
}

publisher_ptr read_publisher(record_reader& in) {
    auto by = boost::make_local_shared<publisher>();
    by->session = session_id{in.u64()};
    by->client_id = in.text();
    by->user = in.text();
    return by;
}

std::string_view read_raw_properties(record_reader& in, protocol wrote) {
    const std::string_view block = in.text();
    if (wrote == protocol::broker && !block.empty()) in.fail("properties without an origin");
    return block;
}

std::string_view read_hidden_names(record_reader& in) {
    const std::string_view names = in.text();
    if (names.empty() || !are_packed_names(names)) in.fail("hidden names");
    return names;
}

/// Enough for most; what is large comes in a piece of its own.
std::size_t room_for(const message& m) {
    constexpr std::size_t usual_bytes_max = 1024;
    return std::min(m.size(), usual_bytes_max);
}

enum message_flag : std::uint8_t { durable = 4, retain = 8, neutral = 16, published = 32, expiring = 64, hiding = 128 };

}  // namespace

// --- message: [from: u8, and 128 of a will] [flags: u8, qos in bits 0-1] [expires: i64, if expiring] [exchange: text] [name: text]
//     [publisher, if published] [properties, if neutral, else raw: text] [hidden names, each with its size: text, if it has any]
//     [payload: text] ---

void write_message(record_writer& to, const message& m) {
    to.u8(static_cast<std::uint8_t>(m.from()) | flag(m.will(), of_will));
    const std::string_view hidden = m.packed_hidden_names();
    to.u8(static_cast<std::uint8_t>(m.qos()) | flag(!hidden.empty(), hiding) | flag(m.durable(), durable) | flag(m.retain(), retain) |
          flag(m.has_neutral(), neutral) | flag(m.by() != nullptr, published) | flag(m.expires_wall_ms() != 0, expiring));
    if (m.expires_wall_ms() != 0) to.i64(m.expires_wall_ms());
    to.text(m.exchange());
    to.text(m.name());
    if (m.by() != nullptr) write_publisher(to, *m.by());
    if (m.has_neutral())
        write_properties(to, m.properties());
    else
        to.text(m.raw_properties());
    if (!hidden.empty()) to.text(hidden);
    to.text(m.payload());
}

message_ptr read_message(record_reader& in, const origins& from, memory_account* account) {
    message_parts parts;
    const std::uint8_t by = in.u8();
    const protocol wrote = protocol_of(in, by & ~of_will);
    parts.will = by & of_will;
    parts.from = from.of(wrote);
    if (wrote != protocol::broker && parts.from == nullptr) in.fail("no origin for protocol " + std::to_string(int(wrote)));
    const std::uint8_t flags = in.u8();
    parts.qos = read_qos(in, flags);
    parts.durable = flags & durable;
    parts.retain = flags & retain;
    if (flags & expiring) parts.expires_wall_ms = read_expiry(in);
    parts.exchange = in.text();
    parts.name = in.text();
    if (flags & published) parts.by = read_publisher(in);
    if (flags & neutral)
        parts.neutral = read_properties(in);
    else
        parts.raw_properties = read_raw_properties(in, wrote);
    if (flags & hiding) parts.hidden_names = read_hidden_names(in);
    parts.payload = in.text();
    parts.account = account;
    if (in.failed()) return nullptr;
    return message::make(std::move(parts));
}

void encode(std::string& out, const message& m) {
    record_writer to(out, room_for(m));
    write_message(to, m);
    to.seal();
}

decoded<message_ptr> decode_message(std::string_view value, const origins& from, memory_account* account) {
    record_reader in(value);
    message_ptr m = read_message(in, from, account);
    if (!in.finish()) return in.fault();
    return m;
}

// --- delayed: [waits: u8] and, if it does, [exchange: text] [count] [name: text] … [message] ---

void encode(std::string& out, const delayed_record& delayed) {
    record_writer to(out);
    to.u8(delayed.message ? 1 : 0);
    if (!delayed.message) return to.seal();
    to.text(delayed.exchange);
    to.count(delayed.more_names.size());
    for (const std::string& name : delayed.more_names) to.text(name);
    write_message(to, *delayed.message);
    to.seal();
}

decoded<delayed_record> decode_delayed(std::string_view value, const origins& from, memory_account* account) {
    record_reader in(value);
    delayed_record delayed;
    if (in.flags(1) == 0) {
        if (!in.finish()) return in.fault();
        return delayed;
    }
    delayed.exchange = in.text();
    const std::uint64_t names = in.count();
    if (names > in.remaining()) in.fail("truncated");
    for (std::uint64_t i = 0; i < names && !in.failed(); ++i) delayed.more_names.emplace_back(in.text());
    delayed.message = read_message(in, from, account);
    if (!in.finish()) return in.fault();
    return delayed;
}

// --- entry: [flags: u8, where the message is in bits 0-1] [expires: i64, if expiring] [deliveries: count] [options]
//     [place in the share: u64, if the options are of one]
//     [message | shared message's id: u64 | nothing] ---

namespace {

enum place : std::uint8_t { absent = 0, inside = 1, shared = 2 };
constexpr std::uint8_t place_bits = 3;
enum entry_flag : std::uint8_t { entry_released = 4, entry_expiring = 8 };

/// Of an entry, besides its message and more than a few subscription ids.
constexpr std::size_t entry_bytes = 48;

place place_of_message(const entry& e) {
    if (!e.message || e.released) return absent;
    return e.message->stored.id == message_id::none ? inside : shared;
}

std::uint8_t read_entry_flags(record_reader& in) {
    const std::uint8_t flags = in.flags(place_bits | entry_released | entry_expiring);
    if ((flags & place_bits) == place_bits) in.fail("message place 3");
    if ((flags & entry_released) && (flags & place_bits) != absent) in.fail("released with a message");
    return flags;
}

std::uint32_t read_deliveries(record_reader& in) {
    const std::uint64_t deliveries = in.count();
    if (deliveries > 0xFFFF'FFFF) in.fail("deliveries");
    return static_cast<std::uint32_t>(deliveries);
}

message_id read_shared(record_reader& in) {
    const message_id id{in.u64()};
    if (id == message_id::none) in.fail("shared message 0");
    return id;
}

}  // namespace

void encode(std::string& out, const entry& e) {
    const place where = place_of_message(e);
    record_writer to(out, entry_bytes + (where == inside ? room_for(*e.message) : 0));
    to.u8(where | flag(e.released, entry_released) | flag(e.expires_wall_ms != 0, entry_expiring));
    if (e.expires_wall_ms != 0) to.i64(e.expires_wall_ms);
    to.count(e.deliveries);
    write_options(to, *e.options);
    if (e.options->share != queue_id::none) to.u64(e.share_seq);
    if (where == inside) write_message(to, *e.message);
    if (where == shared) to.u64(number(e.message->stored.id));
    to.seal();
}

decoded<entry_record> decode_entry(std::string_view value, const origins& from, memory_account* account) {
    record_reader in(value);
    entry_record record;
    const std::uint8_t flags = read_entry_flags(in);
    record.e.released = flags & entry_released;
    if (flags & entry_expiring) record.e.expires_wall_ms = read_expiry(in);
    record.e.deliveries = read_deliveries(in);
    record.e.options = read_options(in);
    if (record.e.options->share != queue_id::none) record.e.share_seq = in.u64();
    if ((flags & place_bits) == inside) record.e.message = read_message(in, from, account);
    if ((flags & place_bits) == shared) record.shared = read_shared(in);
    record.e.stored = true;
    if (!in.finish()) return in.fault();
    return record;
}

// --- outlines: the same bytes, passed over. What one of the two refuses, the other refuses, too ---

namespace {

/// Returns whether they are of a share.
bool skip_options(record_reader& in) {
    const std::uint8_t flags = in.flags(options_bits);
    read_qos(in, flags);
    const bool shares = flags & of_share;
    if (shares) read_share(in);
    const std::uint64_t ids = in.count();
    if (ids > in.remaining() / sizeof(std::uint32_t))
        in.fail("truncated");
    else
        in.skip(ids * sizeof(std::uint32_t));
    return shares;
}

void skip_properties(record_reader& in) {
    constexpr int plain_texts = 7;
    const std::uint8_t has = in.flags(property_bits);
    for (int i = 0; i < plain_texts; ++i) in.text();
    for (const std::uint8_t text : {has_correlation_id, has_reply_topic, has_reply_to})
        if (has & text) in.text();
    if (has & has_timestamp) in.u64();
    if (has & has_priority) in.u8();
    if (has & has_payload_format) in.u8();
    in.skip_table();
}

void outline(record_reader& in, entry_outline& of) {
    const protocol wrote = protocol_of(in, in.u8() & ~of_will);
    const std::uint8_t flags = in.u8();
    read_qos(in, flags);
    if (flags & expiring) read_expiry(in);
    std::size_t bytes = in.text().size();
    bytes += in.text().size();
    if (flags & published) {
        in.u64();
        in.text();
        in.text();
    }
    if (flags & neutral)
        skip_properties(in);
    else
        bytes += read_raw_properties(in, wrote).size();
    if (flags & hiding) bytes += read_hidden_names(in).size();
    of.body_bytes = in.text().size();
    of.message_bytes = message::size_with(bytes + of.body_bytes);
}

}  // namespace

decoded<entry_outline> outline_message(std::string_view value) {
    record_reader in(value);
    entry_outline found;
    outline(in, found);
    if (!in.finish()) return in.fault();
    return found;
}

decoded<entry_outline> outline_entry(std::string_view value) {
    record_reader in(value);
    entry_outline found;
    const std::uint8_t flags = read_entry_flags(in);
    if (flags & entry_expiring) read_expiry(in);
    read_deliveries(in);
    if (skip_options(in)) in.u64();
    if ((flags & place_bits) == inside) outline(in, found);
    if ((flags & place_bits) == shared) found.shared = read_shared(in);
    if (!in.finish()) return in.fault();
    return found;
}

}  // namespace causeway::core::record
