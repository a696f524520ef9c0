#pragma once
// The topic of a client's last PUBLISH, and what was found out about it: most clients publish to the same one again and again.

#include <string>
#include <string_view>

#include "core/access.hpp"
#include "core/exchange.hpp"

namespace causeway::mqtt {

class known_topic {
public:
    /// The topic is well formed, within the limits, no address in AMQP, and `who` may publish to it. Not the empty one.
    bool is(std::string_view topic, const core::identity_ptr& who) const { return topic == text_ && who == who_ && who; }
    void learn(std::string_view topic, const core::identity_ptr& who) {
        text_.assign(topic);
        who_ = who;
        route = {};
    }
    /// Empty before the first.
    std::string_view text() const { return text_; }

    core::route_hint route;

private:
    std::string text_;
    core::identity_ptr who_;  // rights never change under an identity; after another login it is another
};

}  // namespace causeway::mqtt
