#include "protocols/amqp/content.hpp"

#include <utility>

#include "protocols/amqp/direct_reply.hpp"
#include "protocols/amqp/more_keys.hpp"
#include "protocols/amqp/properties.hpp"

namespace causeway::amqp {

namespace {
refusal out_of_turn(std::string text) {
    return {.code = reply_code::unexpected_frame,
            .text = std::move(text),
            .class_id = basic_publish::class_id_of,
            .method_id = basic_publish::method_id_of};
}
constexpr std::size_t kept_bytes_max = 4096;  // of a property block, for the next one on the channel
}  // namespace

void content::begin(const basic_publish& m) {
    exchange_.assign(m.exchange);
    routing_key_.assign(m.routing_key);
    mandatory_ = m.mandatory;
    body_ = {};
    collected_.clear();
    stage_ = stage::header;
}

result<bool, refusal> content::take(const frame& f, std::uint64_t message_bytes_max) {
    return stage_ == stage::header ? take_header(f, message_bytes_max) : take_body(f);
}

result<bool, refusal> content::take_header(const frame& f, std::uint64_t message_bytes_max) {
    if (f.type != frame_type::header_frame)
        return out_of_turn("expected content header for class 60, got non content header frame instead");
    TRY(const content_header header, decode_content_header(f.payload));
    if (header.body_bytes > message_bytes_max) {
        stage_ = stage::none;
        return refuse(reply_code::precondition_failed, "message size " + std::to_string(header.body_bytes) +
                                                           " is larger than configured max size " +
                                                           std::to_string(message_bytes_max));
    }
    judge(header.properties);
    has_user_id_ = header.properties.user_id.has_value();
    user_id_.assign(header.properties.user_id.value_or(std::string_view()));
    direct_reply_ = header.properties.reply_to == reply_to_name;
    block_.assign(header.block);
    body_bytes_ = header.body_bytes;
    stage_ = body_bytes_ == 0 ? stage::none : stage::body;
    return body_bytes_ == 0;
}

/// In RabbitMQ's order; the first objection counts.
void content::judge(const property_block& properties) {
    const auto object = [this](refusal&& why) {
        if (!objection_) objection_ = std::make_unique<refusal>(std::move(why));
    };
    objection_.reset();
    if (auto facts = facts_of(properties))
        facts_ = facts.assume_value();
    else
        object(std::move(facts.assume_error()));
    more_keys_ = false;
    if (properties.headers) {
        if (auto found = names_more_keys(*properties.headers))
            more_keys_ = found.assume_value();
        else
            object(std::move(found.assume_error()));
    }
    if (auto known = check_delivery_mode(properties); !known) object(std::move(known.assume_error()));
}

result<bool, refusal> content::take_body(const frame& f) {
    if (f.type != frame_type::body_frame) return out_of_turn("expected content body, got non content body frame instead");
    if (collected_.size() + f.payload.size() > body_bytes_) {
        return refusal{.code = reply_code::frame_error,
                       .text = "content body is longer than its header said",
                       .class_id = basic_publish::class_id_of,
                       .method_id = basic_publish::method_id_of};
    }
    if (f.payload.size() == body_bytes_) {
        body_ = f.payload;
    } else {
        if (!collected_.append(f.payload, body_bytes_))
            return refuse(reply_code::resource_error, "messages that are still arriving take too much memory");
        if (collected_.size() < body_bytes_) return false;
        body_ = collected_.view();
    }
    stage_ = stage::none;
    return true;
}

void content::done() {
    collected_.clear();
    if (block_.capacity() > kept_bytes_max) std::string().swap(block_);
}

}  // namespace causeway::amqp
