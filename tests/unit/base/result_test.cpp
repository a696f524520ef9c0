#include <catch2/catch.hpp>

#include "base/result.hpp"

using namespace causeway;

namespace {

enum class trouble { none, small, large };

result<int, trouble> half(int number) {
    if (number % 2 != 0) return trouble::small;
    return number / 2;
}

result<int, trouble> quarter(int number) {
    TRY(const int once, half(number));
    TRY(const int twice, half(once));
    return twice;
}

result<void, trouble> check(int number) {
    TRY(half(number));
    return success();
}

}  // namespace

TEST_CASE("a result holds a value or the reason why there is none") {
    CHECK(half(6).value() == 3);
    CHECK(half(7).error() == trouble::small);
}

TEST_CASE("TRY goes on with the value or returns the reason") {
    CHECK(quarter(12).value() == 3);
    CHECK(quarter(6).error() == trouble::small);
    CHECK(check(2).has_value());
    CHECK(check(1).error() == trouble::small);
}
