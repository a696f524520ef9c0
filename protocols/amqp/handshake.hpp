#pragma once
// From connection.start to connection.open-ok (AMQP 0-9-1, 1.4.2): who the client is, what both sides can do, and which
// vhost it wants. Lives only that long; fills in the connection's context.

#include <functional>
#include <memory>
#include <optional>

#include "protocols/amqp/context.hpp"
#include "protocols/amqp/method.hpp"
#include "protocols/amqp/verdict.hpp"
#include "protocols/vhosts.hpp"

namespace causeway::amqp {

class handshake {
public:
    /// `answered`: a password check that take() had to leave open is done, with this verdict.
    handshake(context& at, protocols::vhosts& vhosts, core::authenticator& authenticator,
              std::function<void(verdict)> answered);

    /// Sends connection.start.
    void begin();

    /// The client's next method. 403 means a refused login.
    verdict take(const method& m);

    /// The authenticator has not answered yet: nothing may be taken.
    bool waiting() const { return step_ == step::verifying; }
    /// open-ok has been sent.
    bool done() const { return step_ == step::done; }

private:
    enum class step { start_ok, verifying, tune_ok, open, done };
    const char* state() const;
    verdict take(const connection_start_ok& m);
    verdict take(const connection_tune_ok& m);
    verdict take(const connection_open& m);
    result<core::credentials, refusal> credentials_in(const connection_start_ok& m) const;
    void answer(core::identity_ptr who);
    void offer_tune();

    context& at_;
    protocols::vhosts& vhosts_;
    core::authenticator& authenticator_;
    std::function<void(verdict)> answered_;
    step step_ = step::start_ok;
    std::string mechanism_;
    bool asking_ = false;  // verify() has not returned yet
    verdict login_ = success();
    std::shared_ptr<char> alive_ = std::make_shared<char>();  // an answer may come when we are gone
};

}  // namespace causeway::amqp
