#include "tls/scram.hpp"

#include <algorithm>
#include <optional>

#include "base/base64.hpp"
#include "base/check.hpp"
#include "base/utf8.hpp"

namespace causeway::tls {

namespace {

/// Everything up to the next comma, which is taken away with it.
std::string_view take_part(std::string_view& text) {
    const std::size_t at = text.find(',');
    const std::string_view part = text.substr(0, at);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
    return part;
}

/// The value of "x=value"; nothing if the part is another one.
std::optional<std::string_view> value_of(std::string_view part, char name) {
    if (part.size() < 2 || part[0] != name || part[1] != '=') return {};
    return part.substr(2);
}

/// saslname: "=2C" stands for a comma, "=3D" for an equals sign, and nothing else begins with one.
std::optional<std::string> name_of(std::string_view escaped) {
    std::string name;
    while (!escaped.empty()) {
        if (escaped[0] != '=') {
            name += escaped[0];
            escaped.remove_prefix(1);
            continue;
        }
        if (!escaped.starts_with("=2C") && !escaped.starts_with("=3D")) return {};
        name += escaped.starts_with("=2C") ? ',' : '=';
        escaped.remove_prefix(3);
    }
    if (name.empty() || !valid_mqtt_text(name)) return {};
    return name;
}

/// printable: visible ASCII without the comma, which ends it.
bool valid_nonce(std::string_view nonce) {
    return !nonce.empty() && std::all_of(nonce.begin(), nonce.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

/// Extensions may follow and mean nothing to us: "x=value" each.
bool valid_extensions(std::string_view rest) {
    while (!rest.empty()) {
        const std::string_view part = take_part(rest);
        const char letter = part.empty() ? '\0' : static_cast<char>(part[0] | 0x20);
        if (part.size() < 3 || letter < 'a' || letter > 'z' || part[1] != '=') return false;
    }
    return true;
}

struct first_message {
    std::string gs2_header;  // with the comma that ends it
    std::string bare;
    std::string user;
    std::string nonce;
};

/// [n | y] "," [a=saslname] "," n=saslname "," r=nonce ["," extensions]   RFC 5802 section 7. "m=" before the name is
/// something that must be understood, and is not.
std::optional<first_message> read_first(std::string_view message) {
    if (!valid_mqtt_text(message) || message.ends_with(',')) return {};
    std::string_view rest = message;
    const std::string_view binding = take_part(rest);
    if (binding != "n" && binding != "y") return {};
    const std::string_view authority = take_part(rest);
    first_message m{.gs2_header = std::string(message.substr(0, message.size() - rest.size())), .bare = std::string(rest), .user{}, .nonce{}};
    const auto escaped = value_of(take_part(rest), 'n');
    const auto nonce = value_of(take_part(rest), 'r');
    if (!escaped || !nonce || !valid_nonce(*nonce) || !valid_extensions(rest)) return {};
    const auto user = name_of(*escaped);
    if (!user) return {};
    // Nobody acts for somebody else.
    if (!authority.empty()) {
        const auto other = value_of(authority, 'a');
        if (!other || name_of(*other) != user) return {};
    }
    m.user = *user;
    m.nonce = *nonce;
    return m;
}

struct final_message {
    std::string_view without_proof;
    std::string binding;  // what the client thinks it has sent as GS2 header
    std::string_view nonce;
    std::string proof;
};

/// c=base64 "," r=nonce ["," extensions] "," p=base64
std::optional<final_message> read_final(std::string_view message) {
    const std::size_t at = message.rfind(",p=");
    if (!valid_mqtt_text(message) || at == std::string_view::npos) return {};
    std::string_view rest = message.substr(0, at);
    final_message m{.without_proof = rest, .binding{}, .nonce{}, .proof{}};
    const auto binding = value_of(take_part(rest), 'c');
    const auto nonce = value_of(take_part(rest), 'r');
    const auto proof = bytes_of_base64(message.substr(at + 3));
    if (!binding || !nonce || !proof || proof->size() != sha256_value().size() || !valid_extensions(rest)) return {};
    const auto header = bytes_of_base64(*binding);
    if (!header) return {};
    m.binding = *header;
    m.nonce = *nonce;
    m.proof = *proof;
    return m;
}

}  // namespace

scram_server::scram_server(lookup secrets, std::string_view nonce) : secrets_(std::move(secrets)), nonce_(base64_of(nonce)) {
    ENSURE(nonce.size() == nonce_bytes);
}

scram_server::progress scram_server::step(std::string_view message, std::string& answer) {
    answer.clear();
    if (message.size() > message_bytes_max) state_ = state::done;
    switch (state_) {
        case state::fresh:
            state_ = state::awaiting_first;
            if (message.empty()) return progress::going_on;
            [[fallthrough]];
        case state::awaiting_first:
            state_ = take_first(message, answer) ? state::awaiting_final : state::done;
            return state_ == state::done ? progress::refused : progress::going_on;
        case state::awaiting_final:
            state_ = state::done;
            return take_final(message, answer) ? progress::proven : progress::refused;
        case state::done: break;
    }
    return progress::refused;
}

bool scram_server::take_first(std::string_view message, std::string& answer) {
    auto m = read_first(message);
    if (!m) return false;
    user_ = std::move(m->user);
    gs2_header_ = std::move(m->gs2_header);
    first_bare_ = std::move(m->bare);
    nonce_ = m->nonce + nonce_;
    secret_ = secrets_(user_);
    answer = "r=" + nonce_ + ",s=" + base64_of(secret_.salt) + ",i=" + std::to_string(secret_.iterations);
    first_answer_ = answer;
    return true;
}

bool scram_server::take_final(std::string_view message, std::string& answer) {
    const auto m = read_final(message);
    if (!m || m->binding != gs2_header_ || m->nonce != nonce_) return false;
    const std::string auth_message = first_bare_ + "," + first_answer_ + "," + std::string(m->without_proof);
    if (!proof_is_right(m->proof, auth_message)) return false;
    answer = "v=" + base64_of(view_of(hmac_sha256(view_of(secret_.server_key), auth_message)));
    return true;
}

/// ClientProof = ClientKey XOR HMAC(StoredKey, AuthMessage), and StoredKey = H(ClientKey)   RFC 5802 section 3
bool scram_server::proof_is_right(std::string_view proof, std::string_view auth_message) const {
    sha256_value client_key = hmac_sha256(view_of(secret_.stored_key), auth_message);
    for (std::size_t i = 0; i < client_key.size(); ++i) client_key[i] ^= static_cast<unsigned char>(proof[i]);
    return equal(sha256(view_of(client_key)), secret_.stored_key);
}

}  // namespace causeway::tls
