#include "protocols/amqp/factory.hpp"

#include "protocols/amqp/connection.hpp"

namespace causeway::amqp {

std::unique_ptr<protocols::endpoint> factory::make(protocols::link& l) {
    return std::make_unique<connection>(l, vhosts_, authenticator_, limits_, log_);
}

}  // namespace causeway::amqp
