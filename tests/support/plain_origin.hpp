#pragma once
// Origins for tests of the core alone: names split on one character, '+' or '*' is one level, '#' is many; properties are
// headers written as "name=value;".

#include <string>
#include <string_view>

#include "core/origin.hpp"
#include "core/queue.hpp"
#include "core/record.hpp"

namespace causeway::test {

class plain_origin final : public core::origin {
public:
    plain_origin(core::protocol id, char separator) : id_(id), separator_(separator) {}

    core::protocol id() const override { return id_; }

    core::topic_levels levels(std::string_view name) const override {
        core::topic_levels all;
        each(name, [&](std::string_view level) { all.push(level); });
        return all;
    }
    core::topic_pattern pattern(std::string_view text) const override {
        core::topic_pattern all;
        each(text, [&](std::string_view level) {
            if (level == "+" || level == "*")
                all.push_one();
            else if (level == "#")
                all.push_many();
            else
                all.push_literal(level);
        });
        return all;
    }
    core::properties parse_properties(std::string_view raw) const override {
        core::properties p;
        while (!raw.empty()) {
            const std::string_view pair = raw.substr(0, raw.find(';'));
            raw.remove_prefix(std::min(raw.size(), pair.size() + 1));
            const std::size_t middle = pair.find('=');
            p.headers.emplace_back(std::string(pair.substr(0, middle)), std::string(pair.substr(middle + 1)));
        }
        return p;
    }

private:
    template <class Visit>
    void each(std::string_view text, Visit visit) const {
        for (std::size_t at = 0;; ++at) {
            const std::size_t end = std::min(text.find(separator_, at), text.size());
            visit(text.substr(at, end - at));
            if (end == text.size()) return;
            at = end;
        }
    }
    core::protocol id_;
    char separator_;
};

inline const plain_origin plain_mqtt(core::protocol::mqtt, '/');
inline const plain_origin plain_amqp(core::protocol::amqp, '.');
inline core::record::origins plain_origins() { return {&plain_mqtt, &plain_amqp}; }

}  // namespace causeway::test
