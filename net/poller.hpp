#pragma once
// What one thread sleeps on: its sockets, in one epoll set (epoll(7)). Each is entered once, edge-triggered, and the kernel is asked
// nothing more about it until it is closed. Waiting for every socket with Asio would cost a system call for each wait, and some 270
// bytes of memory for each socket.

#include <array>
#include <cstdint>

#include <sys/epoll.h>

#include "net/file_descriptor.hpp"

namespace causeway::net {

class connection;

class poller {
public:
    /// What has ended a sleep.
    struct news {
        bool any = false;      // not the time alone
        bool foreign = false;  // among it something of add_foreign()
    };

    poller();

    /// From now on `c` is told what happens to the socket, until the socket is closed. Returns errno, 0 if it worked.
    int add(int socket, connection& c);
    /// It wants to hear, too, when the socket takes bytes again.
    void await_room(int socket, connection& c);

    /// From now on it ends the sleep when there is something more to read in it, until it is closed. Throws std::system_error.
    void add_foreign(int descriptor);
    void add_bell(int descriptor);

    /// Sleeps until something happens, at most so long. Then tells the connections what has happened to them, in its order.
    news wait(std::int64_t timeout_ms);

    /// Readable while there is something that wait() has not told yet.
    int descriptor() const { return set_.get(); }

private:
    void add(int descriptor, void* mark);
    void tell(const epoll_event& event, news& so_far);

    file_descriptor set_;
    std::array<epoll_event, 256> events_;
};

}  // namespace causeway::net
