// The packets of tests/vectors/mqtt, each of which cites its clause.

#include <catch2/catch.hpp>

#include "protocols/mqtt/decode.hpp"
#include "protocols/mqtt/encode.hpp"
#include "protocols/mqtt/framing.hpp"
#include "protocols/mqtt/print.hpp"
#include "tests/support/chunks.hpp"
#include "tests/support/mqtt_vectors.hpp"

using namespace causeway;
using namespace causeway::mqtt;
using tests::mqtt_vector;

namespace {

const std::vector<mqtt_vector>& vectors() {
    static const std::vector<mqtt_vector> all = tests::read_mqtt_vectors();
    return all;
}

std::string with_underscores(std::string_view words) {
    std::string name(words);
    for (char& c : name)
        if (c == ' ') c = '_';
    return name;
}

/// What becomes of the bytes, in the words of the vectors.
std::string verdict_of(const mqtt_vector& vector) {
    const auto framed = next_frame(vector.bytes, packet_bytes_max, vector.framing_version());
    if (!framed) return with_underscores(name(framed.error()));
    if (!framed.value()) return "more";
    const frame& f = *framed.value();
    if (f.size != vector.bytes.size()) return "more bytes than one packet";
    const auto decoded = decode(f, vector.version);
    if (!decoded) return with_underscores(name(decoded.error()));
    std::string again;
    encode(again, decoded.value(), vector.version);
    return again == vector.bytes ? "ok" : "ok~";
}

/// One line for each packet, and the reason where the stream ends for one.
class reader {
public:
    explicit reader(version v, version framing) : version_(v), framing_(framing) {}

    void receive(std::string_view chunk) {
        left_ += chunk;
        while (events_.empty() || events_.back()[0] != '!') {
            const auto framed = next_frame(left_, packet_bytes_max, framing_);
            if (!framed) return refuse(framed.error());
            if (!framed.value()) return;
            const auto decoded = decode(*framed.value(), version_);
            if (!decoded) return refuse(decoded.error());
            events_.push_back(print(decoded.value()));
            left_.erase(0, framed.value()->size);
        }
    }
    const std::vector<std::string>& events() const { return events_; }

private:
    void refuse(reason why) { events_.emplace_back("!").append(name(why)); }

    version version_;
    version framing_;
    std::string left_;
    std::vector<std::string> events_;
};

void check_splits(std::string_view stream, version v, version framing) {
    reader whole(v, framing);
    whole.receive(stream);
    tests::each_split(stream, [&](const tests::chunks& pieces) {
        reader split(v, framing);
        for (std::string_view piece : pieces) split.receive(piece);
        REQUIRE(split.events() == whole.events());
    });
}

}  // namespace

TEST_CASE("each packet of the vectors is accepted or refused as its clause says") {
    for (const mqtt_vector& vector : vectors()) {
        INFO(vector.where << ":" << vector.clause);
        CHECK(verdict_of(vector) == vector.verdict);
    }
}

TEST_CASE("each accepted packet decodes to what the vectors print") {
    for (const mqtt_vector& vector : vectors()) {
        if (!vector.accepted() || vector.printed.empty()) continue;
        INFO(vector.where << ":" << vector.clause);
        const auto f = next_frame(vector.bytes, packet_bytes_max, vector.framing_version());
        CHECK(print(decode(*f.value(), vector.version).value()) == vector.printed);
    }
}

TEST_CASE("decoding what was encoded gives the same packet") {
    for (const mqtt_vector& vector : vectors()) {
        if (!vector.accepted()) continue;
        INFO(vector.where << ":" << vector.clause);
        const auto f = next_frame(vector.bytes, packet_bytes_max, vector.framing_version());
        const packet first = decode(*f.value(), vector.version).value();
        std::string bytes;
        encode(bytes, first, vector.version);
        const auto g = next_frame(bytes, packet_bytes_max, vector.framing_version());
        CHECK(decode(*g.value(), vector.version).value() == first);
    }
}

TEST_CASE("a packet that is cut short is waited for, or refused for the same reason as the whole") {
    for (const mqtt_vector& vector : vectors()) {
        if (vector.bytes.size() > 1000) continue;
        INFO(vector.where << ":" << vector.clause);
        for (std::size_t size = 0; size < vector.bytes.size(); ++size) {
            const auto f = next_frame(std::string_view(vector.bytes).substr(0, size), packet_bytes_max, vector.framing_version());
            if (f) REQUIRE_FALSE(f.value());
            if (!f) REQUIRE(with_underscores(name(f.error())) == vector.verdict);
        }
    }
}

TEST_CASE("any split of the input into chunks gives the same packets") {
    for (version v : {version::v3_1, version::v3_1_1, version::v5}) {
        std::string stream;
        for (const mqtt_vector& vector : vectors())
            if (vector.version == v && vector.accepted() && vector.bytes.size() < 1000 && vector.framing_version() == v)
                stream += vector.bytes;
        check_splits(stream, v, v);
    }
}

TEST_CASE("any split of the input into chunks ends at the same error") {
    const std::string good = tests::mqtt_bytes("c0 00");
    for (const mqtt_vector& vector : vectors()) {
        if (vector.accepted() || vector.verdict == "more" || vector.bytes.size() > 200) continue;
        INFO(vector.where << ":" << vector.clause);
        check_splits(good + vector.bytes, vector.version, vector.framing_version());
    }
}
