#pragma once
// Between transports and protocols. A link is what an endpoint may ask of its transport; an endpoint is a protocol's state
// machine for one connection. Links are implemented by net/ (and by the simulation), endpoints by protocols/mqtt and amqp.
// Everything here happens on the broker thread.

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/output_buffer.hpp"

namespace causeway::protocols {

/// Who is at the other end. Constant for the life of the connection, which the texts live as long as.
struct peer_info {
    connection_id id = connection_id::none;  // unique in this process, never used again
    bool loopback = false;
    bool secure = false;                     // TLS
    bool certificate_unnamed = false;        // there is a client certificate, but no name in it that counts
    std::string_view certificate_user = {};  // whom a verified one stands for, where the listener asks; else empty
    std::string_view listener = {};          // its name in the configuration
    std::string_view vhost = "/";            // where MQTT clients of this listener meet
};

class link {
public:
    virtual ~link() = default;

    /// Append here what the peer shall get, then touch(). It leaves in one gathered write when the turn ends. What the
    /// peer has not taken yet stays in it: its size is how far the peer is behind.
    virtual output_buffer& output() = 0;

    /// The output has bytes to send. Cheap; any number of times a turn.
    virtual void touch() = 0;

    /// Call endpoint::flushed() once the output has been sent completely. One call per request.
    virtual void notify_when_flushed() = 0;

    /// Sends what is in the output (for a few seconds at the most), then closes. No more receive(); closed() follows.
    virtual void close() = 0;

    /// Stop or go on giving bytes to receive(). While stopped, the peer is held back by its transport (TCP window).
    virtual void read(bool on) = 0;

    virtual peer_info peer() const = 0;

    /// "127.0.0.1:54321". Made for whoever asks: for logs.
    virtual std::string peer_address() const = 0;
};

class endpoint {
public:
    virtual ~endpoint() = default;

    /// All bytes that are there and have not been consumed. Returns how many were consumed: whole packets only; the link
    /// keeps the rest and gives it again, with more behind it. After close() or read(false) it returns at once.
    virtual std::size_t receive(std::string_view bytes) = 0;

    /// The output that was asked about has been sent: there is room again.
    virtual void flushed() = 0;

    /// The transport is gone: closed by the peer, by an error, or after link::close(). The endpoint lets go of everything
    /// it holds in the core and is destroyed afterwards; it must not use its link any more.
    virtual void closed() = 0;

    /// The server stops: say goodbye in the protocol's words, then link::close().
    virtual void shut_down() = 0;
};

/// Makes the endpoint for a new connection of a listener. The link outlives the endpoint. The rest is what a transport that
/// carries messages rather than bytes has to know of the protocol; it never changes and is asked from any thread.
class endpoint_factory {
public:
    virtual ~endpoint_factory() = default;
    virtual std::unique_ptr<endpoint> make(link& l) = 0;

    /// WebSocket's names for what is spoken here, the one we like best first.
    virtual std::span<const std::string_view> subprotocols() const { return {}; }
    /// Is a WebSocket client refused that offers none of them?
    virtual bool needs_subprotocol() const { return true; }

    /// How many bytes the packet has that begins what an endpoint sends, if each has to travel by itself; 0: more of its
    /// beginning is needed to know. By default packets need not be kept apart.
    virtual std::size_t packet_bytes(std::string_view output) const { return output.size(); }
};

}  // namespace causeway::protocols
