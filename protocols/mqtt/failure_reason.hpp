#pragma once
// The core's refusals in MQTT's words.

#include "core/failure.hpp"
#include "protocols/mqtt/reason.hpp"

namespace causeway::mqtt {

inline reason reason_of(const core::failure& f) {
    switch (f.code) {
        case core::error::access_refused:
        case core::error::not_allowed:
        case core::error::locked: return reason::not_authorized;
        case core::error::limit_reached:
        case core::error::storage_unavailable: return reason::quota_exceeded;
        case core::error::not_found:
        case core::error::in_use:
        case core::error::precondition_failed:
        case core::error::unknown_type:
        case core::error::invalid: return reason::implementation_specific_error;
    }
    return reason::unspecified_error;
}

}  // namespace causeway::mqtt
