#pragma once
// Where the work is done: the loop, the servers, the clients that are logged in, and the waiting for things to happen.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bench/client.hpp"
#include "bench/loop.hpp"
#include "bench/plan.hpp"
#include "bench/progress.hpp"

namespace causeway::bench {

using clients = std::vector<std::unique_ptr<client>>;

class stage {
public:
    stage(const plan& p, remote from, remote to, std::uint32_t run);

    const plan& how;
    const remote from;  // where publishers connect
    const remote to;    // where receivers connect
    const std::uint32_t run;
    const std::string run_text;  // 8 characters that no other run has
    bench::loop loop;
    crowd all{};
    bench::progress progress{};
    std::vector<sender*> woken{};  // may be able to publish

    /// Logs that many in, some at a time. False: the loop has given up.
    bool admit(clients& to, const remote& where, std::uint32_t count, const std::function<duty(std::uint32_t)>& make);

    /// Sends, waits and hands out once. Does not wait while somebody may publish.
    void turn(std::uint64_t until_ns);

    /// Until it is done, or nothing has come for as long as patience lasts. True: it is done.
    bool wait_until(const std::function<bool()>& done);

    /// Until everything that these have sent has been handled.
    bool settle(clients& who);

    /// Goodbye to all of them.
    void dismiss(clients& who);

    /// Something has gone wrong: nothing more can be done.
    bool over() const;

    /// Where a message of this number goes, and the queue of a receiver.
    route route_of(std::uint32_t topic, std::uint32_t queue) const;
    std::string id(std::string_view role, std::uint32_t number) const;
};

}  // namespace causeway::bench
