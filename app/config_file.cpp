#include "app/config_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

#include "app/config_reader.hpp"

namespace causeway::app {

std::optional<config> read_config_file(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (!in) {
        std::fprintf(stderr, "causeway: %s cannot be read: %s\n", file.c_str(), std::strerror(errno));
        return std::nullopt;
    }
    loaded_config loaded = load_config(text, file, process_environment());
    if (loaded.problems.none()) return std::move(loaded.config);
    const std::size_t count = loaded.problems.count();
    std::fprintf(stderr, "%s%zu error%s in %s\n", loaded.problems.text().c_str(), count, count == 1 ? "" : "s",
                 file.c_str());
    return std::nullopt;
}

}  // namespace causeway::app
