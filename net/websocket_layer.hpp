#pragma once
// WebSocket as a layer: the handshake, then data in binary frames, compressed if the client has asked for it and may.

#include "net/layer.hpp"
#include "net/listener_options.hpp"
#include "net/websocket/frames.hpp"
#include "protocols/endpoint.hpp"

namespace causeway::net {

class websocket_layer final : public layer {
public:
    /// All outlive the layer; `packs` for its thread.
    websocket_layer(const listener_options& options, const protocols::endpoint_factory& protocol, websocket::deflater& packs)
        : options_(options), protocol_(protocol), packs_(packs) {}

    state receive(std::string_view bytes, std::string& up, std::string& down) override;
    bool has_more() const override { return frames_.has_more(); }
    void send(std::string_view bytes, std::string& down) override;
    void close(std::string& down) override;
    std::string failure() const override { return refusal_.empty() ? frames_.failure() : refusal_; }

private:
    state shake(std::string_view bytes, std::string& up, std::string& down);
    state unframe(std::string_view bytes, std::string& up, std::string& down);
    void send_compressed(std::string_view bytes, std::string& down);

    std::size_t packet_part(std::string_view bytes);

    const listener_options& options_;
    const protocols::endpoint_factory& protocol_;
    websocket::deflater& packs_;
    std::string waiting_;  // the request as far as it has come; later, what is to be read after has_more()
    std::string refusal_;
    websocket::frame_reader frames_;
    std::string begun_;             // of a packet to send, too little to know its size; not sent
    std::size_t packet_left_ = 0;   // of the packet whose beginning has been sent
    state state_ = state::opening;
    std::uint8_t window_bits_ = 0;  // of what is sent; 0: it is not compressed
};

}  // namespace causeway::net
