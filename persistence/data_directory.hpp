#pragma once
// The folder that holds everything durable: created if missing, on a file system that keeps promises, used by one process
// at a time. Opened at start-up; throws std::runtime_error with a text for the operator.

#include <string>

#include "base/log.hpp"

namespace causeway::persistence {

class data_directory {
public:
    data_directory(std::string path, logger& log);
    ~data_directory();
    data_directory(const data_directory&) = delete;
    data_directory& operator=(const data_directory&) = delete;

    const std::string& path() const { return path_; }
    std::string file(const char* name) const { return path_ + "/" + name; }

    /// Makes files that were created in it durable. False on an I/O error.
    bool sync() const;

private:
    void create();
    void check_file_system(logger& log) const;
    void lock();

    std::string path_;
    int lock_fd_ = -1;
};

}  // namespace causeway::persistence
