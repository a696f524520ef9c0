#include "app/scram_users.hpp"

#include <utility>

#include "tls/scram.hpp"

namespace causeway::app {

namespace {

class scram_exchange final : public core::challenge_response {
public:
    scram_exchange(const scram_users& users, const accounts& known, const core::credentials& from, const std::string& nonce)
        : known_(known),
          loopback_(from.loopback),
          client_id_(from.client_id),
          server_([&users, loopback = from.loopback](const std::string& user) { return users.secret_of(user, loopback); }, nonce) {}

    reply step(std::string_view said) override {
        reply r;
        switch (server_.step(said, r.data)) {
            case tls::scram_server::progress::going_on: r.what = progress::going_on; break;
            case tls::scram_server::progress::refused: break;
            case tls::scram_server::progress::proven: identify(r); break;
        }
        return r;
    }

private:
    void identify(reply& r) {
        account_ptr account = known_.find(server_.user(), loopback_);
        if (!account) return;
        r.what = progress::accepted;
        r.who = std::make_shared<user_identity>(std::move(account), client_id_);
    }

    const accounts& known_;
    bool loopback_;
    std::string client_id_;
    tls::scram_server server_;
};

}  // namespace

scram_users::scram_users(const std::vector<user_config>& users, const accounts& known, entropy from)
    : known_(known), entropy_(std::move(from)) {
    std::string everything;
    for (const user_config& user : users) {
        everything += user.scram_sha_256 + user.password_hash;
        const auto secret = tls::parse_scram_secret(user.scram_sha_256);
        if (!secret) continue;
        if (secrets_.empty()) pattern_ = *secret;
        secrets_.emplace(user.name, *secret);
    }
    seed_ = tls::view_of(tls::sha256(everything));
}

std::unique_ptr<core::challenge_response> scram_users::begin(const core::credentials& from) const {
    if (secrets_.empty()) return nullptr;
    return std::make_unique<scram_exchange>(*this, known_, from, entropy_(tls::scram_server::nonce_bytes));
}

tls::scram_secret scram_users::secret_of(const std::string& user, bool loopback) const {
    tls::scram_secret stand_in = made_up(user);
    const auto at = secrets_.find(user);
    return at != secrets_.end() && known_.find(user, loopback) ? at->second : stand_in;
}

tls::scram_secret scram_users::made_up(const std::string& user) const {
    tls::scram_secret secret = pattern_;
    secret.salt.clear();
    for (char part = 0; secret.salt.size() < pattern_.salt.size(); ++part)
        secret.salt += tls::view_of(tls::hmac_sha256(seed_, std::string("salt") + part + user));
    secret.salt.resize(pattern_.salt.size());
    secret.stored_key = tls::hmac_sha256(seed_, "stored key" + user);
    secret.server_key = tls::hmac_sha256(seed_, "server key" + user);
    return secret;
}

}  // namespace causeway::app
