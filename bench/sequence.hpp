#pragma once
// The numbers of one publisher's messages as one receiver gets them: 0, 1, 2, … if all is well. Tells exactly which are
// missing, whatever comes when; as long as all is in order it remembers one number.

#include <cstdint>
#include <map>

namespace causeway::bench {

class sequence {
public:
    enum class verdict : std::uint8_t { in_order, late, doubled };

    struct seen {
        verdict what;
        std::uint64_t settled;  // numbers that need not be waited for any more: this one, and those that it jumped over
    };

    seen see(std::uint64_t number) {
        if (number == next_) [[likely]] {
            ++next_;
            return {verdict::in_order, 1};
        }
        return number > next_ ? jump(number) : look_back(number);
    }

    /// Numbers below the highest one that have not come.
    std::uint64_t missing() const { return missing_count_; }

private:
    seen jump(std::uint64_t number);
    seen look_back(std::uint64_t number);

    std::uint64_t next_ = 0;
    std::uint64_t missing_count_ = 0;
    std::map<std::uint64_t, std::uint64_t> missing_;  // first → last, apart from each other
};

}  // namespace causeway::bench
