// The way back of entries and of the messages that they share. Only what has room in memory is made anew; of the rest it is
// enough to know that it is whole, how much it is, and which messages it shares.

#include <algorithm>
#include <utility>

#include "core/broker.hpp"
#include "core/damage.hpp"

namespace causeway::core {

class broker::entry_recovery {
public:
    explicit entry_recovery(broker& of) : of_(of) {}

    void run() {
        outline_messages();
        of_.store_.scan(table::entries, "", [this](std::string_view key, std::string_view value) {
            entry_found(key, value);
            return true;
        });
        count_references();
    }

private:
    /// Of a shared message. Sizes that a message cannot exceed.
    struct known {
        std::uint32_t message_bytes = 0;
        std::uint32_t body_bytes = 0;
        std::uint32_t entries = 0;
        bool apart = false;  // some of them stay in the store
    };

    void outline_messages();
    void entry_found(std::string_view key, std::string_view value);
    queue* queue_of(queue_id id);
    known* count_entry(message_id shared);
    void pass_over(std::string_view key, std::string_view value);
    void leave_in_store(queue& into, std::uint64_t seq, std::string_view key, std::string_view value);
    void restore(queue* into, queue_id id, std::uint64_t seq, std::string_view key, std::string_view value);
    message_ptr load(message_id id);
    void count_references();
    void of_nobody(queue_id id, std::uint64_t seq, std::string_view key, std::string_view value);

    broker& of_;
    boost::unordered_flat_map<message_id, known> known_;
    boost::unordered_flat_map<message_id, message_ptr> loaded_;
    queue_id last_id_ = queue_id::none;        // entries of a queue stand together
    queue* last_queue_ = nullptr;
};

void broker::entry_recovery::outline_messages() {
    of_.store_.scan(table::messages, "", [this](std::string_view key, std::string_view value) {
        std::uint64_t id = 0;
        parse(table::messages, key, id);
        const record::entry_outline outline = readable(record::outline_message(value), table::messages, key);
        known_[message_id{id}] = {.message_bytes = static_cast<std::uint32_t>(outline.message_bytes),
                                  .body_bytes = static_cast<std::uint32_t>(outline.body_bytes)};
        of_.last_id_ = std::max(of_.last_id_, id);
        return true;
    });
}

queue* broker::entry_recovery::queue_of(queue_id id) {
    if (id == last_id_) return last_queue_;
    const auto at = of_.recovering_.find(id);
    last_id_ = id;
    last_queue_ = at == of_.recovering_.end() ? nullptr : at->second;
    return last_queue_;
}

void broker::entry_recovery::entry_found(std::string_view key, std::string_view value) {
    std::uint64_t id = 0;
    std::uint64_t seq = 0;
    parse(table::entries, key, id, seq);
    of_.last_id_ = std::max(of_.last_id_, id);
    queue* const into = queue_of(queue_id{id});
    if (of_.retired_.contains(queue_id{id}, seq)) return pass_over(key, value);
    if (!into)
        of_nobody(queue_id{id}, seq, key, value);
    else if (into->has_room_at(seq))
        restore(into, queue_id{id}, seq, key, value);
    else
        leave_in_store(*into, seq, key, value);
}

/// Its queue is gone. What was on its way back to a share from a session that ended, goes there.
void broker::entry_recovery::of_nobody(queue_id id, std::uint64_t seq, std::string_view key, std::string_view value) {
    const record::entry_record r = readable(record::decode_entry(value, of_.origins_, nullptr), table::entries, key);
    if (of_.shares_by_queue_.contains(r.e.options->share)) return restore(nullptr, id, seq, key, value);
    of_.erase(table::entries, key);
}

/// One more entry refers to it; nullptr: it is not there.
broker::entry_recovery::known* broker::entry_recovery::count_entry(message_id shared) {
    of_.last_id_ = std::max(of_.last_id_, number(shared));
    const auto at = known_.find(shared);
    if (at == known_.end()) return nullptr;
    ++at->second.entries;
    return &at->second;
}

/// It will be erased soon, and its message with the last that refers to it.
void broker::entry_recovery::pass_over(std::string_view key, std::string_view value) {
    const record::entry_outline outline = readable(record::outline_entry(value), table::entries, key);
    if (known* const shared = count_entry(outline.shared)) shared->apart = true;
}

void broker::entry_recovery::leave_in_store(queue& into, std::uint64_t seq, std::string_view key, std::string_view value) {
    record::entry_outline outline = readable(record::outline_entry(value), table::entries, key);
    if (known* const shared = count_entry(outline.shared)) {
        shared->apart = true;
        outline.message_bytes = shared->message_bytes;
        outline.body_bytes = shared->body_bytes;
    }
    if (outline.message_bytes == 0) {
        of_.erase(table::entries, key);
        return;
    }
    into.restore_cold(seq, outline);
}

message_ptr broker::entry_recovery::load(message_id id) {
    if (const auto at = loaded_.find(id); at != loaded_.end()) return at->second;
    message_ptr& m = loaded_[id];
    of_.store_.find(table::messages, record::key(number(id)), [&](std::string_view key, std::string_view value) {
        m = readable(record::decode_message(value, of_.origins_, &of_.memory_), table::messages, key);
        m->stored.id = id;
        return false;
    });
    return m;
}

void broker::entry_recovery::restore(queue* into, queue_id id, std::uint64_t seq, std::string_view key, std::string_view value) {
    record::entry_record r = readable(record::decode_entry(value, of_.origins_, &of_.memory_), table::entries, key);
    of_.last_id_ = std::max({of_.last_id_, number(r.shared), number(r.e.options->share)});
    if (r.shared != message_id::none && known_.contains(r.shared)) r.e.message = load(r.shared);
    // A delivery under way whose message has been given up, but the commit that should have said so failed.
    const bool exactly_once = r.e.options->qos_max == qos::exactly_once;
    if (into && into->session() && !r.e.message && exactly_once) r.e.released = true;
    // One that a share has marked was being sent exactly once to a session that is gone with the process [MQTT-4.8.2-5].
    const bool marked = r.e.deliveries > 0 && of_.shares_by_queue_.contains(id);
    if ((!r.e.message && !r.e.released) || marked) {
        of_.erase(table::entries, key);
        return;
    }
    if (r.e.message) count_entry(r.shared);
    r.e.seq = seq;
    r.e.stored = true;
    r.e.recovered = true;
    if (into)
        of_.recover_entry(*into, std::move(r.e));
    else
        of_.orphans_.push_back({id, std::move(r.e)});
}

void broker::entry_recovery::count_references() {
    for (const auto& [id, m] : known_) {
        if (m.entries == 0) of_.erase(table::messages, record::key(number(id)));
        if (m.apart) of_.counts_apart_[id] = m.entries;
        if (const auto at = loaded_.find(id); at != loaded_.end() && at->second)
            at->second->stored.entries = m.apart ? counted_apart : m.entries;
    }
}

void broker::recover_entries() {
    recover_retired();
    entry_recovery(*this).run();
    for (const orphan& o : std::exchange(doubles_, {})) erase_entry(o.inbox, o.e.seq, o.e);
    forget_duplicates();
    take_in_orphans();
}

void broker::recover_retired() {
    store_.scan(table::retired, "", [this](std::string_view key, std::string_view value) {
        std::uint64_t id = 0;
        std::uint64_t first = 0;
        parse(table::retired, key, id, first);
        const record::retired_record r = readable(record::decode_retired(value), table::retired, key);
        retired_.restore(queue_id{id}, {first, r.last});
        // What comes now must not be taken for what goes.
        if (const auto at = recovering_.find(queue_id{id}); at != recovering_.end()) at->second->skip_places(r.last);
        last_id_ = std::max(last_id_, id);
        return true;
    });
}

}  // namespace causeway::core
