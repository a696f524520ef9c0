#pragma once
// Topic aliases (MQTT 5, 3.3.2.3.4), one table per direction. They live as long as the network connection.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/result.hpp"
#include "protocols/mqtt/packet.hpp"
#include "protocols/mqtt/reason.hpp"

namespace causeway::mqtt {

/// What the client's aliases mean.
class incoming_aliases {
public:
    explicit incoming_aliases(std::uint16_t max) : max_(max) {}

    /// The topic of this PUBLISH; remembers an alias that comes with one. Valid until the next call. Errors:
    /// topic_alias_invalid for 0 or beyond the announced maximum [MQTT-3.3.2-8, MQTT-3.3.2-9], protocol_error for an alias
    /// that means nothing yet, or none where one is needed.
    result<std::string_view, reason> resolve(const publish& p);

private:
    std::uint16_t max_;
    std::vector<std::string> topics_;  // by alias - 1; empty: not set
};

/// Aliases that we use towards a client: the first topics that come get them and keep them.
class outgoing_aliases {
public:
    explicit outgoing_aliases(std::uint16_t max) : max_(max) {}

    struct choice {
        std::uint16_t alias = 0;  // 0: none
        bool announced = false;   // the topic itself can be left out
    };
    choice choose(std::string_view topic) const { return max_ == 0 ? choice{} : choose_among(topic); }
    bool allowed() const { return max_ > 0; }
    /// The packet with this choice has been sent.
    void sent(std::string_view topic, choice c);

private:
    struct hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>()(s); }
    };
    choice choose_among(std::string_view topic) const;

    std::uint16_t max_;
    using table = boost::unordered_flat_map<std::string, std::uint16_t, hash, std::equal_to<>>;
    std::unique_ptr<table> aliases_;  // once one is announced
};

}  // namespace causeway::mqtt
