#pragma once
// Exchanges and the bindings that leave them. Routing is pure: message in, targets out.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"
#include "core/consistent_hash.hpp"
#include "core/direct_bindings.hpp"
#include "core/entry.hpp"
#include "core/field.hpp"
#include "core/message.hpp"
#include "core/route_cache.hpp"
#include "core/topic_tree.hpp"

namespace causeway::core {

class queue;
class exchange;

/// Stored in records: never renumber.
enum class exchange_type : std::uint8_t { direct = 0, fanout = 1, topic = 2, headers = 3, consistent_hash = 4, delayed_message = 5 };
const char* name_of(exchange_type type);
bool parse_exchange_type(std::string_view name, exchange_type& out);

struct exchange_definition {
    std::string name;
    exchange_type type = exchange_type::direct;
    bool durable = false;
    bool auto_delete = false;
    bool internal = false;
    field_table arguments;
};

/// What a consistent-hash exchange looks at.
enum class hash_source : std::uint8_t { name, header, correlation_id, message_id, timestamp };

/// What type and arguments mean (exchange_arguments.hpp).
struct exchange_rules {
    exchange_type routing = exchange_type::direct;  // of a delaying exchange: what it does with a message whose time has come
    bool delays = false;                            // type x-delayed-message
    hash_source hash = hash_source::name;
    std::string hash_header;
};

/// From an exchange to a queue or to another exchange. For an MQTT subscription the destination is the session's inbox, the
/// key is the topic filter and `options` are the subscription's.
struct binding {
    binding_id id = binding_id::none;
    exchange* source = nullptr;
    queue* to_queue = nullptr;        // exactly one of the two is set
    exchange* to_exchange = nullptr;
    const core::origin* from = nullptr;  // who wrote the key; never null once it is bound
    std::string key;
    field_table arguments;
    options_ptr options;  // never null
    bool match_dollar = false;  // argument x-match-dollar
    bool durable = false;       // has a record
    std::uint32_t place = 0;           // in its exchange's bindings()
    std::uint32_t place_of_equals = 0; // among those of a direct exchange with the same key …
    std::uint32_t place_of_levels = 0; // … or, if the exchange compares levels, whose levels hash alike
    std::uint32_t incoming_place = 0;  // in its destination's incoming
    commit_number saved_by = 0;      // the commit of its record

    /// Same destination, key and arguments.
    bool same_as(const binding& other) const;
};

class exchange {
public:
    exchange(exchange_id id, exchange_definition definition, exchange_rules rules);
    exchange(const exchange&) = delete;
    exchange& operator=(const exchange&) = delete;

    exchange_id id() const { return id_; }
    const std::string& name() const { return definition_.name; }
    exchange_type type() const { return definition_.type; }
    const exchange_definition& definition() const { return definition_; }
    /// The alternate-exchange, declared or by policy; empty if none.
    const std::string& alternate() const { return alternate_; }
    void set_alternate(std::string name) { alternate_ = std::move(name); }
    const exchange_rules& rules() const { return rules_; }

    binding& add(std::unique_ptr<binding> b);
    std::unique_ptr<binding> remove(binding& b);
    binding* find(const binding& like) const;
    const std::vector<std::unique_ptr<binding>>& bindings() const { return bindings_; }

    /// Visits the bindings that match. A delaying exchange is asked when the message's time has come.
    void match(const message& m, std::vector<const binding*>& out) const;

    /// Can targets be remembered per name? Not if anything on the way looks at more than the name.
    bool routes_by_name() const {
        return rules_.routing != exchange_type::headers && rules_.hash == hash_source::name && !rules_.delays;
    }

    std::vector<binding*> incoming;  // bindings from other exchanges that end here
    commit_number saved_by = 0;      // the commit of its record

    // These belong to the broker; they are here because they go with the exchange.
    route_cache by_name[3];        // per protocol that wrote the name
    std::uint64_t reached_in = 0;  // the number of the last search for targets that came here

private:
    exchange_id id_;
    exchange_definition definition_;
    exchange_rules rules_;
    std::string alternate_;
    std::vector<std::unique_ptr<binding>> bindings_;
    std::unordered_multimap<std::size_t, binding*> index_;  // by hash of destination, key and arguments
    direct_bindings direct_;          // type direct
    topic_tree<binding*> topics_;     // type topic
    consistent_hash weighted_;        // type x-consistent-hash
};

}  // namespace causeway::core
