#pragma once
// The server's end of one TLS connection, without a socket: ciphertext in, plaintext and ciphertext out. Not thread-safe.
// Keeps no buffers while nothing is under way (SSL_MODE_RELEASE_BUFFERS).

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tls/server_context.hpp"

struct ssl_st;

namespace causeway::tls {

struct pipe;  // where OpenSSL reads and writes

class session {
public:
    enum class state : std::uint8_t {
        shaking,  // hands
        open,
        closed,  // the peer has sent close_notify
        failed,  // see failure()
    };

    explicit session(const server_context& context);
    ~session();
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    /// Takes all of `ciphertext`; appends what it says to `plain` and what the peer must get in turn to `wire`.
    state receive(std::string_view ciphertext, std::string& plain, std::string& wire);

    /// Appends the ciphertext of these bytes to `wire`, in records of 16 KiB. Only while open.
    void send(std::string_view plain, std::string& wire);

    /// Appends close_notify, if the handshake is done.
    void close(std::string& wire);

    const std::string& failure() const { return failure_; }

    /// Whom the client's verified certificate stands for, as the context's options say, once open; nothing: there is none, or it
    /// stands for nobody. Empty: it does, but has no such name, or more than one. A subject is written as in RFC 2253, with
    /// UTF-8: "CN=sensor-17,O=Example".
    std::optional<std::string> user_of_certificate() const;

private:
    struct release {
        void operator()(ssl_st* ssl) const;
    };

    state shake();
    state read(std::string& plain);
    state stopped(int outcome);

    std::unique_ptr<pipe> pipe_;
    std::unique_ptr<ssl_st, release> ssl_;
    certificate_user user_from_;
    state state_ = state::shaking;
    std::string failure_;
};

}  // namespace causeway::tls
