#include "tests/contract/faulty_disk.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace causeway::test::faulty_disk {

namespace {

std::atomic<bool> armed{false};
std::atomic<bool> lasting{false};
std::atomic<int> failing_step{0};
std::atomic<int> failing_with{0};
std::atomic<int> taken{0};

bool fails() {
    if (!armed) return false;
    const int step = taken++;
    const bool now = lasting ? step >= failing_step : step == failing_step;
    if (now) errno = failing_with;
    return now;
}

}  // namespace

void fail_at(int step, int error, bool from_then_on) {
    failing_step = step;
    failing_with = error;
    lasting = from_then_on;
    taken = 0;
    armed = true;
}

void mend() { armed = false; }

int steps() { return taken; }

}  // namespace causeway::test::faulty_disk

using causeway::test::faulty_disk::fails;

// By their names in the C library: large-file builds know pwrite as pwrite64, LMDB does not.
extern "C" {

ssize_t faulty_pwrite(int fd, const void* bytes, size_t size, off_t at) __asm__("pwrite");
ssize_t faulty_pwrite64(int fd, const void* bytes, size_t size, off_t at) __asm__("pwrite64");
ssize_t faulty_writev(int fd, const iovec* pieces, int count) __asm__("writev");
int faulty_fdatasync(int fd) __asm__("fdatasync");
int faulty_fallocate(int fd, int mode, off_t from, off_t size) __asm__("fallocate");
int faulty_fallocate64(int fd, int mode, off_t from, off_t size) __asm__("fallocate64");

ssize_t faulty_pwrite(int fd, const void* bytes, size_t size, off_t at) {
    return fails() ? -1 : ::syscall(SYS_pwrite64, fd, bytes, size, at);
}
ssize_t faulty_pwrite64(int fd, const void* bytes, size_t size, off_t at) { return faulty_pwrite(fd, bytes, size, at); }

ssize_t faulty_writev(int fd, const iovec* pieces, int count) {
    return fails() ? -1 : ::syscall(SYS_writev, fd, pieces, count);
}

int faulty_fdatasync(int fd) { return fails() ? -1 : static_cast<int>(::syscall(SYS_fdatasync, fd)); }

int faulty_fallocate(int fd, int mode, off_t from, off_t size) {
    return fails() ? -1 : static_cast<int>(::syscall(SYS_fallocate, fd, mode, from, size));
}
int faulty_fallocate64(int fd, int mode, off_t from, off_t size) { return faulty_fallocate(fd, mode, from, size); }

}  // extern "C"
