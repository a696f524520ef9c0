#include "protocols/mqtt/factory.hpp"

#include "protocols/mqtt/connection.hpp"

namespace causeway::mqtt {

namespace {

/// For a listener whose vhost does not exist (any more): closes at the first byte.
class dead_end final : public protocols::endpoint {
public:
    explicit dead_end(protocols::link& l) : link_(l) {}
    std::size_t receive(std::string_view) override {
        link_.close();
        return 0;
    }
    void flushed() override {}
    void closed() override {}
    void shut_down() override { link_.close(); }

private:
    protocols::link& link_;
};

}  // namespace

std::unique_ptr<protocols::endpoint> factory::make(protocols::link& l) {
    if (core::broker* broker = vhosts_.find(l.peer().vhost))
        return std::make_unique<connection>(l, *broker, users_, options_, log_);
    log_.warning("no such vhost", {{"vhost", l.peer().vhost}, {"listener", l.peer().listener}});
    return std::make_unique<dead_end>(l);
}

}  // namespace causeway::mqtt
