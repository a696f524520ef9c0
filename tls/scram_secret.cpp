#include "tls/scram_secret.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>

#include "base/base64.hpp"
#include "base/check.hpp"
#include "base/utf8.hpp"

namespace causeway::tls {

namespace {

constexpr std::string_view scheme = "SCRAM-SHA-256$";

/// Everything up to the separator, which is taken away with it; nothing if there is none.
std::optional<std::string_view> take_until(std::string_view& text, char separator) {
    const std::size_t at = text.find(separator);
    if (at == std::string_view::npos) return {};
    const std::string_view taken = text.substr(0, at);
    text.remove_prefix(at + 1);
    return taken;
}

std::optional<std::uint32_t> iterations_of(std::string_view text) {
    std::uint32_t count = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (failed != std::errc() || end != text.data() + text.size()) return {};
    if (count < scram_iterations_min || count > scram_iterations_max) return {};
    return count;
}

bool read_key(std::string_view text, sha256_value& key) {
    const auto bytes = bytes_of_base64(text);
    if (!bytes || bytes->size() != key.size()) return false;
    std::copy(bytes->begin(), bytes->end(), key.begin());
    return true;
}

}  // namespace

scram_secret make_scram_secret(std::string_view password, std::string salt, std::uint32_t iterations) {
    sha256_value salted;
    const int done = PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                                       reinterpret_cast<const unsigned char*>(salt.data()), static_cast<int>(salt.size()),
                                       static_cast<int>(iterations), EVP_sha256(), static_cast<int>(salted.size()), salted.data());
    ENSURE(done == 1);
    const sha256_value client_key = hmac_sha256(view_of(salted), "Client Key");
    return {.iterations = iterations,
            .salt = std::move(salt),
            .stored_key = sha256(view_of(client_key)),
            .server_key = hmac_sha256(view_of(salted), "Server Key")};
}

bool acceptable_scram_password(std::string_view password) {
    return !password.empty() && valid_utf8(password) &&
           std::none_of(password.begin(), password.end(), [](char c) { return (c >= 0 && c < 0x20) || c == 0x7F; });
}

std::string text_of(const scram_secret& secret) {
    return std::string(scheme) + std::to_string(secret.iterations) + ":" + base64_of(secret.salt) + "$" +
           base64_of(view_of(secret.stored_key)) + ":" + base64_of(view_of(secret.server_key));
}

std::optional<scram_secret> parse_scram_secret(std::string_view text) {
    if (!text.starts_with(scheme)) return {};
    text.remove_prefix(scheme.size());
    const auto count = take_until(text, ':');
    const auto salt = take_until(text, '$');
    const auto stored_key = take_until(text, ':');
    if (!count || !salt || !stored_key) return {};
    const auto iterations = iterations_of(*count);
    const auto salt_bytes = bytes_of_base64(*salt);
    scram_secret secret;
    if (!iterations || !salt_bytes || salt_bytes->size() < 8 || salt_bytes->size() > 64) return {};
    if (!read_key(*stored_key, secret.stored_key) || !read_key(text, secret.server_key)) return {};
    secret.iterations = *iterations;
    secret.salt = *salt_bytes;
    return secret;
}

}  // namespace causeway::tls
