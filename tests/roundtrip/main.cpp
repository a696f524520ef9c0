// roundtrip [--cases N] [--seed N]: names, patterns and properties cross the border and come back. Each case has its own seed, rising
// from the first one; one that breaks a law is printed at its smallest, with the command that replays it, and ends the program with 1.

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/roundtrip/law.hpp"

namespace {

using namespace causeway::roundtrip;

unsigned long long number_after(int argc, char** argv, const char* option, unsigned long long otherwise) {
    for (int i = 1; i + 1 < argc; ++i)
        if (std::strcmp(argv[i], option) == 0) return std::strtoull(argv[i + 1], nullptr, 10);
    return otherwise;
}

std::vector<named_law> all_laws() {
    std::vector<named_law> all;
    for (auto* laws : {laws_of_names, laws_of_patterns, laws_of_mqtt_properties, laws_of_amqp_properties})
        for (named_law& each : laws()) all.push_back(std::move(each));
    return all;
}

/// How many of the cases break the law; after a few it is given up.
unsigned long long broken_cases(const named_law& law, unsigned long long seed, unsigned long long cases, const char* program) {
    constexpr unsigned long long told_max = 3;
    unsigned long long broken = 0;
    for (const unsigned long long end = seed + cases; seed < end && broken < told_max; ++seed) {
        const std::string what = law.check(seed);
        if (what.empty()) continue;
        ++broken;
        std::printf("%s: broken by %s\n  replay: %s --seed %llu --cases 1\n", law.name.c_str(), what.c_str(), program, seed);
    }
    return broken;
}

}  // namespace

int main(int argc, char** argv) {
    const auto cases = number_after(argc, argv, "--cases", 3'000);
    const auto seed = number_after(argc, argv, "--seed", 1);
    unsigned long long failed = 0;
    for (const named_law& law : all_laws()) {
        const unsigned long long broken = broken_cases(law, seed, cases, argv[0]);
        std::printf("%s: %llu cases from seed %llu, %s\n", law.name.c_str(), cases, seed, broken ? "broken" : "kept");
        std::fflush(stdout);
        failed += broken > 0;
    }
    std::printf("%zu passed, %llu failed\n", all_laws().size() - static_cast<std::size_t>(failed), failed);
    return failed ? 1 : 0;
}
