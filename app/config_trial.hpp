#pragma once
// Tries out what a configuration refers to before anything is served: files of certificates, and what it declares. For a
// configuration that is without problems in itself; reads files, and touches nothing.

#include "app/config.hpp"
#include "app/problems.hpp"

namespace causeway::app {

void try_out(const config& c, problems& found);

}  // namespace causeway::app
