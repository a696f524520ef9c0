#include "tests/simulation/mqtt_client.hpp"

#include <algorithm>

#include "protocols/mqtt/decode.hpp"
#include "protocols/mqtt/encode.hpp"

namespace causeway::simulation {

namespace {
constexpr std::size_t in_flight_max = 8;
constexpr std::string_view session_never_expires{"\x11\xff\xff\xff\xff", 5};
constexpr std::string_view session_of_few{"\x11\xff\xff\xff\xff\x21\x00\x03", 8};  // with a Receive Maximum of 3
}  // namespace

mqtt_client::mqtt_client(int number, mqtt::version version, ledger& books)
    : number_(number), version_(version), books_(books), client_id_("client-" + std::to_string(number)) {
    receiver_ = books_.add_receiver("MQTT " + client_id_, true);
}

mqtt_client::mqtt_client(int number, mqtt::version version, ledger& books, membership what)
    : number_(number), version_(version), books_(books), client_id_("member-" + std::to_string(number)), shares_(std::move(what)) {
    receiver_ = books_.add_member(shares_->share);
}

void mqtt_client::connected(test::fake_link& into) {
    cable.plug(&into);
    const bool lasting = !shares_ || shares_->lasting;
    if (!lasting) {
        subscribed_ = false;
        receiving_.clear();
    }
    mqtt::connect hello{.version = version_, .clean_start = !lasting, .keep_alive_s = 0, .client_id = client_id_};
    const bool of_few = shares_ && shares_->gives_back;
    if (version_ == mqtt::version::v5 && lasting)
        hello.properties = mqtt::properties::trusted(of_few ? session_of_few : session_never_expires);
    mqtt::encode(cable.out(), hello);
}

void mqtt_client::disconnected() {
    cable.unplug();
    online_ = false;
    asked_ = false;
    to_acknowledge_.clear();
}

void mqtt_client::read() {
    std::string& bytes = cable.arrived();
    std::size_t used = 0;
    while (cable.plugged()) {
        const auto next = mqtt::next_frame(std::string_view(bytes).substr(used), mqtt::packet_bytes_max, version_);
        if (!next) return books_.violated(client_id_ + " received bytes that are no packet");
        if (!next.value()) break;
        const auto packet = mqtt::decode(*next.value(), version_);
        if (!packet) return books_.violated(client_id_ + " received a malformed packet");
        handle(packet.value());
        used += next.value()->size;
    }
    bytes.erase(0, used);
}

void mqtt_client::handle(const mqtt::packet& p) {
    switch (mqtt::type_of(p)) {
        case mqtt::packet_type::connack: return handle(std::get<mqtt::connack>(p));
        case mqtt::packet_type::publish: return handle(std::get<mqtt::publish>(p));
        case mqtt::packet_type::puback: {
            const mqtt::puback& ack = std::get<mqtt::puback>(p);
            return refusal(ack.code) ? refused(ack.packet_id) : handle_puback(ack.packet_id);
        }
        case mqtt::packet_type::pubrec: {
            const mqtt::pubrec& ack = std::get<mqtt::pubrec>(p);
            return refusal(ack.code) ? refused(ack.packet_id) : handle_pubrec(ack.packet_id);
        }
        case mqtt::packet_type::pubcomp: return handle_pubcomp(std::get<mqtt::pubcomp>(p).packet_id);
        case mqtt::packet_type::suback: return handle(std::get<mqtt::suback>(p));
        case mqtt::packet_type::unsuback: subscribed_ = false; asked_ = false; return;
        case mqtt::packet_type::disconnect: return handle(std::get<mqtt::disconnect>(p));
        case mqtt::packet_type::pubrel: {
            const std::uint16_t id = std::get<mqtt::pubrel>(p).packet_id;
            receiving_.erase(id);
            to_acknowledge_.push_back({mqtt::packet_type::pubcomp, id});
            return;
        }
        default: books_.violated(client_id_ + " received a packet of type " + std::to_string(static_cast<int>(mqtt::type_of(p))));
    }
}

void mqtt_client::handle(const mqtt::connack& p) {
    if (refusal(p.code)) return;  // and closed: to be tried again
    if (subscribed_ && !p.session_present) books_.violated(client_id_ + ": its acknowledged session is gone");
    online_ = true;
    if (!subscribed_) subscribe();
    for (const outgoing& o : in_flight_) {
        if (!o.received) books_.sent_again(o.what);
        send(o, true);
    }
}

/// Only a store that does not work is a reason.
bool mqtt_client::refusal(mqtt::reason code) {
    if (!mqtt::refuses(code)) return false;
    if (!books_.may_refuse()) books_.violated(client_id_ + " was refused: " + std::string(mqtt::name(code)));
    return true;
}

void mqtt_client::handle(const mqtt::suback& p) {
    asked_ = false;
    subscribed_ = !refusal(p.codes.front());
}

/// By its own earlier connection, whose CONNECT was held up, or because something could not be stored.
void mqtt_client::handle(const mqtt::disconnect& p) {
    if (p.code != mqtt::reason::session_taken_over) refusal(p.code);
}

void mqtt_client::subscribe() {
    mqtt::subscribe all{.packet_id = 65'000};
    if (shares_)
        all.subscriptions.push_back({.filter = shares_->filter, .qos = shares_->qos});
    else
        all.subscriptions.push_back({.filter = "t/#", .qos = mqtt::qos::exactly_once});
    mqtt::encode(cable.out(), all, version_);
    asked_ = true;
}

void mqtt_client::leave() {
    mqtt::encode(cable.out(), mqtt::unsubscribe{.packet_id = 65'001, .filters = {shares_->filter}}, version_);
    asked_ = true;
}

void mqtt_client::note(serial what, mqtt::qos qos, bool dup) {
    if (shares_)
        books_.received_by_member(receiver_, what, shares_->gives_back ? 0 : static_cast<int>(qos));
    else
        books_.received(receiver_, what, dup);
}

void mqtt_client::handle(const mqtt::publish& p) {
    const serial what = serial::parse(p.payload);
    if (p.qos == mqtt::qos::at_most_once) return note(what, p.qos, p.dup);
    const bool twice = p.qos == mqtt::qos::exactly_once;
    if (!twice || receiving_.insert(p.packet_id).second) note(what, p.qos, p.dup);
    to_acknowledge_.push_back({twice ? mqtt::packet_type::pubrec : mqtt::packet_type::puback, p.packet_id});
}

mqtt_client::outgoing* mqtt_client::find(std::uint16_t packet_id) {
    const auto at = std::find_if(in_flight_.begin(), in_flight_.end(), [=](const outgoing& o) { return o.packet_id == packet_id; });
    if (at != in_flight_.end()) return &*at;
    books_.violated(client_id_ + " received an acknowledgement of a packet id that it does not use");
    return nullptr;
}

void mqtt_client::refused(std::uint16_t packet_id) {
    if (find(packet_id)) std::erase_if(in_flight_, [=](const outgoing& o) { return o.packet_id == packet_id; });
}

void mqtt_client::handle_puback(std::uint16_t packet_id) {
    outgoing* o = find(packet_id);
    if (!o) return;
    books_.acknowledged(o->what);
    std::erase_if(in_flight_, [=](const outgoing& x) { return x.packet_id == packet_id; });
}

void mqtt_client::handle_pubrec(std::uint16_t packet_id) {
    outgoing* o = find(packet_id);
    if (!o) return;
    books_.acknowledged(o->what);
    o->received = true;
    mqtt::encode(cable.out(), mqtt::pubrel{.packet_id = packet_id}, version_);
}

void mqtt_client::handle_pubcomp(std::uint16_t packet_id) {
    if (find(packet_id)) std::erase_if(in_flight_, [=](const outgoing& o) { return o.packet_id == packet_id; });
}

void mqtt_client::act(dice& chance) {
    if (online_ && !asked_ && !subscribed_) subscribe();
    if (shares_) stay_or_leave(chance);
    if (!ready()) return;
    if (!shares_ && chance.one_in(2) && in_flight_.size() < in_flight_max) publish(static_cast<int>(chance.below(3)));
    if (chance.one_in(2)) acknowledge_next();
}

void mqtt_client::stay_or_leave(dice& chance) {
    if (ready() && shares_->restless && !asked_ && chance.one_in(40)) leave();
    tell_of_unrest();
}

/// The broker may hear at any time of what its member does, or find its old connection dead.
void mqtt_client::tell_of_unrest() {
    if (shares_ && (asked_ || !online_)) books_.departed();
}

void mqtt_client::settle() {
    if (online_ && !asked_ && !subscribed_) subscribe();
    tell_of_unrest();
    while (online_ && !to_acknowledge_.empty()) acknowledge_next();
}

void mqtt_client::publish(int qos) {
    outgoing o{{number_, next_serial_++}, qos, 0};
    if (qos > 0) {
        const auto taken = [this](std::uint16_t id) {
            return std::any_of(in_flight_.begin(), in_flight_.end(), [id](const outgoing& x) { return x.packet_id == id; });
        };
        // A small range, so that packet ids are used again soon.
        do next_packet_id_ = static_cast<std::uint16_t>(next_packet_id_ % 20 + 1);
        while (taken(next_packet_id_));
        o.packet_id = next_packet_id_;
        in_flight_.push_back(o);
    }
    books_.published(o.what, qos);
    send(o, false);
}

void mqtt_client::send(const outgoing& o, bool again) {
    if (o.received) return mqtt::encode(cable.out(), mqtt::pubrel{.packet_id = o.packet_id}, version_);
    const std::string payload = o.what.text();
    mqtt::encode(cable.out(),
                 mqtt::publish{.dup = again, .qos = static_cast<mqtt::qos>(o.qos), .topic = "t/1", .packet_id = o.packet_id,
                               .payload = payload},
                 version_);
}

void mqtt_client::acknowledge_next() {
    if (to_acknowledge_.empty()) return;
    const auto [type, id] = to_acknowledge_.front();
    to_acknowledge_.pop_front();
    if (type == mqtt::packet_type::puback) mqtt::encode(cable.out(), mqtt::puback{.packet_id = id}, version_);
    if (type == mqtt::packet_type::pubrec) mqtt::encode(cable.out(), mqtt::pubrec{.packet_id = id}, version_);
    if (type == mqtt::packet_type::pubcomp) mqtt::encode(cable.out(), mqtt::pubcomp{.packet_id = id}, version_);
}

}  // namespace causeway::simulation
