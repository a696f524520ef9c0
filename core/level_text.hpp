#pragma once
// How levels are written as one text: joined by a separator, with the characters that a level must not show written as
// %XX (docs/mapping.md, Names). Reading and writing are each other's inverse: a literal '%' becomes "%25" exactly where it
// would otherwise be taken for a code, that is, where `(25)*` and one of the syntax's own codes follow. So names without
// such sequences never change. The protocols' names.hpp hold the syntaxes.

#include <string>
#include <string_view>

#include "core/topic.hpp"
#include "core/topic_mapping.hpp"

namespace causeway::core {

struct level_syntax {
    std::string_view separators;  // each of them separates; the first one joins
    std::string_view coded;       // characters that are written as %XX inside a level
};

/// One protocol's syntax under each mapping.
struct mapped_syntaxes {
    level_syntax levels;
    level_syntax rabbitmq;
    level_syntax slash;

    constexpr const level_syntax& of(topic_mapping mapping) const {
        switch (mapping) {
            case topic_mapping::levels: return levels;
            case topic_mapping::rabbitmq: return rabbitmq;
            case topic_mapping::slash: return slash;
        }
        return levels;
    }
};

/// The empty text has no level.
topic_levels read_levels(std::string_view text, const level_syntax& syntax);
std::string write_levels(const topic_levels& levels, const level_syntax& syntax);

/// One level's text, both ways.
std::string read_level(std::string_view text, const level_syntax& syntax);
void write_level(std::string& out, std::string_view level, const level_syntax& syntax);

/// Cuts the first level's text off `text`; false if it was the last one, then `text` is empty.
bool next_level(std::string_view& text, std::string_view& level, const level_syntax& syntax);

}  // namespace causeway::core
