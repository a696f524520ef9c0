#include "tls/server_context.hpp"

#include <openssl/ssl.h>

#include "tls/openssl_error.hpp"

namespace causeway::tls {

namespace {

using context = std::shared_ptr<SSL_CTX>;
using outcome = result<void, std::string>;

/// Keys behind a pass phrase are refused: there is nobody at the terminal.
int no_pass_phrase(char*, int, int, void*) { return 0; }

constexpr const char* key_wanted = "PEM key of the certificate, without pass phrase";

std::string wrong(const std::string& file, const char* wanted) {
    return file + ": " + take_openssl_error() + " (it should be a " + wanted + ")";
}

outcome load_identity(SSL_CTX* into, const server_options& options) {
    SSL_CTX_set_default_passwd_cb(into, no_pass_phrase);
    if (SSL_CTX_use_certificate_chain_file(into, options.certificate_chain_file.c_str()) != 1)
        return wrong(options.certificate_chain_file, "PEM certificate");
    if (SSL_CTX_use_PrivateKey_file(into, options.private_key_file.c_str(), SSL_FILETYPE_PEM) != 1)
        return wrong(options.private_key_file, key_wanted);
    if (SSL_CTX_check_private_key(into) != 1) return wrong(options.private_key_file, key_wanted);
    return success();
}

outcome load_client_ca(SSL_CTX* into, const server_options& options) {
    if (options.client_ca_file.empty()) {
        if (options.require_client_certificate) return std::string("client certificates are required, but there is no client_ca_file");
        return success();
    }
    if (SSL_CTX_load_verify_locations(into, options.client_ca_file.c_str(), nullptr) != 1)
        return wrong(options.client_ca_file, "list of PEM certificates");
    STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(options.client_ca_file.c_str());
    if (names == nullptr) return wrong(options.client_ca_file, "list of PEM certificates");
    SSL_CTX_set_client_CA_list(into, names);  // takes them over
    SSL_CTX_set_verify(into, SSL_VERIFY_PEER | (options.require_client_certificate ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr);
    return success();
}

void set_manners(SSL_CTX* of, const server_options& options) {
    SSL_CTX_set_min_proto_version(of, options.version_min == protocol_version::tls1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_CTX_set_options(of, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(of, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE);
    // Resumption is by tickets: no memory for clients that are gone. Verified clients need a name for their sessions.
    SSL_CTX_set_session_cache_mode(of, SSL_SESS_CACHE_OFF);
    static constexpr unsigned char name[] = "causeway";
    SSL_CTX_set_session_id_context(of, name, sizeof name - 1);
}

result<context, std::string> load(const server_options& options) {
    context made(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    if (!made) return "TLS: " + take_openssl_error();
    set_manners(made.get(), options);
    TRY(load_identity(made.get(), options));
    TRY(load_client_ca(made.get(), options));
    return made;
}

}  // namespace

server_context::server_context(server_options options, std::shared_ptr<ssl_ctx_st> first)
    : options_(std::move(options)), current_(std::move(first)) {}

result<std::shared_ptr<server_context>, std::string> server_context::make(server_options options) {
    TRY(context first, load(options));
    return std::shared_ptr<server_context>(new server_context(std::move(options), std::move(first)));
}

result<void, std::string> server_context::reload() {
    TRY(context next, load(options_));
    const std::lock_guard lock(guard_);
    current_ = std::move(next);
    return success();
}

std::shared_ptr<ssl_ctx_st> server_context::current() const {
    const std::lock_guard lock(guard_);
    return current_;
}

}  // namespace causeway::tls
