#pragma once
// Appends big-endian integers and bytes to a string that somebody else keeps.

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/check.hpp"

namespace causeway {

/// An integer at a place that has room for it; returns the place behind it.
template <class T>
char* put_integer(char* at, T value) {
    if constexpr (std::endian::native == std::endian::little) {
        if constexpr (sizeof(T) == 2) value = __builtin_bswap16(value);
        if constexpr (sizeof(T) == 4) value = __builtin_bswap32(value);
        if constexpr (sizeof(T) == 8) value = __builtin_bswap64(value);
    }
    std::memcpy(at, &value, sizeof(T));
    return at + sizeof(T);
}

class byte_writer {
public:
    explicit byte_writer(std::string& out) : out_(out) {}

    void u8(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
    void u16(std::uint16_t value) { integer(value); }
    void u32(std::uint32_t value) { integer(value); }
    void u64(std::uint64_t value) { integer(value); }
    void bytes(std::string_view view) { out_.append(view); }

    /// Bytes behind a length of 8, 16 or 32 bits. The caller has checked that they fit.
    void bytes8(std::string_view view) {
        ENSURE(view.size() <= 0xFF);
        u8(static_cast<std::uint8_t>(view.size()));
        bytes(view);
    }
    void bytes16(std::string_view view) {
        ENSURE(view.size() <= 0xFFFF);
        u16(static_cast<std::uint16_t>(view.size()));
        bytes(view);
    }
    void bytes32(std::string_view view) {
        ENSURE(view.size() <= 0xFFFF'FFFF);
        u32(static_cast<std::uint32_t>(view.size()));
        bytes(view);
    }

    /// Where the next byte goes; with put_u32 a length can be filled in once it is known.
    std::size_t position() const { return out_.size(); }
    void put_u32(std::size_t position, std::uint32_t value) {
        for (std::size_t i = 0; i < 4; ++i) out_[position + i] = static_cast<char>(value >> (24 - 8 * i));
    }

private:
    template <class T>
    void integer(T value) {
        char text[sizeof(T)];
        put_integer(text, value);
        out_.append(text, sizeof(T));
    }

    std::string& out_;
};

}  // namespace causeway
