#pragma once
// What the broker says about itself to MQTT clients: $SYS/broker/… with Mosquitto's names, values and averages. One for each
// vhost, about that vhost. All at once when it is made, later what has changed, once an interval of the broker's time.
// docs/sys_topics.md has the list.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/broker.hpp"

namespace causeway::mqtt {

class sys_topics {
public:
    /// Made within a turn of the broker, which outlives it. An interval of 0: nothing is said.
    sys_topics(core::broker& about, std::uint32_t interval_s, std::string version);
    sys_topics(const sys_topics&) = delete;
    sys_topics& operator=(const sys_topics&) = delete;

private:
    /// What a topic said last. Of a load also what its numbers came from.
    struct topic {
        std::string name;
        std::string said;
    };
    struct load {
        std::uint64_t total = 0;
        double per_minute[3] = {};
    };

    void say_all();
    void say_loads(std::int64_t elapsed_ms);
    void say(topic& what, std::string value);

    core::broker& broker_;
    core::timer timer_;
    std::int64_t interval_ms_;
    std::int64_t started_ms_;
    std::int64_t last_ms_;
    topic version_;
    topic uptime_;
    std::vector<topic> numbers_;
    std::vector<topic> averages_;  // three for each load
    std::vector<load> loads_;
};

}  // namespace causeway::mqtt
