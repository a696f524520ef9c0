#pragma once
// What the program tells its caller.

namespace causeway::app::exit_code {

inline constexpr int ok = 0;
inline constexpr int wrong = 1;         // usage, configuration, or damage that a check found
inline constexpr int cannot_start = 2;  // a port, a file or the data is not to be had

}  // namespace causeway::app::exit_code
