#include "app/safe_name.hpp"

namespace causeway::app {

std::string safe_name(std::string_view name) {
    constexpr const char* digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : name) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        const bool kept = letter || (c >= '0' && c <= '9') || c == '-' || c == '_' || (c == '.' && !out.empty());
        if (kept) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

}  // namespace causeway::app
