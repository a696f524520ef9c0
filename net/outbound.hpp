#pragma once
// The calls of a downlink, written down on the broker thread to be made on an I/O thread.

#include <cstdint>
#include <vector>

#include "net/uplink.hpp"

namespace causeway::net {

class outbound final : public downlink {
public:
    output_buffer* output_of(connection&) override { return nullptr; }
    std::size_t send(connection& to, output_buffer& bytes, bool notify) override;
    void read(connection& from, bool on) override { add(on ? command::kind::resume : command::kind::pause, from); }
    void close(connection& which) override { add(command::kind::close, which); }
    void abort(connection& which) override { add(command::kind::abort, which); }
    void release(connection& which) override { add(command::kind::release, which); }

    bool empty() const { return commands_.empty(); }
    std::size_t weight() const { return commands_.size(); }
    void append(outbound& later);

    /// Makes the calls, in order, and forgets them.
    void replay(downlink& to);

private:
    struct command {
        enum class kind : std::uint8_t { send, send_and_notify, pause, resume, close, abort, release };
        kind what;
        connection* to;
    };

    void add(command::kind what, connection& to) { commands_.push_back({what, &to}); }

    std::vector<command> commands_;
    std::vector<output_buffer> outputs_;  // one for each `send`, in their order
};

}  // namespace causeway::net
