#include "protocols/mqtt/factory.hpp"

#include <array>

#include "protocols/mqtt/connection.hpp"
#include "protocols/mqtt/framing.hpp"

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

std::span<const std::string_view> factory::subprotocols() const {
    static constexpr std::array<std::string_view, 2> names = {"mqtt", "mqttv3.1"};
    return names;
}

std::size_t factory::packet_bytes(std::string_view output) const { return begun_packet_bytes(output); }

std::unique_ptr<protocols::endpoint> factory::make(protocols::link& l) {
    const protocols::peer_info peer = l.peer();
    if (core::broker* broker = vhosts_.find(peer.vhost)) return std::make_unique<connection>(l, *broker, common_);
    common_.log.warning("no such vhost", {{"vhost", peer.vhost}, {"listener", peer.listener}});
    return std::make_unique<dead_end>(l);
}

}  // namespace causeway::mqtt
