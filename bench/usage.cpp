#include "bench/usage.hpp"

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>

namespace causeway::bench {

namespace {

namespace fs = std::filesystem;

/// A number of a list with blanks between; counts from 0.
std::optional<std::uint64_t> field(std::string_view text, unsigned index) {
    for (; index > 0; --index) {
        const std::size_t blank = text.find(' ');
        if (blank == std::string_view::npos) return std::nullopt;
        text.remove_prefix(blank + 1);
    }
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() ? std::optional(value) : std::nullopt;
}

std::optional<process_stat> stat_of(const fs::path& process) {
    std::ifstream file(process / "stat");
    std::string line;
    return std::getline(file, line) ? parse_stat(line) : std::nullopt;
}

std::map<pid_t, process_stat> all_processes() {
    std::map<pid_t, process_stat> found;
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator("/proc", ignored)) {
        const auto pid = field(entry.path().filename().native(), 0);
        if (!pid) continue;
        if (const auto stat = stat_of(entry.path())) found.emplace(static_cast<pid_t>(*pid), *stat);
    }
    return found;
}

/// To the nanosecond, where the system tells; the ticks of /proc are 10 ms long.
double cpu_seconds_of(pid_t process, std::uint64_t ticks) {
    clockid_t clock{};
    timespec used{};
    if (::clock_getcpuclockid(process, &clock) == 0 && ::clock_gettime(clock, &used) == 0)
        return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
    return static_cast<double>(ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double seconds(const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; }

}  // namespace

std::optional<process_stat> parse_stat(std::string_view line) {
    const std::size_t name_end = line.rfind(')');  // the name may hold anything, brackets too
    if (name_end == std::string_view::npos || name_end + 2 > line.size()) return std::nullopt;
    const std::string_view rest = line.substr(name_end + 2);  // from field 3 of proc(5) on
    const auto parent = field(rest, 1), user = field(rest, 11), system = field(rest, 12), resident = field(rest, 21);
    if (!parent || !user || !system || !resident) return std::nullopt;
    return process_stat{static_cast<pid_t>(*parent), *user + *system, *resident};
}

std::optional<usage> usage_of(pid_t process) {
    const std::map<pid_t, process_stat> all = all_processes();
    if (!all.contains(process)) return std::nullopt;
    std::set<pid_t> family{process};
    for (std::size_t before = 0; before != family.size();) {
        before = family.size();
        for (const auto& [pid, stat] : all)
            if (family.contains(stat.parent)) family.insert(pid);
    }
    usage sum;
    for (const pid_t pid : family) {
        sum.cpu_seconds += cpu_seconds_of(pid, all.at(pid).cpu_ticks);
        sum.resident_bytes += all.at(pid).resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    }
    return sum;
}

double own_cpu_seconds() {
    rusage own{};
    ::getrusage(RUSAGE_SELF, &own);
    return seconds(own.ru_utime) + seconds(own.ru_stime);
}

}  // namespace causeway::bench
