#pragma once
// The command line of `bench`.

#include <CLI/CLI.hpp>

#include "app/cli.hpp"

namespace causeway::app {

CLI::App* add_bench(CLI::App& to, bench_command& bench);

}  // namespace causeway::app
