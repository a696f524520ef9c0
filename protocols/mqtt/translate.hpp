#pragma once
// A message of the core as the PUBLISH that a subscriber gets. From MQTT: the publisher's bytes; from elsewhere: what
// docs/mapping.md says.

#include <string>

#include "core/entry.hpp"
#include "core/crossing.hpp"
#include "protocols/mqtt/encode.hpp"

namespace causeway::mqtt {

/// Where translated text lives while a PUBLISH is made. Stays empty where nothing has to be translated.
struct translation {
    std::string topic;
    std::string properties;
};

/// RETAIN as this subscriber sees it [MQTT-3.3.1-8, MQTT-3.3.1-12, MQTT-3.3.1-13].
inline bool shown_as_retained(const core::entry& e) {
    return e.options->retained_replay || (e.options->retain_as_published && e.message->retain());
}

/// Fills in what follows from the message and from how the subscriber asked for it: not the packet id, DUP and alias. The
/// views point into the message and into `scratch`. False: its name cannot be an MQTT topic.
bool translate(const core::entry& e, const core::crossing_rules& rules, std::int64_t now_wall_ms, version v, translation& scratch,
               outgoing_publish& out);

}  // namespace causeway::mqtt
