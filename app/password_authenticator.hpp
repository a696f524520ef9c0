#pragma once
// Who clients are, by the configuration: users with passwords, certificates that stand for a user, and exchanges. Argon2id is
// slow on purpose, so it runs on a thread of its own; credentials that were right once are recognised afterwards by a keyed
// digest, so that reconnecting is cheap and no plain password is kept. An unknown user costs as much time as a wrong
// password. Belongs to the broker thread.

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/accounts.hpp"
#include "app/config.hpp"
#include "app/scram_users.hpp"
#include "app/user_identity.hpp"
#include "app/worker.hpp"
#include "base/log.hpp"
#include "core/access.hpp"
#include "tls/keyed_digest.hpp"

namespace causeway::app {

class password_authenticator final : public core::authenticator {
public:
    /// Has an action run on the broker thread; called from the worker's thread.
    using poster = std::function<void(std::function<void()>)>;
    /// tls::verify_password, or a test's own.
    using verifier = std::function<bool(std::string_view password, const std::string& hash)>;

    /// Checks that wait; beyond, logins are refused. As many as the worker can do before clients give up.
    static constexpr std::size_t checks_max = 256;

    password_authenticator(const config& c, poster post, logger& log, verifier verify_with, scram_users::entropy from);

    void verify(core::credentials who, answer then) override;
    std::unique_ptr<core::challenge_response> begin(std::string_view mechanism, const core::credentials& from) override;

private:
    /// Equal credentials are checked once, however many connections wait for it. The first part: can they be right at all?
    using check_key = std::pair<bool, tls::keyed_digest::value>;
    struct waiting {
        std::string client_id;
        answer then;
    };
    struct check {
        account_ptr account;  // null: refused, whatever the check says
        std::vector<waiting> who;
    };

    core::identity_ptr anonymous(const core::credentials& who) const;
    core::identity_ptr certified(core::credentials who) const;
    bool verified_before(const account_ptr& account, const tls::keyed_digest::value& digest) const;
    void start_check(const check_key& key, core::credentials who, account_ptr account, answer then);
    void settle(const check_key& key, bool right);

    anonymous_from anonymous_from_;
    account_ptr anonymous_;
    core::identity_ptr everybody_;  // shared by all who give no name, if their rights do not depend on the client id
    accounts accounts_;
    scram_users scram_;
    std::string stand_in_hash_;  // what unknown users' passwords are checked against
    poster post_;
    logger& log_;
    verifier verifier_;
    tls::keyed_digest digest_;
    std::map<std::string, tls::keyed_digest::value, std::less<>> verified_;  // by user
    std::map<check_key, check> checks_;
    worker worker_{checks_max};  // last: its jobs call in here
};

}  // namespace causeway::app
