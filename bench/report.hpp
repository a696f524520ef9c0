#pragma once
// What came out, for people and for programs.

#include <string>
#include <vector>

#include "bench/phase.hpp"
#include "bench/plan.hpp"

namespace causeway::bench {

/// "pairs: 50 publishers to 50 receivers, MQTT 3.1.1 QoS 0, 64 bytes"
std::string title(const plan& p);
std::string as_table(const plan& p, const std::vector<phase>& done);
std::string as_json(const plan& p, const std::vector<phase>& done);

/// May the server deliver a message more than once without being wrong?
bool may_double(const plan& p);

}  // namespace causeway::bench
