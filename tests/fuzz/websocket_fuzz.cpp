// Any bytes, read as a client's WebSocket frames: the first byte says whether they may be compressed. Read at once or one by one, they
// must mean the same, and no portion may be larger than it may.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.hpp"
#include "net/websocket/frames.hpp"

using causeway::net::websocket::frame_reader;

namespace {

constexpr std::size_t data_bytes_max = 1 << 20;  // read so far, to end in time

struct outcome {
    std::string data, answers, failure;
    frame_reader::state state = frame_reader::state::reading;
};

void take(frame_reader& in, std::string_view bytes, outcome& all) {
    do {
        std::string portion;
        const std::size_t size = bytes.size();
        all.state = in.receive(bytes, portion, all.answers);
        ENSURE(portion.size() <= std::max(frame_reader::portion_bytes, size));
        ENSURE(in.has_more() || all.state != frame_reader::state::reading || bytes.empty());
        if (in.has_more()) ENSURE(portion.size() >= frame_reader::portion_bytes);
        all.data += portion;
    } while (in.has_more() && all.state == frame_reader::state::reading && all.data.size() < data_bytes_max);
}

outcome read(std::string_view bytes, bool compression, std::size_t piece) {
    frame_reader in;
    if (compression) in.allow_compression();
    outcome all;
    for (; !bytes.empty() && all.state == frame_reader::state::reading && all.data.size() < data_bytes_max;
         bytes.remove_prefix(std::min(piece, bytes.size())))
        take(in, bytes.substr(0, piece), all);
    all.failure = in.failure();
    return all;
}

/// How much is given of a message before it turns out to be broken depends on the pieces.
bool alike(const outcome& a, const outcome& b) {
    const std::size_t both = std::min(a.data.size(), b.data.size());
    const bool same_data = a.state == frame_reader::state::failed ? a.data.substr(0, both) == b.data.substr(0, both) : a.data == b.data;
    return same_data && a.state == b.state && a.answers == b.answers && a.failure == b.failure;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const outcome whole = read(bytes, (data[0] & 1) != 0, bytes.size());
    if (whole.data.size() < data_bytes_max) ENSURE(alike(read(bytes, (data[0] & 1) != 0, 1), whole));
    return 0;
}
