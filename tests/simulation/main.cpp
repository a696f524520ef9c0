// simulation [--seed N] [--runs N] [--steps N]: simulated lives from consecutive seeds. A broken promise prints the command
// that replays it and ends the program with 1.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "tests/simulation/run.hpp"

namespace {

using causeway::simulation::plan;

long number_after(int argc, char** argv, const char* option, long otherwise) {
    for (int i = 1; i + 1 < argc; ++i)
        if (std::strcmp(argv[i], option) == 0) return std::atol(argv[i + 1]);
    return otherwise;
}

bool kept(const plan& p, const char* program, bool talkative) {
    const auto first = causeway::simulation::run(p);
    for (const std::string& what : first.violations) std::printf("seed %llu: %s\n", static_cast<unsigned long long>(p.seed), what.c_str());
    bool good = first.violations.empty();
    if (good && p.seed % 16 == 0 && causeway::simulation::run(p).trace != first.trace) {
        std::printf("seed %llu: two runs of this seed differ\n", static_cast<unsigned long long>(p.seed));
        good = false;
    }
    if (!good) std::printf("replay: %s --seed %llu --runs 1 --steps %d\n", program, static_cast<unsigned long long>(p.seed), p.steps);
    if (talkative)
        std::printf("seed %llu: %zu acknowledged, %zu received, %d crashes\n", static_cast<unsigned long long>(p.seed),
                    first.acknowledged, first.received, first.crashes);
    return good;
}

}  // namespace

int main(int argc, char** argv) {
    const long runs = number_after(argc, argv, "--runs", 40);
    plan p;
    p.seed = static_cast<std::uint64_t>(number_after(argc, argv, "--seed", 1));
    p.steps = static_cast<int>(number_after(argc, argv, "--steps", 3'000));
    p.failing_shares = static_cast<int>(number_after(argc, argv, "--failing-shares", p.failing_shares));
    long failed = 0;
    for (long i = 0; i < runs; ++i, ++p.seed) failed += !kept(p, argv[0], runs <= 10);
    std::printf("%ld passed, %ld failed\n", runs - failed, failed);
    return failed ? 1 : 0;
}
