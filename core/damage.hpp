#pragma once
// How the start ends if a record cannot be read: with its table, key and reason. For recovery only.

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "base/hex.hpp"
#include "core/record.hpp"
#include "core/store.hpp"

namespace causeway::core {

[[noreturn]] inline void damaged(table where, std::string_view key, std::string_view why) {
    throw std::runtime_error("damaged record in table " + std::string(name_of(where)) + ", key " + hex_of(key) + ": " +
                             std::string(why));
}

/// The value of a decoder's result, or the end of the start.
template <class T>
T readable(record::decoded<T> decoded, table where, std::string_view key) {
    if (!decoded) damaged(where, key, decoded.error());
    return std::move(decoded.value());
}

template <class... Parts>
void parse(table where, std::string_view key, Parts&... parts) {
    if (!record::parse_key(key, parts...)) damaged(where, key, "key");
}

}  // namespace causeway::core
