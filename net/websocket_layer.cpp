#include "net/websocket_layer.hpp"

#include <algorithm>
#include <utility>

#include "net/websocket/handshake.hpp"

namespace causeway::net {

layer::state websocket_layer::receive(std::string_view bytes, std::string& up, std::string& down) {
    switch (state_) {
        case state::opening: state_ = shake(bytes, up, down); break;
        case state::open: state_ = unframe(bytes, up, down); break;
        case state::closed:
        case state::failed: break;
    }
    return state_;
}

layer::state websocket_layer::shake(std::string_view bytes, std::string& up, std::string& down) {
    constexpr std::string_view end = "\r\n\r\n";
    const std::size_t before = waiting_.size();
    waiting_.append(bytes);
    const std::size_t at = waiting_.find(end, before - std::min(before, end.size() - 1));
    if (std::min(at, waiting_.size()) > websocket::request_bytes_max) {
        refusal_ = "the request is too long";
        return state::failed;
    }
    if (at == std::string::npos) return state::opening;

    const std::size_t size = at + end.size();
    const websocket::rules rules{options_.websocket_path, options_.websocket_origins, protocol_.subprotocols(),
                                 options_.websocket_compression, protocol_.needs_subprotocol()};
    websocket::answer answer = websocket::answer_handshake(std::string_view(waiting_).substr(0, size), rules);
    std::string().swap(waiting_);
    down.append(answer.text);
    refusal_ = std::move(answer.refusal);
    if (!refusal_.empty()) return state::failed;
    if (answer.compression) {
        window_bits_ = static_cast<std::uint8_t>(answer.compression->window_bits);
        frames_.allow_compression();
    }
    return unframe(bytes.substr(size - before), up, down);
}

layer::state websocket_layer::unframe(std::string_view bytes, std::string& up, std::string& down) {
    const std::string before = std::exchange(waiting_, {});
    std::string joined;
    if (!before.empty()) bytes = joined.append(before).append(bytes);
    const auto now = frames_.receive(bytes, up, down);
    waiting_ = bytes;
    switch (now) {
        case websocket::frame_reader::state::reading: return state::open;
        case websocket::frame_reader::state::closed: return state::closed;
        case websocket::frame_reader::state::failed: return state::failed;
    }
    return state::failed;
}

/// Each packet gets a frame of its own, where the protocol asks for it. Clients that do so do not know compression, which gains
/// from what is sent together.
void websocket_layer::send(std::string_view bytes, std::string& down) {
    if (window_bits_ != 0) return send_compressed(bytes, down);
    const std::string before = std::exchange(begun_, {});
    std::string joined;
    if (!before.empty()) bytes = joined.append(before).append(bytes);
    while (!bytes.empty()) {
        const std::size_t size = packet_part(bytes);
        if (size == 0) return begun_.assign(bytes), void();
        append_frame(down, websocket::opcode::binary, bytes.substr(0, size));
        bytes.remove_prefix(size);
    }
}

/// How many of the bytes belong to the packet that they begin or go on with; 0: that cannot be known yet.
std::size_t websocket_layer::packet_part(std::string_view bytes) {
    if (packet_left_ == 0) packet_left_ = protocol_.packet_bytes(bytes);
    const std::size_t part = std::min(packet_left_, bytes.size());
    packet_left_ -= part;
    return part;
}

/// What is small, or does not get smaller, is sent as it is.
void websocket_layer::send_compressed(std::string_view bytes, std::string& down) {
    constexpr std::size_t worth_while_bytes = 64;
    if (bytes.size() < worth_while_bytes) return append_frame(down, websocket::opcode::binary, bytes);
    std::string packed;
    const bool smaller = packs_.append(packed, bytes, window_bits_);
    append_frame(down, websocket::opcode::binary, smaller ? packed : bytes, smaller);
}

void websocket_layer::close(std::string& down) {
    if (state_ == state::open) websocket::append_close(down, websocket::close_code::normal);
}

}  // namespace causeway::net
