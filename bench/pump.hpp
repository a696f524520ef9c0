#pragma once
// Publishes as the plan says: as fast as the windows allow (closed loop), or at a fixed rate whatever the server does (open
// loop; a message that goes late still counts from when it was due).

#include <cstdint>
#include <memory>
#include <vector>

#include "bench/sender.hpp"
#include "bench/stage.hpp"

namespace causeway::bench {

using senders = std::vector<std::unique_ptr<sender>>;

class pump {
public:
    pump(stage& on, senders& who);

    /// Until the time or the number of messages is reached; in the closed loop also until nothing moves any more.
    void run();

private:
    void share_out(std::uint64_t messages);
    bool finished(std::uint64_t now_ns);
    void publish_what_is_due(std::uint64_t now_ns);
    void publish_what_fits(std::uint64_t now_ns);
    std::uint64_t due_ns(std::uint64_t number) const;
    std::uint64_t published() const;

    stage& on_;
    senders& who_;
    std::uint64_t started_ns_ = 0;
    std::uint64_t ends_ns_ = 0;
    std::uint64_t total_ = 0;  // 0: by time
    std::uint64_t next_ = 0;   // open loop: the message's number over all senders
    std::uint64_t moves_ = 0, moved_ns_ = 0;
};

}  // namespace causeway::bench
