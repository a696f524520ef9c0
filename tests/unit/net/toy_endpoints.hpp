#pragma once
// Endpoints for tests of the transport. They live on the broker thread; what tests look at there they ask for by loop::post.

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/byte_reader.hpp"
#include "protocols/endpoint.hpp"

namespace causeway::test {

/// Tells how one connection fared. Each test gives the parts it wants.
struct behaviour {
    std::function<void(protocols::link&)> opened;
    std::function<std::size_t(protocols::link&, std::string_view)> receive;  // default: echo
    std::function<void(protocols::link&)> flushed;
    std::function<void(protocols::link&)> shut_down;  // default: close
};

class toy_factory;

class toy_endpoint final : public protocols::endpoint {
public:
    toy_endpoint(toy_factory& home, protocols::link& l) : home_(home), link_(l) {}
    ~toy_endpoint() override;

    std::size_t receive(std::string_view bytes) override;
    void flushed() override;
    void closed() override;
    void shut_down() override;

private:
    toy_factory& home_;
    protocols::link& link_;
    bool closed_ = false;
};

class toy_factory final : public protocols::endpoint_factory {
public:
    std::unique_ptr<protocols::endpoint> make(protocols::link& l) override {
        links.insert(&l);
        ++opened;
        auto made = std::make_unique<toy_endpoint>(*this, l);
        if (acts.opened) acts.opened(l);
        return made;
    }
    std::span<const std::string_view> subprotocols() const override { return names; }
    std::size_t packet_bytes(std::string_view output) const override {
        return packet_size ? packet_size(output) : endpoint_factory::packet_bytes(output);
    }
    protocols::link& only() { return **links.begin(); }

    behaviour acts;
    std::vector<std::string_view> names = {"mqtt", "mqttv3.1"};
    std::function<std::size_t(std::string_view)> packet_size;  // default: packets need not be kept apart
    std::set<protocols::link*> links;  // of connections that are open
    std::size_t opened = 0;
    std::size_t closed = 0;
    bool closed_twice = false;
    bool destroyed_unclosed = false;
};

inline toy_endpoint::~toy_endpoint() {
    if (!closed_) home_.destroyed_unclosed = true;
}

inline std::size_t toy_endpoint::receive(std::string_view bytes) {
    if (home_.acts.receive) return home_.acts.receive(link_, bytes);
    link_.output().append(bytes);
    link_.touch();
    return bytes.size();
}

inline void toy_endpoint::flushed() {
    if (home_.acts.flushed) home_.acts.flushed(link_);
}

inline void toy_endpoint::closed() {
    if (closed_) home_.closed_twice = true;
    closed_ = true;
    home_.links.erase(&link_);
    ++home_.closed;
}

inline void toy_endpoint::shut_down() {
    if (home_.acts.shut_down) return home_.acts.shut_down(link_);
    link_.close();
}

/// Packets behind a length of 32 bits: whole ones only are consumed, and echoed.
inline std::size_t echo_packets(protocols::link& l, std::string_view bytes) {
    byte_reader in(bytes);
    std::size_t consumed = 0;
    while (true) {
        in.bytes32();
        if (in.failed()) break;
        consumed = bytes.size() - in.remaining();
    }
    l.output().append(bytes.substr(0, consumed));
    l.touch();
    return consumed;
}

}  // namespace causeway::test
