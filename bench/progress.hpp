#pragma once
// A bar on standard error while the work goes on, if a person is looking at it.

#include <cstdint>
#include <string_view>

namespace causeway::bench {

class progress {
public:
    progress();
    /// Takes the bar away.
    ~progress();
    progress(const progress&) = delete;
    progress& operator=(const progress&) = delete;

    /// `fraction`: 0 to 1. Cheap to call often: it draws five times a second.
    void show(std::string_view what, double fraction, std::uint64_t count, std::string_view unit, std::uint64_t now_ns);

private:
    bool visible_;
    bool drawn_ = false;
    std::uint64_t next_ns_ = 0;
};

}  // namespace causeway::bench
