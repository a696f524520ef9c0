#pragma once
// A folder that goes with its test.

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "base/check.hpp"

namespace causeway::app {

struct temporary_folder {
    temporary_folder() { ENSURE(::mkdtemp(path.data())); }
    ~temporary_folder() { std::filesystem::remove_all(path); }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;

    std::string path = (std::filesystem::temp_directory_path() / "causeway-test-XXXXXX").string();
};

}  // namespace causeway::app
