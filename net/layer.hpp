#pragma once
// What lies between the socket's bytes and the endpoint's: TLS, WebSocket, or both. Knows no socket: bytes in, bytes out.
// "up" is towards the endpoint, "down" towards the wire. Plain TCP has no layer.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace causeway::net {

class layer {
public:
    enum class state : std::uint8_t {
        opening,  // its handshake is going on
        open,
        closed,  // the peer has said goodbye
        failed,  // the peer has broken the rules, see failure()
    };

    virtual ~layer() = default;

    /// Takes all of `bytes` from the wire, appends what is in them to `up` and what is to be answered to `down`.
    virtual state receive(std::string_view bytes, std::string& up, std::string& down) = 0;

    /// More is in the bytes that were received than was given at once: call receive() again, before there are new ones.
    virtual bool has_more() const { return false; }

    /// Appends these bytes, packed for the wire, to `down`. Only while open.
    virtual void send(std::string_view bytes, std::string& down) = 0;

    /// Appends what is said last.
    virtual void close(std::string& down) = 0;

    virtual std::string failure() const = 0;

    /// Whom a verified client certificate stands for, once open; empty: it names nobody. Nothing: there is none that counts.
    virtual std::optional<std::string> certificate_user() const { return {}; }
};

}  // namespace causeway::net
