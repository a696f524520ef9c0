// The command `bench`.

#include "app/commands.hpp"
#include "app/exit_code.hpp"
#include "app/file_limit.hpp"
#include "bench/run.hpp"

namespace causeway::app {

int perform(const bench_command& bench) {
    raise_file_limit();
    switch (bench::run(bench)) {
        case bench::outcome::all_well: return exit_code::ok;
        case bench::outcome::messages_wrong: return exit_code::wrong;
        case bench::outcome::failed: return exit_code::cannot_start;
    }
    return exit_code::cannot_start;
}

}  // namespace causeway::app
