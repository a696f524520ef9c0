// Any bytes, read as what a proxy says first. Read at once or one by one, they must mean the same, and what they say must be fit
// for a log.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.hpp"
#include "net/proxy_protocol.hpp"

using namespace causeway::net;

namespace {

struct outcome {
    proxy_header::state state = proxy_header::state::reading;
    std::string failure, client;
    std::size_t behind = 0;
    bool operator==(const outcome&) const = default;
};

outcome read(std::string_view bytes, std::size_t piece) {
    static const remote_address proxy(ip_address::parse("127.0.0.1").value(), 1);
    proxy_header in;
    outcome all;
    while (!bytes.empty() && all.state == proxy_header::state::reading) {
        std::string_view some = bytes.substr(0, piece);
        bytes.remove_prefix(some.size());
        all.state = in.receive(some);
        all.behind = all.state == proxy_header::state::complete ? some.size() + bytes.size() : 0;
    }
    all.failure = in.failure();
    all.client = in.client_of(proxy).text();
    return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const outcome whole = read(bytes, bytes.size());
    ENSURE(read(bytes, 1) == whole);
    ENSURE(whole.state != proxy_header::state::complete || size - whole.behind <= proxy_header_bytes_max);
    ENSURE(std::all_of(whole.client.begin(), whole.client.end(), [](char c) { return c >= ' ' && c <= '~'; }));
    return 0;
}
