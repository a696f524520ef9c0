#pragma once
// A client's socket, as cheap as it gets: what is to be sent collects in one buffer and leaves in one write a turn; what
// comes is read into a buffer that all connections share, and handed over in place.

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "bench/url.hpp"

namespace causeway::bench {

class loop;

/// Where to connect, looked up once for all.
struct remote {
    url where{};
    sockaddr_storage address{};
    socklen_t length = 0;
    std::string place{};  // for messages
};

class connection {
public:
    /// Starts to connect. If that fails, the loop gives up.
    connection(loop& on, const remote& to);
    virtual ~connection();
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    /// They leave at the end of the turn. Returns where they stand until the next call, for what is filled in.
    char* send(std::string_view bytes);
    /// What has not left yet. A publisher stops at pending_bytes_max, whatever its window allows.
    std::size_t pending() const { return out_.size() - sent_; }
    static constexpr std::size_t pending_bytes_max = 256 * 1024;

    /// Ends it after what is pending; nobody complains if the server closes now.
    void leave();
    bool closed() const { return socket_ < 0; }

protected:
    virtual void connected() = 0;
    /// All bytes that are there; returns how many were consumed.
    virtual std::size_t receive(std::string_view bytes) = 0;
    /// Nothing is pending any more.
    virtual void drained() {}
    /// What the server interrupts if it goes away, for messages: "while logging in".
    virtual std::string_view doing() const = 0;
    [[gnu::cold]] void give_up(std::string_view why);

    loop& on_;
    const remote& to_;

private:
    friend class loop;
    void start();
    void handle(std::uint32_t events);
    enum class arrived : std::uint8_t { nothing, some, all_there_was_room_for };
    arrived read();
    void flush();
    void finish_connecting(std::uint32_t events);
    void close();
    void mark_dirty();

    int socket_ = -1;
    bool connecting_ = true;
    bool blocked_ = false;  // the socket takes no more: EPOLLOUT will come
    bool leaving_ = false;
    bool dirty_ = false;
    std::size_t sent_ = 0;
    std::string out_;
    std::string rest_;  // the beginning of a packet that has not come whole
};

}  // namespace causeway::bench
