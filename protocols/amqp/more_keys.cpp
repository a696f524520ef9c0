#include "protocols/amqp/more_keys.hpp"

#include "core/field.hpp"
#include "protocols/amqp/properties.hpp"
#include "protocols/amqp/table.hpp"

namespace causeway::amqp {

result<bool, refusal> names_more_keys(std::string_view headers) {
    table_cursor at(headers);
    bool found = false;
    while (at.next()) {
        if (at.name() != "CC" && at.name() != "BCC") continue;
        if (at.letter() != 'A')
            return refusal{reply_code::precondition_failed,
                           "invalid message: {unacceptable_type_in_header,\"" + std::string(at.name()) + "\"," +
                               std::string(type_name(at.letter())) + "}",
                           60, 40};
        found = true;
    }
    return found;
}

more_keys take_more_keys(std::string_view block) {
    more_keys found;
    core::field_table headers = headers_of(block);
    for (const auto& [name, value] : headers) {
        if (name != "CC" && name != "BCC") continue;
        if (const auto* keys = std::get_if<core::field_array>(&value.base()))
            for (const core::field_value& key : *keys)
                if (const std::string* text = core::as_text(key)) (name == "CC" ? found.shown : found.hidden).push_back(*text);
    }
    const auto removed = std::erase_if(headers, [](const auto& field) { return field.first == "BCC"; });
    found.block = removed > 0 ? with_headers(block, headers) : std::string(block);
    return found;
}

}  // namespace causeway::amqp
