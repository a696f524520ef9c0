#pragma once
// The broker side of all connections: what the I/O sides report arrives here. Belongs to the broker thread.

#include <memory>
#include <string>
#include <vector>

#include <boost/intrusive/list.hpp>

#include "net/peer_link.hpp"
#include "net/uplink.hpp"

namespace causeway::net {

class peers final : public uplink {
public:
    peers() = default;
    ~peers() override;

    void opened(connection& from) override;
    void received(connection& from, std::string_view bytes) override;
    void sent(connection& from, std::size_t bytes) override;
    void flushed(connection& from) override;
    void closed(connection& from) override;

    /// To those that read again what has been kept for them.
    void deliver_kept();
    /// End of the turn: hands over all output, forgets those that are gone.
    void flush();
    /// deliver_kept() or flush() would do something.
    bool busy() const { return !resumed_.empty() || !touched_.empty(); }

    /// Every endpoint shuts down, those to come as well.
    void shut_down();
    /// Ends every connection at once.
    void abandon();

    std::size_t size() const { return count_; }

    // For its peers.
    void touched(peer_link& p) { touched_.push_back(&p); }
    void resumed(peer_link& p) { resumed_.push_back(&p); }
    std::string& scratch() { return scratch_; }

private:
    using list = boost::intrusive::list<peer_link, boost::intrusive::constant_time_size<false>>;

    list all_;  // owns them
    std::size_t count_ = 0;
    std::vector<peer_link*> touched_;
    std::vector<peer_link*> resumed_;
    std::vector<peer_link*> delivering_;             // resumed_, while it is worked on
    std::vector<std::unique_ptr<peer_link>> gone_;  // until the end of the turn, for they may be in the lists
    std::string scratch_;
    bool shutting_down_ = false;
};

}  // namespace causeway::net
