#pragma once
// A text that many objects keep and nobody changes: one pointer, and none of the heap while it is empty. Up to 254 bytes it costs one
// byte more than it has; a std::string has 32 before its first.

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace causeway {

class compact_text {
public:
    compact_text() = default;
    explicit compact_text(std::string_view text) {
        if (text.empty()) return;
        const std::uint64_t size = text.size();
        const bool is_long = size >= long_mark;
        const std::size_t head = is_long ? 1 + sizeof size : 1;
        block_ = std::make_unique_for_overwrite<char[]>(head + text.size());
        block_[0] = static_cast<char>(is_long ? long_mark : size);
        if (is_long) std::memcpy(&block_[1], &size, sizeof size);
        std::memcpy(&block_[head], text.data(), text.size());
    }
    compact_text(const compact_text& other) : compact_text(other.view()) {}
    compact_text(compact_text&&) noexcept = default;
    compact_text& operator=(const compact_text& other) {
        if (this != &other) *this = compact_text(other.view());
        return *this;
    }
    compact_text& operator=(compact_text&&) noexcept = default;
    ~compact_text() = default;

    bool empty() const { return !block_; }
    std::string_view view() const {
        if (!block_) return {};
        const auto first = static_cast<unsigned char>(block_[0]);
        if (first != long_mark) return {&block_[1], first};
        std::uint64_t size = 0;
        std::memcpy(&size, &block_[1], sizeof size);
        return {&block_[1 + sizeof size], size};
    }

private:
    static constexpr unsigned char long_mark = 0xFF;  // the size follows in words of its own

    std::unique_ptr<char[]> block_;  // [size: 1 byte, or long_mark and 8 bytes][text]; none: empty
};

}  // namespace causeway
