#pragma once
// The other end: a blocking client that gives up after half a minute, plain or with TLS.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace causeway::test {

class client {
public:
    struct tls_files {
        std::string authority;
        std::string chain;  // of a client certificate; may be empty
        std::string key;
    };

    /// A socket, not yet connected.
    client();
    explicit client(std::uint16_t port) : client() { connect(port); }
    /// Connected to a Unix-domain socket.
    explicit client(const std::string& path);
    ~client();
    client(client&& other) noexcept;
    client& operator=(client&&) = delete;

    void connect(std::uint16_t port);
    /// A small window, so that the server's writes block soon. Before connect().
    void take_little();
    /// False: the handshake failed.
    bool secure(const tls_files& files);

    void send(std::string_view bytes);
    /// Exactly that many bytes; fewer if the server has closed.
    std::string take(std::size_t count);
    /// Everything up to the server's close.
    std::string take_all();
    /// The server has closed, and nothing else has come.
    bool sees_end() { return take(1).empty(); }
    /// The server has cut the connection off, perhaps behind something that it has sent before.
    bool sees_reset();
    void close();
    /// Closes with a reset.
    void reset();

private:
    struct tls;
    void be_patient();
    int socket_ = -1;
    std::unique_ptr<tls> tls_;
};

}  // namespace causeway::test
