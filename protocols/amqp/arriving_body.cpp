#include "protocols/amqp/arriving_body.hpp"

#include <algorithm>

namespace causeway::amqp {

namespace {
/// Of a body, for the next one on the channel: it is not counted.
constexpr std::size_t kept_bytes_max = 16 * 1024;
/// Room for so many frames like the first one is made at once.
constexpr std::size_t frames_expected_max = 16;
}

bool arriving_body::append(std::string_view bytes, std::size_t whole_bytes) {
    const std::size_t unfinished = at_.broker->memory()->unfinished_bytes;
    if (unfinished + bytes.size() > at_.broker->options().memory_bytes_max / 2) return false;
    if (bytes_.empty()) bytes_.reserve(std::min(whole_bytes, frames_expected_max * bytes.size()));
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
