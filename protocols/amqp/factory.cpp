#include "protocols/amqp/factory.hpp"

#include <array>

#include "protocols/amqp/connection.hpp"

namespace causeway::amqp {

std::span<const std::string_view> factory::subprotocols() const {
    static constexpr std::array<std::string_view, 1> names = {"amqp"};
    return names;
}

std::unique_ptr<protocols::endpoint> factory::make(protocols::link& l) {
    return std::make_unique<connection>(l, vhosts_, authenticator_, limits_, log_);
}

}  // namespace causeway::amqp
