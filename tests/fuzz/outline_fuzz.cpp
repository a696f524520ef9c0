// Any bytes, read as an entry and as a shared message with their checksum put right: the light reading of recovery refuses what the
// whole one refuses, and where both read, they say the same.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/byte_writer.hpp"
#include "base/check.hpp"
#include "base/crc32c.hpp"
#include "core/record.hpp"
#include "tests/fuzz/origins.hpp"

using namespace causeway;
using namespace causeway::core;
using causeway::fuzz::both;

namespace {

void check_same(const message* m, const record::entry_outline& outline) {
    ENSURE(outline.message_bytes == (m ? m->size() : 0));
    ENSURE(outline.body_bytes == (m ? m->payload().size() : 0));
}

void check_entry(std::string_view value) {
    const auto whole = record::decode_entry(value, both, nullptr);
    const auto outline = record::outline_entry(value);
    ENSURE(whole.has_value() == outline.has_value());
    if (!whole) return;
    ENSURE(whole.value().shared == outline.value().shared);
    check_same(whole.value().e.message.get(), outline.value());
}

void check_message(std::string_view value) {
    const auto whole = record::decode_message(value, both, nullptr);
    const auto outline = record::outline_message(value);
    ENSURE(whole.has_value() == outline.has_value());
    if (whole) check_same(whole.value().get(), outline.value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string value(reinterpret_cast<const char*>(data), size);
    byte_writer(value).u32(crc32c(value));
    check_entry(value);
    check_message(value);
    return 0;
}
