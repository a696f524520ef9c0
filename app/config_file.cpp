#include "app/config_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "app/config_reader.hpp"
#include "app/config_trial.hpp"

namespace causeway::app {

namespace {

constexpr std::size_t bytes_max = std::size_t{16} << 20;  // so that a device, or a file taken by mistake, has an end

/// Nothing, and errno, if it cannot be read. Directories can be opened, but not be read.
std::optional<std::string> text_of(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::string text(bytes_max + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!in.is_open() || in.bad()) return std::nullopt;
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() <= bytes_max) return text;
    errno = EFBIG;
    return std::nullopt;
}

}  // namespace

std::optional<config> read_config_file(const std::string& file) {
    const std::optional<std::string> text = text_of(file);
    if (!text) {
        std::fprintf(stderr, "causeway: %s cannot be read: %s\n", file.c_str(), std::strerror(errno));
        return std::nullopt;
    }
    loaded_config loaded = load_config(*text, file, process_environment());
    if (loaded.problems.none()) try_out(loaded.config, loaded.problems);
    if (loaded.problems.none()) return std::move(loaded.config);
    const std::size_t count = loaded.problems.count();
    std::fprintf(stderr, "%s%zu error%s in %s\n", loaded.problems.text().c_str(), count, count == 1 ? "" : "s",
                 file.c_str());
    return std::nullopt;
}

}  // namespace causeway::app
