#include "protocols/amqp/arriving_body.hpp"

namespace causeway::amqp {

namespace {
constexpr std::size_t kept_bytes_max = 256 * 1024;  // of a body, for the next one
}

bool arriving_body::append(std::string_view bytes) {
    const std::size_t unfinished = at_.broker->memory()->unfinished_bytes;
    if (unfinished + bytes.size() > at_.broker->options().memory_bytes_max / 2) return false;
    bytes_.append(bytes);
    count(bytes_.capacity());
    return true;
}

void arriving_body::clear() {
    if (counted_ != 0) count(0);
    if (bytes_.capacity() > kept_bytes_max) std::string().swap(bytes_);
    bytes_.clear();
}

void arriving_body::count(std::size_t now) {
    core::memory_account& memory = *at_.broker->memory();
    memory.bytes += now - counted_;
    memory.unfinished_bytes += now - counted_;
    at_.unfinished_bytes += now - counted_;
    counted_ = now;
}

}  // namespace causeway::amqp
