#pragma once
// The vhosts of this process, by name: how an endpoint finds its broker. Implemented by app/ and by tests.

#include <string_view>

#include "core/access.hpp"
#include "core/broker.hpp"

namespace causeway::protocols {

class vhosts {
public:
    virtual ~vhosts() = default;
    /// nullptr: there is no such vhost.
    virtual core::broker* find(std::string_view name) = 0;
};

}  // namespace causeway::protocols
