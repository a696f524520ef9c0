#pragma once
// One epoll for all connections, one thread. A turn waits, reads what is there, and sends what was answered: one write for
// each connection. The first thing that goes wrong stops it: a load generator has nobody to recover for.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "bench/connection.hpp"
#include "bench/url.hpp"

struct epoll_event;

namespace causeway::bench {

class loop {
public:
    /// `packet_bytes_max`: the largest packet that anybody sends us.
    explicit loop(std::size_t packet_bytes_max);
    ~loop();
    loop(const loop&) = delete;
    loop& operator=(const loop&) = delete;

    /// Sends what is pending: one write for each connection.
    void flush();
    /// Waits for input, but not beyond `until_ns`, and hands it out.
    void wait(std::uint64_t until_ns);

    /// Stops everything; the first reason counts.
    void give_up(std::string why);
    bool failed() const { return !why_.empty(); }
    const std::string& why() const { return why_; }

    /// When the bytes that are being handed out were read.
    std::uint64_t now() const { return now_ns_; }
    /// Counts up with every read: does anything still come?
    std::uint64_t reads() const { return reads_; }

private:
    friend class connection;

    int epoll_ = -1;
    bool fine_waits_ = true;  // the kernel has epoll_pwait2
    std::uint64_t now_ns_ = 0;
    std::uint64_t reads_ = 0;
    std::string why_;
    std::vector<char> buffer_;
    std::vector<connection*> dirty_;
    std::uint32_t opened_ = 0;  // connections so far: chooses the next one's own address
};

/// Looks the host up. Errors: for people.
result<remote, std::string> resolve(const url& where);

}  // namespace causeway::bench
