// Any bytes, read as a stream of AMQP frames. What decodes must be written and read back as the same method, table or
// property block, and names must survive their way to the other protocol's side and back.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.hpp"
#include "protocols/amqp/framing.hpp"
#include "protocols/amqp/names.hpp"
#include "protocols/amqp/print.hpp"
#include "protocols/amqp/properties.hpp"
#include "protocols/amqp/table.hpp"
#include "protocols/amqp/translate.hpp"

using namespace causeway;
using namespace causeway::amqp;

namespace {

constexpr std::uint32_t frame_max = 1 << 20;

void check_key(std::string_view key) {
    for (const auto mapping : {core::topic_mapping::levels, core::topic_mapping::rabbitmq, core::topic_mapping::slash}) {
        const key_text again = key_of(levels_of_key(key, mapping), mapping);
        ENSURE(again.shortened || again.key == key);
        (void)pattern_of_key(key, mapping);
    }
}

void check_method(std::string_view payload) {
    const auto decoded = decode_method(payload);
    if (!decoded) return;
    std::string once;
    encode(once, decoded.value());
    const auto again = decode_method(once);
    ENSURE(again);
    std::string twice;  // compared as bytes: a NaN is not equal to itself
    encode(twice, again.value());
    ENSURE(once == twice && once.size() == payload.size());
    ENSURE(print(again.value()).find('\n') == std::string::npos);
    if (const auto* publish = std::get_if<basic_publish>(&decoded.value())) check_key(publish->routing_key);
}

/// The properties as they come, built, written anew, and with their headers replaced by themselves.
void check_block(std::string_view block, const property_block& properties) {
    std::string again;
    write_block(again, properties);
    ENSURE(again == block);
    const core::field_table headers = headers_of(block);
    const auto changed = read_block(with_headers(block, headers));
    ENSURE(changed && changed->headers);
    ENSURE(read_block(to_block(to_neutral(properties), properties.delivery_mode, {})));
    ENSURE(print_block(block).find('\n') == std::string::npos);
    (void)facts_of(properties);
    if (!properties.headers) return;
    std::size_t visited = 0;
    table_cursor at(*properties.headers);
    for (; at.next(); ++visited) (void)at.value();
    ENSURE(!at.failed() && visited == headers.size());
}

void check_frame(const frame& f) {
    if (!check_payload(f)) return;
    if (f.type == frame_type::method_frame) check_method(f.payload);
    if (f.type != frame_type::header_frame) return;
    if (const auto header = decode_content_header(f.payload)) check_block(header.value().block, header.value().properties);
}

void check_table(std::string_view bytes) {
    byte_reader in(bytes);
    const core::field_table table = read_table(in);
    if (in.failed()) return;
    std::string once;
    write_table(once, table);
    ENSURE(once.size() + in.remaining() == bytes.size());
    byte_reader again(once);
    std::string twice;
    write_table(twice, read_table(again));
    ENSURE(once == twice && !again.failed());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    (void)detect_preface(bytes);
    check_table(bytes);
    check_key(bytes.substr(0, key_bytes_max));
    if (const auto properties = read_block(bytes); properties && !bytes.empty()) check_block(bytes, *properties);
    for (std::string_view rest = bytes;;) {
        const auto read = read_frame(rest, frame_max);
        if (!read || !read.value()) return 0;
        check_frame(*read.value());
        rest.remove_prefix(read.value()->size());
    }
}
