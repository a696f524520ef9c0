#include "net/websocket_layer.hpp"

#include <algorithm>

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
    const std::size_t before = request_.size();
    request_.append(bytes);
    const std::size_t at = request_.find(end, before - std::min(before, end.size() - 1));
    if (std::min(at, request_.size()) > websocket::request_bytes_max) {
        refusal_ = "the request is too long";
        return state::failed;
    }
    if (at == std::string::npos) return state::opening;

    const std::size_t size = at + end.size();
    websocket::answer answer = websocket::answer_handshake(std::string_view(request_).substr(0, size), path_);
    std::string().swap(request_);
    down.append(answer.text);
    refusal_ = std::move(answer.refusal);
    if (!refusal_.empty()) return state::failed;
    return unframe(bytes.substr(size - before), up, down);
}

layer::state websocket_layer::unframe(std::string_view bytes, std::string& up, std::string& down) {
    switch (frames_.receive(bytes, up, down)) {
        case websocket::frame_reader::state::reading: return state::open;
        case websocket::frame_reader::state::closed: return state::closed;
        case websocket::frame_reader::state::failed: return state::failed;
    }
    return state::failed;
}

void websocket_layer::close(std::string& down) {
    if (state_ == state::open) websocket::append_close(down, websocket::close_code::normal);
}

}  // namespace causeway::net
