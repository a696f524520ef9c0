#pragma once
// The client's side of a connection, as cheap as it gets, so that the load generator does not get in the way of what it
// measures: blocking while it logs in, then non-blocking with one epoll for all, one read and one write per wake-up.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace causeway::bench {

class peer {
public:
    /// Connects to 127.0.0.1. Ends the program with a message if that fails: there is nobody to recover for.
    explicit peer(std::uint16_t port);
    virtual ~peer();
    peer(const peer&) = delete;
    peer& operator=(const peer&) = delete;

    // --- while blocking ---
    void send_all(std::string_view bytes);
    std::string receive_exactly(std::size_t count);

    // --- while non-blocking ---
    /// All bytes that are there; returns how many were consumed.
    virtual std::size_t receive(std::string_view bytes) = 0;
    std::string& output() { return out_; }

private:
    friend class loop;
    void become_nonblocking();
    void read();
    void flush();

    int socket_;
    std::string in_;
    std::string out_;
};

/// Serves peers until it is told to stop.
class loop {
public:
    loop();
    ~loop();
    loop(const loop&) = delete;
    loop& operator=(const loop&) = delete;

    void add(peer& p);
    /// Sends what is in the outputs, waits for input (at most `timeout_ms`), hands it out, and sends again.
    void turn(int timeout_ms);

private:
    int epoll_;
    std::vector<peer*> peers_;
};

[[noreturn]] void give_up(std::string_view why);

}  // namespace causeway::bench
