#pragma once
// A fresh directory that goes with its owner.

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "base/check.hpp"

namespace causeway::test {

class temporary_directory {
public:
    temporary_directory() : path_((std::filesystem::temp_directory_path() / "causeway-XXXXXX").string()) {
        ENSURE(::mkdtemp(path_.data()) != nullptr);
    }
    ~temporary_directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    temporary_directory(const temporary_directory&) = delete;
    temporary_directory& operator=(const temporary_directory&) = delete;

    const std::string& path() const { return path_; }

private:
    std::string path_;
};

}  // namespace causeway::test
