#pragma once
// Users who prove by SCRAM-SHA-256 who they are. A user that does not exist, or has no secret, is challenged like any other:
// with a salt that is the same every time, also after a restart. Belongs to the broker thread.

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/accounts.hpp"
#include "core/access.hpp"
#include "tls/scram_secret.hpp"

namespace causeway::app {

class scram_users {
public:
    /// So many bytes that nobody can guess: tls::random_bytes, or a test's own.
    using entropy = std::function<std::string(std::size_t count)>;

    static constexpr std::string_view mechanism = "SCRAM-SHA-256";

    /// The accounts outlive it, and it outlives its exchanges.
    scram_users(const std::vector<user_config>& users, const accounts& known, entropy from);

    /// nullptr if no user could succeed.
    std::unique_ptr<core::challenge_response> begin(const core::credentials& from) const;

    /// Of a user that may log in from there, else one that nobody can fulfil.
    tls::scram_secret secret_of(const std::string& user, bool loopback) const;

private:
    tls::scram_secret made_up(const std::string& user) const;

    const accounts& known_;
    entropy entropy_;
    std::map<std::string, tls::scram_secret> secrets_;
    tls::scram_secret pattern_;  // what made-up ones look like
    std::string seed_;           // what they are made from
};

}  // namespace causeway::app
