#include "tls/password_hash.hpp"

#include <catch2/catch.hpp>

using namespace causeway;

TEST_CASE("a password is verified by its hash, another one is not") {
    const std::string hash = tls::hash_password("correct horse");
    CHECK(hash.starts_with("$argon2id$"));
    CHECK(tls::verify_password("correct horse", hash));
    CHECK_FALSE(tls::verify_password("correct horsf", hash));
    CHECK_FALSE(tls::verify_password("", hash));
}

TEST_CASE("two hashes of one password differ, for each has a salt") {
    CHECK(tls::hash_password("same") != tls::hash_password("same"));
}

TEST_CASE("a password may hold any bytes, also a zero") {
    const std::string password("a\0b", 3);
    const std::string hash = tls::hash_password(password);
    CHECK(tls::verify_password(password, hash));
    CHECK_FALSE(tls::verify_password("a", hash));
}

TEST_CASE("what is not a hash verifies nothing") {
    for (const std::string& text : {std::string(), std::string("plain"), std::string("$argon2id$v=19$m=65536"), std::string(500, 'x')})
        CHECK_FALSE(tls::verify_password("plain", text));
}
