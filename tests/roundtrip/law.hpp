#pragma once
// What must hold for every case of a kind. A case that breaks it is made as small as it can be while it still does.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/simulation/dice.hpp"

namespace causeway::roundtrip {

using simulation::dice;

template <class Case>
struct law {
    std::function<Case(dice&)> make;
    std::function<std::string(const Case&)> broken;             // what is wrong; empty: it holds
    std::function<std::vector<Case>(const Case&)> smaller;      // a step each
    std::function<std::string(const Case&)> print;
};

/// A kind of case with the type forgotten: "" if the law holds for this seed's case, else that case at its smallest and what is wrong.
struct named_law {
    std::string name;
    std::function<std::string(std::uint64_t seed)> check;
};

template <class Case>
named_law named(std::string name, law<Case> of) {
    const auto check = [of = std::move(of)](std::uint64_t seed) -> std::string {
        dice d(seed);
        Case worst = of.make(d);
        if (of.broken(worst).empty()) return "";
        for (bool found = true; found;) {
            found = false;
            for (Case& next : of.smaller(worst)) {
                if (of.broken(next).empty()) continue;
                worst = std::move(next);
                found = true;
                break;
            }
        }
        return of.print(worst) + ": " + of.broken(worst);
    };
    return {std::move(name), check};
}

std::vector<named_law> laws_of_names();
std::vector<named_law> laws_of_patterns();
std::vector<named_law> laws_of_mqtt_properties();
std::vector<named_law> laws_of_amqp_properties();

}  // namespace causeway::roundtrip
