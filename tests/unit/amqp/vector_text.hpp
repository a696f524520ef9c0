#pragma once
// Reads the notation of tests/vectors/amqp/README.md.

#include <string>
#include <string_view>
#include <vector>

namespace causeway::test {

struct vector_case {
    std::string where;  // file and line, for messages
    std::string clause;
    std::string bytes;
    std::string meaning;
};

/// The cases of tests/vectors/amqp/<name>. Throws std::runtime_error with file and line if one cannot be read.
std::vector<vector_case> read_vectors(std::string_view name);

/// The bytes that tokens stand for.
std::string bytes_of(std::string_view tokens);

}  // namespace causeway::test
