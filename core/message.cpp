#include "core/message.hpp"

#include "base/check.hpp"
#include "base/output_buffer.hpp"

namespace causeway::core {

message_ptr message::make(message_parts parts) {
    ENSURE(parts.from || parts.raw_properties.empty());
    message_ptr made(new message);
    message& m = *made;
    const bool large = parts.payload.size() >= output_buffer::reference_bytes_min;
    m.head_.reserve(parts.exchange.size() + parts.name.size() + parts.raw_properties.size() +
                    (large ? 0 : parts.payload.size()));
    m.head_.append(parts.exchange).append(parts.name).append(parts.raw_properties);
    if (large)
        m.large_ = shared_bytes(parts.payload);
    else
        m.head_.append(parts.payload);
    m.from_ = parts.from;
    m.exchange_size_ = static_cast<std::uint32_t>(parts.exchange.size());
    m.name_size_ = static_cast<std::uint32_t>(parts.name.size());
    m.raw_size_ = static_cast<std::uint32_t>(parts.raw_properties.size());
    m.qos_ = parts.qos;
    m.durable_ = parts.durable;
    m.retain_ = parts.retain;
    m.expires_wall_ms_ = parts.expires_wall_ms;
    m.by_ = std::move(parts.by);
    m.neutral_is_truth_ = parts.neutral != nullptr;
    m.properties_ = std::move(parts.neutral);
    m.account_ = parts.account;
    if (m.account_) {
        m.account_->bytes += m.size();
        ++m.account_->messages;
    }
    return made;
}

message_parts message::parts() const {
    message_parts copy{.from = from_,
                       .exchange = exchange(),
                       .name = name(),
                       .raw_properties = raw_properties(),
                       .payload = payload(),
                       .qos = qos_,
                       .durable = durable_,
                       .retain = retain_,
                       .expires_wall_ms = expires_wall_ms_,
                       .by = by_,
                       .neutral = nullptr,
                       .account = account_};
    if (neutral_is_truth_) copy.neutral = std::make_unique<core::properties>(*properties_);
    return copy;
}

message::~message() {
    if (!account_) return;
    account_->bytes -= size();
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
    if (!properties_)
        properties_ = std::make_unique<core::properties>(from_ && raw_size_ > 0 ? from_->parse_properties(raw_properties())
                                                                                : core::properties());
    return *properties_;
}

}  // namespace causeway::core
