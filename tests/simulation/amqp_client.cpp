#include "tests/simulation/amqp_client.hpp"

#include <algorithm>
#include <utility>

#include "protocols/amqp/properties.hpp"
#include "protocols/amqp/table.hpp"

namespace causeway::simulation {

namespace {
constexpr std::size_t unconfirmed_max = 8;
}  // namespace

amqp_client::amqp_client(int number, ledger& books)
    : number_(number), books_(books), queue_("queue-" + std::to_string(number)), delays_(number % 2 == 1) {
    receiver_ = books_.add_receiver("AMQP " + queue_, false);
}

void amqp_client::connected(test::fake_link& into) {
    cable.plug(&into);
    cable.out().append(amqp::protocol_header);
}

void amqp_client::disconnected() {
    cable.unplug();
    consuming_ = false;
    unacknowledged_.clear();
}

void amqp_client::read() {
    std::string& bytes = cable.arrived();
    std::size_t used = 0;
    while (cable.plugged()) {
        const auto next = amqp::read_frame(std::string_view(bytes).substr(used), 0);
        if (!next) return books_.violated(queue_ + " received bytes that are no frame");
        if (!next.value()) break;
        handle(*next.value());
        used += next.value()->size();
    }
    bytes.erase(0, used);
    if (std::exchange(hangs_up_, false)) disconnected();
}

/// A queue or binding could not be stored: to be tried again on a new connection.
void amqp_client::closed() {
    if (!books_.may_refuse()) books_.violated(queue_ + " was closed by the broker");
    hangs_up_ = true;
}

void amqp_client::handle(const amqp::frame& f) {
    switch (f.type) {
        case amqp::frame_type::method_frame: {
            const auto m = amqp::decode_method(f.payload);
            if (!m) return books_.violated(queue_ + " received a malformed method");
            return handle(m.value());
        }
        case amqp::frame_type::body_frame: return books_.received(receiver_, serial::parse(f.payload), redelivered_);
        case amqp::frame_type::header_frame:
        case amqp::frame_type::heartbeat_frame: return;
    }
}

void amqp_client::handle(const amqp::method& m) {
    if (const auto* deliver = std::get_if<amqp::basic_deliver>(&m)) {
        redelivered_ = deliver->redelivered;
        unacknowledged_.push_back(deliver->delivery_tag);
    } else if (const auto* ack = std::get_if<amqp::basic_ack>(&m)) {
        confirmed(ack->delivery_tag, ack->multiple);
    } else if (const auto* nack = std::get_if<amqp::basic_nack>(&m)) {
        refused(nack->delivery_tag, nack->multiple);
    } else if (std::holds_alternative<amqp::channel_close>(m) || std::holds_alternative<amqp::connection_close>(m)) {
        closed();
    } else {
        step(m);
    }
}

/// Each answer of the opening brings the next request.
void amqp_client::step(const amqp::method& m) {
    std::string& out = cable.out();
    if (std::holds_alternative<amqp::connection_start>(m)) {
        amqp::write_method(out, 0, amqp::connection_start_ok{.mechanism = "PLAIN", .response = std::string_view("\0guest\0guest", 12),
                                                             .locale = "en_US"});
    } else if (std::holds_alternative<amqp::connection_tune>(m)) {
        amqp::write_method(out, 0, amqp::connection_tune_ok{.channel_max = 10, .frame_max = 131'072, .heartbeat = 0});
        amqp::write_method(out, 0, amqp::connection_open{.virtual_host = "/"});
    } else if (std::holds_alternative<amqp::connection_open_ok>(m)) {
        amqp::write_method(out, 1, amqp::channel_open{});
    } else if (std::holds_alternative<amqp::channel_open_ok>(m)) {
        amqp::write_method(out, 1, amqp::confirm_select{});
        next_tag_ = 1;
    } else if (std::holds_alternative<amqp::confirm_select_ok>(m)) {
        amqp::write_method(out, 1, amqp::queue_declare{.queue = queue_, .durable = true});
    } else if (std::holds_alternative<amqp::queue_declare_ok>(m)) {
        amqp::write_method(out, 1, amqp::queue_bind{.queue = queue_, .exchange = "amq.topic", .routing_key = "t.#"});
    } else if (std::holds_alternative<amqp::queue_bind_ok>(m)) {
        amqp::write_method(out, 1, amqp::exchange_declare{.exchange = "late", .type = "x-delayed-message", .durable = true,
                                                          .arguments = {{"x-delayed-type", std::string("fanout")}}});
    } else if (std::holds_alternative<amqp::exchange_declare_ok>(m)) {
        amqp::write_method(out, 1, amqp::exchange_bind{.destination = "amq.topic", .source = "late"});
    } else if (std::holds_alternative<amqp::exchange_bind_ok>(m)) {
        amqp::write_method(out, 1, amqp::basic_qos{.prefetch_count = 5});
        amqp::write_method(out, 1, amqp::basic_consume{.queue = queue_, .consumer_tag = "c"});
    } else if (std::holds_alternative<amqp::basic_consume_ok>(m)) {
        consuming_ = true;
        for (outgoing& o : unconfirmed_) {
            books_.sent_again(o.what);
            o.tag = next_tag_++;
            publish(o.what);
        }
    }
}

void amqp_client::confirmed(std::uint64_t tag, bool multiple) {
    std::erase_if(unconfirmed_, [&](const outgoing& o) {
        const bool done = o.tag == tag || (multiple && o.tag < tag);
        if (done) books_.acknowledged(o.what);
        return done;
    });
}

void amqp_client::refused(std::uint64_t tag, bool multiple) {
    if (!books_.may_refuse()) books_.violated(queue_ + " had a message refused");
    std::erase_if(unconfirmed_, [&](const outgoing& o) { return o.tag == tag || (multiple && o.tag < tag); });
}

void amqp_client::act(dice& chance) {
    if (!consuming_) return;
    if (chance.one_in(2) && unconfirmed_.size() < unconfirmed_max) {
        unconfirmed_.push_back({{number_, next_serial_++}, next_tag_++});
        books_.published(unconfirmed_.back().what, 1);
        if (delays_) books_.delayed(unconfirmed_.back().what);
        publish(unconfirmed_.back().what);
    }
    if (chance.one_in(2) && !unacknowledged_.empty()) acknowledge(1 + chance.below(unacknowledged_.size()));
}

void amqp_client::settle() {
    if (!unacknowledged_.empty()) acknowledge(unacknowledged_.size());
}

void amqp_client::publish(serial what) {
    amqp::write_method(cable.out(), 1, amqp::basic_publish{.exchange = delays_ ? "late" : "amq.topic", .routing_key = "t.1"});
    output_buffer content;
    amqp::write_content(content, 1, properties_of(what), what.text(), {}, 131'072);
    cable.out().append(content.tail());
}

/// Persistent, and up to 150 ms late.
std::string amqp_client::properties_of(serial what) const {
    amqp::property_block p;
    p.delivery_mode = 2;
    std::string headers;
    if (delays_) {
        amqp::write_table_entries(headers, {{"x-delay", std::int32_t{1 + what.number * 37 % 150}}});
        p.headers = headers;
    }
    std::string block;
    amqp::write_block(block, p);
    return block;
}

void amqp_client::acknowledge(std::size_t count) {
    const std::uint64_t tag = unacknowledged_[count - 1];
    unacknowledged_.erase(unacknowledged_.begin(), unacknowledged_.begin() + static_cast<std::ptrdiff_t>(count));
    amqp::write_method(cable.out(), 1, amqp::basic_ack{.delivery_tag = tag, .multiple = true});
}

}  // namespace causeway::simulation
