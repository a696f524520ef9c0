#pragma once
// Topic names and filters as text (MQTT 4.7, 4.8.2). The text itself has been checked as UTF-8 already.

#include <optional>
#include <string>
#include <string_view>

namespace causeway::mqtt {

/// At least one character and no wildcard [MQTT-3.3.2-2, MQTT-4.7.3-1].
bool valid_topic_name(std::string_view text);

/// At least one character; '#' only as the last level, '+' and '#' only as whole levels [MQTT-4.7.1-1, MQTT-4.7.1-2].
/// "$share/…" is not taken apart here.
bool valid_topic_filter(std::string_view text);

/// "$share/group/filter", or a plain filter with an empty group.
struct filter_parts {
    std::string_view group{};
    std::string_view filter{};
    bool shared() const { return !group.empty(); }
};

/// Does it begin as a shared subscription's? One that is not well formed is refused by itself, in SUBACK or UNSUBACK: in MQTT 3
/// it is like any other filter.
bool asks_for_share(std::string_view text);

/// "$queue/<name>": not a filter, but the AMQP queue of that name (docs/mapping.md, Meeting points).
bool asks_for_queue(std::string_view text);
/// The queue's name, as it is; nothing if it has wildcards, is empty, or longer than AMQP's 255 bytes.
std::optional<std::string_view> queue_of_filter(std::string_view text);
std::string filter_of_queue(std::string_view queue);

/// Takes a subscription's filter apart; nothing if it is not well formed. A group has at least one character and none of
/// "/+#"; a filter follows it [MQTT-4.8.2-1, MQTT-4.8.2-2].
std::optional<filter_parts> parse_filter(std::string_view text);

}  // namespace causeway::mqtt
