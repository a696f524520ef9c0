#pragma once
// A cursor over bytes that somebody else keeps. It remembers its first failure: after reading past the end every read
// gives zero or nothing, and failed() is asked once at the end. Integers are big-endian. Never allocates.

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace causeway {

class byte_reader {
public:
    constexpr byte_reader() = default;
    constexpr explicit byte_reader(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

    std::uint8_t u8() { return integer<std::uint8_t>(); }
    std::uint16_t u16() { return integer<std::uint16_t>(); }
    std::uint32_t u32() { return integer<std::uint32_t>(); }
    std::uint64_t u64() { return integer<std::uint64_t>(); }

    std::string_view take(std::size_t count) {
        if (count > remaining()) {
            fail();
            return {};
        }
        std::string_view taken(at_, count);
        at_ += count;
        return taken;
    }
    std::string_view rest() { return take(remaining()); }

    /// Bytes behind a length of 8, 16 or 32 bits.
    std::string_view bytes8() { return take(u8()); }
    std::string_view bytes16() { return take(u16()); }
    std::string_view bytes32() { return take(u32()); }

    std::size_t remaining() const { return static_cast<std::size_t>(end_ - at_); }
    bool empty() const { return at_ == end_; }
    bool failed() const { return failed_; }
    void fail() {
        failed_ = true;
        at_ = end_;
    }

private:
    template <class T>
    T integer() {
        if (sizeof(T) > remaining()) {
            fail();
            return 0;
        }
        T value = 0;
        for (std::size_t i = 0; i < sizeof(T); ++i)
            value = static_cast<T>((static_cast<std::uint64_t>(value) << 8) | static_cast<std::uint8_t>(at_[i]));
        at_ += sizeof(T);
        return value;
    }

    const char* at_ = nullptr;
    const char* end_ = nullptr;
    bool failed_ = false;
};

}  // namespace causeway
