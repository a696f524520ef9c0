#pragma once
// What a process costs: CPU time of all its threads and of the processes that it has started, and the memory they hold.

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace causeway::bench {

struct usage {
    double cpu_seconds = 0;  // user and system
    std::uint64_t resident_bytes = 0;
};

/// From /proc and the process's CPU clock. Nothing if there is no such process.
std::optional<usage> usage_of(pid_t process);

/// Our own CPU time.
double own_cpu_seconds();

/// One line of /proc/<pid>/stat; nothing if it is none.
struct process_stat {
    pid_t parent = 0;
    std::uint64_t cpu_ticks = 0;
    std::uint64_t resident_pages = 0;
};
std::optional<process_stat> parse_stat(std::string_view line);

}  // namespace causeway::bench
