#pragma once
// The broker side of one connection: the link of one endpoint. Belongs to the broker thread.

#include <memory>
#include <string>
#include <string_view>

#include <boost/intrusive/list.hpp>

#include "base/output_buffer.hpp"
#include "net/fwd.hpp"
#include "net/uplink.hpp"
#include "protocols/endpoint.hpp"

namespace causeway::net {

class peer_link final : public protocols::link,
                   public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    peer_link(peers& home, connection& io);

    // protocols::link
    output_buffer& output() override { return *output_; }
    void touch() override;
    void notify_when_flushed() override;
    void close() override;
    void read(bool on) override;
    protocols::peer_info peer() const override;
    std::string peer_address() const override;

    // What the I/O side reports, see uplink.
    void start();
    void received(std::string_view bytes);
    void sent(std::size_t bytes);
    void flushed();
    void closed();

    /// What was kept back while reading was off.
    void deliver_kept();

    void shut_down();

    /// End of the turn: hands over what there is.
    void flush();

    /// Its endpoint is gone; it lives on only to the end of the turn.
    bool gone() const { return !endpoint_; }
    connection& io() { return io_; }

private:
    std::size_t give(std::string_view bytes);
    void keep(std::string_view rest);

    peers& home_;
    connection& io_;
    std::unique_ptr<protocols::endpoint> endpoint_;
    std::unique_ptr<std::string> kept_;  // an incomplete packet, or what came while reading was off; none: there is nothing
    output_buffer own_output_;           // where the I/O side has none to share
    output_buffer* output_;
    std::size_t in_flight_ = 0;  // handed over, not yet sent
    bool reading_ = true;
    bool touched_ = false;       // is in the list of those to flush
    bool waits_for_room_ = false;
    bool notify_ = false;
    bool closing_ = false;
    bool close_sent_ = false;
};

}  // namespace causeway::net
