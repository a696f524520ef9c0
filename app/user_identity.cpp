#include "app/user_identity.hpp"

#include <algorithm>

#include "app/glob.hpp"
#include "app/topic_rights.hpp"

namespace causeway::app {

namespace {

const std::vector<std::string>& globs_of(const rights_config& rights, core::right what) {
    switch (what) {
        case core::right::configure: return rights.configure;
        case core::right::write: return rights.write;
        case core::right::read: break;
    }
    return rights.read;
}

/// "$share/group/filter" → "filter".
std::string_view without_share(std::string_view filter) {
    constexpr std::string_view share = "$share/";
    if (!filter.starts_with(share)) return filter;
    const std::size_t end = filter.find('/', share.size());
    return end == std::string_view::npos ? filter : filter.substr(end + 1);
}

/// Is any right for this vhost, and in it any of the patterns, such that `allows`?
template <class Patterns, class Allows>
bool any_right(const user_config& account, std::string_view vhost, Patterns patterns, Allows allows) {
    return std::any_of(account.rights.begin(), account.rights.end(), [&](const rights_config& rights) {
        const std::vector<std::string>& granted = patterns(rights);
        return rights.vhost == vhost && std::any_of(granted.begin(), granted.end(), allows);
    });
}

}  // namespace

bool names_client(const user_config& account) {
    const auto named = [](const std::string& pattern) { return pattern.find("%c") != std::string::npos; };
    return std::any_of(account.rights.begin(), account.rights.end(), [&](const rights_config& r) {
        return std::any_of(r.publish.begin(), r.publish.end(), named) || std::any_of(r.subscribe.begin(), r.subscribe.end(), named);
    });
}

bool user_identity::may_enter(std::string_view vhost) const {
    return std::any_of(account_->rights.begin(), account_->rights.end(),
                       [&](const rights_config& rights) { return rights.vhost == vhost; });
}

bool user_identity::may(core::right what, std::string_view vhost, std::string_view resource) const {
    const std::string_view name = resource.empty() ? "amq.default" : resource;
    const auto globs = [what](const rights_config& rights) -> auto& { return globs_of(rights, what); };
    return any_right(*account_, vhost, globs, [name](const std::string& glob) { return glob_matches(glob, name); });
}

bool user_identity::may_topic(core::right what, std::string_view vhost, std::string_view topic) const {
    const bool publishes = what != core::right::read;
    const std::string_view wanted = publishes ? topic : without_share(topic);
    const topic_owner owner{account_->name, client_id_};
    const auto filters = [publishes](const rights_config& rights) -> auto& {
        return publishes ? rights.publish : rights.subscribe;
    };
    return any_right(*account_, vhost, filters,
                     [&](const std::string& pattern) { return topic_covered(pattern, wanted, owner); });
}

}  // namespace causeway::app
