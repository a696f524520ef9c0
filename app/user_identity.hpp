#pragma once
// What a verified user may do, by the rights of the configuration.

#include <memory>
#include <string>

#include "app/config.hpp"
#include "core/access.hpp"

namespace causeway::app {

/// A user of the configuration, or the anonymous one, whose name is empty.
using account_ptr = std::shared_ptr<const user_config>;

/// Do its rights depend on the client id?
bool names_client(const user_config& account);

class user_identity final : public core::identity {
public:
    user_identity(account_ptr account, std::string client_id)
        : account_(std::move(account)), client_id_(std::move(client_id)) {}

    const std::string& user() const override { return account_->name; }
    bool may_enter(std::string_view vhost) const override;
    /// The default exchange goes by the name "amq.default".
    bool may(core::right what, std::string_view vhost, std::string_view resource) const override;
    /// Of a shared subscription the filter counts.
    bool may_topic(core::right what, std::string_view vhost, std::string_view topic) const override;

private:
    account_ptr account_;
    std::string client_id_;
};

}  // namespace causeway::app
