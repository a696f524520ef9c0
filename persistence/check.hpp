#pragma once
// Is a data directory whole? Reads every record, verifies its checksum and form, and what it refers to. For tools and tests,
// while no broker uses the directory.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "core/store.hpp"

namespace causeway::persistence {

struct finding {
    core::table where;
    std::string key;  // in hexadecimal
    std::string what;
};

struct check_report {
    std::array<std::uint64_t, core::table_count> records{};  // per table
    std::vector<finding> findings;                            // empty: all is well
};

/// Throws std::runtime_error if the directory cannot be opened (in use, of a newer format, …).
check_report check(const std::string& directory, logger& log);

/// The same for a store that is open already.
check_report check(core::store& store);

}  // namespace causeway::persistence
