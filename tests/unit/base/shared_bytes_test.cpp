#include <catch2/catch.hpp>

#include "base/shared_bytes.hpp"

using causeway::shared_bytes;

TEST_CASE("copies share their bytes, and the last owner keeps them alive") {
    shared_bytes copy;
    {
        const shared_bytes first(std::string("hello"));
        copy = first;
        CHECK(copy.view().data() == first.view().data());
    }
    CHECK(copy.view() == "hello");
    CHECK(copy.size() == 5);
}

TEST_CASE("no bytes are empty, however they were made") {
    CHECK(shared_bytes().empty());
    CHECK(shared_bytes(std::string_view()).empty());
    CHECK(shared_bytes(std::string()).view().empty());
    CHECK(shared_bytes().size() == 0);
}
