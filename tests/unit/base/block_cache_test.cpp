// Small blocks that come and go.

#include <cstring>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "base/block_cache.hpp"

using namespace causeway;

TEST_CASE("blocks of every size can be written to their end, and come back") {
    std::vector<std::pair<void*, std::size_t>> taken;
    for (int round = 0; round < 3; ++round) {
        for (std::size_t bytes = 1; bytes <= cached_block_bytes_max + 200; bytes += 7) {
            void* const block = take_block(bytes);
            std::memset(block, static_cast<int>(bytes), bytes);
            taken.emplace_back(block, bytes);
        }
        for (const auto& [block, bytes] : taken) {
            const auto* at = static_cast<const unsigned char*>(block);
            CHECK(at[0] == static_cast<unsigned char>(bytes));
            CHECK(at[bytes - 1] == static_cast<unsigned char>(bytes));
            give_block(block, bytes);
        }
        taken.clear();
    }
}

#ifndef __SANITIZE_ADDRESS__
TEST_CASE("a block that was given back is the next one of its size on the same thread") {
    void* const first = take_block(100);
    give_block(first, 100);
    CHECK(take_block(120) == first);  // 65 to 128 bytes are one size
    give_block(first, 120);
}
#endif

TEST_CASE("a block may be given back on another thread, and a thread keeps nothing when it ends") {
    void* block = nullptr;
    std::thread([&block] { block = take_block(64); }).join();
    std::memset(block, 1, 64);
    give_block(block, 64);
    std::thread([] {
        for (int i = 0; i < 100; ++i) give_block(take_block(64), 64);
    }).join();  // the leak checker of ./dev asan would see what it left
}
