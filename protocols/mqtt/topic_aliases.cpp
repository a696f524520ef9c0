#include "protocols/mqtt/topic_aliases.hpp"

namespace causeway::mqtt {

result<std::string_view, reason> incoming_aliases::resolve(const publish& p) {
    const auto alias = p.properties.number(property::topic_alias);
    if (!alias) {
        if (p.topic.empty()) return reason::protocol_error;
        return p.topic;
    }
    if (*alias == 0 || *alias > max_) return reason::topic_alias_invalid;
    if (!p.topic.empty()) {
        if (topics_.size() < *alias) topics_.resize(*alias);
        topics_[*alias - 1] = p.topic;
        return p.topic;
    }
    if (*alias > topics_.size() || topics_[*alias - 1].empty()) return reason::protocol_error;
    return std::string_view(topics_[*alias - 1]);
}

outgoing_aliases::choice outgoing_aliases::choose_among(std::string_view topic) const {
    if (!aliases_) return {1, false};
    if (const auto at = aliases_->find(topic); at != aliases_->end()) return {at->second, true};
    return {aliases_->size() < max_ ? static_cast<std::uint16_t>(aliases_->size() + 1) : std::uint16_t{0}, false};
}

void outgoing_aliases::sent(std::string_view topic, choice c) {
    if (c.alias == 0 || c.announced) return;
    if (!aliases_) aliases_ = std::make_unique<table>();
    aliases_->emplace(std::string(topic), c.alias);
}

}  // namespace causeway::mqtt
