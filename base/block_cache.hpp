#pragma once
// Small blocks of memory for what comes and goes with every message. Blocks that were freed are kept by their size for the next
// who asks on the same thread, up to a bound; the rest is malloc's. (glibc's own cache keeps 7 of a size, and a turn frees
// hundreds.)

#include <cstddef>

namespace causeway {

/// What is larger than this is left to malloc.
inline constexpr std::size_t cached_block_bytes_max = 2048;

void* take_block(std::size_t bytes);
/// `bytes`: as it was taken.
void give_block(void* block, std::size_t bytes) noexcept;

}  // namespace causeway
