#include "core/name_pattern.hpp"

#include <stdexcept>

#include <boost/regex.hpp>

namespace causeway::core {

struct name_pattern::compiled {
    boost::regex expression;
};

// The library says by exceptions what is wrong with a pattern, and that a search takes too long. They end here.

result<name_pattern, std::string> name_pattern::compile(std::string_view text) {
    try {
        auto made = std::make_shared<compiled>();
        made->expression.assign(text.data(), text.data() + text.size());
        return name_pattern(std::string(text), std::move(made));
    } catch (const boost::regex_error& wrong) {
        return std::string(wrong.what());
    }
}

bool name_pattern::found_in(std::string_view name) const {
    try {
        return boost::regex_search(name.begin(), name.end(), compiled_->expression);
    } catch (const std::runtime_error&) {
        return false;
    }
}

}  // namespace causeway::core
