#include "base/compact_text.hpp"

#include <string>
#include <utility>

#include <catch2/catch.hpp>

using causeway::compact_text;

TEST_CASE("a compact text is what it was made of, at every length around those where its form changes") {
    for (const std::size_t size : {0, 1, 22, 254, 255, 256, 65'535, 70'000}) {
        std::string text(size, 'x');
        if (size > 0) text.back() = '\0';
        const compact_text kept(text);
        CHECK(kept.view() == text);
        CHECK(kept.empty() == text.empty());
    }
}

TEST_CASE("compact texts are values") {
    compact_text a("first"), b;
    b = a;
    a = compact_text("second");
    CHECK(a.view() == "second");
    CHECK(b.view() == "first");
    const compact_text c = std::move(a);
    CHECK(c.view() == "second");
    const compact_text& same = b;
    b = same;
    CHECK(b.view() == "first");
    b = compact_text();
    CHECK(b.view().empty());
}

TEST_CASE("an empty compact text has no memory, and any has one pointer") {
    CHECK(sizeof(compact_text) == sizeof(void*));
    CHECK(compact_text("").view().data() == nullptr);
}
