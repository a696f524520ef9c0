#include "protocols/mqtt/translate.hpp"

#include <algorithm>

#include "protocols/mqtt/names.hpp"
#include "protocols/mqtt/neutral.hpp"

namespace causeway::mqtt {

namespace {

bool translate_name(const core::message& m, core::topic_mapping mapping, translation& scratch, outgoing_publish& out) {
    if (m.from() == core::protocol::mqtt) {
        out.topic = m.name();
        return true;
    }
    auto topic = topic_of(m.levels(), mapping);
    if (!topic) return false;
    scratch.topic = std::move(*topic);
    out.topic = scratch.topic;
    return true;
}

void translate_properties(const core::message& m, const core::crossing_rules& rules, translation& scratch, outgoing_publish& out) {
    if (m.from() == core::protocol::mqtt && !m.has_neutral()) {
        out.forwarded_properties = m.raw_properties();
        return;
    }
    scratch.properties.clear();
    property_writer writer(scratch.properties);
    write_neutral(m.properties(), writer, rules);
    out.forwarded_properties = scratch.properties;
}

/// Whole seconds, rounded up: a message that is still alive never says 0.
std::uint32_t seconds_left(std::int64_t ms) {
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>((ms + 999) / 1000, 1, 0xFFFF'FFFF));
}

}  // namespace

bool translate(const core::entry& e, const core::crossing_rules& rules, std::int64_t now_wall_ms, version v, translation& scratch,
               outgoing_publish& out) {
    const core::message& m = *e.message;
    if (!translate_name(m, rules.names, scratch, out)) return false;
    out.qos = e.qos();
    out.retain = shown_as_retained(e);
    if (v != version::v5) return true;

    translate_properties(m, rules, scratch, out);
    if (m.expires_wall_ms() != 0) out.expiry_s = seconds_left(m.expires_wall_ms() - now_wall_ms);
    out.subscription_ids = {e.options->subscription_ids.data(), e.options->subscription_ids.size()};
    return true;
}

}  // namespace causeway::mqtt
