#pragma once
// Reads tests/vectors/mqtt: packets as text. The notation is explained in the README.md beside them.
// Programs that use it are started in the project's root.

#include <string>
#include <string_view>
#include <vector>

#include "protocols/mqtt/packet.hpp"

namespace causeway::tests {

struct mqtt_vector {
    std::string where;  // "publish.txt:12 311"
    mqtt::version version{};
    std::string verdict;
    std::string bytes;
    std::string clause;
    std::string printed;  // empty: not said

    bool accepted() const { return verdict == "ok" || verdict == "ok~"; }
    /// What framing knows when this packet comes: nothing yet, if it is a CONNECT.
    mqtt::version framing_version() const {
        const bool connect = (static_cast<unsigned char>(bytes[0]) >> 4) == 1;
        return connect ? mqtt::version::v3_1_1 : version;
    }
};

/// All cases, one for each version that their line names. Throws std::runtime_error with the place of a line that it
/// cannot read.
std::vector<mqtt_vector> read_mqtt_vectors();

/// The lines of one file, without comments and empty ones, with their numbers.
struct numbered_line {
    int number;
    std::string text;
};
std::vector<numbered_line> read_vector_lines(const std::string& file);

/// Bytes of the notation.
std::string mqtt_bytes(std::string_view notation);

}  // namespace causeway::tests
