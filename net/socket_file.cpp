#include "net/socket_file.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace causeway::net {

namespace {

constexpr std::string_view prefix = "unix:";

sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    return address;
}

file_descriptor new_socket() { return file_descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)); }

/// 0, or what errno says.
int bind_to(const file_descriptor& socket, const std::string& path) {
    const sockaddr_un address = address_of(path);
    return ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
}

/// Why the file that is there must stay; empty: it was left behind and has been taken away.
std::string clear(const std::string& path) {
    struct stat there{};
    if (::lstat(path.c_str(), &there) != 0) return errno == ENOENT ? "" : std::strerror(errno);
    if (!S_ISSOCK(there.st_mode)) return "there is a file that is no socket";
    const file_descriptor probe = new_socket();
    const sockaddr_un address = address_of(path);
    if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 || errno == EAGAIN)
        return "another process listens on it";
    if (errno != ECONNREFUSED) return std::strerror(errno);
    return ::unlink(path.c_str()) == 0 ? "" : std::strerror(errno);
}

}  // namespace

const std::size_t socket_path_bytes_max = sizeof(sockaddr_un::sun_path) - 1;

std::string_view socket_path_of(std::string_view address) {
    return address.starts_with(prefix) ? address.substr(prefix.size()) : std::string_view();
}

result<file_descriptor, std::string> socket_file::bind(const std::string& path, mode_t mode) {
    if (path.size() > socket_path_bytes_max) return std::string("the path is too long");
    file_descriptor socket = new_socket();
    if (socket.get() < 0) return std::string(std::strerror(errno));
    ::fchmod(socket.get(), mode);  // so that the file never allows more than it shall
    int error = bind_to(socket, path);
    if (error == EADDRINUSE) {
        if (std::string why = clear(path); !why.empty()) return why;
        error = bind_to(socket, path);
    }
    if (error != 0) return std::string(std::strerror(error));

    struct stat made{};
    if (::lstat(path.c_str(), &made) != 0) return std::string(std::strerror(errno));
    path_ = path;
    device_ = made.st_dev;
    inode_ = made.st_ino;
    if (::chmod(path.c_str(), mode) != 0) return std::string(std::strerror(errno));  // what the umask has taken away
    return socket;
}

void socket_file::remove() {
    struct stat there{};
    if (!path_.empty() && ::lstat(path_.c_str(), &there) == 0 && there.st_dev == device_ && there.st_ino == inode_)
        ::unlink(path_.c_str());
    path_.clear();
}

}  // namespace causeway::net
