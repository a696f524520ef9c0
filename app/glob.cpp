#include "app/glob.hpp"

namespace causeway::app {

bool glob_matches(std::string_view glob, std::string_view name) {
    constexpr std::size_t none = std::string_view::npos;
    std::size_t g = 0, n = 0;
    std::size_t star = none, swallowed = 0;  // the last '*', and up to where of the name it has reached
    while (n < name.size()) {
        if (g < glob.size() && glob[g] == '*') {
            star = g++;
            swallowed = n;
        } else if (g < glob.size() && (glob[g] == '?' || glob[g] == name[n])) {
            ++g;
            ++n;
        } else if (star != none) {
            g = star + 1;
            n = ++swallowed;
        } else {
            return false;
        }
    }
    while (g < glob.size() && glob[g] == '*') ++g;
    return g == glob.size();
}

}  // namespace causeway::app
