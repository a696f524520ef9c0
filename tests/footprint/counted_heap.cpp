#include "tests/footprint/counted_heap.hpp"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::int64_t> held{0};

constexpr std::int64_t header_bytes = 8;

}  // namespace

std::int64_t causeway::test::heap_bytes() { return held; }

void* operator new(std::size_t bytes) {
    void* const block = std::malloc(bytes);
    if (!block) throw std::bad_alloc();
    held += static_cast<std::int64_t>(::malloc_usable_size(block)) + header_bytes;
    return block;
}

void operator delete(void* block) noexcept {
    if (!block) return;
    held -= static_cast<std::int64_t>(::malloc_usable_size(block)) + header_bytes;
    std::free(block);
}

void operator delete(void* block, std::size_t) noexcept { operator delete(block); }
