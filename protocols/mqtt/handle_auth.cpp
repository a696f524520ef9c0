#include "protocols/mqtt/handle_auth.hpp"

namespace causeway::mqtt {

result<enhanced_authentication::reply, reason> enhanced_authentication::begin(const core::credentials& from, std::string_view data) {
    exchange_ = users_.begin(method_, from);
    if (!exchange_) return reason::bad_authentication_method;  // [MQTT-4.12.0-1]
    return step(data);
}

result<enhanced_authentication::reply, reason> enhanced_authentication::handle(const auth& a, bool connected,
                                                                               const core::credentials& from) {
    if (a.properties.text(property::authentication_method) != method_) return reason::protocol_error;  // [MQTT-4.12.0-5]
    const std::string_view data = a.properties.text(property::authentication_data).value_or("");
    switch (a.code) {
        case reason::continue_authentication:
            if (!exchange_) return reason::protocol_error;
            return step(data);
        case reason::reauthenticate:
            if (!connected || exchange_) return reason::protocol_error;
            return begin(from, data);
        default: return reason::protocol_error;  // success is the server's to say (3.15.2.1)
    }
}

enhanced_authentication::reply enhanced_authentication::step(std::string_view data) {
    reply r = exchange_->step(data);
    if (r.what != core::challenge_response::progress::going_on) exchange_.reset();
    return r;
}

bool send_auth(const recipient& to, const std::string& method, const core::challenge_response::reply& r) {
    const bool going_on = r.what == core::challenge_response::progress::going_on;
    property_block block;
    block.text(property::authentication_method, method);
    if (!r.data.empty()) block.text(property::authentication_data, r.data);
    return send(to, auth{.code = going_on ? reason::continue_authentication : reason::success, .properties = block.view()});
}

}  // namespace causeway::mqtt
