#pragma once
// The calls of an uplink, written down on an I/O thread to be made on the broker thread. All received bytes of a batch
// lie in one string, so a read costs one copy and no allocation.

#include <cstdint>
#include <string>
#include <vector>

#include "net/uplink.hpp"

namespace causeway::net {

class inbound final : public uplink {
public:
    void opened(connection& from) override { events_.push_back({event::kind::opened, &from, 0}); }
    void received(connection& from, std::string_view bytes) override;
    void sent(connection& from, std::size_t bytes) override { events_.push_back({event::kind::sent, &from, bytes}); }
    void flushed(connection& from) override { events_.push_back({event::kind::flushed, &from, 0}); }
    void closed(connection& from) override { events_.push_back({event::kind::closed, &from, 0}); }

    bool empty() const { return events_.empty(); }
    std::size_t weight() const { return bytes_.size(); }
    void append(inbound& later);

    /// Makes the calls, in order, and forgets them.
    void replay(uplink& to);

private:
    struct event {
        enum class kind : std::uint8_t { opened, received, sent, flushed, closed };
        kind what;
        connection* from;
        std::size_t count;  // bytes received or sent
    };

    void clear();

    std::vector<event> events_;
    std::string bytes_;  // of all `received`, in their order
};

}  // namespace causeway::net
