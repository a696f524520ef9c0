#pragma once
// A digest that only this process can make (BLAKE2b with a random key): it lets credentials be recognised without keeping
// them. Thread-safe.

#include <array>
#include <cstdint>
#include <string_view>

namespace causeway::tls {

class keyed_digest {
public:
    using value = std::array<unsigned char, 32>;

    keyed_digest();
    ~keyed_digest();
    keyed_digest(const keyed_digest&) = delete;
    keyed_digest& operator=(const keyed_digest&) = delete;

    /// Of both texts; ("ab", "c") and ("a", "bc") differ.
    value of(std::string_view first, std::string_view second) const;

    /// In a time that does not depend on where they differ.
    static bool equal(const value& a, const value& b);

private:
    std::array<unsigned char, 32> key_;
};

}  // namespace causeway::tls
