#pragma once
// A log line, from its level on; the time stands before it.

#include <string>
#include <string_view>

#include "base/log.hpp"

namespace causeway::app {

const char* name_of(log_level level);

/// info  listening name=mqtt address="…"      (quoted where a value would not read as one word)
void append_text(std::string& to, log_level level, std::string_view message, logger::facts about);
std::string log_text(log_level level, std::string_view message, logger::facts about);

/// "level":"info","message":"listening","name":"mqtt"      (the members of a JSON object)
void append_json(std::string& to, log_level level, std::string_view message, logger::facts about);
std::string log_json(log_level level, std::string_view message, logger::facts about);

}  // namespace causeway::app
