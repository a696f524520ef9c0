#pragma once
// What a parser of configuration text returns: the value, or what to tell the person who wrote it.

#include <string>

#include "base/result.hpp"

namespace causeway::app {

struct complaint {
    std::string text;
};

template <class T>
using parsed = result<T, complaint>;

}  // namespace causeway::app
