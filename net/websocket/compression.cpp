#include "net/websocket/compression.hpp"

#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

namespace causeway::net::websocket {

namespace {

constexpr int compression_level = 6;
constexpr int memory_level = 8;
constexpr std::size_t step_bytes = 16 * 1024;  // of output that an inflater makes room for

// zlib does not write to its input, though it does not say so. All sizes here are far below 4 GiB.

void offer(z_stream& to, std::string_view bytes) {
    to.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    to.avail_in = static_cast<uInt>(bytes.size());
}

/// For what lies behind `before`.
void make_room(z_stream& of, std::string& out, std::size_t before) {
    of.next_out = reinterpret_cast<Bytef*>(out.data() + before);
    of.avail_out = static_cast<uInt>(out.size() - before);
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view space = " \t";
    const std::size_t first = std::min(text.find_first_not_of(space), text.size());
    return text.substr(first, text.find_last_not_of(space) + 1 - first);
}

/// What stands before the next of these outside of quotes; it is cut off, with the separator.
std::string_view cut(std::string_view& text, char separator) {
    bool quoted = false;
    std::size_t at = 0;
    for (; at < text.size() && (quoted || text[at] != separator); ++at) quoted ^= text[at] == '"';
    const std::string_view before = trimmed(text.substr(0, at));
    text.remove_prefix(std::min(at + 1, text.size()));
    return before;
}

/// 8 to 15, in as few digits as that takes, perhaps in quotes; nothing for anything else.
std::optional<int> window_bits_of(std::string_view text) {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
    int bits = 0;
    const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
    if (error != std::errc() || stopped != text.data() + text.size() || text.front() == '0' || bits < 8 || bits > 15) return std::nullopt;
    return bits;
}

using value = std::optional<std::string_view>;

/// One parameter of an offer. False: the offer cannot be taken.
bool take_parameter(compression& into, std::string_view name, value v) {
    if (name == "server_no_context_takeover" || name == "client_no_context_takeover") return !v;
    if (name == "client_max_window_bits") return !v || window_bits_of(*v);
    if (name != "server_max_window_bits" || !v) return false;
    const auto bits = window_bits_of(*v);
    if (!bits || *bits == 8) return false;  // there is no raw deflate with a window of 256 bytes
    into.window_bits = *bits;
    into.answer += "; server_max_window_bits=" + std::to_string(*bits);
    return true;
}

/// "permessage-deflate; parameter; parameter=value".
std::optional<compression> take_offer(std::string_view offer) {
    if (cut(offer, ';') != "permessage-deflate") return std::nullopt;
    compression agreed;
    agreed.answer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    std::set<std::string_view> seen;
    while (!offer.empty()) {
        std::string_view parameter = cut(offer, ';');
        const bool with_value = parameter.find('=') != std::string_view::npos;
        const std::string_view name = cut(parameter, '=');
        if (!seen.insert(name).second || !take_parameter(agreed, name, with_value ? value(trimmed(parameter)) : value())) return std::nullopt;
    }
    return agreed;
}

}  // namespace

std::optional<compression> agree_on_compression(std::string_view offers) {
    while (!offers.empty())
        if (auto agreed = take_offer(cut(offers, ','))) return agreed;
    return std::nullopt;
}

struct deflater::stream {
    ~stream() { end(); }

    /// Ready for a message.
    bool begin(int window_bits) {
        if (bits == window_bits) return deflateReset(&z) == Z_OK;
        end();
        z = {};
        if (deflateInit2(&z, compression_level, Z_DEFLATED, -window_bits, memory_level, Z_DEFAULT_STRATEGY) != Z_OK) return false;
        bits = window_bits;
        return true;
    }
    void end() {
        if (std::exchange(bits, 0) != 0) deflateEnd(&z);
    }

    z_stream z{};
    int bits = 0;  // of its window; 0: there is no stream
};

deflater::deflater() = default;
deflater::~deflater() = default;

bool deflater::append(std::string& out, std::string_view payload, int window_bits) {
    if (!stream_) stream_ = std::make_unique<stream>();
    if (!stream_->begin(window_bits)) return false;  // for want of memory
    const std::size_t before = out.size();
    out.resize(before + payload.size() + message_end.size());
    z_stream& z = stream_->z;
    offer(z, payload);
    make_room(z, out, before);
    const bool smaller = deflate(&z, Z_SYNC_FLUSH) == Z_OK && z.avail_in == 0 && z.avail_out > 0;
    out.resize(smaller ? out.size() - z.avail_out - message_end.size() : before);
    return smaller;
}

struct inflater::stream {
    stream() { good = inflateInit2(&z, -MAX_WBITS) == Z_OK; }
    ~stream() { inflateEnd(&z); }

    z_stream z{};
    bool good = false;
};

inflater::inflater() : stream_(std::make_unique<stream>()) {}
inflater::~inflater() = default;

inflater::state inflater::inflate(std::string_view& bytes, std::string& out, std::size_t size_max) {
    z_stream& z = stream_->z;
    if (!stream_->good) return state::failed;
    while (out.size() < size_max) {
        const std::size_t before = out.size();
        out.resize(std::min(size_max, before + step_bytes));
        offer(z, bytes);
        make_room(z, out, before);
        const int result = ::inflate(&z, Z_SYNC_FLUSH);
        bytes.remove_prefix(bytes.size() - z.avail_in);
        out.resize(out.size() - z.avail_out);
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) return state::failed;
        if (result == Z_STREAM_END) inflateResetKeep(&z);  // a final block does not end the message. RFC 7692 7.2.3.4
        if (z.avail_out > 0 && bytes.empty()) return state::hungry;
        if (z.avail_out > 0 && result == Z_BUF_ERROR) return state::failed;  // it takes nothing and gives nothing
    }
    return state::full;
}

}  // namespace causeway::net::websocket
