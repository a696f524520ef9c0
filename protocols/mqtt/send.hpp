#pragma once
// Packets on their way out: written, and counted where all of the vhost's MQTT traffic is.

#include "core/counters.hpp"
#include "protocols/endpoint.hpp"
#include "protocols/mqtt/encode.hpp"

namespace causeway::mqtt {

template <class Packet>
void send(protocols::link& to, core::traffic& counted, const Packet& p, version v) {
    std::string& out = to.output().tail();
    const std::size_t before = out.size();
    encode(out, p, v);
    counted.out.bytes += out.size() - before;
    ++counted.out.packets;
    to.touch();
}

}  // namespace causeway::mqtt
