#pragma once
// What each command does. They return the program's exit code.

#include "app/cli.hpp"
#include "app/config.hpp"

namespace causeway::app {

int perform(const run_command& run);
int perform(const dev_command& dev);
int perform(const check_command& check);
int perform(const passwd_command& passwd);
int perform(const bench_command& bench);
int perform(const map_command& what);
int perform(const answered& done);

/// What `dev` serves with. `data` is its directory.
config dev_config(const dev_command& dev, const std::string& data);

}  // namespace causeway::app
