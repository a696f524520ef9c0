#include "tls/session.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.hpp"
#include "tls/openssl_error.hpp"

namespace causeway::tls {

struct pipe {
    std::string_view in;
    std::string* out = nullptr;
};

namespace {

constexpr std::size_t record_bytes_max = 16 * 1024;

// How OpenSSL uses a pipe: it reads from the view and appends to the string.

int read_pipe(BIO* bio, char* to, int size) {
    auto& from = *static_cast<pipe*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (from.in.empty()) {
        BIO_set_retry_read(bio);
        return -1;
    }
    const std::size_t count = std::min(from.in.size(), static_cast<std::size_t>(size));
    std::memcpy(to, from.in.data(), count);
    from.in.remove_prefix(count);
    return static_cast<int>(count);
}

int write_pipe(BIO* bio, const char* bytes, int size) {
    BIO_clear_retry_flags(bio);
    static_cast<pipe*>(BIO_get_data(bio))->out->append(bytes, static_cast<std::size_t>(size));
    return size;
}

long control_pipe(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

/// Made once and never freed, as OpenSSL does with its own.
BIO_METHOD* pipe_method() {
    static BIO_METHOD* const method = [] {
        BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "pipe");
        ENSURE(made != nullptr);
        BIO_meth_set_read(made, read_pipe);
        BIO_meth_set_write(made, write_pipe);
        BIO_meth_set_ctrl(made, control_pipe);
        return made;
    }();
    return method;
}

/// Empty if there is none, or more than one: then nobody knows which counts.
std::string common_name_of(const X509_NAME* subject) {
    const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0) return {};
    unsigned char* text = nullptr;
    const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    if (size < 0) return {};
    std::string name(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
    OPENSSL_free(text);
    return name;
}

std::string text_of(const X509_NAME* subject) {
    BIO* memory = BIO_new(BIO_s_mem());
    ENSURE(memory != nullptr);
    std::string text;
    if (X509_NAME_print_ex(memory, subject, 0, XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB)) >= 0) {
        char* bytes = nullptr;
        const long size = BIO_get_mem_data(memory, &bytes);
        text.assign(bytes, static_cast<std::size_t>(size));
    }
    BIO_free(memory);
    return text;
}

}  // namespace

void session::release::operator()(ssl_st* ssl) const { SSL_free(ssl); }

session::session(const server_context& context)
    : pipe_(std::make_unique<pipe>()), ssl_(SSL_new(context.current().get())), user_from_(context.user_from()) {
    BIO* bio = BIO_new(pipe_method());
    ENSURE(ssl_ && bio != nullptr);  // only memory can be missing
    BIO_set_data(bio, pipe_.get());
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);  // takes it over
    SSL_set_accept_state(ssl_.get());
}

session::~session() = default;

session::state session::receive(std::string_view ciphertext, std::string& plain, std::string& wire) {
    if (state_ == state::closed || state_ == state::failed) return state_;
    pipe_->in = ciphertext;
    pipe_->out = &wire;
    ERR_clear_error();
    if (state_ == state::shaking) state_ = shake();
    if (state_ == state::open) state_ = read(plain);
    pipe_->in = {};
    return state_;
}

session::state session::shake() {
    const int outcome = SSL_do_handshake(ssl_.get());
    return outcome == 1 ? state::open : stopped(outcome);
}

session::state session::read(std::string& plain) {
    std::array<char, record_bytes_max> record;
    while (true) {
        const int count = SSL_read(ssl_.get(), record.data(), static_cast<int>(record.size()));
        if (count <= 0) return stopped(count);
        plain.append(record.data(), static_cast<std::size_t>(count));
    }
}

/// What it means that OpenSSL did not go on: mostly that it needs more bytes.
session::state session::stopped(int outcome) {
    switch (SSL_get_error(ssl_.get(), outcome)) {
        case SSL_ERROR_WANT_READ: return state_;
        case SSL_ERROR_ZERO_RETURN: return state::closed;
        default: failure_ = take_openssl_error(); return state::failed;
    }
}

void session::send(std::string_view plain, std::string& wire) {
    if (state_ != state::open) return;
    pipe_->out = &wire;
    ERR_clear_error();
    while (!plain.empty()) {
        const std::size_t size = std::min(plain.size(), record_bytes_max);
        const int count = SSL_write(ssl_.get(), plain.data(), static_cast<int>(size));
        if (count <= 0) {
            state_ = stopped(count);
            return;
        }
        plain.remove_prefix(static_cast<std::size_t>(count));
    }
}

void session::close(std::string& wire) {
    if (state_ != state::open && state_ != state::closed) return;
    pipe_->out = &wire;
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
}

std::optional<std::string> session::user_of_certificate() const {
    X509* certificate = SSL_get0_peer_certificate(ssl_.get());
    if (certificate == nullptr || SSL_get_verify_result(ssl_.get()) != X509_V_OK) return {};
    switch (user_from_) {
        case certificate_user::none: return {};
        case certificate_user::common_name: return common_name_of(X509_get_subject_name(certificate));
        case certificate_user::subject: return text_of(X509_get_subject_name(certificate));
    }
    return {};
}

}  // namespace causeway::tls
