#pragma once
// The works: each logs in whom it needs, measures, and leaves nothing behind in the server.

#include <vector>

#include "bench/phase.hpp"
#include "bench/stage.hpp"

namespace causeway::bench {

/// pairs, fan-in, fan-out, publish
std::vector<phase> traffic(stage& on);
std::vector<phase> offline(stage& on);
std::vector<phase> connect(stage& on);
std::vector<phase> retained(stage& on);
std::vector<phase> subscribe(stage& on);

}  // namespace causeway::bench
