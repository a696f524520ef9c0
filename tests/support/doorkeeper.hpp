#pragma once
// Who may come in, in tests: users by a rule, whose answers can be held back.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/access.hpp"

namespace causeway::test {

/// May enter unless called "stranger"; names that begin with "forbidden" are not theirs.
class some_user final : public core::identity {
public:
    explicit some_user(std::string name) : name_(std::move(name)) {}
    const std::string& user() const override { return name_; }
    bool may_enter(std::string_view) const override { return name_ != "stranger"; }
    bool may(core::right, std::string_view, std::string_view resource) const override { return !resource.starts_with("forbidden"); }
    bool may_topic(core::right, std::string_view, std::string_view topic) const override { return !topic.starts_with("forbidden"); }

private:
    std::string name_;
};

class doorkeeper : public core::authenticator {
public:
    using rule = std::function<bool(const core::credentials&)>;
    explicit doorkeeper(rule knows) : knows_(std::move(knows)) {}

    bool hold = false;

    void verify(core::credentials who, answer then) override {
        core::identity_ptr found = knows_(who) ? std::make_shared<some_user>(std::move(who.user)) : nullptr;
        if (hold)
            held_.emplace_back(std::move(then), std::move(found));
        else
            then(std::move(found));
    }
    void answer_all() {
        for (auto& [then, found] : std::exchange(held_, {})) then(found);
    }
    void forget() { held_.clear(); }

private:
    rule knows_;
    std::vector<std::pair<answer, core::identity_ptr>> held_;
};

}  // namespace causeway::test
