#pragma once
// RabbitMQ's sender-selected distribution: the headers CC and BCC hold arrays of further routing keys. BCC is taken out
// before anybody sees it; its keys stay with the message for the way of its dead letters.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "protocols/amqp/reply_code.hpp"

namespace causeway::amqp {

/// Do these header entries (property_block::headers) hold CC or BCC? 406 if one of them is no array.
result<bool, refusal> names_more_keys(std::string_view headers);

struct more_keys {
    std::vector<std::string> shown;   // CC
    std::vector<std::string> hidden;  // BCC
    std::string block;  // the property block without BCC
};
/// `block` is well formed.
more_keys take_more_keys(std::string_view block);

}  // namespace causeway::amqp
