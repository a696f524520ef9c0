#include "protocols/amqp/framing.hpp"

#include <algorithm>

#include "base/byte_reader.hpp"
#include "protocols/amqp/octets_text.hpp"

namespace causeway::amqp {

namespace {

constexpr std::size_t frame_header_bytes = 7;
constexpr std::uint16_t basic_class = 60;
constexpr std::string_view no_properties{"\0\0", 2};

/// RabbitMQ forgives clients that leave the 8 octets around a payload out of their count.
constexpr std::size_t frame_max_slack_bytes = 8;

refusal frame_error(frame_type type, std::string_view payload, std::string what) {
    return {reply_code::frame_error, frame_text(type, payload) + ": " + std::move(what), 0, 0};
}

void write_frame_header(byte_writer& to, frame_type type, std::uint16_t channel, std::size_t payload_bytes) {
    to.u8(static_cast<std::uint8_t>(type));
    to.u16(channel);
    to.u32(static_cast<std::uint32_t>(payload_bytes));
}

void write_content_header(std::string& out, std::uint16_t channel, std::string_view block, std::uint64_t body_bytes) {
    byte_writer to(out);
    write_frame_header(to, frame_type::header_frame, channel, content_header_fixed_bytes + block.size());
    to.u16(basic_class);
    to.u16(0);  // weight: unused
    to.u64(body_bytes);
    to.bytes(block);
    to.u8(frame_end);
}

}  // namespace

preface detect_preface(std::string_view bytes) {
    const std::size_t common = std::min(bytes.size(), protocol_header.size());
    if (bytes.substr(0, common) != protocol_header.substr(0, common)) return preface::other;
    return common == protocol_header.size() ? preface::amqp_0_9_1 : preface::incomplete;
}

result<std::optional<frame>, refusal> read_frame(std::string_view bytes, std::uint32_t frame_max) {
    if (bytes.size() < frame_header_bytes) return std::optional<frame>();

    byte_reader in(bytes);
    frame f{.type = static_cast<frame_type>(in.u8()), .channel = in.u16(), .payload = {}};
    const std::size_t payload_bytes = in.u32();
    if (frame_max > 0 && payload_bytes + frame_overhead_bytes > frame_max + frame_max_slack_bytes)
        return frame_error(f.type, {}, "{frame_too_large," + std::to_string(payload_bytes) + "," +
                                           std::to_string(frame_max - frame_overhead_bytes) + "}");
    if (in.remaining() < payload_bytes + 1) return std::optional<frame>();

    f.payload = in.take(payload_bytes);
    if (const std::uint8_t end = in.u8(); end != frame_end)
        return frame_error(f.type, f.payload, "{invalid_frame_end_marker," + std::to_string(end) + "}");
    return std::optional<frame>(f);
}

result<void, refusal> check_payload(const frame& f) {
    constexpr std::size_t method_ids_bytes = 4;
    bool good = false;
    switch (f.type) {
        case frame_type::method_frame: good = f.payload.size() >= method_ids_bytes; break;
        case frame_type::header_frame: good = f.payload.size() >= content_header_fixed_bytes; break;
        case frame_type::body_frame: good = true; break;
        case frame_type::heartbeat_frame: good = f.payload.empty(); break;
    }
    if (good) return success();
    return frame_error(f.type, f.payload, "unknown_frame");
}

refusal unexpected(const frame& f) { return {reply_code::unexpected_frame, frame_text(f.type, f.payload), 0, 0}; }

void write_heartbeat(std::string& out) {
    byte_writer to(out);
    write_frame_header(to, frame_type::heartbeat_frame, 0, 0);
    to.u8(frame_end);
}

std::size_t write_content(output_buffer& out, std::uint16_t channel, std::string_view block, std::string_view payload,
                          const shared_bytes& large, std::uint32_t frame_max) {
    write_content_header(out.tail(), channel, block.empty() ? no_properties : block, payload.size());
    const std::size_t chunk_max = frame_max > 0 ? frame_max - frame_overhead_bytes : payload.size();
    std::size_t frames = 1;
    for (; !payload.empty(); ++frames) {
        const std::string_view chunk = payload.substr(0, chunk_max);
        byte_writer header(out.tail());
        write_frame_header(header, frame_type::body_frame, channel, chunk.size());
        if (large.empty())
            out.append(chunk);
        else
            out.append(large, chunk);
        out.tail().push_back(static_cast<char>(frame_end));
        payload.remove_prefix(chunk.size());
    }
    return frames;
}

}  // namespace causeway::amqp
