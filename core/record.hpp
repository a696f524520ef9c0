#pragma once
// What the values in the store mean: every record is [format version: u8] [fields] [CRC-32C of all before: u32], integers
// big-endian (docs/storage.md describes each). Encoders append to `out`; decoders return an error text that says what is
// wrong with the record ("checksum", "version 7", "truncated", …). Pure functions of the core's types.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_writer.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "core/entry.hpp"
#include "core/exchange.hpp"
#include "core/session.hpp"

namespace causeway::core {
struct queue_definition;
}

namespace causeway::core::record {

template <class T>
using decoded = result<T, std::string>;

/// The origins that records may name; indexes are `protocol` values. One per protocol, of this vhost's topic mapping.
struct origins {
    const origin* mqtt = nullptr;
    const origin* amqp = nullptr;
    const origin* of(protocol p) const;  // nullptr for protocol::broker
};

// --- keys (big-endian, so that order is numeric) ---
class short_key {  // numbers are all that keys have
public:
    operator std::string_view() const { return {bytes_, size_}; }
    operator std::string() const { return {bytes_, size_}; }
    bool operator==(std::string_view other) const { return std::string_view(*this) == other; }
    auto operator<=>(std::string_view other) const { return std::string_view(*this) <=> other; }

    template <class T>
    void append(T number) {
        put_integer(bytes_ + size_, number);
        size_ += sizeof(T);
    }

private:
    char bytes_[16];
    std::uint8_t size_ = 0;
};
short_key key(std::uint64_t number);                             // exchanges, queues, bindings, sessions, messages, retained, shares
short_key key(std::uint64_t number, std::uint64_t second);       // entries: queue, seq; members: share's queue, session; delayed: due, number
short_key key(std::uint64_t number, std::uint16_t packet_id);    // received: session, packet id
bool parse_key(std::string_view key, std::uint64_t& number);
bool parse_key(std::string_view key, std::uint64_t& number, std::uint64_t& second);
bool parse_key(std::string_view key, std::uint64_t& number, std::uint16_t& packet_id);

// --- table meta, key "format" ---
inline constexpr std::uint32_t format_version = 3;  // 2: shares and their members; 3: retired ranges and delayed messages
void encode_meta(std::string& out);
decoded<std::uint32_t> decode_meta(std::string_view value);  // the format version it was written with

// --- table exchanges: key(exchange_id) ---
void encode(std::string& out, const exchange_definition& definition);
decoded<exchange_definition> decode_exchange(std::string_view value);

// --- table queues: key(queue_id). Inboxes of sessions are not here: they follow from their session ---
void encode(std::string& out, const queue_definition& definition);
decoded<queue_definition> decode_queue(std::string_view value);

// --- table bindings: key(binding_id) ---
struct binding_record {
    exchange_id source{};
    queue_id to_queue = queue_id::none;           // exactly one of the two
    exchange_id to_exchange = exchange_id::none;
    protocol from = protocol::broker;
    std::string key;
    field_table arguments;
    options_ptr options;  // never null
};
void encode(std::string& out, const binding_record& binding);
decoded<binding_record> decode_binding(std::string_view value);

// --- table sessions: key(session_id) ---
struct session_record {
    std::string client_id;
    std::string user;
    queue_id inbox{};
    std::uint32_t expiry_s = 0;
    std::int64_t disconnected_wall_ms = 0;  // 0: was connected
    std::int64_t will_due_wall_ms = 0;
    std::optional<core::will> last_will;
};
void encode(std::string& out, const session_record& session);
decoded<session_record> decode_session(std::string_view value, const origins& from, memory_account* account);

// --- table shares: key(queue_id) ---
struct share_record {
    std::string name;
};
void encode(std::string& out, const share_record& share);
decoded<share_record> decode_share(std::string_view value);

// --- table members: key(queue_id, session_id) ---
struct member_record {
    options_ptr options;  // never null
};
void encode(std::string& out, const member_record& member);
decoded<member_record> decode_member(std::string_view value);

// --- table received: key(session_id, packet id): the value is empty and has no checksum ---

// --- table messages: key(message_id), for messages that several entries share; retained: key(slot id) ---
void encode(std::string& out, const message& m);
decoded<message_ptr> decode_message(std::string_view value, const origins& from, memory_account* account);

// --- table entries: key(queue_id, seq) ---
// The message stands inside if the entry is its only one, is named by its id if several share it, and is absent once the
// entry is released.
void encode(std::string& out, const entry& e);  // e.message->stored.id names a shared one
struct entry_record {
    entry e;                                // seq and gate are the caller's; e.message is set if it stood inside
    message_id shared = message_id::none;   // else look it up
};
decoded<entry_record> decode_entry(std::string_view value, const origins& from, memory_account* account);

/// What is known of an entry that stays in the store. The sizes are those of the message inside; 0 if there is none.
struct entry_outline {
    message_id shared = message_id::none;
    std::size_t message_bytes = 0;  // message::size()
    std::size_t body_bytes = 0;
};
/// Reads and verifies as decode_entry, but makes nothing of it.
decoded<entry_outline> outline_entry(std::string_view value);
/// The same of a shared message.
decoded<entry_outline> outline_message(std::string_view value);

// --- table retired: key(queue_id, seq): from this place on, entries of the queue are gone, though they have records ---
struct retired_record {
    std::uint64_t last = 0;  // place
};
void encode(std::string& out, const retired_record& retired);
decoded<retired_record> decode_retired(std::string_view value);

// --- table delayed: key(due wall time in ms, number) ---
struct delayed_record {
    std::string exchange;                 // that holds the message back
    std::vector<std::string> more_names;  // that it has besides its own (CC and BCC)
    message_ptr message;                  // null: awakened, its entries were stored with this record, which is about to go
};
void encode(std::string& out, const delayed_record& delayed);
decoded<delayed_record> decode_delayed(std::string_view value, const origins& from, memory_account* account);

/// Field tables in the records' own form, for properties and arguments.
void encode(std::string& out, const field_table& table);

}  // namespace causeway::core::record
