#include "tests/unit/amqp/vector_text.hpp"

#include <cstdint>
#include <fstream>
#include <stdexcept>

#include "base/byte_writer.hpp"
#include "protocols/amqp/framing.hpp"

namespace causeway::test {

namespace {

/// Recursive descent over tokens; groups give their bytes to whoever opened them.
class token_reader {
public:
    explicit token_reader(std::string_view text) : rest_(text) {}

    std::string until(char closing) {
        std::string out;
        while (true) {
            skip_spaces();
            if (rest_.empty() && closing == 0) return out;
            if (rest_.empty()) throw std::runtime_error("group is not closed");
            if (rest_[0] == closing) {
                rest_.remove_prefix(1);
                return out;
            }
            token(out);
        }
    }

private:
    void token(std::string& out) {
        byte_writer to(out);
        if (starts("ss{")) return to.bytes8(until('}'));
        if (starts("ss'")) return to.bytes8(quoted());
        if (starts("ls'")) return to.bytes32(quoted());
        if (starts("{")) return to.bytes32(until('}'));
        if (starts("'")) return to.bytes(quoted());
        const char kind = rest_[0];
        rest_.remove_prefix(1);
        switch (kind) {
            case 'o': return to.u8(static_cast<std::uint8_t>(number()));
            case 's': return to.u16(static_cast<std::uint16_t>(number()));
            case 'l': return to.u32(static_cast<std::uint32_t>(number()));
            case 'q': return to.u64(number());
            case 'x': return hex(out);
            case 'M': return frame(to, 1);
            case 'H': return frame(to, 2);
            case 'B': return frame(to, 3);
            default: break;
        }
        if (!starts("*")) throw std::runtime_error(std::string("no such token: ") + kind);
        out.append(number(), kind);
    }

    void frame(byte_writer& to, std::uint8_t type) {
        const auto channel = static_cast<std::uint16_t>(number());
        if (!starts("(")) throw std::runtime_error("a frame needs its payload in parentheses");
        to.u8(type);
        to.u16(channel);
        to.bytes32(until(')'));
        to.u8(amqp::frame_end);
    }

    void hex(std::string& out) {
        const std::string digits(word());
        for (std::size_t at = 0; at + 1 < digits.size(); at += 2)
            out.push_back(static_cast<char>(std::stoi(digits.substr(at, 2), nullptr, 16)));
    }

    std::uint64_t number() {
        const std::size_t size = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
        if (size == 0) throw std::runtime_error("a number is missing");
        const std::uint64_t value = std::stoull(std::string(rest_.substr(0, size)));
        rest_.remove_prefix(size);
        return value;
    }

    std::string_view quoted() {
        const std::size_t end = rest_.find('\'');
        if (end == std::string_view::npos) throw std::runtime_error("text is not closed");
        const std::string_view text = rest_.substr(0, end);
        rest_.remove_prefix(end + 1);
        return text;
    }

    std::string_view word() {
        const std::string_view text = rest_.substr(0, rest_.find(' '));
        rest_.remove_prefix(text.size());
        return text;
    }

    bool starts(std::string_view text) {
        if (!rest_.starts_with(text)) return false;
        rest_.remove_prefix(text.size());
        return true;
    }
    void skip_spaces() { rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size())); }

    std::string_view rest_;
};

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

std::string_view cut_field(std::string_view& line) {
    const std::size_t bar = line.find('|');
    if (bar == std::string_view::npos) throw std::runtime_error("needs clause | bytes | meaning");
    const std::string_view field = line.substr(0, bar);
    line.remove_prefix(bar + 1);
    return trimmed(field);
}

}  // namespace

std::string bytes_of(std::string_view tokens) { return token_reader(tokens).until(0); }

std::vector<vector_case> read_vectors(std::string_view name) {
    const std::string path = "tests/vectors/amqp/" + std::string(name);
    std::ifstream file(path);
    if (!file) throw std::runtime_error("cannot open " + path + ": run in the project's root");
    std::vector<vector_case> cases;
    std::string text;
    for (int number = 1; std::getline(file, text); ++number) {
        if (text.empty() || text[0] == '#') continue;
        const std::string where = std::string(name) + ":" + std::to_string(number);
        try {
            std::string_view line = text;
            const std::string_view clause = cut_field(line);
            const std::string_view tokens = cut_field(line);
            cases.push_back({where, std::string(clause), bytes_of(tokens), std::string(trimmed(line))});
        } catch (const std::exception& e) {
            throw std::runtime_error(where + ": " + e.what());
        }
    }
    return cases;
}

}  // namespace causeway::test
