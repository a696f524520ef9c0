#include "persistence/data_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace causeway::persistence {

namespace fs = std::filesystem;

namespace {

/// File systems on which a lock, a mapping or a sync does not do what LMDB relies on.
struct unsuitable {
    unsigned magic;
    const char* name;
    bool refused;  // else only a warning
    const char* why;
};
constexpr unsuitable unsuitable_file_systems[] = {
    {0x6969, "nfs", true, "network file systems do not keep memory maps and locks coherent"},
    {0x517B, "smb", true, "network file systems do not keep memory maps and locks coherent"},
    {0xFF53'4D42, "cifs", true, "network file systems do not keep memory maps and locks coherent"},
    {0xFE53'4D42, "smb2", true, "network file systems do not keep memory maps and locks coherent"},
    {0x0102'1997, "9p", false, "its memory maps may not be coherent"},
    {0x6573'5546, "fuse", false, "its syncs may not reach the disk"},
    {0x794C'7630, "overlayfs", false, "a container's own layer vanishes with the container: mount a volume"},
    {0x0102'1994, "tmpfs", false, "it does not survive a restart of the machine"},
};

[[noreturn]] void refuse(const std::string& what) { throw std::runtime_error(what); }

std::string last_error() { return std::error_code(errno, std::generic_category()).message(); }

bool sync_folder(const char* path) {
    const int fd = ::open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return false;
    const bool synced = ::fsync(fd) == 0;
    ::close(fd);
    return synced;
}

std::string owner_of(int lock_fd) {
    char text[24] = {};
    const ssize_t size = ::pread(lock_fd, text, sizeof text - 1, 0);
    if (size <= 0) return "unknown";
    return std::string(text, std::strcspn(text, "\n"));
}

}  // namespace

data_directory::data_directory(std::string path, logger& log) : path_(std::move(path)) {
    create();
    check_file_system(log);
    lock();
}

data_directory::~data_directory() {
    if (lock_fd_ >= 0) ::close(lock_fd_);
}

void data_directory::create() {
    std::vector<fs::path> missing;
    std::error_code error;
    for (fs::path at = fs::absolute(path_); !fs::exists(at, error) && at.has_relative_path(); at = at.parent_path())
        missing.push_back(at);
    for (auto at = missing.rbegin(); at != missing.rend(); ++at) {
        if (::mkdir(at->c_str(), 0700) != 0 && errno != EEXIST)
            refuse("data directory " + path_ + " cannot be created: " + last_error());
        sync_folder(at->parent_path().c_str());
    }
    if (!fs::is_directory(path_, error)) refuse("data directory " + path_ + " is not a directory");
}

void data_directory::check_file_system(logger& log) const {
    struct statfs about {};
    if (::statfs(path_.c_str(), &about) != 0) refuse("data directory " + path_ + " cannot be examined: " + last_error());
    for (const unsuitable& u : unsuitable_file_systems) {
        if (static_cast<unsigned>(about.f_type) != u.magic) continue;
        if (u.refused) refuse("data directory " + path_ + " is on " + u.name + ": " + u.why);
        log.warning("the data directory is on an unsuitable file system",
                    {{"directory", path_}, {"file_system", u.name}, {"why", u.why}});
    }
}

void data_directory::lock() {
    const std::string name = file("owner.lock");
    lock_fd_ = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock_fd_ < 0) refuse("data directory " + path_ + " is not writable: " + last_error());
    if (::flock(lock_fd_, LOCK_EX | LOCK_NB) != 0) {
        const bool taken = errno == EWOULDBLOCK;
        const std::string why = taken ? "is used by another process (pid " + owner_of(lock_fd_) + ")"
                                      : "cannot be locked: " + last_error();
        ::close(lock_fd_);
        refuse("data directory " + path_ + " " + why);
    }
    const std::string pid = std::to_string(::getpid()) + "\n";
    // The number is only for the message above: the lock itself is what counts.
    if (::ftruncate(lock_fd_, 0) != 0 || ::pwrite(lock_fd_, pid.data(), pid.size(), 0) < 0) return;
}

bool data_directory::sync() const { return sync_folder(path_.c_str()); }

}  // namespace causeway::persistence
