#include "bench/amqp_client.hpp"

#include <algorithm>

#include "base/byte_writer.hpp"
#include "bench/loop.hpp"
#include "protocols/amqp/framing.hpp"

namespace causeway::bench {

namespace {

constexpr std::uint16_t channel_number = 1;
constexpr std::uint32_t our_frame_max = 131'072;

/// One frame with this payload.
void write_frame(std::string& out, unsigned type, std::string_view payload) {
    byte_writer to(out);
    to.u8(static_cast<std::uint8_t>(type));
    to.u16(channel_number);
    to.bytes32(payload);
    to.u8(amqp::frame_end);
}

/// The content header (AMQP 0-9-1, 4.2.6.1): no properties but the delivery mode, if it is 2.
std::string content_header(std::size_t payload_bytes, bool durable) {
    std::string out;
    byte_writer to(out);
    to.u16(60);
    to.u16(0);
    to.u64(payload_bytes);
    to.u16(durable ? 0x1000 : 0);
    if (durable) to.u8(2);
    return out;
}

std::string_view plain_words(std::string_view reply_text) { return reply_text.substr(0, 200); }

}  // namespace

message_template amqp_message(const plan& how, const route& to, std::uint32_t frame_max) {
    message_template t;
    amqp::basic_publish method;
    method.exchange = to.exchange;
    method.routing_key = to.key;
    amqp::write_method(t.bytes, channel_number, method);
    write_frame(t.bytes, header_frame, content_header(how.payload_bytes, how.durable));
    t.stamp_at = t.bytes.size() + 7;
    const std::string payload(how.payload_bytes, '.');
    const std::size_t part = frame_max - amqp::frame_overhead_bytes;
    for (std::size_t at = 0; at < payload.size(); at += part)
        write_frame(t.bytes, body_frame, std::string_view(payload).substr(at, part));
    return t;
}

// --- messages ---

std::size_t amqp_client::receive(std::string_view bytes) {
    if (!ready() && bytes.starts_with("AMQP")) {  // what a server says to a version that it does not speak
        give_up("does not speak AMQP 0-9-1");
        return bytes.size();
    }
    std::size_t done = 0;
    amqp_frame f;
    scan found = scan::whole;
    while ((found = next_frame(bytes.substr(done), f)) == scan::whole) {
        handle(f);
        done += f.size;
    }
    if (found == scan::broken) give_up("sends what is not AMQP");
    return done;
}

void amqp_client::handle(const amqp_frame& f) {
    if (f.type == method_frame) return handle_method(f.payload);
    if (f.type == body_frame) return handle_body(f.payload);
    if (f.type != header_frame) return;  // a heartbeat
    body_left_ = body_bytes(f.payload);
    body_begins_ = true;
    stamp_.reset();
    if (body_left_ == 0) handle_body({});
}

void amqp_client::handle_method(std::string_view payload) {
    switch (method_of(payload)) {
        case basic_deliver_id: tag_ = deliver_tag(payload); return;
        case basic_ack_id: return handle_confirmation(payload, false);
        case basic_nack_id: return handle_confirmation(payload, true);
        default: handle_rarely(payload);
    }
}

void amqp_client::handle_body(std::string_view payload) {
    if (body_begins_) stamp_ = read_stamp(payload);
    body_begins_ = false;
    body_left_ -= std::min<std::uint64_t>(body_left_, payload.size());
    if (body_left_ > 0) return;
    if (duty_.receiver) duty_.receiver->got(stamp_, on_.now());
    if (how_.manual_acks) acknowledge();
}

/// Each message by itself, as most programs do it.
void amqp_client::acknowledge() {
    static const std::string frame = [] {
        std::string out;
        amqp::write_method(out, channel_number, amqp::basic_ack{});
        return out;
    }();
    char* const tag_at = send(frame) + 11;
    for (unsigned i = 0; i < 8; ++i) tag_at[i] = static_cast<char>(tag_ >> (56 - 8 * i));
}

void amqp_client::handle_confirmation(std::string_view payload, bool refused) {
    const confirmation c = read_confirmation(payload);
    if (c.tag == 0 || !duty_.sender) return give_up("confirms what was not published");
    if (c.multiple)
        duty_.sender->confirmed_up_to(c.tag, on_.now(), refused);
    else
        duty_.sender->confirmed(c.tag, on_.now(), refused);
}

// --- seldom ---

template <class Method>
void amqp_client::ask(std::uint16_t channel, const Method& m) {
    std::string bytes;
    amqp::write_method(bytes, channel, m);
    send(bytes);
}

template <class Method>
void amqp_client::plan_request(const Method& m) {
    amqp::write_method(requests_.emplace_back(), channel_number, m);
}

void amqp_client::connected() { send(amqp::protocol_header); }

void amqp_client::handle_rarely(std::string_view payload) {
    const auto method = amqp::decode_method(payload);
    if (!method) return give_up("sends a malformed method");
    std::visit([this](const auto& m) { on(m); }, method.value());
}

void amqp_client::on(const amqp::connection_start& m) {
    if (m.mechanisms.find("PLAIN") == std::string_view::npos) return give_up("does not offer a login by password (PLAIN)");
    const std::string response = std::string(1, '\0') + to_.where.user + std::string(1, '\0') + to_.where.password;
    amqp::connection_start_ok ok;
    core::field_table capabilities;
    capabilities.emplace_back("authentication_failure_close", core::field_value(true));
    ok.client_properties.emplace_back("product", core::field_value(std::string("causeway bench")));
    ok.client_properties.emplace_back("capabilities", core::field_value(capabilities));
    ok.mechanism = "PLAIN";
    ok.response = response;
    ok.locale = "en_US";
    ask(0, ok);
}

void amqp_client::on(const amqp::connection_tune& m) {
    frame_max_ = m.frame_max == 0 ? our_frame_max : std::min(m.frame_max, our_frame_max);
    amqp::connection_tune_ok ok;
    ok.channel_max = m.channel_max;
    ok.frame_max = frame_max_;
    ask(0, ok);
    amqp::connection_open open;
    open.virtual_host = to_.where.vhost;
    ask(0, open);
    plan_requests();
}

void amqp_client::on(const amqp::connection_close& m) {
    give_up("closes a connection: " + std::string(plain_words(m.reply_text)));
}

void amqp_client::on(const amqp::channel_close& m) {
    give_up("closes a channel: " + std::string(plain_words(m.reply_text)));
}

void amqp_client::on(const amqp::basic_cancel&) { give_up("cancels a consumer: its queue has gone"); }

void amqp_client::plan_requests() {
    plan_request(amqp::channel_open{});
    if (duty_.sender && how_.confirms) plan_request(amqp::confirm_select{});
    if (duty_.receiver) plan_queue();
}

void amqp_client::plan_queue() {
    const route& to = duty_.route;
    if (duty_.visit == visit::remove) {
        amqp::queue_delete remove;
        remove.queue = to.queue;
        return plan_request(remove);
    }
    if (duty_.visit != visit::collect) {
        amqp::queue_declare declare;
        declare.queue = to.queue;
        declare.durable = how_.durable;
        declare.auto_delete = !how_.durable && duty_.visit == visit::stay;
        plan_request(declare);
        amqp::queue_bind bind;
        bind.queue = to.queue;
        bind.exchange = to.exchange;
        bind.routing_key = to.key;
        if (!to.exchange.empty()) plan_request(bind);  // the default exchange knows every queue
    }
    if (duty_.visit == visit::prepare) return;
    amqp::basic_qos qos;
    qos.prefetch_count = how_.prefetch;
    if (how_.manual_acks) plan_request(qos);
    amqp::basic_consume consume;
    consume.queue = to.queue;
    consume.no_ack = !how_.manual_acks;
    plan_request(consume);
}

void amqp_client::proceed() {
    if (!requests_.empty()) {
        send(requests_.front());
        return requests_.pop_front();
    }
    if (ready()) {
        ++all_.answered;
        return;
    }
    if (duty_.sender) duty_.sender->attach(*this, amqp_message(how_, duty_.route, frame_max_), 65'535);
    become_ready();
}

void amqp_client::fence() { ask(channel_number, amqp::basic_qos{}); }

void amqp_client::say_goodbye() {
    amqp::connection_close close;
    close.reply_code = 200;
    ask(0, close);
    leave();
}

}  // namespace causeway::bench
