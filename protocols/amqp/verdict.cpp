#include "protocols/amqp/verdict.hpp"

namespace causeway::amqp {

reply_code code_of(core::error error) {
    switch (error) {
        case core::error::not_found: return reply_code::not_found;
        case core::error::access_refused: return reply_code::access_refused;
        case core::error::locked: return reply_code::resource_locked;
        case core::error::in_use: return reply_code::precondition_failed;
        case core::error::precondition_failed: return reply_code::precondition_failed;
        case core::error::not_allowed: return reply_code::not_allowed;
        case core::error::invalid: return reply_code::precondition_failed;
        case core::error::unknown_type: return reply_code::command_invalid;
        case core::error::limit_reached: return reply_code::precondition_failed;
        case core::error::storage_unavailable: return reply_code::internal_error;
    }
    return reply_code::internal_error;
}

}  // namespace causeway::amqp
