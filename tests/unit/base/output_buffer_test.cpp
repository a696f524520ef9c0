#include <catch2/catch.hpp>

#include <random>

#include "base/output_buffer.hpp"

using namespace causeway;

namespace {

shared_bytes large(char c, std::size_t size = output_buffer::reference_bytes_min) { return shared_bytes(std::string(size, c)); }

/// Everything that would be sent now, gathered `pieces` at a time.
std::string bytes_of(const output_buffer& out) {
    std::vector<iovec> pieces(1000);
    pieces.resize(out.gather(pieces));
    std::string all;
    for (const iovec& piece : pieces) all.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
    return all;
}

void check_holds(const output_buffer& out, const std::string& expected) {
    CHECK(bytes_of(out) == expected);
    CHECK(out.size() == expected.size());
    CHECK(out.empty() == expected.empty());
}

}  // namespace

TEST_CASE("small things are sent as one piece in their order") {
    output_buffer out;
    out.append("one ");
    out.tail() += "two ";
    out.append(shared_bytes(std::string("three")));
    iovec pieces[4];
    CHECK(out.gather(pieces) == 1);
    check_holds(out, "one two three");
}

TEST_CASE("large shared bytes are referenced, not copied, and keep their place") {
    output_buffer out;
    const shared_bytes payload = large('x');
    out.append("head");
    out.append(payload);
    out.append("next");
    iovec pieces[4];
    REQUIRE(out.gather(pieces) == 3);
    CHECK(pieces[1].iov_base == payload.view().data());
    check_holds(out, "head" + std::string(payload.view()) + "next");
}

TEST_CASE("shared bytes below the limit are copied") {
    output_buffer out;
    const shared_bytes payload = large('x', output_buffer::reference_bytes_min - 1);
    out.append(payload);
    iovec pieces[2];
    REQUIRE(out.gather(pieces) == 1);
    CHECK(pieces[0].iov_base != payload.view().data());
}

TEST_CASE("a part of shared bytes is referenced if the part itself is large") {
    output_buffer out;
    const shared_bytes payload = large('x', 3 * output_buffer::reference_bytes_min);
    out.append(payload, payload.view().substr(0, 10));
    out.append(payload, payload.view().substr(100, output_buffer::reference_bytes_min));
    iovec pieces[3];
    REQUIRE(out.gather(pieces) == 2);
    CHECK(pieces[1].iov_base == payload.view().data() + 100);
    check_holds(out, std::string(10 + output_buffer::reference_bytes_min, 'x'));
}

TEST_CASE("gathering fills no more than there is room for") {
    output_buffer out;
    for (char c : {'a', 'b', 'c'}) out.append(large(c));
    out.append("tail");
    iovec pieces[2];
    CHECK(out.gather(pieces) == 2);
    CHECK(out.gather({}) == 0);
    CHECK(out.size() == 3 * output_buffer::reference_bytes_min + 4);
}

TEST_CASE("what has been sent is not sent again, however it is cut") {
    std::string expected = "head";
    output_buffer out;
    out.append("head");
    for (char c : {'a', 'b'}) {
        out.append(large(c));
        out.append("between");
        expected += std::string(output_buffer::reference_bytes_min, c) + "between";
    }
    for (const std::size_t count : {1, 3, 4095, 1, 0, 7, 4000, 96, 3, 4}) {
        out.consume(count);
        expected.erase(0, count);
        check_holds(out, expected);
    }
}

TEST_CASE("a tail that was sent in part can be written to, and large bytes can follow it") {
    output_buffer out;
    out.append("abcdef");
    out.consume(2);
    out.append("gh");
    check_holds(out, "cdefgh");
    const shared_bytes payload = large('x');
    out.append(payload);
    check_holds(out, "cdefgh" + std::string(payload.view()));
    out.consume(3);
    check_holds(out, "fgh" + std::string(payload.view()));
}

TEST_CASE("splicing puts the other's bytes behind ours and empties it") {
    const std::string x(output_buffer::reference_bytes_min, 'x');
    for (const bool ours_large : {false, true}) {
        for (const bool theirs_large : {false, true}) {
            for (const std::size_t sent : {0, 2}) {
                output_buffer ours;
                output_buffer theirs;
                std::string expected = "ours";
                ours.append("ours");
                if (ours_large) ours.append(shared_bytes(x));
                if (ours_large) expected += x;
                expected += std::string("theirs").substr(sent);
                theirs.append("theirs");
                theirs.consume(sent);
                if (theirs_large) theirs.append(shared_bytes(x));
                if (theirs_large) expected += x;
                ours.splice(theirs);
                check_holds(ours, expected);
                check_holds(theirs, "");
            }
        }
    }
}

TEST_CASE("splicing into an empty buffer, and of an empty one") {
    output_buffer ours;
    output_buffer theirs;
    ours.splice(theirs);
    check_holds(ours, "");
    theirs.append("abc");
    theirs.consume(1);
    ours.splice(theirs);
    check_holds(ours, "bc");
    check_holds(theirs, "");
    ours.splice(theirs);
    check_holds(ours, "bc");
}

TEST_CASE("a cleared buffer starts anew") {
    output_buffer out;
    out.append(large('x'));
    out.append("abc");
    out.consume(5);
    out.clear();
    check_holds(out, "");
    out.append("new");
    check_holds(out, "new");
}

TEST_CASE("an output buffer behaves like a string, whatever is done to it") {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        std::mt19937_64 random(seed);
        output_buffer out;
        std::string model;
        for (int step = 0; step < 200; ++step) {
            const std::string piece(random() % (step % 7 == 0 ? 9000 : 50), static_cast<char>('a' + random() % 26));
            switch (random() % 4) {
                case 0: out.append(std::string_view(piece)); break;
                case 1: out.append(shared_bytes(piece)); break;
                case 2: {
                    output_buffer other;
                    other.append(shared_bytes(piece));
                    out.splice(other);
                    break;
                }
                case 3: {
                    const std::size_t count = random() % (out.size() + 1);
                    out.consume(count);
                    model.erase(0, count);
                    continue;
                }
            }
            model += piece;
            REQUIRE(out.size() == model.size());
        }
        REQUIRE(bytes_of(out) == model);
    }
}
