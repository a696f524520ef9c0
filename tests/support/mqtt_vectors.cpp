#include "tests/support/mqtt_vectors.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "base/byte_writer.hpp"
#include "protocols/mqtt/properties.hpp"
#include "protocols/mqtt/variable_integer.hpp"

namespace causeway::tests {

namespace {

/// Recursive descent over the notation: a sequence of tokens, in which s( … ) and p( … ) hold sequences.
class notation {
public:
    explicit notation(std::string_view text) : left_(text) {}

    std::string sequence(char closing = 0) {
        std::string out;
        while (true) {
            skip_space();
            if (left_.empty() && closing == 0) return out;
            if (left_.empty()) throw std::runtime_error("a bracket is missing");
            if (take(closing)) return out;
            if (take_word("r ") || left_ == "r") return remaining(std::move(out));
            token(out);
        }
    }

private:
    std::string remaining(std::string out) {
        if (left_ == "r") left_ = {};
        const std::string body = sequence();
        mqtt::append_variable(out, static_cast<std::uint32_t>(body.size()));
        return out + body;
    }

    void token(std::string& out) {
        if (take('\'')) return void(out += quoted());
        if (take_word("s'")) return byte_writer(out).bytes16(quoted());
        if (take_word("s(")) return byte_writer(out).bytes16(sequence(')'));
        if (take_word("p(")) return block(out, sequence(')'));
        word(out, take_until_space());
    }

    void word(std::string& out, std::string_view w) {
        if (const std::size_t star = w.find('*'); star != std::string_view::npos) {
            const std::string piece = hex(w.substr(star + 1));
            for (int i = std::stoi(std::string(w.substr(0, star))); i > 0; --i) out += piece;
        } else if (w.find_first_not_of("0123456789abcdef") == std::string_view::npos) {
            out += hex(w);
        } else {
            out += static_cast<char>(property_named(w));
        }
    }

    static void block(std::string& out, const std::string& inside) {
        mqtt::append_variable(out, static_cast<std::uint32_t>(inside.size()));
        out += inside;
    }

    static mqtt::property property_named(std::string_view name) {
        for (std::uint8_t id = 0; id < 0xFF; ++id)
            if (const mqtt::property_info* info = mqtt::find_property(id); info && info->name == name) return info->id;
        throw std::runtime_error("no such word: " + std::string(name));
    }

    static std::string hex(std::string_view digits) {
        if (digits.size() % 2 != 0) throw std::runtime_error("half a byte: " + std::string(digits));
        std::string out;
        for (std::size_t i = 0; i < digits.size(); i += 2)
            out += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
        return out;
    }

    std::string quoted() {
        std::string out;
        while (!take('\'')) {
            if (left_.empty()) throw std::runtime_error("a quote is missing");
            if (take_word("\\x")) {
                out += hex(left_.substr(0, 2));
                left_.remove_prefix(2);
            } else {
                out += left_[0];
                left_.remove_prefix(1);
            }
        }
        return out;
    }

    void skip_space() {
        while (!left_.empty() && left_[0] == ' ') left_.remove_prefix(1);
    }
    bool take(char c) {
        if (c == 0 || !left_.starts_with(c)) return false;
        left_.remove_prefix(1);
        return true;
    }
    bool take_word(std::string_view w) {
        if (!left_.starts_with(w)) return false;
        left_.remove_prefix(w.size());
        return true;
    }
    std::string_view take_until_space() {
        const std::string_view w = left_.substr(0, left_.find(' '));
        left_.remove_prefix(w.size());
        return w;
    }

    std::string_view left_;
};

/// The place of " # " outside of quotes.
std::size_t comment_of(std::string_view line) {
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '\'') quoted = !quoted;
        if (line[i] == '#' && !quoted) return i;
    }
    throw std::runtime_error("a case cites its clause after '#'");
}

mqtt::version version_named(const std::string& name) {
    if (name == "31") return mqtt::version::v3_1;
    if (name == "311") return mqtt::version::v3_1_1;
    if (name == "5") return mqtt::version::v5;
    throw std::runtime_error("no such version: " + name);
}

void add_cases(std::vector<mqtt_vector>& cases, const std::string& place, const std::string& line) {
    const std::size_t comment = comment_of(line);
    std::istringstream head(line);
    std::string versions;
    mqtt_vector one;
    head >> versions >> one.verdict;
    const auto bytes_at = static_cast<std::size_t>(head.tellg());
    one.bytes = mqtt_bytes(std::string_view(line).substr(bytes_at, comment - bytes_at));
    one.clause = line.substr(comment + 1);
    std::istringstream names(versions);
    for (std::string name; std::getline(names, name, ',');) {
        one.version = version_named(name);
        one.where = place + " " + name;
        cases.push_back(one);
    }
}

void read_file(std::vector<mqtt_vector>& cases, const std::string& file) {
    std::size_t first_of_line = cases.size();
    for (const auto& [number, line] : read_vector_lines(file)) {
        const std::string place = file + ":" + std::to_string(number);
        try {
            if (line.starts_with("= ")) {
                for (std::size_t i = first_of_line; i < cases.size(); ++i) cases[i].printed = line.substr(2);
                continue;
            }
            first_of_line = cases.size();
            add_cases(cases, place, line);
        } catch (const std::exception& error) {
            throw std::runtime_error(place + ": " + error.what());
        }
    }
}

}  // namespace

std::string mqtt_bytes(std::string_view text) { return notation(text).sequence(); }

std::vector<numbered_line> read_vector_lines(const std::string& file) {
    std::ifstream in("tests/vectors/mqtt/" + file);
    if (!in) throw std::runtime_error("cannot read tests/vectors/mqtt/" + file + " (start this in the project's root)");
    std::vector<numbered_line> lines;
    int number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        if (!line.empty() && line[0] != '#') lines.push_back({number, line});
    }
    return lines;
}

std::vector<mqtt_vector> read_mqtt_vectors() {
    std::vector<mqtt_vector> cases;
    for (const char* file : {"connect.txt", "connack.txt", "publish.txt", "acknowledgements.txt", "subscribe.txt", "others.txt"})
        read_file(cases, file);
    return cases;
}

}  // namespace causeway::tests
