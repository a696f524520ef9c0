#pragma once
// How much of the heap this program has, counted: what was asked for, as malloc rounds it up, and its header.

#include <cstdint>

namespace causeway::test {

std::int64_t heap_bytes();

}  // namespace causeway::test
