#include "bench/client.hpp"

#include <utility>

#include "bench/amqp_client.hpp"
#include "bench/clock.hpp"
#include "bench/loop.hpp"
#include "bench/mqtt_client.hpp"

namespace causeway::bench {

client::client(loop& on, const remote& to, const plan& how, crowd& all, duty d)
    : connection(on, to), how_(how), all_(all), duty_(std::move(d)), began_ns_(now_ns()) {}

void client::become_ready() {
    ready_ = true;
    ++all_.ready;
    all_.logins.record(on_.now() - began_ns_);
}

std::unique_ptr<client> make_client(protocol p, loop& on, const remote& to, const plan& how, crowd& all, duty d) {
    if (p == protocol::mqtt) return std::make_unique<mqtt_client>(on, to, how, all, std::move(d));
    return std::make_unique<amqp_client>(on, to, how, all, std::move(d));
}

}  // namespace causeway::bench
