#pragma once
// Octets and frames in the words of RabbitMQ's reply texts, which people search for: <<1,2,3>>, <<"text">>.

#include <string>
#include <string_view>

#include "protocols/amqp/framing.hpp"

namespace causeway::amqp {

/// All octets as numbers: "<<0,60>>". Stops where no reply text goes on.
std::string octet_numbers(std::string_view octets);

/// "type 3, all octets = <<"x">>", with the first 16 of a longer payload.
std::string frame_text(frame_type type, std::string_view payload);

}  // namespace causeway::amqp
