#include "bench/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "bench/clock.hpp"
#include "bench/numbers.hpp"

namespace causeway::bench {

namespace {

constexpr std::uint64_t pause_ns = second_ns / 5;
constexpr std::size_t width = 30;

}  // namespace

progress::progress() : visible_(::isatty(STDERR_FILENO) == 1) {}

progress::~progress() {
    if (drawn_) std::fputs("\r\033[K", stderr);
}

void progress::show(std::string_view what, double fraction, std::uint64_t count, std::string_view unit,
                    std::uint64_t now_ns) {
    if (!visible_ || now_ns < next_ns_) return;
    next_ns_ = now_ns + pause_ns;
    drawn_ = true;
    const auto filled = static_cast<std::size_t>(std::clamp(fraction, 0.0, 1.0) * width);
    const std::string bar = std::string(filled, '#') + std::string(width - filled, '-');
    const std::string line = std::string(what) + " [" + bar + "] " + with_commas(count) + " " + std::string(unit);
    std::fprintf(stderr, "\r\033[K%s", line.c_str());
    std::fflush(stderr);
}

}  // namespace causeway::bench
