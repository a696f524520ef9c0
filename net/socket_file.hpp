#pragma once
// The file of a listening Unix-domain socket: put in place when the listener opens, taken away when it stops.

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/file_descriptor.hpp"

namespace causeway::net {

/// "unix:/run/causeway/mqtt.sock" → the path; empty: another kind of address.
std::string_view socket_path_of(std::string_view address);

/// Longer paths do not fit the system's addresses.
extern const std::size_t socket_path_bytes_max;

class socket_file {
public:
    socket_file() = default;
    ~socket_file() { remove(); }
    socket_file(const socket_file&) = delete;
    socket_file& operator=(const socket_file&) = delete;

    /// A bound, non-blocking socket, not yet listening, whose file has these permissions. The file of a process that is gone is
    /// replaced; one that somebody listens on, or that is no socket, is an error.
    result<file_descriptor, std::string> bind(const std::string& path, mode_t mode);

    /// If it is still ours.
    void remove();

    const std::string& path() const { return path_; }

private:
    std::string path_;  // empty: there is none
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

}  // namespace causeway::net
