#include "tls/scram.hpp"

#include <catch2/catch.hpp>

#include "base/base64.hpp"

using namespace causeway;
using tls::scram_server;
using progress = tls::scram_server::progress;

namespace {

constexpr std::string_view user_salt = "W22ZaJ0SNY7soEsUEjb6gQ==";  // of RFC 7677 section 3
const std::string client_nonce = "rOprNGfwEbeRWgbNEkqO";
const std::string nonce(scram_server::nonce_bytes, 'x');

tls::scram_secret pencil() { return tls::make_scram_secret("pencil", *bytes_of_base64(user_salt), 4096); }

tls::scram_secret secret_of(const std::string& user) {
    if (user == "user" || user == "a,b=c") return pencil();
    tls::scram_secret made_up = pencil();
    made_up.stored_key.fill(7);
    return made_up;
}

/// What a client who knows the password answers.
struct client {
    std::string header = "n,,";
    std::string bare = "n=user,r=" + client_nonce;
    std::string password = "pencil";

    std::string first() const { return header + bare; }

    std::string final(const std::string& challenge) const {
        return final(challenge, "c=" + base64_of(header) + ",r=" + challenge.substr(2, challenge.find(",s=") - 2));
    }
    std::string final(const std::string& challenge, const std::string& without_proof) const {
        const tls::sha256_value key = client_key();
        const std::string all = bare + "," + challenge + "," + without_proof;
        const tls::sha256_value signature = tls::hmac_sha256(tls::view_of(tls::sha256(tls::view_of(key))), all);
        std::string proof;
        for (std::size_t i = 0; i < key.size(); ++i) proof += static_cast<char>(key[i] ^ signature[i]);
        return without_proof + ",p=" + base64_of(proof);
    }
    /// By its definition in RFC 5802: Hi is HMAC, iterated.
    tls::sha256_value client_key() const {
        tls::sha256_value round = tls::hmac_sha256(password, *bytes_of_base64(user_salt) + std::string("\0\0\0\x01", 4));
        tls::sha256_value salted = round;
        for (int i = 1; i < 4096; ++i) {
            round = tls::hmac_sha256(password, tls::view_of(round));
            for (std::size_t k = 0; k < salted.size(); ++k) salted[k] ^= round[k];
        }
        return tls::hmac_sha256(tls::view_of(salted), "Client Key");
    }
};

progress login(const client& c) {
    scram_server s(secret_of, nonce);
    std::string answer;
    if (s.step(c.first(), answer) != progress::going_on) return progress::refused;
    return s.step(c.final(answer), answer);
}

progress first(const std::string& message) {
    scram_server s(secret_of, nonce);
    std::string answer;
    return s.step(message, answer);
}

/// The last step, with a message made from the right one.
template <class Change>
progress last(Change change) {
    const client c;
    scram_server s(secret_of, nonce);
    std::string challenge, answer;
    REQUIRE(s.step(c.first(), challenge) == progress::going_on);
    return s.step(change(c, challenge), answer);
}

}  // namespace

TEST_CASE("the secret of the example proves the example's messages [RFC 7677 section 3]") {
    const tls::scram_secret secret = pencil();
    const std::string all =
        "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    CHECK(base64_of(tls::view_of(tls::hmac_sha256(tls::view_of(secret.server_key), all))) ==
          "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    tls::sha256_value key = tls::hmac_sha256(tls::view_of(secret.stored_key), all);
    const std::string proof = *bytes_of_base64("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
    for (std::size_t i = 0; i < key.size(); ++i) key[i] ^= static_cast<unsigned char>(proof[i]);
    CHECK(tls::equal(tls::sha256(tls::view_of(key)), secret.stored_key));
}

TEST_CASE("who knows the password is proven, and so is the server [RFC 5802 section 3]") {
    const client c;
    scram_server s(secret_of, nonce);
    std::string answer;
    REQUIRE(s.step(c.first(), answer) == progress::going_on);
    CHECK(answer == "r=" + client_nonce + base64_of(nonce) + ",s=" + std::string(user_salt) + ",i=4096");
    const std::string challenge = answer;
    const std::string last_message = c.final(challenge);
    REQUIRE(s.step(last_message, answer) == progress::proven);
    const std::string all = c.bare + "," + challenge + "," + last_message.substr(0, last_message.find(",p="));
    CHECK(answer == "v=" + base64_of(tls::view_of(tls::hmac_sha256(tls::view_of(pencil().server_key), all))));
    CHECK(s.user() == "user");
}

TEST_CASE("a wrong password and an unknown user are refused at the last step, not before") {
    CHECK(login({.password = "pencil "}) == progress::refused);
    CHECK(login({.bare = "n=nobody,r=" + client_nonce}) == progress::refused);
    CHECK(first("n,,n=nobody,r=" + client_nonce) == progress::going_on);
}

TEST_CASE("a client that could bind to the channel is welcome, one that insists is refused [RFC 5802 section 6]") {
    CHECK(login({.header = "y,,"}) == progress::proven);
    CHECK(first("p=tls-unique,,n=user,r=" + client_nonce) == progress::refused);
}

TEST_CASE("the binding of the last message must repeat the header of the first [RFC 5802 section 5.1]") {
    for (const char* header : {"y,,", "n,a=user,", "", "n,", "p=tls-unique,,"}) {
        CAPTURE(header);
        CHECK(last([&](const client& c, const std::string& challenge) {
                  return c.final(challenge, "c=" + base64_of(header) + ",r=" + challenge.substr(2, challenge.find(",s=") - 2));
              }) == progress::refused);
    }
}

TEST_CASE("nobody acts for somebody else [RFC 5802 section 5.1]") {
    CHECK(login({.header = "n,a=user,"}) == progress::proven);
    CHECK(first("n,a=admin,n=user,r=" + client_nonce) == progress::refused);
    CHECK(first("n,b=user,n=user,r=" + client_nonce) == progress::refused);
}

TEST_CASE("commas and equals signs of a user name are escaped, and nothing else [RFC 5802 section 5.1]") {
    CHECK(login({.bare = "n=a=2Cb=3Dc,r=" + client_nonce}) == progress::proven);
    for (const char* name : {"a=2cb", "a=", "a=4", "=", ""}) {
        CAPTURE(name);
        CHECK(first("n,,n=" + std::string(name) + ",r=" + client_nonce) == progress::refused);
    }
}

TEST_CASE("a first message that is broken in any way is refused [RFC 5802 section 7]") {
    for (const char* message :
         {"n", "n,", "n,,", "n,,n=user", "n,,n=user,", "n,,n=user,r=", "n,,r=x,n=user", "x,,n=user,r=x", "N,,n=user,r=x", ",,n=user,r=x",
          "n,,m=ext,n=user,r=x", "n,,n=user,r=x,", "n,,n=user,r=x,1=y", "n,,n=user,r=x,ab", "n,,n=user,r=x y", "n,,n=user,r=\x7f", "n,,n=us\xffr,r=x",
          "n,,n=user,r=x,,", " n,,n=user,r=x"}) {
        CAPTURE(message);
        CHECK(first(message) == progress::refused);
    }
    CHECK(first(std::string("n,,n=us\0r,r=x", 13)) == progress::refused);
    CHECK(first("n,,n=user,r=" + std::string(scram_server::message_bytes_max, 'x')) == progress::refused);
}

TEST_CASE("extensions that are not mandatory are ignored but counted into the proof [RFC 5802 section 5.1]") {
    CHECK(login({.bare = "n=user,r=" + client_nonce + ",x=anything,y=else"}) == progress::proven);
    CHECK(last([](const client& c, const std::string& challenge) {
              return c.final(challenge, "c=biws,r=" + challenge.substr(2, challenge.find(",s=") - 2) + ",x=more");
          }) == progress::proven);
}

TEST_CASE("a last message that is broken in any way is refused [RFC 5802 section 7]") {
    const auto right_nonce = [](const std::string& challenge) { return challenge.substr(2, challenge.find(",s=") - 2); };
    const auto refused = [](auto change) { CHECK(last(change) == progress::refused); };
    refused([](const client&, const std::string&) { return std::string(); });
    refused([](const client& c, const std::string&) { return c.first(); });
    refused([](const client& c, const std::string& ch) { return c.final(ch, "c=biws,r=" + client_nonce); });
    refused([&](const client& c, const std::string& ch) { return c.final(ch, "c=biws,r=" + right_nonce(ch) + "x"); });
    refused([&](const client& c, const std::string& ch) { return c.final(ch, "c=biws,r=x" + right_nonce(ch).substr(1)); });
    refused([&](const client& c, const std::string& ch) { return c.final(ch, "c=biw,r=" + right_nonce(ch)); });
    refused([&](const client& c, const std::string& ch) { return c.final(ch, "c=,r=" + right_nonce(ch)); });
    refused([&](const client& c, const std::string& ch) { return c.final(ch, "r=" + right_nonce(ch) + ",c=biws"); });
    refused([](const client& c, const std::string& ch) { return c.final(ch) + ",x=behind"; });
    refused([](const client& c, const std::string& ch) { return c.final(ch) + "="; });
    refused([&](const client&, const std::string& ch) { return "c=biws,r=" + right_nonce(ch); });
    refused([&](const client&, const std::string& ch) { return "c=biws,r=" + right_nonce(ch) + ",p="; });
    refused([&](const client&, const std::string& ch) { return "c=biws,r=" + right_nonce(ch) + ",p=" + base64_of("short"); });
    refused([&](const client&, const std::string& ch) { return "c=biws,r=" + right_nonce(ch) + ",p=" + base64_of(std::string(33, 'x')); });
}

TEST_CASE("each bit of the proof counts") {
    for (std::size_t bit = 0; bit < 256; ++bit)
        CHECK(last([bit](const client& c, const std::string& challenge) {
                  const std::string right = c.final(challenge);
                  const std::size_t at = right.find(",p=") + 3;
                  std::string proof = *bytes_of_base64(right.substr(at));
                  proof[bit / 8] = static_cast<char>(proof[bit / 8] ^ (1 << bit % 8));
                  return right.substr(0, at) + base64_of(proof);
              }) == progress::refused);
}

TEST_CASE("an exchange may begin with an empty message, once, and nothing follows its end") {
    const client c;
    scram_server s(secret_of, nonce);
    std::string answer;
    CHECK(s.step("", answer) == progress::going_on);
    CHECK(answer.empty());
    REQUIRE(s.step(c.first(), answer) == progress::going_on);
    const std::string last_message = c.final(answer);
    CHECK(s.step(last_message, answer) == progress::proven);
    CHECK(s.step(last_message, answer) == progress::refused);

    scram_server silent(secret_of, nonce);
    silent.step("", answer);
    CHECK(silent.step("", answer) == progress::refused);
    CHECK(silent.step(c.first(), answer) == progress::refused);
}

TEST_CASE("a secret is read back from its text, and anything else is none [RFC 5803]") {
    const tls::scram_secret secret = pencil();
    const std::string text = text_of(secret);
    CHECK(text.starts_with("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"));
    CHECK(tls::parse_scram_secret(text) == secret);
    for (std::size_t size = 0; size < text.size(); ++size) CHECK_FALSE(tls::parse_scram_secret(text.substr(0, size)));
    for (const char* other : {"SCRAM-SHA-256$4095:", "SCRAM-SHA-256$10000001:", "SCRAM-SHA-256$x:", "SCRAM-SHA-1$4096:", "SCRAM-SHA-256$4096 :"}) {
        CAPTURE(other);
        CHECK_FALSE(tls::parse_scram_secret(other + text.substr(text.find(':') + 1)));
    }
    CHECK_FALSE(tls::parse_scram_secret(text + "="));
}

TEST_CASE("passwords for SCRAM are text without control characters") {
    CHECK(tls::acceptable_scram_password("pencil"));
    CHECK(tls::acceptable_scram_password("pe\xc3\xb1 cil"));
    CHECK_FALSE(tls::acceptable_scram_password(""));
    CHECK_FALSE(tls::acceptable_scram_password("pen\tcil"));
    CHECK_FALSE(tls::acceptable_scram_password("pen\x7f"));
    CHECK_FALSE(tls::acceptable_scram_password("\xff"));
}
