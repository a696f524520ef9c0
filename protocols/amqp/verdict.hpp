#pragma once
// What a handler says of a method: fine, or why the channel or the connection must be closed. The core's failures become
// refusals here. Whoever dispatches adds the method's ids.

#include <string>
#include <utility>

#include "base/result.hpp"
#include "core/failure.hpp"
#include "protocols/amqp/reply_code.hpp"

namespace causeway::amqp {

using verdict = result<void, refusal>;

inline refusal refuse(reply_code code, std::string text) { return {.code = code, .text = std::move(text)}; }

/// A content frame that follows no method.
inline refusal not_a_method() {
    return refuse(reply_code::unexpected_frame, "expected method frame, got non method frame instead");
}

reply_code code_of(core::error error);

/// The core's answer in AMQP's words: TRY(auto* q, checked(broker.use_queue(…))).
template <class T>
result<T, refusal> checked(core::outcome<T>&& answer) {
    if (answer) {
        if constexpr (std::is_void_v<T>)
            return success();
        else
            return std::move(answer).assume_value();
    }
    return refuse(code_of(answer.assume_error().code), answer.assume_error().text);
}

}  // namespace causeway::amqp
