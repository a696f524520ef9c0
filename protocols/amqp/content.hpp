#pragma once
// Puts a published message together: basic.publish, its content header, its body frames (AMQP 0-9-1, 4.2.6). Of a message
// in one body frame the body is only looked at; larger ones are collected.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "protocols/amqp/arriving_body.hpp"
#include "protocols/amqp/framing.hpp"
#include "protocols/amqp/method.hpp"
#include "protocols/amqp/translate.hpp"
#include "protocols/amqp/verdict.hpp"

namespace causeway::amqp {

/// A whole message. Views into the content and the frame being handled.
struct published {
    std::string_view exchange;
    std::string_view routing_key;
    bool mandatory = false;
    std::string_view block;  // the properties as on the wire, well formed
    std::string_view body;
    publish_facts facts;
    std::optional<std::string_view> user_id;
    const refusal* objection = nullptr;  // what is wrong with the properties; whether there is an exchange counts first
    bool direct_reply = false;  // reply_to is the pseudo-queue of direct_reply.hpp
    bool more_keys = false;     // headers CC or BCC are there
};

class content {
public:
    explicit content(context& at) : collected_(at) {}

    /// basic.publish came; its header must be next.
    void begin(const basic_publish& m);

    /// True between basic.publish and the last frame of its content.
    bool expected() const { return stage_ != stage::none; }

    /// The next frame of the channel, of whatever type. True: the message is whole, see get(); 505 for a frame out of turn.
    result<bool, refusal> take(const frame& f, std::uint64_t message_bytes_max);

    /// What get() gave is not needed any more, or the message is given up.
    void done();

    /// Until the next call of another function.
    published get() const {
        published whole{exchange_, routing_key_, mandatory_, block_,       body_,     facts_,
                        {},        nullptr,      direct_reply_, more_keys_};
        if (has_user_id_) whole.user_id = user_id_;
        whole.objection = objection_.get();
        return whole;
    }

private:
    enum class stage : std::uint8_t { none, header, body };
    result<bool, refusal> take_header(const frame& f, std::uint64_t message_bytes_max);
    result<bool, refusal> take_body(const frame& f);
    void judge(const property_block& properties);

    stage stage_ = stage::none;
    bool mandatory_ = false;
    // Kept between messages, so that their memory is used again.
    std::string exchange_;
    std::string routing_key_;
    std::string block_;
    std::string user_id_;
    arriving_body collected_;
    publish_facts facts_;
    std::unique_ptr<refusal> objection_;
    bool has_user_id_ = false;
    bool direct_reply_ = false;
    bool more_keys_ = false;
    std::string_view body_;
    std::uint64_t body_bytes_ = 0;
};

}  // namespace causeway::amqp
