#include "protocols/amqp/more_keys.hpp"

#include "core/field.hpp"
#include "protocols/amqp/properties.hpp"
#include "protocols/amqp/table.hpp"

namespace causeway::amqp {

bool names_more_keys(std::string_view headers) {
    table_cursor at(headers);
    while (at.next())
        if (at.name() == "CC" || at.name() == "BCC") return true;
    return false;
}

more_keys take_more_keys(std::string_view block) {
    more_keys found;
    core::field_table headers = headers_of(block);
    for (const auto& [name, value] : headers) {
        if (name != "CC" && name != "BCC") continue;
        if (const auto* keys = std::get_if<core::field_array>(&value.base()))
            for (const core::field_value& key : *keys)
                if (const std::string* text = core::as_text(key)) found.keys.push_back(*text);
    }
    const auto hidden = std::erase_if(headers, [](const auto& field) { return field.first == "BCC"; });
    found.block = hidden > 0 ? with_headers(block, headers) : std::string(block);
    return found;
}

}  // namespace causeway::amqp
