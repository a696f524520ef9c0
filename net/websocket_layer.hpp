#pragma once
// WebSocket as a layer: the handshake, then data in binary frames.

#include "net/layer.hpp"
#include "net/websocket/frames.hpp"

namespace causeway::net {

class websocket_layer final : public layer {
public:
    explicit websocket_layer(const std::string& path) : path_(path) {}  // which outlives the layer

    state receive(std::string_view bytes, std::string& up, std::string& down) override;
    void send(std::string_view bytes, std::string& down) override { append_frame(down, websocket::opcode::binary, bytes); }
    void close(std::string& down) override;
    std::string failure() const override { return refusal_.empty() ? frames_.failure() : refusal_; }

private:
    state shake(std::string_view bytes, std::string& up, std::string& down);
    state unframe(std::string_view bytes, std::string& up, std::string& down);

    const std::string& path_;
    std::string request_;  // as far as it has come
    std::string refusal_;
    websocket::frame_reader frames_;
    state state_ = state::opening;
};

}  // namespace causeway::net
