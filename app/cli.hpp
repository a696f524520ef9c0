#pragma once
// The command line: which command, with which options.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "app/map_command.hpp"
#include "bench/plan.hpp"

namespace causeway::app {

struct run_command {
    std::string config_file;
};

/// A server to try things out with: loopback only, no configuration file.
struct dev_command {
    std::uint16_t mqtt_port = 1883;
    std::uint16_t amqp_port = 5672;
    std::optional<std::uint16_t> ws_port;
    std::string data;  // empty: a new temporary directory
    std::optional<std::uint32_t> io_threads;
};

enum class printed : std::uint8_t { schema, docs, sample };

struct check_command {
    std::string config_file;  // one of the three
    std::string data;
    std::optional<printed> print;
};

struct passwd_command {
    std::optional<std::uint32_t> scram_iterations;  // set: a SCRAM secret instead of a hash
};

using bench_command = bench::plan;

/// The command line has been answered already (--help, --version, or wrong usage).
struct answered {
    int exit_code;
};

using command = std::variant<run_command, dev_command, check_command, passwd_command, bench_command, map_command, answered>;

command parse_command_line(int argc, const char* const* argv);

}  // namespace causeway::app
