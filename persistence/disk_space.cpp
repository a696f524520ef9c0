#include "persistence/disk_space.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>

namespace causeway::persistence {

namespace {

/// False only if there is no room: what cannot allocate ahead, cannot; other errors will show when writing.
bool allocate(int fd, int mode, std::uint64_t from, std::uint64_t bytes) {
    if (::fallocate(fd, mode, static_cast<off_t>(from), static_cast<off_t>(bytes)) == 0) return true;
    return errno != ENOSPC && errno != EDQUOT;
}

}  // namespace

bool ballast::restore() {
    if (bytes_ == 0) return true;
    const int fd = ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return errno != ENOSPC && errno != EDQUOT;
    const bool there = allocate(fd, 0, 0, bytes_);
    ::close(fd);
    if (!there) release();
    return there;
}

void ballast::release() { ::unlink(file_.c_str()); }

std::uint64_t preallocation::step_for(std::uint64_t end) const {
    constexpr std::uint64_t least = 1 << 20;
    return std::min(most_bytes_, std::max(least, std::bit_floor(end)));
}

bool preallocation::reach(int fd, std::uint64_t end) {
    if (most_bytes_ == 0 || end <= reached_) return true;
    const std::uint64_t step = step_for(end);
    const std::uint64_t step_end = (end / step + 1) * step;
    for (const std::uint64_t upto : {step_end, end}) {  // near the end of the disk a whole step may not fit
        if (!allocate(fd, FALLOC_FL_KEEP_SIZE, reached_, upto - reached_)) continue;
        reached_ = upto;
        return true;
    }
    return false;
}

bool short_of_space(const std::string& path, std::uint64_t bytes) {
    struct statvfs about {};
    if (::statvfs(path.c_str(), &about) != 0) return false;
    return about.f_bavail * about.f_frsize < bytes;
}

}  // namespace causeway::persistence
