#include "tests/unit/net/client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace causeway::test {

struct client::tls {
    SSL_CTX* context = nullptr;
    SSL* ssl = nullptr;
    ~tls() {
        SSL_free(ssl);
        SSL_CTX_free(context);
    }
};

client::client() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
    be_patient();
}

client::client(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    be_patient();
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    path.copy(to.sun_path, sizeof to.sun_path - 1);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) throw std::runtime_error(std::strerror(errno));
}

void client::be_patient() {
    if (socket_ < 0) throw std::runtime_error(std::strerror(errno));
    const timeval half_a_minute{30, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &half_a_minute, sizeof half_a_minute);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &half_a_minute, sizeof half_a_minute);
}

client::client(client&& other) noexcept : socket_(std::exchange(other.socket_, -1)), tls_(std::move(other.tls_)) {}

client::~client() { close(); }

void client::connect(std::uint16_t port) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) throw std::runtime_error(std::strerror(errno));
}

void client::take_little() {
    const int bytes = 4096;
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

bool client::secure(const tls_files& files) {
    tls_ = std::make_unique<tls>();
    tls_->context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_load_verify_locations(tls_->context, files.authority.c_str(), nullptr);
    SSL_CTX_set_verify(tls_->context, SSL_VERIFY_PEER, nullptr);
    if (!files.chain.empty()) {
        SSL_CTX_use_certificate_chain_file(tls_->context, files.chain.c_str());
        SSL_CTX_use_PrivateKey_file(tls_->context, files.key.c_str(), SSL_FILETYPE_PEM);
    }
    tls_->ssl = SSL_new(tls_->context);
    SSL_set_fd(tls_->ssl, socket_);
    return SSL_connect(tls_->ssl) == 1;
}

void client::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = tls_ ? SSL_write(tls_->ssl, bytes.data(), static_cast<int>(bytes.size()))
                                   : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) throw std::runtime_error("the server does not take it");
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

std::string client::take(std::size_t count) {
    std::string all(count, '\0');
    std::size_t size = 0;
    while (size < count) {
        errno = 0;
        const ssize_t n = tls_ ? SSL_read(tls_->ssl, all.data() + size, static_cast<int>(count - size))
                               : ::recv(socket_, all.data() + size, count - size, 0);
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) throw std::runtime_error("the server says nothing");
        if (n <= 0) break;
        size += static_cast<std::size_t>(n);
    }
    all.resize(size);
    return all;
}

std::string client::take_all() {
    std::string all;
    for (std::string some; !(some = take(64 * 1024)).empty();) all += some;
    return all;
}

bool client::sees_reset() {
    std::string room(64 * 1024, '\0');
    ssize_t count = 0;
    while ((count = ::recv(socket_, room.data(), room.size(), 0)) > 0) {}
    return count < 0 && errno == ECONNRESET;
}

void client::close() {
    tls_.reset();
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

void client::reset() {
    const linger now{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
}

}  // namespace causeway::test
