#include "base/block_cache.hpp"

#include <array>
#include <cstdint>
#include <new>

namespace causeway {

namespace {

constexpr std::size_t step_bytes = 64;
constexpr std::size_t kept_bytes_max = 256 * 1024;  // of each size

/// A freed block holds the way to the next.
struct block {
    block* next;
};

struct shelf {
    block* first = nullptr;
    std::uint32_t count = 0;
};

constexpr std::size_t shelf_of(std::size_t bytes) { return (bytes + step_bytes - 1) / step_bytes; }

#ifdef __SANITIZE_ADDRESS__
constexpr bool caching = false;  // it would hide whoever uses a block that is freed
#else
constexpr bool caching = true;
#endif

struct cache {
    std::array<shelf, shelf_of(cached_block_bytes_max) + 1> shelves;
    bool closed = false;  // the thread ends

    ~cache() {
        closed = true;
        for (shelf& s : shelves)
            while (s.first) {
                block* const b = s.first;
                s.first = b->next;
                ::operator delete(b);
            }
    }
};

thread_local cache here;

}  // namespace

void* take_block(std::size_t bytes) {
    if (bytes > cached_block_bytes_max || !caching) return ::operator new(bytes);
    const std::size_t size = shelf_of(bytes);
    shelf& s = here.shelves[size];
    if (!s.first) return ::operator new(size * step_bytes);
    block* const b = s.first;
    s.first = b->next;
    --s.count;
    return b;
}

void give_block(void* memory, std::size_t bytes) noexcept {
    if (bytes > cached_block_bytes_max || !caching) return ::operator delete(memory);
    const std::size_t size = shelf_of(bytes);
    shelf& s = here.shelves[size];
    if (s.count * size * step_bytes >= kept_bytes_max || here.closed) return ::operator delete(memory);
    s.first = new (memory) block{s.first};
    ++s.count;
}

}  // namespace causeway
