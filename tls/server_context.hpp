#pragma once
// What a listener needs to speak TLS as a server: certificate, key, who may connect. Shared by all connections of a listener
// and thread-safe. Connections that are open keep the certificate they began with.

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.hpp"

struct ssl_ctx_st;

namespace causeway::tls {

enum class protocol_version : std::uint8_t { tls1_2, tls1_3 };

/// What of a client's certificate is the name of a user: the certificate then stands for the user's password.
enum class certificate_user : std::uint8_t { none, common_name, subject };

struct server_options {
    std::string certificate_chain_file;       // PEM, the server's own first
    std::string private_key_file;             // PEM
    std::string client_ca_file;               // PEM; empty: clients are not asked for a certificate
    bool require_client_certificate = false;  // needs client_ca_file
    protocol_version version_min = protocol_version::tls1_2;
    certificate_user user_from = certificate_user::none;  // needs client_ca_file, too
};

class server_context {
public:
    /// The error names the file and OpenSSL's reason.
    static result<std::shared_ptr<server_context>, std::string> make(server_options options);

    /// Reads the files again, for connections to come. If that fails, everything stays as it was.
    result<void, std::string> reload();

    certificate_user user_from() const { return options_.user_from; }

    /// What sessions are made from at the moment.
    std::shared_ptr<ssl_ctx_st> current() const;

private:
    server_context(server_options options, std::shared_ptr<ssl_ctx_st> first);

    const server_options options_;
    mutable std::mutex guard_;
    std::shared_ptr<ssl_ctx_st> current_;  // guarded by guard_
};

}  // namespace causeway::tls
