#include "protocols/mqtt/neutral.hpp"

#include <algorithm>

#include <boost/unordered/unordered_flat_set.hpp>

#include "base/utf8.hpp"
#include "protocols/mqtt/amqp_address.hpp"
#include "protocols/mqtt/amqp_basic.hpp"
#include "protocols/mqtt/user_property.hpp"

namespace causeway::mqtt {

namespace {

namespace header = core::crossing_header;

constexpr std::size_t text_bytes_max = 65'535;
constexpr std::string_view reply_topic_prefix = "mqtt:";

bool is_text(std::string_view text) { return text.size() <= text_bytes_max && valid_mqtt_text(text); }

// --- from MQTT ---

/// A queue's address is that queue, unless its name looks like a topic's.
void take_response_topic(std::string_view topic, core::properties& into) {
    const auto address = parse_amqp_address(topic);
    if (address && address->exchange.empty() && !address->routing_key.starts_with(reply_topic_prefix))
        into.reply_to = address->routing_key;
    else
        into.reply_topic = topic;
}

void take_own(const property_value& each, core::properties& into) {
    switch (each.id) {
        case property::payload_format: into.payload_format = static_cast<std::uint8_t>(each.number); break;
        case property::content_type: into.content_type = each.text; break;
        case property::correlation_data: into.correlation_id = each.text; break;
        case property::response_topic: take_response_topic(each.text, into); break;
        default: break;  // user properties come later, others belong to one hop
    }
}

/// By these headers AMQP publishers name further routing keys, and dead letters follow them: where a message goes is not for a device's
/// properties to say.
bool names_more_keys(std::string_view name) { return name == "CC" || name == "BCC"; }

bool may_be_header(std::string_view name) {
    return name.size() <= core::header_name_bytes_max && !core::reserved_header(name) && !names_more_keys(name);
}

/// User properties become headers and basic properties. Watches whether these tell all of them, in their order.
class user_property_reader {
public:
    user_property_reader(core::properties& into, bool basic) : into_(into), basic_(basic) {}

    void take(std::string_view name, std::string_view value) {
        const auto place = basic_ ? take_basic(name, value, into_) : std::nullopt;
        if (place) {
            // Written back they come first, in their order.
            const bool in_place = into_.headers.empty() && (!last_place_ || *last_place_ < *place);
            told_ = told_ && in_place;
            last_place_ = place;
            return;
        }
        core::named_value made = header_of(name, value);
        if (!may_be_header(made.first) || !names_.insert(made.first).second)
            told_ = false;
        else
            into_.headers.push_back(std::move(made));
    }

    bool told() const { return told_; }

private:
    core::properties& into_;
    const bool basic_;
    boost::unordered_flat_set<std::string> names_;
    std::optional<std::size_t> last_place_;
    bool told_ = true;
};

core::field_array pairs_of(const properties& p) {
    core::field_array all;
    for (const property_value& each : p)
        if (each.id == property::user_property)
            all.emplace_back(core::field_table{{"k", std::string(each.text)}, {"v", std::string(each.value)}});
    return all;
}

// --- to MQTT ---

const std::string* text_header(const core::properties& p, std::string_view name) {
    const core::field_value* value = find(p.headers, name);
    return value ? as_text(*value) : nullptr;
}

bool not_for_mqtt(std::string_view name) {
    return name.starts_with("x-") && std::ranges::find(core::headers_not_for_mqtt, name) != core::headers_not_for_mqtt.end();
}

std::optional<std::uint32_t> payload_format_of(const core::properties& p) {
    if (p.payload_format) return *p.payload_format;
    std::int64_t read = 0;
    const core::field_value* value = find(p.headers, header::payload_format);
    if (!value || !as_integer(*value, read) || read < 0 || read > 1) return std::nullopt;
    return static_cast<std::uint32_t>(read);
}

/// The user properties that came from MQTT and that headers could not tell, from the header that does.
class original_pairs {
public:
    explicit original_pairs(const core::properties& p) {
        const core::field_value* value = find(p.headers, header::user_properties);
        const auto* array = value ? std::get_if<core::field_array>(&value->base()) : nullptr;
        if (array)
            for (const core::field_value& each : *array) add(each);
    }

    const std::vector<user_property>& all() const { return all_; }
    /// Do they tell this header, or basic property?
    bool tell(std::string_view name) const { return !told_.empty() && told_.contains(std::string(name)); }

private:
    void add(const core::field_value& each) {
        const auto* table = std::get_if<core::field_table>(&each.base());
        const core::field_value* k = table ? find(*table, "k") : nullptr;
        const core::field_value* v = table ? find(*table, "v") : nullptr;
        if (!k || !v || !as_text(*k)) return;
        const auto* text = std::get_if<std::string>(&v->base());
        all_.push_back(text && is_text(*text) ? user_property{*as_text(*k), *text} : property_of(*as_text(*k), *v));
        told_.insert(all_.back().name);
        told_.insert(header_of(all_.back().name, all_.back().value).first);
    }

    std::vector<user_property> all_;
    boost::unordered_flat_set<std::string> told_;
};

class neutral_writer {
public:
    neutral_writer(property_writer& out, const core::crossing_rules& rules) : out_(out), rules_(rules) {}

    void write(const core::properties& p) {
        if (const auto format = payload_format_of(p)) out_.number(property::payload_format, *format);
        write_content_type(p);
        if (const auto topic = response_topic_of(p)) out_.text(property::response_topic, *topic);
        write_correlation(p);
        const original_pairs originals(p);
        if (rules_.amqp_properties_to_mqtt)
            for (const user_property& each : basic_of(p))
                if (!originals.tell(each.name)) write(each);
        for (const user_property& each : originals.all()) write(each);
        for (const auto& [name, value] : p.headers)
            if (!not_for_mqtt(name) && !originals.tell(name)) write(property_of(name, value));
    }

private:
    void write(const user_property& each) {
        if (is_text(each.name) && is_text(each.value)) out_.pair(each.name, each.value);
    }

    void write_content_type(const core::properties& p) {
        const std::string* longer = text_header(p, header::content_type);
        const std::string& type = longer ? *longer : p.content_type;
        if (!type.empty() && is_text(type)) out_.text(property::content_type, type);
    }

    void write_correlation(const core::properties& p) {
        const std::string* bytes = p.correlation_id ? &*p.correlation_id : text_header(p, header::correlation_id);
        if (bytes && bytes->size() <= text_bytes_max) out_.text(property::correlation_data, *bytes);
    }

    property_writer& out_;
    const core::crossing_rules& rules_;
};

}  // namespace

core::properties neutral_of(const properties& p, const core::crossing_rules& rules) {
    core::properties made;
    for (const property_value& each : p) take_own(each, made);
    user_property_reader user(made, rules.amqp_properties_from_mqtt);
    for (const property_value& each : p)
        if (each.id == property::user_property) user.take(each.text, each.value);
    if (!user.told()) made.headers.emplace_back(std::string(header::user_properties), pairs_of(p));
    return made;
}

void write_neutral(const core::properties& p, property_writer& out, const core::crossing_rules& rules) {
    neutral_writer(out, rules).write(p);
}

}  // namespace causeway::mqtt
