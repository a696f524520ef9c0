#pragma once
// Each connection needs a file descriptor; systems start programs with few and allow many.

#include <cstdint>

namespace causeway::app {

/// Raises the soft limit of open files to the hard one. Returns the limit that holds now.
std::uint64_t raise_file_limit();

}  // namespace causeway::app
