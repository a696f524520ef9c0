#pragma once
// The I/O side of one connection: socket, handshake, reading, writing, the end. Belongs to its worker's thread; info(),
// commands(), endpoints() never change once the connection is opened and may be read by the broker side.
//
// Nothing here calls the broker side on its own: events are marked and reported in step(), which the worker calls.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <boost/intrusive/list.hpp>

#include "base/output_buffer.hpp"
#include "net/file_descriptor.hpp"
#include "net/layer.hpp"
#include "net/listener.hpp"
#include "net/proxy_protocol.hpp"
#include "net/uplink.hpp"
#include "protocols/endpoint.hpp"

namespace causeway::net {

template <class Tag>
using list_place = boost::intrusive::list_base_hook<boost::intrusive::tag<Tag>,
                                                    boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
struct by_worker;    // all of a worker
struct by_deadline;  // those that have one

class connection : public list_place<by_worker>, public list_place<by_deadline> {
public:
    connection(worker& home, listener& origin, file_descriptor socket, protocols::peer_info info, const remote_address& remote);

    const protocols::peer_info& info() const { return info_; }
    downlink& commands() const { return commands_; }
    protocols::endpoint_factory& endpoints() const { return origin_.endpoints(); }

    /// The broker side's own note: its peer. The I/O side does not look at it.
    peer_link* owner = nullptr;

    /// Begins the handshake or announces the connection.
    void start();

    // What the broker side asks, see downlink.
    output_buffer& outgoing() { return outgoing_; }
    void send(output_buffer& bytes, bool notify);
    void read(bool on);
    void close();
    void abort();
    void release();

    /// What the poller saw: epoll's event bits.
    void happened(std::uint32_t events);

    /// Handles and reports what has happened since the last time. With `hold` it reads nothing: that is left for the next time.
    void step(uplink& up, bool hold);

    /// A deadline has passed.
    void expire(std::int64_t now_ms);
    std::int64_t deadline_ms() const { return deadline_ms_; }

    bool opened() const { return phase_ != phase::opening; }

    /// Nobody needs it any more.
    bool finished() const;

    bool queued = false;  // the worker's note: waits for its step()

private:
    enum class phase : std::uint8_t {
        opening,    // the PROXY header, the layer's handshake
        open,       //
        closing,    // sends the rest, throws away what comes in
        lingering,  // has sent everything, waits for the peer's own close
        closed,     // there is no socket any more
    };
    enum mark : std::uint8_t { readable = 1, writable = 2, news = 4 };

    /// Bytes for the wire that a layer has made and the socket has not taken yet.
    struct packed {
        std::unique_ptr<layer> by;
        std::string wire;
        std::size_t sent = 0;
        bool said_goodbye = false;
    };

    /// What a proxy says first.
    struct preamble {
        proxy_header header;
        remote_address proxy;
    };

    void note(std::uint8_t marks);
    void begin(uplink& up);
    void read_what_is_there();
    void await_room();
    void arm(std::int64_t timeout_ms);

    void read_in(uplink& up);
    bool layer_has_more() const;
    void take_in(std::string_view bytes, uplink& up);
    bool behind_preamble(std::string_view& bytes);
    void unpack(std::string_view bytes, uplink& up);
    void open(uplink& up);
    void write_out();
    bool write_plain();
    bool write_packed();
    bool pack();
    bool send_pieces(std::span<iovec> pieces, std::size_t& taken);
    void consume(std::size_t count);
    void all_sent();
    void report(uplink& up);
    void fail(const std::string& reason);
    void say_goodbye();
    void lost(const std::string& reason);

    worker& home_;
    listener& origin_;
    downlink& commands_;
    file_descriptor socket_;
    protocols::peer_info info_;
    address_key counted_as_;              // at the listener; none until a proxy has said who it is
    std::unique_ptr<preamble> preamble_;  // until it has been read
    std::unique_ptr<packed> packed_;  // none: plain TCP
    output_buffer outgoing_;
    std::size_t unreported_ = 0;      // taken over, sent, not yet reported so
    std::int64_t deadline_ms_ = 0;
    phase phase_ = phase::opening;
    std::uint8_t marks_ = 0;
    bool reading_ = true;
    bool input_ = false;        // the socket may have some
    bool ended_ = false;        // the peer sends nothing more, or the connection is broken: read on until that is seen
    bool waits_for_room_ = false;
    bool handed_over_ = false;  // output came by hand-over, so that sent() is wanted
    bool notify_ = false;       // flushed() is wanted
    bool flushed_ = false;      // and due
    bool announced_ = false;
    bool told_closed_ = false;
    bool released_ = false;
};

}  // namespace causeway::net
