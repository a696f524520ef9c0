#include "app/password_authenticator.hpp"

namespace causeway::app {

namespace {

/// Of any user that has one; empty if none has.
std::string some_password_hash(const std::vector<user_config>& users) {
    for (const user_config& user : users)
        if (!user.password_hash.empty()) return user.password_hash;
    return {};
}

account_ptr anonymous_account(const config& c) {
    auto account = std::make_shared<user_config>();
    account->rights = c.anonymous.rights;
    return account;
}

}  // namespace

password_authenticator::password_authenticator(const config& c, poster post, logger& log, verifier verify_with,
                                               scram_users::entropy from)
    : anonymous_from_(c.anonymous.mqtt),
      anonymous_(anonymous_account(c)),
      everybody_(names_client(*anonymous_) ? nullptr : std::make_shared<user_identity>(anonymous_, "")),
      accounts_(c.users),
      scram_(c.users, accounts_, std::move(from)),
      stand_in_hash_(some_password_hash(c.users)),
      post_(std::move(post)),
      log_(log),
      verifier_(std::move(verify_with)) {}

void password_authenticator::verify(core::credentials who, answer then) {
    if (who.anonymous) return then(anonymous(who));
    if (who.certified) return then(certified(std::move(who)));
    account_ptr account = accounts_.find(who.user, who.loopback);
    if (account && account->password_hash.empty()) account = nullptr;
    const tls::keyed_digest::value digest = digest_.of(who.user, who.password);
    if (verified_before(account, digest))
        return then(std::make_shared<user_identity>(std::move(account), std::move(who.client_id)));

    const check_key key(account != nullptr, digest);
    if (const auto same = checks_.find(key); same != checks_.end())
        same->second.who.push_back({std::move(who.client_id), std::move(then)});
    else
        start_check(key, std::move(who), std::move(account), std::move(then));
}

core::identity_ptr password_authenticator::anonymous(const core::credentials& who) const {
    switch (anonymous_from_) {
        case anonymous_from::nowhere: return nullptr;
        case anonymous_from::loopback:
            if (!who.loopback) return nullptr;
            break;
        case anonymous_from::anywhere: break;
    }
    if (everybody_) return everybody_;
    return std::make_shared<user_identity>(anonymous_, who.client_id);
}

core::identity_ptr password_authenticator::certified(core::credentials who) const {
    account_ptr account = accounts_.find(who.user, who.loopback);
    return account ? std::make_shared<user_identity>(std::move(account), std::move(who.client_id)) : nullptr;
}

std::unique_ptr<core::challenge_response> password_authenticator::begin(std::string_view mechanism, const core::credentials& from) {
    return mechanism == scram_users::mechanism ? scram_.begin(from) : nullptr;
}

bool password_authenticator::verified_before(const account_ptr& account, const tls::keyed_digest::value& digest) const {
    if (!account) return false;
    const auto before = verified_.find(account->name);
    return before != verified_.end() && tls::keyed_digest::equal(before->second, digest);
}

void password_authenticator::start_check(const check_key& key, core::credentials who, account_ptr account, answer then) {
    const std::string& hash = account ? account->password_hash : stand_in_hash_;
    const bool added = worker_.add([this, key, hash, password = std::move(who.password)] {
        const bool right = verifier_(password, hash);
        post_([this, key, right] { settle(key, right); });
    });
    if (!added) {
        log_.warning("login refused: too many passwords to check at once",
                     {{"peer", who.peer_address}, {"waiting", checks_max}});
        return then(nullptr);
    }
    check& started = checks_[key];
    started.account = std::move(account);
    started.who.push_back({std::move(who.client_id), std::move(then)});
}

void password_authenticator::settle(const check_key& key, bool right) {
    auto node = checks_.extract(key);
    if (node.empty()) return;
    check& done = node.mapped();
    if (!done.account) right = false;
    if (right) verified_[done.account->name] = key.second;
    for (waiting& w : done.who)
        w.then(right ? std::make_shared<user_identity>(done.account, std::move(w.client_id)) : nullptr);
}

}  // namespace causeway::app
