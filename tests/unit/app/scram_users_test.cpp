#include "app/scram_users.hpp"

#include <set>

#include <catch2/catch.hpp>

#include "base/base64.hpp"

using namespace causeway;
using namespace causeway::app;
using progress = core::challenge_response::progress;

namespace {

std::vector<user_config> users() {
    const auto secret = [](const char* password) {
        return text_of(tls::make_scram_secret(password, std::string(16, password[0]), tls::scram_iterations_min));
    };
    std::vector<user_config> made(3);
    made[0].name = "ann";
    made[0].scram_sha_256 = secret("apple");
    made[1].name = "guest";
    made[1].scram_sha_256 = secret("guest");
    made[2].name = "ben";
    made[2].password_hash = "a hash";
    return made;
}

struct bench {
    explicit bench(std::vector<user_config> all = users())
        : known(all), tested(all, known, [](std::size_t count) { return std::string(count, 'n'); }) {}

    std::string challenge(const std::string& user, bool loopback = true) {
        const auto exchange = tested.begin({.loopback = loopback, .client_id = "device"});
        const auto reply = exchange->step("n,,n=" + user + ",r=abc");
        CHECK(reply.what == progress::going_on);
        return reply.data;
    }
    core::challenge_response::reply login(const std::string& user, const std::string& password, bool loopback = true) {
        const auto exchange = tested.begin({.loopback = loopback, .client_id = "device"});
        const std::string bare = "n=" + user + ",r=abc";
        const std::string asked = exchange->step("n,," + bare).data;
        const std::string final = "c=biws,r=" + asked.substr(2, asked.find(",s=") - 2);
        return exchange->step(final + ",p=" + proof(password, asked, bare + "," + asked + "," + final));
    }

    accounts known;
    scram_users tested;

private:
    /// As the server could never make it: from the password.
    static std::string proof(const std::string& password, const std::string& asked, const std::string& all) {
        const std::size_t at = asked.find(",s=") + 3;
        const std::string salt = *bytes_of_base64(asked.substr(at, asked.find(",i=") - at));
        tls::sha256_value round = tls::hmac_sha256(password, salt + std::string("\0\0\0\x01", 4));
        tls::sha256_value salted = round;
        for (std::uint32_t i = 1; i < tls::scram_iterations_min; ++i) {
            round = tls::hmac_sha256(password, tls::view_of(round));
            for (std::size_t k = 0; k < salted.size(); ++k) salted[k] ^= round[k];
        }
        tls::sha256_value key = tls::hmac_sha256(tls::view_of(salted), "Client Key");
        const tls::sha256_value signature = tls::hmac_sha256(tls::view_of(tls::sha256(tls::view_of(key))), all);
        for (std::size_t i = 0; i < key.size(); ++i) key[i] ^= signature[i];
        return base64_of(tls::view_of(key));
    }
};

}  // namespace

TEST_CASE("a user who knows the password is identified, with the client identifier") {
    std::vector<user_config> all = users();
    all[0].rights.emplace_back().publish = {"devices/%c"};
    bench b(all);
    const auto reply = b.login("ann", "apple");
    REQUIRE(reply.what == progress::accepted);
    CHECK(reply.data.starts_with("v="));
    CHECK(reply.who->user() == "ann");
    CHECK(reply.who->may_topic(core::right::write, "/", "devices/device"));
}

TEST_CASE("a wrong password, an unknown user, one without a secret and one from elsewhere fail at the end only") {
    bench b;
    CHECK(b.login("ann", "pear").what == progress::refused);
    CHECK(b.login("nobody", "apple").what == progress::refused);
    CHECK(b.login("ben", "a hash").what == progress::refused);
    CHECK(b.login("guest", "guest", false).what == progress::refused);
    CHECK(b.login("guest", "guest", true).what == progress::accepted);
}

TEST_CASE("who does not exist is challenged with a salt of its own, the same every time and after a restart") {
    bench first, second;
    std::set<std::string> seen;
    for (const char* user : {"ann", "guest", "ben", "nobody", "root", "admin"}) {
        const std::string challenge = first.challenge(user);
        CHECK(challenge.size() == first.challenge("ann").size());
        CHECK(challenge == first.challenge(user));
        CHECK(challenge == second.challenge(user));
        CHECK(seen.insert(challenge).second);
    }
    CHECK(first.challenge("guest", true) != first.challenge("guest", false));
}

TEST_CASE("where no user has a secret the mechanism is not offered") {
    std::vector<user_config> all = users();
    all.erase(all.begin(), all.begin() + 2);
    bench b(all);
    CHECK(b.tested.begin({}) == nullptr);
}
