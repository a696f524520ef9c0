#pragma once
// Basic properties of AMQP for which MQTT has no words: user properties called "amqp-message-id" and so on (docs/mapping.md,
// Properties).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/properties.hpp"
#include "protocols/mqtt/user_property.hpp"

namespace causeway::mqtt {

/// What this user property says about a basic property, told to `into`. Returns its place in the order in which write_basic writes them;
/// nothing, and `into` is unchanged, if it is an ordinary one: another name, a value that does not fit or would come back differently, or
/// that property is set already.
std::optional<std::size_t> take_basic(std::string_view name, std::string_view value, core::properties& into);

/// All that are set, in their order. Content type and reply-to are among them only where MQTT cannot say them as its own properties.
std::vector<user_property> basic_of(const core::properties& p);

/// The topic that a reply goes to; nothing where there is none, or none that is legal.
std::optional<std::string> response_topic_of(const core::properties& p);

}  // namespace causeway::mqtt
