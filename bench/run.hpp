#pragma once
// The whole of `causeway bench`, once the command line has been read.

#include <optional>
#include <string>

#include "bench/plan.hpp"

namespace causeway::bench {

/// What cannot be done, for people; nothing if the plan is fine.
std::optional<std::string> objection(const plan& p);

enum class outcome : std::uint8_t { all_well, messages_wrong, failed };

/// Does the work and prints what came out. Errors go to standard error.
outcome run(const plan& p);

}  // namespace causeway::bench
