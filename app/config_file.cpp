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

result<config, config_failure> load_config_file(const std::string& file) {
    const std::optional<std::string> text = text_of(file);
    if (!text) {
        const std::string why = file + " cannot be read: " + std::strerror(errno);
        return config_failure{.problems = {why}, .text = "causeway: " + why + "\n"};
    }
    loaded_config loaded = load_config(*text, file, process_environment());
    if (loaded.problems.none()) try_out(loaded.config, loaded.problems);
    if (loaded.problems.none()) return std::move(loaded.config);
    const std::size_t count = loaded.problems.count();
    const std::string sum = std::to_string(count) + (count == 1 ? " error in " : " errors in ") + file + "\n";
    return config_failure{.problems = loaded.problems.list(), .text = loaded.problems.text() + sum};
}

std::optional<config> read_config_file(const std::string& file) {
    auto loaded = load_config_file(file);
    if (loaded) return std::move(loaded).value();
    std::fputs(loaded.error().text.c_str(), stderr);
    return std::nullopt;
}

}  // namespace causeway::app
