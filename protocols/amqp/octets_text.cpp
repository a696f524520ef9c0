#include "protocols/amqp/octets_text.hpp"

#include <algorithm>
#include <cstdint>

namespace causeway::amqp {

namespace {

constexpr std::size_t octets_in_text_max = 128;  // with their commas more than a short string holds
constexpr std::size_t snippet_bytes_max = 16;

bool printable(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

std::string snippet(std::string_view octets) {
    if (octets.empty() || !std::ranges::all_of(octets, printable)) return octet_numbers(octets);
    return "<<\"" + std::string(octets) + "\">>";
}

}  // namespace

std::string octet_numbers(std::string_view octets) {
    std::string text = "<<";
    for (char octet : octets.substr(0, octets_in_text_max)) {
        if (text.size() > 2) text += ',';
        text += std::to_string(static_cast<std::uint8_t>(octet));
    }
    return text + ">>";
}

std::string frame_text(frame_type type, std::string_view payload) {
    const bool whole = payload.size() <= snippet_bytes_max;
    return "type " + std::to_string(static_cast<unsigned>(type)) + ", " + (whole ? "all" : "first 16") +
           " octets = " + snippet(payload.substr(0, snippet_bytes_max));
}

}  // namespace causeway::amqp
