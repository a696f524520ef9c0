#pragma once
// The running server: builds everything in order and takes it down in reverse. The constructor throws std::runtime_error
// with one line for the operator if it cannot start. Its thread is the broker thread.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.hpp"
#include "app/config_file.hpp"
#include "app/password_authenticator.hpp"
#include "app/vhost.hpp"
#include "app/worker.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "net/loop.hpp"
#include "net/turn.hpp"
#include "protocols/endpoint.hpp"
#include "protocols/vhosts.hpp"

namespace causeway::app {

class node final : public net::turn, public protocols::vhosts {
public:
    /// Reads the configuration again. Called on a thread of its own.
    using reread = std::function<result<config, config_failure>()>;

    node(const config& c, logger& log, reread again = {});
    ~node() override;

    /// "ready mqtt=127.0.0.1:1883 amqp=127.0.0.1:5672": the listeners and where they listen.
    const std::string& ready_line() const { return ready_line_; }

    /// Serves until SIGTERM or SIGINT has been answered. A second one of them ends the process at once.
    void run();

    // net::turn
    void begin(instant now) override;
    void end() override;
    std::int64_t next_turn_steady_ms() const override;
    // protocols::vhosts
    core::broker* find(std::string_view name) override;

private:
    void open_vhosts(const config& c);
    void open_listener(const config& c, const listener_config& l);
    protocols::endpoint_factory& make_factory(const config& c, const listener_config& l);
    void stop(int number);
    void reload();
    void refuse(const config_failure& why);
    void apply(const config& fresh);

    logger& log_;
    net::loop loop_;  // before everything that wakes it
    password_authenticator authenticator_;
    std::map<std::string, std::unique_ptr<vhost>, std::less<>> vhosts_;
    std::vector<std::unique_ptr<protocols::endpoint_factory>> factories_;
    std::string ready_line_ = "ready";
    reread again_;
    std::unique_ptr<worker> reader_;  // once it is asked to; its job ends before the rest goes
};

}  // namespace causeway::app
