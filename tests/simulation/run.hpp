#pragma once
// One simulated life of a broker, decided by a seed: clients of both protocols come and go and act at random, commits are
// held back, the store crashes; in the end everybody collects what is theirs and the ledger is checked.

#include <cstdint>
#include <string>
#include <vector>

namespace causeway::simulation {

struct plan {
    std::uint64_t seed = 1;
    int steps = 3'000;
    int mqtt_clients = 3;
    int amqp_clients = 2;
    int shares = 2;
    int failing_shares = 2;  // in lives in which commits fail
};

struct outcome {
    std::vector<std::string> violations;  // empty: all promises were kept
    std::size_t acknowledged = 0;
    std::size_t received = 0;
    int crashes = 0;
    std::uint64_t trace = 0;  // hash of every byte that the broker sent: the same seed gives the same
};

outcome run(const plan& p);

}  // namespace causeway::simulation
