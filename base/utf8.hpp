#pragma once
// UTF-8 as MQTT 1.5.4 wants it: well formed, no surrogates, no U+0000.

#include <string_view>

namespace causeway {

/// True if the bytes are well-formed UTF-8 (RFC 3629). U+0000 is allowed here.
bool valid_utf8(std::string_view bytes);

/// True if the bytes are an MQTT UTF-8 string: well formed and without U+0000 [MQTT-1.5.4-1, MQTT-1.5.4-2].
bool valid_mqtt_text(std::string_view bytes);

}  // namespace causeway
