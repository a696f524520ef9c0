// ready_level: reading ahead. A page of entries comes; then the messages of those that several queues share; then all of them
// are taken in, between what has stayed in memory.

#include <algorithm>
#include <string>

#include "core/broker.hpp"
#include "core/ready_level.hpp"

namespace causeway::core {

namespace {

constexpr std::size_t page_records_max = 1000;  // taken in within one turn: about a millisecond
constexpr std::size_t page_bytes_max = 512 << 10;

/// A page is a part of the window.
std::size_t part_of(std::size_t window, std::size_t most) { return std::clamp<std::size_t>(window / 4, 1, most); }

}  // namespace

void ready_level::read_ahead() {
    if (cold_.count == 0 || read_ != 0 || taken_ < arrived_.size()) return;
    const ready_window& w = broker_.window();
    if (head_.size() > w.entries / 2 || head_bytes_ > w.bytes / 2) return;
    const std::uint64_t id = number(of_.id());
    read_upto_ = cold_.last;
    read_ = broker_.pager_.read(*this, {.where = table::entries,
                                        .from = record::key(id, cold_.first),
                                        .to = record::key(id, cold_.last),
                                        .records_max = part_of(w.entries, page_records_max),
                                        .bytes_max = part_of(w.bytes, page_bytes_max)});
}

/// What was not taken in is cold still.
void ready_level::stop_reading() {
    if (read_ != 0) broker_.pager_.cancel(read_);
    read_ = 0;
    taken_ = 0;
    arrived_.clear();
    wanted_.clear();
    shared_.clear();
}

void ready_level::page_arrived(page&& found) {
    read_ = 0;
    if (wanted_.empty())
        take_entries(found);
    else
        take_messages(found);
    absorb();
    if (overflows()) balance();
    of_.more_is_here();
}

void ready_level::take_entries(const page& found) {
    arrived_.reserve(found.size());
    last_page_ = !found.more;
    for (std::size_t i = 0; i < found.size(); ++i) {
        std::uint64_t id = 0;
        std::uint64_t seq = 0;
        if (!record::parse_key(found.key(i), id, seq)) continue;
        auto decoded = record::decode_entry(found.value(i), broker_.origins_, &broker_.memory_);
        if (decoded)
            arrived_.push_back({seq, std::move(decoded.value())});
        else
            lose(seq, decoded.error());
    }
}

void ready_level::take_messages(const page& found) {
    for (std::size_t i = 0; i < found.size(); ++i) {
        std::uint64_t id = 0;
        if (!record::parse_key(found.key(i), id)) continue;
        auto decoded = record::decode_message(found.value(i), broker_.origins_, &broker_.memory_);
        if (!decoded) {
            broker_.log_.error("damaged record", {{"table", "messages"}, {"message", id}, {"reason", decoded.error()}});
            continue;
        }
        decoded.value()->stored.id = message_id{id};
        decoded.value()->stored.entries = counted_apart;
        shared_[message_id{id}] = std::move(decoded.value());
    }
    // Without room for all of them, the rest is asked for again; what is not there is not asked for twice.
    if (!found.more)
        for (const message_id id : wanted_) shared_.try_emplace(id, nullptr);
    wanted_.clear();
}

void ready_level::ask_for_messages() {
    page_request what{.where = table::messages,
                      .from = {},
                      .to = {},
                      .records_max = page_records_max,
                      .bytes_max = part_of(broker_.window().bytes, page_bytes_max)};
    for (std::size_t i = taken_; i < arrived_.size(); ++i) {
        const message_id id = arrived_[i].what.shared;
        if (id == message_id::none || shared_.contains(id)) continue;
        wanted_.push_back(id);
        what.keys.push_back(record::key(number(id)));
    }
    read_ = broker_.pager_.read(*this, std::move(what));
}

/// False: it is to be asked for.
bool ready_level::find_message(arrival& a) {
    if (a.what.shared == message_id::none) return true;
    const auto at = shared_.find(a.what.shared);
    if (at == shared_.end()) return false;
    a.what.e.message = at->second;
    return true;
}

void ready_level::absorb() {
    for (; taken_ < arrived_.size(); ++taken_) {
        if (!find_message(arrived_[taken_])) return ask_for_messages();
        take_in(arrived_[taken_]);
    }
    taken_ = 0;
    arrived_.clear();
    shared_.clear();
    if (last_page_) end_of_range();
}

void ready_level::take_in(arrival& a) {
    while (!among_.empty() && among_.front().seq < a.seq) {
        to_head(std::move(among_.front()));
        among_.pop_front();
    }
    if (cold_.count == 0) return;  // of a commit that was reported as failed, and settled already
    cold_.first = a.seq + 1;
    // Reported as failed, but on disk all the same: what is in memory counts.
    if (!among_.empty() && among_.front().seq == a.seq) return;
    entry e = std::move(a.what.e);
    if (!e.message) {
        broker_.erase(table::entries, record::key(number(of_.id()), a.seq));
        return lose(a.seq, "its message is missing");
    }
    e.seq = a.seq;
    e.recovered = (a.seq & place_number_max) <= totals_.recovered_upto;
    const std::size_t bytes = e.message->size();
    const std::size_t body_bytes = e.message->payload().size();
    --cold_.count;
    cold_.bytes -= std::min(cold_.bytes, bytes);
    cold_.body_bytes -= std::min(cold_.body_bytes, body_bytes);
    to_head(std::move(e));
}

void ready_level::lose(std::uint64_t seq, std::string_view why) {
    broker_.log_.error("damaged record", {{"table", "entries"}, {"queue", of_.name()}, {"place", seq}, {"reason", why}});
}

/// All that was cold when the read began has come. If nothing became cold since, what was counted and did not come is lost.
void ready_level::end_of_range() {
    last_page_ = false;
    cold_.first = std::max(cold_.first, read_upto_ + 1);
    if (cold_.count > 0 && cold_.last > read_upto_) return;
    totals_.count -= cold_.count;
    totals_.bytes -= cold_.bytes;
    totals_.body_bytes -= cold_.body_bytes;
    cold_ = {};
}

}  // namespace causeway::core
