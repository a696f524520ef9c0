#pragma once
// SCRAM-SHA-256 (RFC 5802, RFC 7677): the server's side of one exchange, without a socket. Channel binding is not offered: a
// client that insists on it ('p') is refused, one that could do it ('y') or cannot ('n') is welcome. Texts are taken as they
// are, without SASLprep beyond ASCII.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "tls/scram_secret.hpp"

namespace causeway::tls {

class scram_server {
public:
    /// The secret of a user. For one that does not exist something that looks like it, the same at every call, so that
    /// nobody learns who exists.
    using lookup = std::function<scram_secret(const std::string& user)>;

    enum class progress : std::uint8_t { going_on, proven, refused };

    static constexpr std::size_t nonce_bytes = 18;
    static constexpr std::size_t message_bytes_max = 4'096;  // a longer one is refused

    /// `nonce`: this many bytes that have never been used before and cannot be guessed.
    scram_server(lookup secrets, std::string_view nonce);

    /// The client's next message. Sets `answer` to what it gets, unless it is refused. An empty first message asks to go on.
    progress step(std::string_view message, std::string& answer);

    /// Who it claims to be; who it is, once proven.
    const std::string& user() const { return user_; }

private:
    enum class state : std::uint8_t { fresh, awaiting_first, awaiting_final, done };

    bool take_first(std::string_view message, std::string& answer);
    bool take_final(std::string_view message, std::string& answer);
    bool proof_is_right(std::string_view proof, std::string_view auth_message) const;

    lookup secrets_;
    std::string nonce_;  // ours; the client's stands before it after its first message
    state state_ = state::fresh;
    std::string user_;
    scram_secret secret_;
    std::string gs2_header_;  // of the first message
    std::string first_bare_;
    std::string first_answer_;
};

}  // namespace causeway::tls
