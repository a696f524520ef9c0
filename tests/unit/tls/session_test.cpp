#include "tls/session.hpp"

#include <catch2/catch.hpp>

#include <openssl/ssl.h>

#include "tests/support/certificates.hpp"
#include "tests/support/chunks.hpp"

using namespace causeway;
using state = tls::session::state;

namespace {

/// What a client shows of itself.
enum class shown { nothing, certificate, nameless_certificate };

/// A client in memory, spoken to by bytes.
class client {
public:
    explicit client(const test::certificates& files, shown what = shown::nothing, int version_max = 0) {
        context_ = SSL_CTX_new(TLS_client_method());
        SSL_CTX_load_verify_locations(context_, files.authority().c_str(), nullptr);
        SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
        if (version_max != 0) SSL_CTX_set_max_proto_version(context_, version_max);
        if (what != shown::nothing) {
            const bool named = what == shown::certificate;
            SSL_CTX_use_certificate_chain_file(context_, (named ? files.client_chain() : files.nameless_chain()).c_str());
            SSL_CTX_use_PrivateKey_file(context_, (named ? files.client_key() : files.nameless_key()).c_str(), SSL_FILETYPE_PEM);
        }
        ssl_ = SSL_new(context_);
        SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        SSL_set_connect_state(ssl_);
    }
    ~client() {
        SSL_free(ssl_);
        SSL_CTX_free(context_);
    }
    client(const client&) = delete;
    client& operator=(const client&) = delete;

    bool shake() { return SSL_do_handshake(ssl_) == 1; }
    void write(std::string_view bytes) { SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())); }
    void close() { SSL_shutdown(ssl_); }
    std::string read() {
        std::string all(1 << 20, '\0');
        std::size_t size = 0;
        for (int n; (n = SSL_read(ssl_, all.data() + size, static_cast<int>(all.size() - size))) > 0;) size += static_cast<std::size_t>(n);
        all.resize(size);
        return all;
    }
    std::string outgoing() {
        std::string all(BIO_ctrl_pending(SSL_get_wbio(ssl_)), '\0');
        if (!all.empty()) BIO_read(SSL_get_wbio(ssl_), all.data(), static_cast<int>(all.size()));
        return all;
    }
    void incoming(const std::string& bytes) {
        if (!bytes.empty()) BIO_write(SSL_get_rbio(ssl_), bytes.data(), static_cast<int>(bytes.size()));
    }

private:
    SSL_CTX* context_;
    SSL* ssl_;
};

struct server {
    explicit server(const tls::server_context& context) : session(context) {}
    tls::session session;
    std::string plain;
    std::string wire;

    state take(std::string_view bytes) { return session.receive(bytes, plain, wire); }
    std::string outgoing() { return std::exchange(wire, {}); }
};

std::shared_ptr<tls::server_context> context_of(const test::certificates& files, bool ask = false, bool require = false,
                                                tls::protocol_version version_min = tls::protocol_version::tls1_2,
                                                tls::certificate_user user_from = tls::certificate_user::common_name) {
    tls::server_options options{files.server_chain(), files.server_key(), ask ? files.authority() : "", require, version_min, user_from};
    auto made = tls::server_context::make(options);
    REQUIRE(made.has_value());
    return made.value();
}

/// To and fro until nobody says anything any more; chunks of the client's bytes may be cut.
state shake(client& c, server& s, std::size_t chunk = 1 << 20) {
    state now = state::shaking;
    for (int round = 0; round < 8; ++round) {
        c.shake();
        const std::string bytes = c.outgoing();
        for (std::string_view piece : tests::pieces_of(bytes, chunk)) now = s.take(piece);
        c.incoming(s.outgoing());
    }
    return now;
}

}  // namespace

TEST_CASE("a handshake ends open in any chunks, and bytes go both ways") {
    const test::certificates files;
    const auto context = context_of(files);
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        client c(files, shown::nothing, version);
        server s(*context);
        REQUIRE(shake(c, s, 7) == state::open);

        c.write("hello");
        CHECK(s.take(c.outgoing()) == state::open);
        CHECK(s.plain == "hello");
        s.session.send("and back", s.wire);
        c.incoming(s.outgoing());
        CHECK(c.read() == "and back");
    }
}

TEST_CASE("large output leaves in full records and arrives whole") {
    const test::certificates files;
    const auto context = context_of(files);
    client c(files);
    server s(*context);
    REQUIRE(shake(c, s) == state::open);

    std::string sent(300'000, 'x');
    for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<char>(i * 7);
    s.session.send(sent, s.wire);
    CHECK(s.wire.size() < sent.size() + 19 * 64);
    c.incoming(s.outgoing());
    CHECK(c.read() == sent);

    for (std::size_t at = 0; at < sent.size(); at += 50'000) c.write(std::string_view(sent).substr(at, 50'000));
    const std::string bytes = c.outgoing();
    for (std::string_view piece : tests::random_pieces(bytes, 20'000, 1)) s.take(piece);
    CHECK(s.plain == sent);
}

namespace {

/// Whom the certificate stands for that a client shows.
std::optional<std::string> user_of(const test::certificates& files, shown what, tls::certificate_user from) {
    const auto context = context_of(files, true, true, tls::protocol_version::tls1_2, from);
    client c(files, what);
    server s(*context);
    REQUIRE(shake(c, s) == state::open);
    return s.session.user_of_certificate();
}

}  // namespace

TEST_CASE("a verified client certificate stands for the user that it names, if that is asked for") {
    const test::certificates files;
    CHECK(user_of(files, shown::certificate, tls::certificate_user::common_name) == "sensor-17");
    CHECK(user_of(files, shown::certificate, tls::certificate_user::subject) == "CN=sensor-17");
    CHECK_FALSE(user_of(files, shown::certificate, tls::certificate_user::none));
}

TEST_CASE("a client certificate without any name is not taken for none: its user's name is empty, which nobody has") {
    const test::certificates files;
    CHECK(user_of(files, shown::nameless_certificate, tls::certificate_user::common_name) == "");
    CHECK(user_of(files, shown::nameless_certificate, tls::certificate_user::subject) == "");
    CHECK_FALSE(user_of(files, shown::nameless_certificate, tls::certificate_user::none));
}

TEST_CASE("a client without a certificate is let in if none is required, else it is refused") {
    const test::certificates files;
    {
        const auto context = context_of(files, true, false);
        client c(files);
        server s(*context);
        CHECK(shake(c, s) == state::open);
        CHECK_FALSE(s.session.user_of_certificate());
    }
    {
        const auto context = context_of(files, true, true);
        client c(files);
        server s(*context);
        CHECK(shake(c, s) == state::failed);
        CHECK(s.session.failure() == "peer did not return a certificate");
    }
}

TEST_CASE("a client with a certificate of another authority is refused") {
    const test::certificates files, others;
    const auto context = context_of(files, true, false);
    client c(others, shown::certificate);
    server s(*context);
    CHECK(shake(c, s) == state::failed);
    CHECK_FALSE(s.session.failure().empty());
}

TEST_CASE("an older version than allowed is refused") {
    const test::certificates files;
    const auto context = context_of(files, false, false, tls::protocol_version::tls1_3);
    client c(files, shown::nothing, TLS1_2_VERSION);
    server s(*context);
    CHECK(shake(c, s) == state::failed);
    CHECK(s.session.failure() == "unsupported protocol");
}

TEST_CASE("what is not TLS fails with a reason, and stays failed") {
    const test::certificates files;
    const auto context = context_of(files);
    server s(*context);
    CHECK(s.take("an MQTT client on the wrong port") == state::failed);
    CHECK_FALSE(s.session.failure().empty());
    CHECK(s.take("again") == state::failed);
}

TEST_CASE("a broken record fails after what came whole before it") {
    const test::certificates files;
    const auto context = context_of(files);
    client c(files);
    server s(*context);
    REQUIRE(shake(c, s) == state::open);
    c.write("whole");
    std::string bytes = c.outgoing();
    c.write("broken");
    std::string bad = c.outgoing();
    bad.back() = static_cast<char>(~bad.back());
    CHECK(s.take(bytes + bad) == state::failed);
    CHECK(s.plain == "whole");
}

TEST_CASE("goodbyes are understood in both directions") {
    const test::certificates files;
    const auto context = context_of(files);
    client c(files);
    server s(*context);
    REQUIRE(shake(c, s) == state::open);
    c.write("last words");
    c.close();
    CHECK(s.take(c.outgoing()) == state::closed);
    CHECK(s.plain == "last words");
    s.session.close(s.wire);
    CHECK_FALSE(s.wire.empty());
}
