// What is written in tests/vectors/amqp, against the codec.

#include <catch2/catch.hpp>

#include "protocols/amqp/framing.hpp"
#include "protocols/amqp/print.hpp"
#include "protocols/amqp/properties.hpp"
#include "protocols/amqp/table.hpp"
#include "tests/unit/amqp/vector_text.hpp"

using namespace causeway;
using namespace causeway::amqp;

namespace {

std::string refused(const refusal& why) { return "refused " + std::to_string(number(why.code)); }

/// What a method means; also writes it again, which must give the same payload.
std::string method_meaning(const frame& f) {
    const auto decoded = decode_method(f.payload);
    if (!decoded) return refused(decoded.error());
    std::string again;
    encode(again, decoded.value());
    CHECK(again == f.payload);
    return std::to_string(f.channel) + " " + print(decoded.value());
}

std::string frame_meaning(const frame& f) {
    if (const auto good = check_payload(f); !good) return refused(good.error());
    const std::string channel = std::to_string(f.channel);
    switch (f.type) {
        case frame_type::method_frame: return method_meaning(f);
        case frame_type::header_frame: {
            const auto header = decode_content_header(f.payload);
            if (!header) return refused(header.error());
            return channel + " header " + std::to_string(header.value().body_bytes) + " " +
                   print_block(header.value().block);
        }
        case frame_type::body_frame: return channel + " body " + std::to_string(f.payload.size());
        case frame_type::heartbeat_frame: return "heartbeat";
    }
    return "?";
}

std::string meaning(std::string_view bytes) {
    std::string out;
    do {
        if (!out.empty()) out.append(" ; ");
        const auto read = read_frame(bytes, frame_max_least);
        if (!read) return out.append(refused(read.error()));
        if (!read.value()) return out.append("incomplete");
        out.append(frame_meaning(*read.value()));
        bytes.remove_prefix(read.value()->size());
    } while (!bytes.empty());
    return out;
}

}  // namespace

TEST_CASE("frames mean what the vectors say (AMQP 4.2)") {
    for (const auto& each : test::read_vectors("frames.txt")) {
        INFO(each.where << " " << each.clause);
        CHECK(meaning(each.bytes) == each.meaning);
    }
}

TEST_CASE("tables mean what the vectors say and are written back byte for byte (AMQP 4.2.5.5)") {
    for (const auto& each : test::read_vectors("tables.txt")) {
        INFO(each.where << " " << each.clause);
        byte_reader in(each.bytes);
        const core::field_table table = read_table(in);
        CHECK((in.failed() ? "malformed" : print(table)) == each.meaning);
        if (in.failed()) continue;
        std::string again;
        write_table(again, table);
        CHECK(again == each.bytes);
    }
}

TEST_CASE("property blocks mean what the vectors say and are written back byte for byte (AMQP 4.2.6.1)") {
    for (const auto& each : test::read_vectors("properties.txt")) {
        INFO(each.where << " " << each.clause);
        const auto block = read_block(each.bytes);
        CHECK((block ? print_block(each.bytes) : "malformed") == each.meaning);
        if (!block || each.bytes.empty()) continue;
        std::string again;
        write_block(again, *block);
        CHECK(again == each.bytes);
    }
}
