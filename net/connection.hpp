#pragma once
// The I/O side of one connection: socket, handshake, reading, writing, the end. Belongs to its worker's thread; info(), address(),
// commands(), endpoints() never change once the connection is opened and may be read by the broker side. There may be a million of
// them, most of them idle: what is not always needed is behind a pointer.
//
// Nothing here calls the broker side on its own: events are marked and reported in step(), which the worker calls.

#include <cstdint>
#include <memory>
#include <optional>
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

/// What a proxy says first.
struct preamble {
    proxy_header header;
    remote_address proxy;
};

/// What a connection has only while it is opening or closing.
struct passage : list_place<by_deadline> {
    explicit passage(connection& c) : of(c) {}
    connection& of;
    std::int64_t deadline_ms = 0;
    std::unique_ptr<preamble> before;  // until it has been read
};

class connection : public list_place<by_worker> {
public:
    connection(worker& home, listener& origin, file_descriptor socket, connection_id id, const remote_address& remote);

    /// Its texts live as long as the connection.
    protocols::peer_info info() const;
    std::string address() const { return remote_.text(); }
    downlink& commands() const;
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
    bool opened() const { return phase_ != phase::opening; }

    /// Nobody needs it any more.
    bool finished() const;

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
        std::optional<std::string> certificate_user{};  // once opened
        std::string wire;
        std::size_t sent = 0;
        bool said_goodbye = false;
    };

    void note(std::uint8_t marks);
    void begin(uplink& up);
    void read_what_is_there();
    void await_room();
    void arm(std::int64_t timeout_ms);
    preamble* before() const { return passage_ ? passage_->before.get() : nullptr; }

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
    void fail(std::string_view reason);
    void say_goodbye();
    void forget_unsent();
    void lost(std::string_view reason);
    void tell_debug(std::string_view what, std::string_view reason);

    worker& home_;
    listener& origin_;
    const connection_id id_;
    std::unique_ptr<passage> passage_;
    std::unique_ptr<packed> packed_;  // none: plain TCP
    output_buffer outgoing_;
    std::size_t unreported_ = 0;      // taken over, sent, not yet reported so
    remote_address remote_;           // the proxy's, until it has said whose connection this is
    file_descriptor socket_;
    phase phase_ = phase::opening;
    std::uint8_t marks_ = 0;

public:
    bool queued : 1 = false;  // the worker's note: waits for its step(); stands here for there is room for a bit

private:
    bool reading_ : 1 = true;
    bool input_ : 1 = false;        // the socket may have some
    bool ended_ : 1 = false;        // the peer sends nothing more, or the connection is broken: read on until that is seen
    bool waits_for_room_ : 1 = false;
    bool handed_over_ : 1 = false;  // output came by hand-over, so that sent() is wanted
    bool notify_ : 1 = false;       // flushed() is wanted
    bool flushed_ : 1 = false;      // and due
    bool announced_ : 1 = false;
    bool told_closed_ : 1 = false;
    bool released_ : 1 = false;
    bool counted_ : 1 = false;      // among the connections of its address, at the listener
};

}  // namespace causeway::net
