// Messages that several stored entries share: how many entries refer to one is counted in the message, and apart from it once one of
// them is in the store only, because the message itself may then come and go.

#include "base/check.hpp"
#include "core/broker.hpp"

namespace causeway::core {

/// One more entry refers to it. Returns whether it is the first.
bool broker::take_message(message& m) {
    if (m.stored.entries == counted_apart) return ++counts_apart_[m.stored.id] == 1;
    return m.stored.entries++ == 0;
}

void broker::count_record(const entry& e) {
    if (e.message->stored.id != message_id::none) take_message(*e.message);
}

commit_number broker::store_entry_again(const queue& q, const entry& e) {
    message::stored_state& shared = e.message->stored;
    if (shared.id != message_id::none) --(shared.entries == counted_apart ? counts_apart_[shared.id] : shared.entries);
    return store_entry(q, e, true);
}

void broker::give_up_message(const message_ptr& m) {
    if (!m || m->stored.id == message_id::none) return;
    message::stored_state& shared = m->stored;
    if (shared.entries == counted_apart) return give_up_message(shared.id);
    ENSURE(shared.entries > 0);
    if (--shared.entries == 0) erase(table::messages, record::key(number(shared.id)));
}

void broker::give_up_message(message_id id) {
    const auto at = counts_apart_.find(id);
    if (at == counts_apart_.end()) return;  // its record was damaged or missing
    if (--at->second > 0) return;
    counts_apart_.erase(at);
    erase(table::messages, record::key(number(id)));
}

void broker::count_apart(message& m) {
    if (m.stored.id == message_id::none || m.stored.entries == counted_apart) return;
    counts_apart_[m.stored.id] = m.stored.entries;
    m.stored.entries = counted_apart;
}

}  // namespace causeway::core
