#pragma once
// A transport in memory: a test plays the peer. Bytes that the peer sends are given to the endpoint when world::turn (world.hpp)
// runs, exactly as net/ gives them: all that is there, what was not consumed again with more behind it, nothing while
// reading is stopped. What the endpoint writes arrives at the peer when the turn ends in which it was told of (touch), unless the peer
// has stopped taking.

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "protocols/endpoint.hpp"

namespace causeway::test {

class fake_link final : public protocols::link {
public:
    explicit fake_link(const protocols::peer_info& who) : who_(who) {}

    // --- what the test does as the peer ---
    void sends(std::string_view bytes) { arriving_.append(bytes); }
    /// All that arrived since the last call.
    std::string gets() { return std::exchange(arrived_, {}); }
    /// A peer that stops taking leaves everything in the endpoint's output.
    void takes(bool on) { takes_ = on; }
    /// The peer breaks the connection; the endpoint is told in the next turn.
    void breaks() { broken_ = true; }

    bool reading() const { return reading_; }
    /// The endpoint has closed, or the connection is gone.
    bool is_closed() const { return closing_; }
    protocols::endpoint& endpoint() { return *endpoint_; }

    // --- what world does as the transport ---
    void attach(std::unique_ptr<protocols::endpoint> e) { endpoint_ = std::move(e); }

    void deliver() {
        if (!endpoint_) return;
        while (!arriving_.empty() && reading_ && !closing_) {
            const std::size_t consumed = endpoint_->receive(arriving_);
            arriving_.erase(0, consumed);
            if (consumed == 0) break;
        }
        if (broken_) closing_ = true;
    }

    void flush() {
        if (takes_ && std::exchange(touched_, false)) take_output();
        if (endpoint_ && closing_) {
            endpoint_->closed();
            endpoint_.reset();
        }
        if (endpoint_ && output_.empty() && std::exchange(flush_asked_, false)) endpoint_->flushed();
    }

    // --- protocols::link ---
    output_buffer& output() override { return output_; }
    void touch() override { touched_ = true; }
    void notify_when_flushed() override { flush_asked_ = touched_ = true; }
    void close() override { closing_ = touched_ = true; }
    void read(bool on) override { reading_ = on; }
    protocols::peer_info peer() const override { return who_; }
    std::string peer_address() const override { return "127.0.0.1:" + std::to_string(40000 + number(who_.id)); }

private:
    void take_output() {
        std::array<iovec, 16> pieces{};
        while (!output_.empty()) {
            const std::size_t count = output_.gather(pieces);
            std::size_t bytes = 0;
            for (std::size_t i = 0; i < count; ++i) {
                arrived_.append(static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len);
                bytes += pieces[i].iov_len;
            }
            output_.consume(bytes);
        }
    }

    protocols::peer_info who_;
    std::unique_ptr<protocols::endpoint> endpoint_;
    output_buffer output_;
    std::string arriving_;
    std::string arrived_;
    bool takes_ = true;
    bool touched_ = false;
    bool reading_ = true;
    bool closing_ = false;
    bool broken_ = false;
    bool flush_asked_ = false;
};

}  // namespace causeway::test
