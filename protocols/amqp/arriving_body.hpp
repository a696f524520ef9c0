#pragma once
// The body of a message in several frames, while they come in. What it takes counts as messages in memory do, so that bodies which
// nobody finishes hold publishers back like others, and together they are bounded.

#include <string>
#include <string_view>

#include "protocols/amqp/context.hpp"

namespace causeway::amqp {

class arriving_body {
public:
    explicit arriving_body(context& at) : at_(at) {}
    ~arriving_body() { clear(); }
    arriving_body(const arriving_body&) = delete;
    arriving_body& operator=(const arriving_body&) = delete;

    /// The next of `whole_bytes`. False: all clients' unfinished bodies together would take more than half of what messages may.
    bool append(std::string_view bytes, std::size_t whole_bytes);
    std::string_view view() const { return bytes_; }
    std::size_t size() const { return bytes_.size(); }
    /// Its message has been made, or will not be.
    void clear();

private:
    void count(std::size_t now);

    context& at_;
    std::string bytes_;
    std::size_t counted_ = 0;
};

}  // namespace causeway::amqp
