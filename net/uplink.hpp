#pragma once
// The seam between the I/O side and the broker side of connections. The two directions are two lists of calls; with I/O
// threads they are written down, handed over in a mailbox and called again on the other thread (net/inbound.hpp,
// net/outbound.hpp), without them they are plain calls. For each connection: opened, (received | sent | flushed)*, closed;
// then release, which is the last that the I/O side hears of it.

#include <cstddef>
#include <string_view>

#include "base/output_buffer.hpp"
#include "net/fwd.hpp"

namespace causeway::net {

/// What the I/O side tells the broker side.
class uplink {
public:
    virtual ~uplink() = default;
    virtual void opened(connection& from) = 0;  // handshakes are done
    virtual void received(connection& from, std::string_view bytes) = 0;
    virtual void sent(connection& from, std::size_t bytes) = 0;  // of those that downlink::send() took over
    virtual void flushed(connection& from) = 0;                  // answers send(…, notify)
    virtual void closed(connection& from) = 0;
};

/// What the broker side asks of the I/O side.
class downlink {
public:
    virtual ~downlink() = default;

    /// Where output is to be written so that nothing needs to be handed over; nullptr: into a buffer of the broker side.
    virtual output_buffer* output_of(connection& of) = 0;

    /// Returns how many bytes it has taken over and will report as sent.
    virtual std::size_t send(connection& to, output_buffer& bytes, bool notify) = 0;
    virtual void read(connection& from, bool on) = 0;
    virtual void close(connection& which) = 0;    // after everything has been sent
    virtual void abort(connection& which) = 0;    // at once
    virtual void release(connection& which) = 0;  // nobody on the broker side knows it any more
};

}  // namespace causeway::net
