// Any bytes, read as a record of each kind with its checksum put right. What decodes must encode to the same bytes.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/byte_writer.hpp"
#include "base/check.hpp"
#include "base/crc32c.hpp"
#include "core/queue.hpp"
#include "core/record.hpp"
#include "tests/fuzz/origins.hpp"

using namespace causeway;
using namespace causeway::core;
using causeway::fuzz::both;

namespace {

template <class T>
void check_same(const T& decoded, std::string_view value) {
    std::string again;
    record::encode(again, decoded);
    ENSURE(again == value);
}

void check_entry(std::string_view value) {
    auto decoded = record::decode_entry(value, both, nullptr);
    if (!decoded) return;
    entry e = std::move(decoded.value().e);
    if (decoded.value().shared != message_id::none) {
        e.message = message::make({});
        e.message->stored.id = decoded.value().shared;
    }
    check_same(e, value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string value(reinterpret_cast<const char*>(data), size);
    byte_writer(value).u32(crc32c(value));

    if (const auto x = record::decode_exchange(value)) check_same(x.value(), value);
    if (const auto q = record::decode_queue(value)) check_same(q.value(), value);
    if (const auto b = record::decode_binding(value)) check_same(b.value(), value);
    if (const auto s = record::decode_share(value)) check_same(s.value(), value);
    if (const auto m = record::decode_member(value)) check_same(m.value(), value);
    if (const auto s = record::decode_session(value, both, nullptr)) check_same(s.value(), value);
    if (const auto m = record::decode_message(value, both, nullptr)) check_same(*m.value(), value);
    check_entry(value);
    if (const auto version = record::decode_meta(value)) ENSURE(value.size() == 9);
    return 0;
}
