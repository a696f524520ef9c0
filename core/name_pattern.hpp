#pragma once
// A regular expression that is looked for in the names of queues and exchanges, in Perl's syntax as RabbitMQ's policies have it.
// Compiled once; cheap to copy.

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace causeway::core {

class name_pattern {
public:
    /// Or what is wrong with it.
    static result<name_pattern, std::string> compile(std::string_view text);

    /// Anywhere in the name. A name that takes too many steps to decide about does not match.
    bool found_in(std::string_view name) const;
    const std::string& text() const { return text_; }

private:
    struct compiled;
    name_pattern(std::string text, std::shared_ptr<const compiled> it) : text_(std::move(text)), compiled_(std::move(it)) {}

    std::string text_;
    std::shared_ptr<const compiled> compiled_;
};

}  // namespace causeway::core
