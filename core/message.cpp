#include "core/message.hpp"

#include <algorithm>

#include "base/block_cache.hpp"
#include "base/byte_reader.hpp"
#include "base/check.hpp"
#include "base/output_buffer.hpp"

namespace causeway::core {

void pack_name(std::string& out, std::string_view name) {
    ENSURE(name.size() <= UINT8_MAX);
    out.push_back(static_cast<char>(name.size()));
    out.append(name);
}

bool are_packed_names(std::string_view packed) {
    byte_reader in(packed);
    while (!in.empty()) in.take(in.u8());
    return !in.failed();
}

namespace {

// What neutral properties take besides the message. They can be many times as large as the publisher's block, so they count in the
// account, but not in size(), which limits and records are about. They never change, so what was added can be taken away.

std::size_t bytes_of(const field_value& value);

std::size_t bytes_of(const field_table& table) {
    std::size_t bytes = table.size() * sizeof(named_value);
    for (const auto& [name, value] : table) bytes += name.size() + bytes_of(value);
    return bytes;
}

std::size_t bytes_of(const field_value& value) {
    if (const auto* text = std::get_if<std::string>(&value.base())) return text->size();
    if (const auto* blob = std::get_if<byte_array>(&value.base())) return blob->bytes.size();
    if (const auto* table = std::get_if<field_table>(&value.base())) return bytes_of(*table);
    const auto* array = std::get_if<field_array>(&value.base());
    if (!array) return 0;
    std::size_t bytes = array->size() * sizeof(field_value);
    for (const field_value& each : *array) bytes += bytes_of(each);
    return bytes;
}

std::size_t bytes_of(const properties* p) {
    if (!p) return 0;
    std::size_t bytes = sizeof(properties) + bytes_of(p->headers);
    for (const std::string* text : {&p->content_type, &p->content_encoding, &p->message_id, &p->type, &p->user_id, &p->app_id, &p->cluster_id})
        bytes += text->size();
    for (const auto* text : {&p->correlation_id, &p->reply_topic, &p->reply_to})
        if (*text) bytes += (*text)->size();
    return bytes;
}

}  // namespace

thread_local constinit std::uint64_t message::made_ = 0;

message_ptr message::make(message_parts&& parts) {
    ENSURE(parts.from || parts.raw_properties.empty());
    ++made_;
    const bool large = parts.payload.size() >= output_buffer::reference_bytes_min;
    const std::string_view behind[] = {parts.exchange, parts.name, parts.raw_properties, parts.hidden_names,
                                       large ? std::string_view() : parts.payload};
    std::size_t bytes = sizeof(message);
    for (const std::string_view part : behind) bytes += part.size();
    message_ptr made(new (take_block(bytes)) message);
    message& m = *made;
    char* to = reinterpret_cast<char*>(&m + 1);
    for (const std::string_view part : behind) to = std::copy(part.begin(), part.end(), to);
    if (large) m.large_ = shared_bytes(parts.payload);
    m.from_ = parts.from;
    m.exchange_size_ = static_cast<std::uint32_t>(parts.exchange.size());
    m.name_size_ = static_cast<std::uint32_t>(parts.name.size());
    m.raw_size_ = static_cast<std::uint32_t>(parts.raw_properties.size());
    m.hidden_size_ = static_cast<std::uint32_t>(parts.hidden_names.size());
    m.small_size_ = large ? 0 : static_cast<std::uint32_t>(parts.payload.size());
    m.qos_ = parts.qos;
    m.durable_ = parts.durable;
    m.retain_ = parts.retain;
    m.will_ = parts.will;
    m.expires_wall_ms_ = parts.expires_wall_ms;
    m.by_ = std::move(parts.by);
    m.neutral_is_truth_ = parts.neutral != nullptr;
    m.properties_ = std::move(parts.neutral);
    m.account_ = parts.account;
    if (m.account_) {
        m.account_->bytes += m.size() + bytes_of(m.properties_.get());
        ++m.account_->messages;
    }
    return made;
}

message_parts message::parts() const {
    message_parts copy{.from = from_,
                       .exchange = exchange(),
                       .name = name(),
                       .raw_properties = raw_properties(),
                       .hidden_names = packed_hidden_names(),
                       .payload = payload(),
                       .qos = qos_,
                       .durable = durable_,
                       .retain = retain_,
                       .will = will_,
                       .expires_wall_ms = expires_wall_ms_,
                       .by = by_,
                       .neutral = nullptr,
                       .account = account_};
    if (neutral_is_truth_) copy.neutral = std::make_unique<core::properties>(*properties_);
    return copy;
}

std::vector<std::string> message::hidden_names() const {
    std::vector<std::string> names;
    byte_reader in(packed_hidden_names());
    while (!in.empty()) names.emplace_back(in.take(in.u8()));
    return names;
}

void message::operator delete(message* m, std::destroying_delete_t) {
    const std::size_t bytes = sizeof(message) + m->head_size();
    m->~message();
    give_block(m, bytes);
}

message::~message() {
    if (!account_) return;
    account_->bytes -= size() + bytes_of(properties_.get());
    --account_->messages;
}

const topic_levels& message::levels() const {
    if (!levels_) {
        levels_ = std::make_unique<topic_levels>();
        if (from_)
            *levels_ = from_->levels(name());
        else
            levels_->push(name());
    }
    return *levels_;
}

const core::properties& message::properties() const {
    if (properties_) return *properties_;
    properties_ = std::make_unique<core::properties>(from_ && !raw_properties().empty() ? from_->parse_properties(raw_properties())
                                                                                        : core::properties());
    if (account_) account_->bytes += bytes_of(properties_.get());
    return *properties_;
}

}  // namespace causeway::core
