#include "core/record.hpp"

#include "core/queue.hpp"
#include "core/record_codec.hpp"

namespace causeway::core::record {

// --- keys ---

short_key key(std::uint64_t number) {
    short_key out;
    out.append(number);
    return out;
}

short_key key(std::uint64_t number, std::uint64_t second) {
    short_key out = key(number);
    out.append(second);
    return out;
}

short_key key(std::uint64_t number, std::uint16_t packet_id) {
    short_key out = key(number);
    out.append(packet_id);
    return out;
}

namespace {

bool read_exactly(const byte_reader& in) { return !in.failed() && in.empty(); }

}  // namespace

bool parse_key(std::string_view key, std::uint64_t& number) {
    byte_reader in(key);
    number = in.u64();
    return read_exactly(in);
}

bool parse_key(std::string_view key, std::uint64_t& number, std::uint64_t& second) {
    byte_reader in(key);
    number = in.u64();
    second = in.u64();
    return read_exactly(in);
}

bool parse_key(std::string_view key, std::uint64_t& number, std::uint16_t& packet_id) {
    byte_reader in(key);
    number = in.u64();
    packet_id = in.u16();
    return read_exactly(in);
}

const origin* origins::of(protocol p) const {
    switch (p) {
        case protocol::broker: return nullptr;
        case protocol::mqtt: return mqtt;
        case protocol::amqp: return amqp;
    }
    return nullptr;
}

// --- meta: [format version: u32] ---

void encode_meta(std::string& out) {
    record_writer to(out);
    to.u32(format_version);
    to.seal();
}

decoded<std::uint32_t> decode_meta(std::string_view value) {
    record_reader in(value);
    const std::uint32_t version = in.u32();
    if (!in.finish()) return in.fault();
    return version;
}

// --- exchange: [name: text] [type: u8] [flags: u8] [arguments: table] ---

namespace {

enum exchange_flag : std::uint8_t { exchange_durable = 1, exchange_auto_delete = 2, exchange_internal = 4 };
enum queue_flag : std::uint8_t { queue_durable = 1, queue_exclusive = 2, queue_auto_delete = 4 };
enum session_flag : std::uint8_t { session_will = 1, session_will_expires = 2 };

std::uint8_t flag(bool set, std::uint8_t bit) { return set ? bit : 0; }

}  // namespace

void encode(std::string& out, const exchange_definition& definition) {
    record_writer to(out);
    to.text(definition.name);
    to.u8(static_cast<std::uint8_t>(definition.type));
    to.u8(flag(definition.durable, exchange_durable) | flag(definition.auto_delete, exchange_auto_delete) |
          flag(definition.internal, exchange_internal));
    to.table(definition.arguments);
    to.seal();
}

decoded<exchange_definition> decode_exchange(std::string_view value) {
    record_reader in(value);
    exchange_definition definition;
    definition.name = in.text();
    const std::uint8_t type = in.u8();
    if (type > static_cast<std::uint8_t>(exchange_type::delayed_message)) in.fail("exchange type " + std::to_string(type));
    definition.type = static_cast<exchange_type>(type);
    const std::uint8_t flags = in.flags(exchange_durable | exchange_auto_delete | exchange_internal);
    definition.durable = flags & exchange_durable;
    definition.auto_delete = flags & exchange_auto_delete;
    definition.internal = flags & exchange_internal;
    definition.arguments = in.table();
    if (!in.finish()) return in.fault();
    return definition;
}

// --- queue: [name: text] [flags: u8] [arguments: table] ---

void encode(std::string& out, const queue_definition& definition) {
    record_writer to(out);
    to.text(definition.name);
    to.u8(flag(definition.durable, queue_durable) | flag(definition.exclusive, queue_exclusive) |
          flag(definition.auto_delete, queue_auto_delete));
    to.table(definition.arguments);
    to.seal();
}

decoded<queue_definition> decode_queue(std::string_view value) {
    record_reader in(value);
    queue_definition definition;
    definition.name = in.text();
    const std::uint8_t flags = in.flags(queue_durable | queue_exclusive | queue_auto_delete);
    definition.durable = flags & queue_durable;
    definition.exclusive = flags & queue_exclusive;
    definition.auto_delete = flags & queue_auto_delete;
    definition.arguments = in.table();
    if (!in.finish()) return in.fault();
    return definition;
}

// --- retired: [last place: u64] ---

void encode(std::string& out, const retired_record& retired) {
    record_writer to(out);
    to.u64(retired.last);
    to.seal();
}

decoded<retired_record> decode_retired(std::string_view value) {
    record_reader in(value);
    const retired_record retired{in.u64()};
    if (!in.finish()) return in.fault();
    return retired;
}

// --- binding: [source: u64] [queue: u64] [exchange: u64] [from: u8] [key: text] [arguments: table] [options] ---

void encode(std::string& out, const binding_record& binding) {
    record_writer to(out);
    to.u64(number(binding.source));
    to.u64(number(binding.to_queue));
    to.u64(number(binding.to_exchange));
    to.u8(static_cast<std::uint8_t>(binding.from));
    to.text(binding.key);
    to.table(binding.arguments);
    write_options(to, *binding.options);
    to.seal();
}

decoded<binding_record> decode_binding(std::string_view value) {
    record_reader in(value);
    binding_record binding;
    binding.source = exchange_id{in.u64()};
    binding.to_queue = queue_id{in.u64()};
    binding.to_exchange = exchange_id{in.u64()};
    if ((binding.to_queue == queue_id::none) == (binding.to_exchange == exchange_id::none)) in.fail("destination");
    binding.from = read_protocol(in);
    binding.key = in.text();
    binding.arguments = in.table();
    binding.options = read_options(in);
    if (!in.finish()) return in.fault();
    return binding;
}

// --- session: [client id: text] [user: text] [inbox: u64] [expiry: u32] [disconnected: i64] [will due: i64]
//              [will: u8] and, with a will, [delay: u32] [expiry: u32, if it has one] [message] ---

void encode(std::string& out, const session_record& session) {
    record_writer to(out);
    to.text(session.client_id);
    to.text(session.user);
    to.u64(number(session.inbox));
    to.u32(session.expiry_s);
    to.i64(session.disconnected_wall_ms);
    to.i64(session.will_due_wall_ms);
    const core::will* last = session.last_will ? &*session.last_will : nullptr;
    to.u8(flag(last != nullptr, session_will) | flag(last && last->expiry_s, session_will_expires));
    if (last) {
        to.u32(last->delay_s);
        if (last->expiry_s) to.u32(*last->expiry_s);
        write_message(to, *last->message);
    }
    to.seal();
}

decoded<session_record> decode_session(std::string_view value, const origins& from, memory_account* account) {
    record_reader in(value);
    session_record session;
    session.client_id = in.text();
    session.user = in.text();
    session.inbox = queue_id{in.u64()};
    session.expiry_s = in.u32();
    session.disconnected_wall_ms = in.i64();
    session.will_due_wall_ms = in.i64();
    const std::uint8_t flags = in.flags(session_will | session_will_expires);
    if (flags == session_will_expires) in.fail("an expiry without a will");
    if (flags & session_will) {
        core::will& last = session.last_will.emplace();
        last.delay_s = in.u32();
        if (flags & session_will_expires) last.expiry_s = in.u32();
        last.message = read_message(in, from, account);
    }
    if (!in.finish()) return in.fault();
    return session;
}

// --- share: [name: text] ---

void encode(std::string& out, const share_record& share) {
    record_writer to(out);
    to.text(share.name);
    to.seal();
}

decoded<share_record> decode_share(std::string_view value) {
    record_reader in(value);
    share_record share{std::string(in.text())};
    if (!in.finish()) return in.fault();
    return share;
}

// --- member: [options] ---

void encode(std::string& out, const member_record& member) {
    record_writer to(out);
    write_options(to, *member.options);
    to.seal();
}

decoded<member_record> decode_member(std::string_view value) {
    record_reader in(value);
    member_record member{read_options(in)};
    if (!in.finish()) return in.fault();
    return member;
}

}  // namespace causeway::core::record
