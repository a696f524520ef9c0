#pragma once
// CONNECT and CONNACK: what a new client asks for, whether it may have it, and what it is told (MQTT 3.1, 3.2).

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/access.hpp"
#include "core/broker.hpp"
#include "protocols/endpoint.hpp"
#include "protocols/mqtt/client.hpp"
#include "protocols/mqtt/packet.hpp"
#include "protocols/mqtt/reason.hpp"

namespace causeway::mqtt {

/// The version in which to answer a CONNECT that may be broken: what its protocol level says, as far as it can be read.
/// 3.1.1 if it is older than what we know, 5.0 if it is newer.
version answering_version(std::string_view body);

/// What a CONNECT asks for, kept until it is answered: verifying a password may take a while, and so may an exchange.
struct greeting {
    mqtt::version version{};
    bool bridge = false;
    std::string client_id;
    bool assigned = false;  // by us: the client gave none
    bool clean_start = true;
    std::uint32_t expiry_s = 0;
    std::uint16_t keep_alive_s = 0;  // as it will hold: perhaps the server's
    bool server_keep_alive = false;
    bool wants_response_information = false;
    client_limits limits;
    std::optional<core::will> will;
    boost::local_shared_ptr<core::publisher> publisher;  // of the will; complete once the session is open
    std::string method;  // of enhanced authentication; empty: none
    std::string proof;   // its last data, for CONNACK
};

greeting greeting_of(const connect& c, const options& limits, const protocols::peer_info& peer, core::broker& broker);

/// What CONNACK refuses it with before it is asked who the client is, if anything.
std::optional<reason> refusal_of(const connect& c, const options& limits, const protocols::peer_info& peer,
                                 const core::broker& broker);

core::credentials credentials_of(const connect& c, const greeting& g, const protocols::link& from);

/// Why this user may not have what its greeting asks for, if so.
std::optional<reason> refusal_of(const greeting& g, const core::identity& who, core::broker& where);

/// Does the client take a CONNACK as large as the one that would accept it?
bool can_be_welcomed(const recipient& to, const greeting& g, const core::broker& where, const options& limits);

/// Sends the CONNACK that accepts; it fits.
void welcome(const recipient& to, const greeting& g, const core::session& s, bool present, const options& limits);

}  // namespace causeway::mqtt
