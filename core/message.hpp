#pragma once
// A message: immutable, shared by every queue that holds it. Belongs to the broker thread (the count is not atomic).

#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <boost/smart_ptr/local_shared_ptr.hpp>

#include "base/ids.hpp"
#include "base/shared_bytes.hpp"
#include "core/origin.hpp"
#include "core/store.hpp"

namespace causeway::core {

/// How often a receiver gets a message: MQTT's QoS, AMQP's delivery_mode 1 and 2. Stored in records: never renumber.
enum class qos : std::uint8_t { at_most_once = 0, at_least_once = 1, exactly_once = 2 };

/// Who published: towards AMQP this becomes x-mqtt-client-id and user_id.
struct publisher {
    connection_id connection = connection_id::none;
    session_id session = session_id::none;  // of an MQTT publisher: No Local compares it
    std::string client_id;
    std::string user;
};

/// Of one thread, as messages are: counting its owners costs next to nothing.
using publisher_ptr = boost::local_shared_ptr<const publisher>;

/// What messages take in memory, and how many there are.
struct memory_account {
    std::size_t bytes = 0;
    std::size_t messages = 0;
    std::size_t unfinished_bytes = 0;  // of bytes: messages that are still arriving
};

class message;
using message_ptr = boost::intrusive_ptr<message>;

/// What a message is made of. The views are copied once, into the message.
struct message_parts {
    const core::origin* from = nullptr;  // nullptr: made by the broker, `neutral` holds the properties
    std::string_view exchange;
    std::string_view name;            // topic or routing key, the publisher's bytes
    std::string_view raw_properties;  // the origin's own property block; empty: none
    std::string_view hidden_names;    // further names that no receiver is shown: pack_name one after the other
    std::string_view payload;
    core::qos qos = core::qos::at_most_once;
    bool durable = false;  // survives a restart in durable queues
    bool retain = false;
    bool will = false;  // published because its client was lost
    std::int64_t expires_wall_ms = 0;  // 0: never
    core::publisher_ptr by;
    std::unique_ptr<core::properties> neutral;  // for a message made or changed by the broker: replaces raw_properties
    memory_account* account = nullptr;  // the message counts here for as long as it lives (broker::memory)
};

/// Appends a name to message_parts::hidden_names: [bytes: u8] [name]. It has 255 bytes at the most.
void pack_name(std::string& out, std::string_view name);
/// Is it made of whole names?
bool are_packed_names(std::string_view packed);

/// As the number of entries of a shared message: the broker knows it.
inline constexpr std::uint32_t counted_apart = 0xFFFF'FFFF;

class message : public boost::intrusive_ref_counter<message, boost::thread_unsafe_counter> {
public:
    static message_ptr make(message_parts&& parts);
    /// How many have been made by this thread. While the number stands, a pointer to a message cannot have come to mean another one.
    static std::uint64_t made() { return made_; }
    ~message();
    static void operator delete(message* m, std::destroying_delete_t);

    protocol from() const { return from_ ? from_->id() : protocol::broker; }
    const core::origin* origin() const { return from_; }
    std::string_view exchange() const { return view(0, exchange_size_); }
    std::string_view name() const { return view(exchange_size_, name_size_); }
    std::string_view raw_properties() const { return view(exchange_size_ + name_size_, raw_size_); }
    /// What it was published by besides its name, and no receiver is shown (BCC of AMQP); packed, and taken apart.
    std::string_view packed_hidden_names() const { return view(exchange_size_ + name_size_ + raw_size_, hidden_size_); }
    std::vector<std::string> hidden_names() const;
    std::string_view payload() const {
        return large_.empty() ? view(exchange_size_ + name_size_ + raw_size_ + hidden_size_, small_size_) : large_.view();
    }
    /// The payload if it is large enough to be referenced by an output_buffer, else empty.
    const shared_bytes& large_payload() const { return large_; }

    core::qos qos() const { return qos_; }
    bool durable() const { return durable_; }
    bool retain() const { return retain_; }
    bool will() const { return will_; }
    std::int64_t expires_wall_ms() const { return expires_wall_ms_; }
    const core::publisher* by() const { return by_.get(); }
    bool published_by(session_id who) const { return by_ && who != session_id::none && by_->session == who; }
    const core::publisher_ptr& by_shared() const { return by_; }

    /// The parts of a copy; the views point into this message.
    message_parts parts() const;

    /// Bytes that it counts for in limits.
    std::size_t size() const { return size_with(head_size() + large_.size()); }
    /// … if names (packed hidden ones, too), raw properties and payload have so many bytes.
    static std::size_t size_with(std::size_t bytes) { return sizeof(message) + bytes; }

    /// The name's levels; made on first use.
    const topic_levels& levels() const;

    /// The neutral properties; made on first use.
    const core::properties& properties() const;

    /// True if the broker changed or made the properties: raw_properties() is then empty and properties() is the truth.
    bool has_neutral() const { return neutral_is_truth_; }

    /// The record that durable queues share: its number once it is stored, and how many stored entries refer to it.
    struct stored_state {
        message_id id = message_id::none;
        std::uint32_t entries = 0;
        commit_number saved_by = 0;  // the commit of the record
    };
    stored_state stored;

    /// Several receivers get it at once: what is done for one may be kept for the next.
    bool for_several() const { return for_several_; }
    void expect_several() { for_several_ = true; }

private:
    message() = default;

    static thread_local constinit std::uint64_t made_;

    /// Exchange, name, raw properties, hidden names and a small payload lie behind the message, in the same block of memory.
    std::size_t head_size() const { return std::size_t{exchange_size_} + name_size_ + raw_size_ + hidden_size_ + small_size_; }
    std::string_view view(std::size_t from, std::size_t size) const { return {reinterpret_cast<const char*>(this + 1) + from, size}; }

    const core::origin* from_ = nullptr;
    shared_bytes large_;
    std::uint32_t exchange_size_ = 0;
    std::uint32_t name_size_ = 0;
    std::uint32_t raw_size_ = 0;
    std::uint32_t hidden_size_ = 0;
    std::uint32_t small_size_ = 0;  // of a payload that is not large
    core::qos qos_ = core::qos::at_most_once;
    bool durable_ = false;
    bool retain_ : 1 = false;
    bool will_ : 1 = false;
    bool for_several_ : 1 = false;
    bool neutral_is_truth_ = false;
    std::int64_t expires_wall_ms_ = 0;
    memory_account* account_ = nullptr;
    core::publisher_ptr by_;
    mutable std::unique_ptr<topic_levels> levels_;
    mutable std::unique_ptr<core::properties> properties_;
};

}  // namespace causeway::core
