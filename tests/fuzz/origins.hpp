#pragma once
// Origins for records that name one. Nobody asks them anything.

#include "core/record.hpp"

namespace causeway::fuzz {

class unasked final : public core::origin {
public:
    explicit unasked(core::protocol id) : id_(id) {}
    core::protocol id() const override { return id_; }
    core::topic_levels levels(std::string_view) const override { return {}; }
    core::topic_pattern pattern(std::string_view) const override { return {}; }
    core::properties parse_properties(std::string_view) const override { return {}; }

private:
    core::protocol id_;
};

inline const unasked mqtt(core::protocol::mqtt);
inline const unasked amqp(core::protocol::amqp);
inline const core::record::origins both{&mqtt, &amqp};

}  // namespace causeway::fuzz
