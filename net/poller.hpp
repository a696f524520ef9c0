#pragma once
// The sockets of one worker, in one epoll set (epoll(7)): each is entered once, edge-triggered, and the kernel is asked nothing more
// about it until it is closed. Asio waits for the set as a whole. Waiting for every socket with Asio would cost a system call for each
// wait, and some 270 bytes of memory for each socket.

#include <array>
#include <cstdint>

#include <sys/epoll.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_descriptor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace causeway::net {

class connection;

class poller {
public:
    explicit poller(boost::asio::io_context& io);

    /// From now on `c` is told what happens to the socket, until the socket is closed. Returns errno, 0 if it worked.
    int add(int socket, connection& c);
    /// It wants to hear, too, when the socket takes bytes again.
    void await_room(int socket, connection& c);

    /// Lets the io_context wake up once something has happened. Cheap if nothing has since the last time.
    void arm();
    /// The io_context has not seen anything yet.
    bool armed() const { return armed_; }

    /// Tells the connections what has happened to them, in its order.
    void collect();

private:
    boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type> set_;
    bool armed_ = false;
    std::array<epoll_event, 256> events_;
};

}  // namespace causeway::net
