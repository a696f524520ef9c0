#include "core/store.hpp"

#include "base/check.hpp"

namespace causeway::core {

const char* name_of(table t) {
    switch (t) {
        case table::meta: return "meta";
        case table::exchanges: return "exchanges";
        case table::queues: return "queues";
        case table::bindings: return "bindings";
        case table::sessions: return "sessions";
        case table::received: return "received";
        case table::entries: return "entries";
        case table::messages: return "messages";
        case table::retained: return "retained";
        case table::shares: return "shares";
        case table::members: return "members";
        case table::retired: return "retired";
        case table::delayed: return "delayed";
    }
    return "?";
}

void batch::begin(std::string_view key) {
    ENSURE(!key.empty() && key.size() <= 511);
    begun_ = bytes_.size();
    bytes_.append(key);
}

void batch::end(table where, std::size_t key_size, bool erase, bool fresh) {
    const std::size_t value_size = bytes_.size() - begun_ - key_size;
    ENSURE(value_size <= 0xFFFF'FFFF);
    operations_.push_back({begun_, static_cast<std::uint32_t>(value_size), static_cast<std::uint16_t>(key_size), where, erase, fresh});
}

batch::operation batch::operator[](std::size_t index) const {
    const slot& s = operations_[index];
    const std::string_view all = bytes_;
    return {s.where, s.erase, s.fresh, {all.data() + s.offset, s.key_size}, {all.data() + s.offset + s.key_size, s.value_size}};
}

void page::add(std::string_view key, std::string_view value) {
    pairs_.push_back({bytes_.size(), key.size(), value.size()});
    bytes_.append(key).append(value);
}

void page::clear() {
    bytes_.clear();
    pairs_.clear();
    more = failed = false;
}

std::string_view page::key(std::size_t index) const {
    const place& p = pairs_[index];
    return std::string_view(bytes_).substr(p.at, p.key_size);
}

std::string_view page::value(std::size_t index) const {
    const place& p = pairs_[index];
    return std::string_view(bytes_).substr(p.at + p.key_size, p.value_size);
}

void batch::clear() {
    bytes_.clear();
    operations_.clear();
}

}  // namespace causeway::core
