// The command `check`.

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "app/bus_error.hpp"
#include "app/commands.hpp"
#include "app/config_file.hpp"
#include "app/config_text.hpp"
#include "app/exit_code.hpp"
#include "persistence/check.hpp"

namespace causeway::app {

namespace fs = std::filesystem;

namespace {

int print(printed what) {
    switch (what) {
        case printed::schema: std::fputs(config_schema().c_str(), stdout); break;
        case printed::docs: std::fputs(config_docs().c_str(), stdout); break;
        case printed::sample: std::fputs(config_sample().c_str(), stdout); break;
    }
    if (std::fflush(stdout) == 0 && !std::ferror(stdout)) return exit_code::ok;
    std::fputs("causeway: standard output cannot be written\n", stderr);
    return exit_code::wrong;
}

int check_config(const std::string& file) {
    if (!read_config_file(file)) return exit_code::wrong;
    std::printf("%s: ok\n", file.c_str());
    return exit_code::ok;
}

/// The stores of a data directory: one for each vhost.
std::vector<std::string> stores_in(const std::string& data) {
    const fs::path vhosts = fs::path(data) / "vhosts";
    if (!fs::is_directory(vhosts))
        throw std::runtime_error(data + " is not a data directory: there is no " + vhosts.string());
    std::vector<std::string> stores;
    for (const fs::directory_entry& entry : fs::directory_iterator(vhosts))
        if (entry.is_directory()) stores.push_back(entry.path().string());
    std::sort(stores.begin(), stores.end());
    return stores;
}

/// True if it is whole.
bool check_store(const std::string& store) {
    silent_logger log;
    const persistence::check_report report = persistence::check(store, log);
    const auto records = std::accumulate(report.records.begin(), report.records.end(), std::uint64_t{0});
    for (const persistence::finding& f : report.findings)
        std::printf("%s: table %s, key %s: %s\n", store.c_str(), core::name_of(f.where), f.key.c_str(), f.what.c_str());
    std::printf("%s: %ju records, %zu findings\n", store.c_str(), static_cast<std::uintmax_t>(records),
                report.findings.size());
    return report.findings.empty();
}

int check_data(const std::string& data) {
    explain_bus_errors();
    try {
        bool whole = true;
        for (const std::string& store : stores_in(data)) whole = check_store(store) && whole;
        return whole ? exit_code::ok : exit_code::wrong;
    } catch (const std::exception& wrong) {
        std::fprintf(stderr, "causeway: %s\n", wrong.what());
        return exit_code::cannot_start;
    }
}

}  // namespace

int perform(const check_command& check) {
    if (check.print) return print(*check.print);
    return check.data.empty() ? check_config(check.config_file) : check_data(check.data);
}

}  // namespace causeway::app
