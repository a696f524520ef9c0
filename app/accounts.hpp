#pragma once
// The users of the configuration, by name.

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.hpp"
#include "app/user_identity.hpp"

namespace causeway::app {

class accounts {
public:
    explicit accounts(const std::vector<user_config>& users) {
        for (const user_config& user : users) by_name_.emplace(user.name, std::make_shared<user_config>(user));
    }

    /// nullptr: there is none, or not for clients from there.
    account_ptr find(std::string_view user, bool loopback) const {
        const auto at = by_name_.find(user);
        return at == by_name_.end() || (local_only(*at->second) && !loopback) ? nullptr : at->second;
    }

private:
    static bool local_only(const user_config& user) { return user.loopback_only || user.name == "guest"; }

    std::map<std::string, account_ptr, std::less<>> by_name_;
};

}  // namespace causeway::app
