#include "persistence/check.hpp"

#include <filesystem>
#include <functional>
#include <stdexcept>

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include "base/hex.hpp"
#include "core/queue.hpp"
#include "core/record.hpp"
#include "persistence/database.hpp"

namespace causeway::persistence {

namespace {

using core::table;
namespace record = core::record;

/// The exchanges that every vhost has; they have no records.
constexpr std::uint64_t predeclared_exchanges = 6;

/// Stands for a protocol that is not asked anything here: records are read, not understood.
class unasked final : public core::origin {
public:
    explicit unasked(core::protocol id) : id_(id) {}
    core::protocol id() const override { return id_; }
    core::topic_levels levels(std::string_view) const override { return {}; }
    core::topic_pattern pattern(std::string_view) const override { return {}; }
    core::properties parse_properties(std::string_view) const override { return {}; }

private:
    core::protocol id_;
};

using scan = std::function<void(table, const core::store::visitor&)>;

/// One walk: tables in an order in which what is referred to is known already.
class walk {
public:
    explicit walk(scan read) : read_(std::move(read)) {}

    check_report all() {
        each(table::meta, [this](auto key, auto value) { meta(key, value); });
        each(table::exchanges, [this](auto key, auto value) { exchange(key, value); });
        each(table::queues, [this](auto key, auto value) { queue(key, value); });
        each(table::sessions, [this](auto key, auto value) { session(key, value); });
        each(table::shares, [this](auto key, auto value) { share(key, value); });
        each(table::members, [this](auto key, auto value) { member(key, value); });
        each(table::bindings, [this](auto key, auto value) { binding(key, value); });
        each(table::delayed, [this](auto key, auto value) { delayed(key, value); });
        each(table::received, [this](auto key, auto value) { received(key, value); });
        each(table::retired, [this](auto key, auto value) { retired_range(key, value); });
        each(table::messages, [this](auto key, auto value) { message(key, value); });
        each(table::entries, [this](auto key, auto value) { entry(key, value); });
        each(table::retained, [this](auto key, auto value) { retained(key, value); });
        for (const auto& [id, entries] : messages_)
            if (entries == 0) found(table::messages, record::key(id), "no entry refers to it");
        return std::move(report_);
    }

private:
    template <class Visit>
    void each(table where, Visit visit) {
        const auto counted = [&](std::string_view key, std::string_view value) {
            ++report_.records[static_cast<std::size_t>(where)];
            visit(key, value);
            return true;
        };
        try {
            read_(where, counted);
        } catch (const std::runtime_error& e) {
            found(where, {}, e.what());
        }
    }

    void found(table where, std::string_view key, std::string what) {
        report_.findings.push_back({where, hex_of(key), std::move(what)});
    }

    /// Notes what is wrong with the record, if anything.
    template <class T>
    bool readable(table where, std::string_view key, const record::decoded<T>& decoded) {
        if (!decoded) found(where, key, decoded.error());
        return decoded.has_value();
    }

    template <class... Parts>
    bool parse(table where, std::string_view key, Parts&... parts) {
        const bool parsed = record::parse_key(key, parts...);
        if (!parsed) found(where, key, "key");
        return parsed;
    }

    void meta(std::string_view key, std::string_view value) {
        if (key != "format") return found(table::meta, key, "unknown key");
        const auto version = record::decode_meta(value);
        if (readable(table::meta, key, version) && version.value() > record::format_version)
            found(table::meta, key, "format " + std::to_string(version.value()));
    }

    void exchange(std::string_view key, std::string_view value) {
        std::uint64_t id = 0;
        if (parse(table::exchanges, key, id)) exchanges_.insert(id);
        readable(table::exchanges, key, record::decode_exchange(value));
    }

    void queue(std::string_view key, std::string_view value) {
        std::uint64_t id = 0;
        if (parse(table::queues, key, id)) queues_.insert(id);
        readable(table::queues, key, record::decode_queue(value));
    }

    void session(std::string_view key, std::string_view value) {
        std::uint64_t id = 0;
        if (parse(table::sessions, key, id)) sessions_.insert(id);
        const auto decoded = record::decode_session(value, origins_, nullptr);
        if (!readable(table::sessions, key, decoded)) return;
        inboxes_.insert(number(decoded.value().inbox));
        if (!queues_.insert(number(decoded.value().inbox)).second) found(table::sessions, key, "its inbox is also another queue");
    }

    void share(std::string_view key, std::string_view value) {
        std::uint64_t id = 0;
        if (parse(table::shares, key, id) && !queues_.insert(id).second) found(table::shares, key, "its queue is also another");
        shares_.insert(id);
        readable(table::shares, key, record::decode_share(value));
    }

    void member(std::string_view key, std::string_view value) {
        std::uint64_t share = 0;
        std::uint64_t session = 0;
        if (parse(table::members, key, share, session)) {
            if (!shares_.contains(share)) found(table::members, key, "its share is missing");
            if (!sessions_.contains(session)) found(table::members, key, "its session is missing");
        }
        readable(table::members, key, record::decode_member(value));
    }

    void delayed(std::string_view key, std::string_view value) {
        std::uint64_t due = 0;
        std::uint64_t id = 0;
        parse(table::delayed, key, due, id);
        readable(table::delayed, key, record::decode_delayed(value, origins_, nullptr));
    }

    void binding(std::string_view key, std::string_view value) {
        std::uint64_t id = 0;
        parse(table::bindings, key, id);
        const auto decoded = record::decode_binding(value);
        if (!readable(table::bindings, key, decoded)) return;
        const record::binding_record& b = decoded.value();
        if (!known_exchange(number(b.source))) found(table::bindings, key, "its exchange is missing");
        const bool known = b.to_queue != queue_id::none ? queues_.contains(number(b.to_queue))
                                                        : known_exchange(number(b.to_exchange));
        if (!known) found(table::bindings, key, "its destination is missing");
    }

    void received(std::string_view key, std::string_view value) {
        std::uint64_t id = 0;
        std::uint16_t packet_id = 0;
        if (parse(table::received, key, id, packet_id) && !sessions_.contains(id))
            found(table::received, key, "its session is missing");
        if (!value.empty()) found(table::received, key, "has a value");
    }

    void retired_range(std::string_view key, std::string_view value) {
        retired r;
        parse(table::retired, key, r.queue, r.first);
        const auto decoded = record::decode_retired(value);
        if (!readable(table::retired, key, decoded)) return;
        r.last = decoded.value().last;
        if (r.last < r.first) found(table::retired, key, "ends before it begins");
        retired_.push_back(r);
    }

    /// Nobody has it any more, and it is about to be erased.
    bool is_retired(std::uint64_t queue, std::uint64_t seq) const {
        for (const retired& r : retired_)
            if (r.queue == queue && r.first <= seq && seq <= r.last) return true;
        return false;
    }

    void message(std::string_view key, std::string_view value) {
        std::uint64_t id = 0;
        if (parse(table::messages, key, id)) messages_[id] = 0;
        readable(table::messages, key, record::decode_message(value, origins_, nullptr));
    }

    void entry(std::string_view key, std::string_view value) {
        std::uint64_t id = 0;
        std::uint64_t seq = 0;
        const bool parsed = parse(table::entries, key, id, seq);
        const auto decoded = record::decode_entry(value, origins_, nullptr);
        if (!readable(table::entries, key, decoded)) return;
        const record::entry_record& r = decoded.value();
        // What was on its way back to a share from a session that ended goes there at the next start.
        const bool placed = queues_.contains(id) || is_retired(id, seq) || shares_.contains(number(r.e.options->share));
        if (parsed && !placed) found(table::entries, key, "its queue is missing");
        if (r.shared != message_id::none) {
            const auto at = messages_.find(number(r.shared));
            if (at == messages_.end()) {
                // Given up by a delivery under way, but the commit that should have said so failed: the broker knows what to do.
                const bool under_way = inboxes_.contains(id) && r.e.options->qos_max == core::qos::exactly_once;
                return under_way ? void() : found(table::entries, key, "its message is missing");
            }
            ++at->second;
        } else if (!r.e.message && !r.e.released) {
            found(table::entries, key, "has no message");
        }
    }

    void retained(std::string_view key, std::string_view value) {
        std::uint64_t id = 0;
        parse(table::retained, key, id);
        readable(table::retained, key, record::decode_message(value, origins_, nullptr));
    }

    bool known_exchange(std::uint64_t id) const { return (id > 0 && id <= predeclared_exchanges) || exchanges_.contains(id); }

    struct retired {
        std::uint64_t queue = 0;
        std::uint64_t first = 0;
        std::uint64_t last = 0;
    };

    scan read_;
    check_report report_;
    const unasked mqtt_{core::protocol::mqtt};
    const unasked amqp_{core::protocol::amqp};
    const record::origins origins_{&mqtt_, &amqp_};
    boost::unordered_flat_set<std::uint64_t> exchanges_;
    boost::unordered_flat_set<std::uint64_t> inboxes_;
    boost::unordered_flat_set<std::uint64_t> queues_;  // also the sessions' inboxes and those of shares
    boost::unordered_flat_set<std::uint64_t> shares_;  // by their queues
    boost::unordered_flat_set<std::uint64_t> sessions_;
    std::vector<retired> retired_;
    boost::unordered_flat_map<std::uint64_t, std::uint64_t> messages_;  // id → entries that refer to it
};

}  // namespace

check_report check(const std::string& directory, logger& log) {
    if (!std::filesystem::exists(directory + "/data.mdb")) throw std::runtime_error("there are no data in " + directory);
    database db({.directory = directory}, log);
    return walk([&db](table where, const core::store::visitor& visit) { db.scan(where, "", visit); }).all();
}

check_report check(core::store& store) {
    return walk([&store](table where, const core::store::visitor& visit) { store.scan(where, "", visit); }).all();
}

}  // namespace causeway::persistence
