#include "net/websocket/frames.hpp"

#include <algorithm>
#include <cstring>

#include "base/byte_reader.hpp"
#include "base/byte_writer.hpp"

namespace causeway::net::websocket {

namespace {

constexpr std::size_t control_bytes_max = 125;
constexpr std::size_t packed_bytes_max = 16 * 1024;  // unmasked at once, to be inflated
constexpr std::uint8_t compressed_bit = 0x40;
constexpr std::uint8_t length16 = 126, length64 = 127;

/// `at`: the place in the frame's payload where these bytes begin.
void unmask(char* bytes, std::size_t size, const std::uint8_t* mask, std::uint64_t at) {
    std::array<char, 8> key;
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<char>(mask[(at + i) % 4]);
    std::uint64_t wide_key;
    std::memcpy(&wide_key, key.data(), 8);
    std::size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        std::uint64_t word;
        std::memcpy(&word, bytes + i, 8);
        word ^= wide_key;
        std::memcpy(bytes + i, &word, 8);
    }
    for (; i < size; ++i) bytes[i] = static_cast<char>(bytes[i] ^ key[i % 8]);
}

}  // namespace

void append_frame(std::string& out, opcode what, std::string_view payload, bool compressed) {
    byte_writer to(out);
    to.u8(static_cast<std::uint8_t>(0x80 | (compressed ? compressed_bit : 0) | static_cast<std::uint8_t>(what)));
    if (payload.size() < length16) {
        to.u8(static_cast<std::uint8_t>(payload.size()));
    } else if (payload.size() <= 0xFFFF) {
        to.u8(length16);
        to.u16(static_cast<std::uint16_t>(payload.size()));
    } else {
        to.u8(length64);
        to.u64(payload.size());
    }
    to.bytes(payload);
}

void append_close(std::string& out, close_code why) {
    std::string payload;
    byte_writer(payload).u16(static_cast<std::uint16_t>(why));
    append_frame(out, opcode::close, payload);
}

frame_reader::state frame_reader::receive(std::string_view& bytes, std::string& data, std::string& answers) {
    while (state_ == state::reading && advance(bytes, data, answers)) {
    }
    if (state_ == state::failed) append_close(answers, code_);
    return state_;
}

/// False: nothing more can be done for now.
bool frame_reader::advance(std::string_view& bytes, std::string& data, std::string& answers) {
    if (has_more()) return inflate(data);
    if (in_payload_ && payload_left_ == 0) {
        end_frame(answers);
        return true;
    }
    if (bytes.empty()) return false;
    if (in_payload_) {
        read_payload(bytes, data);
    } else {
        read_header(bytes);
    }
    return true;
}

void frame_reader::fail(const char* why, close_code code) {
    failure_ = why;
    code_ = code;
    state_ = state::failed;
}

/// As far as the bytes that are there tell.
std::size_t frame_reader::header_size() const {
    if (header_bytes_ < 2) return 2;
    const int length7 = header_[1] & 0x7F;
    const bool masked = (header_[1] & 0x80) != 0;
    return 2U + (length7 == length16 ? 2U : length7 == length64 ? 8U : 0U) + (masked ? 4U : 0U);
}

void frame_reader::read_header(std::string_view& bytes) {
    while (header_bytes_ < header_size() && !bytes.empty()) {
        header_[header_bytes_++] = static_cast<std::uint8_t>(bytes.front());
        bytes.remove_prefix(1);
    }
    if (header_bytes_ == header_size()) begin_frame();
}

void frame_reader::begin_frame() {
    if (const char* broken = wrong(); *broken != '\0')
        return fail(broken, what() == opcode::text ? close_code::unacceptable : close_code::protocol_error);
    in_payload_ = true;
    payload_left_ = length();
    payload_at_ = 0;
    control_.clear();
    if ((header_[0] & compressed_bit) != 0) message_ = std::make_unique<compressed_message>();
}

/// What breaks the rules in the header; empty: nothing.
const char* frame_reader::wrong() const {
    const int length7 = header_[1] & 0x7F;
    const bool may_be_compressed = compression_ && (what() == opcode::binary || what() == opcode::text);
    if ((header_[0] & (may_be_compressed ? 0x30 : 0x70)) != 0) return "a reserved bit is set";
    if ((header_[1] & 0x80) == 0) return "a frame is not masked";
    if (length7 == length16 && length() < length16) return "a length is longer than it need be";
    if (length7 == length64 && (length() <= 0xFFFF || length() >> 63 != 0)) return "a length is longer than it need be";
    if (is_control() && (!final() || length7 > static_cast<int>(control_bytes_max))) return "a control frame is too long or in pieces";
    switch (what()) {
        case opcode::continuation: return in_message_ ? "" : "a continuation of nothing";
        case opcode::binary: return in_message_ ? "a message begins inside another one" : "";
        case opcode::text: return "a text frame [MQTT-6.0.0-1]";
        case opcode::close:
        case opcode::ping:
        case opcode::pong: return "";
    }
    return "an unknown opcode";
}

std::uint64_t frame_reader::length() const {
    const int length7 = header_[1] & 0x7F;
    byte_reader in(std::string_view(reinterpret_cast<const char*>(header_.data()) + 2, 8));
    return length7 == length16 ? in.u16() : length7 == length64 ? in.u64() : static_cast<std::uint64_t>(length7);
}

void frame_reader::read_payload(std::string_view& bytes, std::string& data) {
    if (is_control()) return unmasked_to(control_, bytes, control_bytes_max);
    if (!message_) return unmasked_to(data, bytes, bytes.size());
    message_->packed.clear();
    message_->taken = 0;
    message_->pending = true;
    unmasked_to(message_->packed, bytes, packed_bytes_max);
}

void frame_reader::unmasked_to(std::string& to, std::string_view& bytes, std::size_t size_max) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>({bytes.size(), payload_left_, size_max}));
    to.append(bytes.substr(0, count));
    unmask(to.data() + to.size() - count, count, header_.data() + header_size() - 4, payload_at_);
    bytes.remove_prefix(count);
    payload_left_ -= count;
    payload_at_ += count;
}

/// False: `data` has all that it may have at once.
bool frame_reader::inflate(std::string& data) {
    compressed_message& m = *message_;
    std::string_view rest = std::string_view(m.packed).substr(m.taken);
    const inflater::state after = m.by.inflate(rest, data, portion_bytes);
    m.taken = m.packed.size() - rest.size();
    switch (after) {
        case inflater::state::full: return false;
        case inflater::state::failed: fail("a message is not properly compressed", close_code::invalid_payload); return true;
        case inflater::state::hungry: break;
    }
    m.pending = false;
    if (m.complete) message_.reset();
    return true;
}

void frame_reader::end_frame(std::string& answers) {
    in_payload_ = false;
    header_bytes_ = 0;
    switch (what()) {
        case opcode::continuation:
        case opcode::text:
        case opcode::binary: in_message_ = !final(); break;
        case opcode::ping: return append_frame(answers, opcode::pong, control_);
        case opcode::pong: return;
        case opcode::close: return end_close(answers);
    }
    if (in_message_ || !message_) return;
    message_->packed = message_end;
    message_->taken = 0;
    message_->pending = message_->complete = true;
}

/// Says goodbye, too. RFC 6455 5.5.1, 7.4
void frame_reader::end_close(std::string& answers) {
    if (control_.size() == 1) return fail("half a close code", close_code::protocol_error);
    const unsigned code = control_.empty() ? 1000 : byte_reader(control_).u16();
    const bool never_sent = code < 1000 || code == 1004 || code == 1005 || code == 1006 || code == 1015 || code >= 5000;
    if (never_sent) return fail("a close code that is none", close_code::protocol_error);
    append_close(answers, close_code::normal);
    state_ = state::closed;
}

}  // namespace causeway::net::websocket
