#include "protocols/amqp/handshake.hpp"

#include <utility>

#include "base/byte_reader.hpp"
#include "protocols/amqp/framing.hpp"
#include "protocols/amqp/say.hpp"
#include "protocols/amqp/table.hpp"

namespace causeway::amqp {

namespace {

constexpr std::string_view external = "EXTERNAL";
constexpr const char* locales = "en_US";

/// Clients choose what they do by product and version, so these name what the server behaves like; the platform names what it is. kombu and
/// Celery raise a running consumer's prefetch count only where the product is RabbitMQ: elsewhere a task for later holds up the ones for now.
constexpr const char* version_of_rabbitmq = "3.13.7";

core::field_table server_properties(const options& o) {
    // Exactly what is there: clients branch on it.
    static constexpr const char* capabilities[] = {
        "publisher_confirms", "exchange_exchange_bindings", "basic.nack",       "consumer_cancel_notify", "connection.blocked",
        "consumer_priorities", "authentication_failure_close", "per_consumer_qos", "direct_reply_to"};
    core::field_table table;
    for (const char* name : capabilities) table.emplace_back(name, true);
    return {{"capabilities", std::move(table)},
            {"cluster_name", o.cluster_name},
            {"copyright", std::string("The Causeway authors")},
            {"information", std::string("Licensed under the Apache License 2.0")},
            {"platform", std::string("Causeway " CAUSEWAY_VERSION)},
            {"product", std::string("RabbitMQ")},
            {"version", std::string(version_of_rabbitmq)}};
}

client_capabilities capabilities_in(const core::field_table& client_properties) {
    client_capabilities found;
    const core::field_value* value = core::find(client_properties, "capabilities");
    const auto* table = value != nullptr ? std::get_if<core::field_table>(&value->base()) : nullptr;
    if (table == nullptr) return found;
    const auto has = [table](std::string_view name) {
        const core::field_value* flag = core::find(*table, name);
        return flag != nullptr && *flag == core::field_value(true);
    };
    found.authentication_failure_close = has("authentication_failure_close");
    found.connection_blocked = has("connection.blocked");
    found.consumer_cancel_notify = has("consumer_cancel_notify");
    return found;
}

/// [authorization identity] NUL [user] NUL [password]; the first is not used. RFC 4616
bool read_plain(std::string_view response, core::credentials& who) {
    const std::size_t first = response.find('\0');
    const std::size_t second = first == response.npos ? response.npos : response.find('\0', first + 1);
    if (second == response.npos) return false;
    who.user = response.substr(first + 1, second - first - 1);
    who.password = response.substr(second + 1);
    return true;
}

/// A table without its length: LOGIN and PASSWORD, as RabbitMQ reads it.
bool read_amqplain(std::string_view response, core::credentials& who) {
    byte_reader in(response);
    const core::field_table table = read_table_entries(in);
    const core::field_value* login = core::find(table, "LOGIN");
    const core::field_value* password = core::find(table, "PASSWORD");
    const std::string* user = login != nullptr ? core::as_text(*login) : nullptr;
    const std::string* secret = password != nullptr ? core::as_text(*password) : nullptr;
    if (in.failed() || user == nullptr || secret == nullptr) return false;
    who.user = *user;
    who.password = *secret;
    return true;
}

struct mechanism {
    std::string_view name;
    bool (*read)(std::string_view response, core::credentials& who);
};
constexpr mechanism known_mechanisms[] = {{"PLAIN", read_plain}, {"AMQPLAIN", read_amqplain}};

/// RabbitMQ's check of a value that the client chose; 0 stands for "no limit", `least` 0 for "any".
verdict within(std::string_view field, std::uint32_t least, std::uint32_t offered, std::uint32_t chosen) {
    const auto refused = [&](const char* than, std::uint32_t limit) {
        return refuse(reply_code::not_allowed, "negotiated " + std::string(field) + " = " + std::to_string(chosen) +
                                                   (chosen == 0 ? " (no limit)" : "") + " is " + than + " allowed value (" +
                                                   std::to_string(limit) + ")");
    };
    if (chosen != 0 && chosen < least) return refused("lower than the minimum", least);
    if (offered != 0 && (chosen == 0 || chosen > offered)) return refused("higher than the maximum", offered);
    return success();
}

}  // namespace

handshake::handshake(context& at, protocols::vhosts& vhosts, core::authenticator& authenticator,
                     std::function<void(verdict)> answered)
    : at_(at), vhosts_(vhosts), authenticator_(authenticator), answered_(std::move(answered)) {}

void handshake::begin() {
    // Only who has shown a certificate that stands for a user can use it to log in.
    const bool certified = !at_.link.peer().certificate_user.empty();
    const std::string mechanisms = certified ? "PLAIN AMQPLAIN EXTERNAL" : "PLAIN AMQPLAIN";
    say(at_, connection_start{.version_major = 0,
                              .version_minor = 9,
                              .server_properties = server_properties(at_.limits),
                              .mechanisms = mechanisms,
                              .locales = locales});
}

verdict handshake::take(const method& m) {
    if (step_ == step::start_ok)
        if (const auto* start_ok = std::get_if<connection_start_ok>(&m)) return take(*start_ok);
    if (step_ == step::tune_ok)
        if (const auto* tune_ok = std::get_if<connection_tune_ok>(&m)) return take(*tune_ok);
    if (step_ == step::open)
        if (const auto* open = std::get_if<connection_open>(&m)) return take(*open);
    return refuse(reply_code::channel_error, std::string("unexpected method in connection state ") + state());
}

/// RabbitMQ's names of the steps.
const char* handshake::state() const {
    switch (step_) {
        case step::start_ok: return "starting";
        case step::verifying: return "securing";
        case step::tune_ok: return "tuning";
        case step::open: return "opening";
        case step::done: return "running";
    }
    return "running";
}

verdict handshake::take(const connection_start_ok& m) {
    if (at_.counted) ++at_.counted->logins;
    at_.client = capabilities_in(m.client_properties);
    TRY(core::credentials who, credentials_in(m));
    mechanism_ = m.mechanism;
    step_ = step::verifying;
    asking_ = true;
    authenticator_.verify(std::move(who), [this, alive = std::weak_ptr<char>(alive_)](core::identity_ptr found) {
        if (!alive.expired()) answer(std::move(found));
    });
    asking_ = false;
    return login_;
}

result<core::credentials, refusal> handshake::credentials_in(const connection_start_ok& m) const {
    core::credentials who;
    who.peer_address = at_.link.peer_address();
    who.loopback = at_.link.peer().loopback;
    const std::string_view certified = at_.link.peer().certificate_user;
    if (m.mechanism == external && !certified.empty()) {  // the TLS handshake has proved it: whatever is said here counts for nothing
        who.user = certified;
        who.certified = true;
        return who;
    }
    for (const mechanism& known : known_mechanisms) {
        if (m.mechanism != known.name) continue;
        if (known.read(m.response, who)) return who;
        return refuse(reply_code::syntax_error, "malformed " + std::string(m.mechanism) + " response");
    }
    return refuse(reply_code::command_invalid, "unknown authentication mechanism '" + std::string(m.mechanism) + "'");
}

void handshake::answer(core::identity_ptr who) {
    at_.identity = std::move(who);
    if (at_.identity) {
        offer_tune();
    } else {
        step_ = step::start_ok;
        login_ = refuse(reply_code::access_refused, "Login was refused using authentication mechanism " + mechanism_ +
                                                        ". For details see the broker logfile.");
    }
    if (!asking_) answered_(login_);
}

void handshake::offer_tune() {
    step_ = step::tune_ok;
    say(at_, connection_tune{.channel_max = at_.limits.channel_max,
                             .frame_max = at_.limits.frame_bytes_max,
                             .heartbeat = at_.limits.heartbeat_s});
}

verdict handshake::take(const connection_tune_ok& m) {
    TRY(within("channel_max", 1, at_.limits.channel_max, m.channel_max));
    TRY(within("frame_max", frame_max_least, at_.limits.frame_bytes_max, m.frame_max));
    at_.channel_max = m.channel_max == 0 ? 0xFFFF : m.channel_max;
    at_.frame_bytes_max = m.frame_max == 0 ? 0x7FFF'FFFF : m.frame_max;
    at_.heartbeat_s = m.heartbeat;
    step_ = step::open;
    return success();
}

verdict handshake::take(const connection_open& m) {
    const std::string vhost(m.virtual_host);
    core::broker* broker = vhosts_.find(vhost);
    if (broker == nullptr) return refuse(reply_code::not_allowed, "vhost " + vhost + " not found");
    if (!at_.identity->may_enter(vhost))
        return refuse(reply_code::not_allowed,
                      "access to vhost '" + vhost + "' refused for user '" + at_.identity->user() + "'");
    at_.vhost = vhost;
    at_.broker = broker;
    at_.counted = &broker->traffic(core::protocol::amqp);
    at_.counted->client_came();
    step_ = step::done;
    say(at_, connection_open_ok{});
    return success();
}

}  // namespace causeway::amqp
