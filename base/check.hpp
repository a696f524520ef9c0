#pragma once
// ENSURE(condition): an assertion that stays in release builds. A failure is a bug of ours: it prints where and aborts.

namespace causeway {

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace causeway

#define ENSURE(condition) \
    (static_cast<bool>(condition) ? void(0) : ::causeway::check_failed(#condition, __FILE__, __LINE__))
