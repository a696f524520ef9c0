#include "bench/topics.hpp"

namespace causeway::bench {

namespace {

std::string digits(std::uint64_t number) {
    std::string text(topic_digits, '0');
    write_topic_digits(text.data(), number);
    return text;
}

}  // namespace

void write_topic_digits(char* to, std::uint64_t number) {
    for (std::size_t i = topic_digits; i-- > 0; number /= 10) to[i] = static_cast<char>('0' + number % 10);
}

std::string numbered_topic(std::string_view below, std::uint64_t number, bool wildcards) {
    return std::string(below) + digits(number) + std::string(wildcards ? wildcard_tail : "");
}

std::string wildcard_filter(std::string_view below, std::uint64_t number, unsigned turn) {
    const std::size_t second = below.find('/') + 1, third = below.find('/', second) + 1;
    const std::string first_level(below.substr(0, second)), two_levels(below.substr(0, third));
    const std::string last_level = std::string(below.substr(third)) + digits(number);
    switch (turn % 4) {
        case 0: return two_levels + last_level + "/+/value";
        case 1: return "+/" + two_levels.substr(second) + last_level + "/room/+";
        case 2: return two_levels + last_level + "/#";
        default: return first_level + "+/" + last_level + "/#";
    }
}

}  // namespace causeway::bench
