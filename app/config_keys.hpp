#pragma once
// The table of all keys of the configuration file.

#include "app/config.hpp"
#include "app/key.hpp"

namespace causeway::app {

template <>
const section& section_of<config>();

}  // namespace causeway::app
