#pragma once
// WebSocket as a layer: the handshake, then data in binary frames, compressed if the client has asked for it and may.

#include "net/layer.hpp"
#include "net/listener_options.hpp"
#include "net/websocket/frames.hpp"
#include "net/websocket/packets.hpp"

namespace causeway::net {

class websocket_layer final : public layer {
public:
    /// Both outlive the layer; `packs` for its thread.
    websocket_layer(const listener_options& options, websocket::deflater& packs) : options_(options), packs_(packs) {}

    state receive(std::string_view bytes, std::string& up, std::string& down) override;
    bool has_more() const override { return frames_.has_more(); }
    void send(std::string_view bytes, std::string& down) override;
    void close(std::string& down) override;
    std::string failure() const override { return refusal_.empty() ? frames_.failure() : refusal_; }

private:
    state shake(std::string_view bytes, std::string& up, std::string& down);
    state unframe(std::string_view bytes, std::string& up, std::string& down);
    void send_compressed(std::string_view bytes, std::string& down);

    const listener_options& options_;
    websocket::deflater& packs_;
    std::string waiting_;  // the request as far as it has come; later, what is to be read after has_more()
    std::string refusal_;
    websocket::frame_reader frames_;
    websocket::packet_ends packets_;  // of what is sent
    state state_ = state::opening;
    std::uint8_t window_bits_ = 0;  // of what is sent; 0: it is not compressed
};

}  // namespace causeway::net
