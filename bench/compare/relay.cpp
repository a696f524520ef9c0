// relay: what the sockets cost by themselves. It answers MQTT's CONNECT and SUBSCRIBE; once a connection publishes, whatever
// it sends is copied to those who have subscribed to the topic of its first message, and what the first of them sends is
// copied back. It looks into nothing and keeps nothing: no server that does more can be cheaper. Several publishers to one
// subscriber work with QoS 0, one publisher to several with QoS 0 and 1.
//
//   relay         prints "relay: ready on port N" and serves until it is ended

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bench/mqtt_scan.hpp"

namespace {

using namespace causeway::bench;

constexpr unsigned connect_type = 1, publish_type = 3, subscribe_type = 8, ping_type = 12;

struct peer {
    int socket = -1;
    bool v5 = false;
    bool blocked = false;
    bool dirty = false;
    std::size_t packet_bytes = 0;  // a publisher: each of its packets
    std::vector<peer*> copy_to;    // a publisher's subscribers; a subscriber's publisher
    std::string out, rest;
};

class relay {
public:
    relay();
    std::uint16_t port() const { return port_; }
    [[noreturn]] void run();

private:
    void watch(int socket, peer* who, int operation, std::uint32_t events);
    void accept_all();
    void handle(peer& p, std::uint32_t events);
    void take(peer& p, std::string_view bytes);
    std::size_t speak(peer& p, std::string_view bytes);
    void answer_subscribe(peer& p, const mqtt_packet& packet);
    void become_publisher(peer& p, const mqtt_packet& first);
    std::size_t copy(peer& p, std::string_view bytes);
    void send(peer& p, std::string_view bytes);
    void flush(peer& p);
    void forget(peer& p);

    int epoll_, listener_;
    std::uint16_t port_ = 0;
    std::array<char, 256 * 1024> buffer_;
    std::unordered_map<std::string, std::vector<peer*>> subscribers_;  // by topic
    std::vector<peer*> publishers_;
    std::vector<peer*> dirty_;
    std::vector<std::unique_ptr<peer>> gone_;  // until the end of the turn
};

[[noreturn]] void fail(const char* what) {
    std::perror(what);
    std::exit(1);
}

relay::relay() : epoll_(::epoll_create1(0)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) {
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof here;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&here), size) != 0 || ::listen(listener_, 4096) != 0) fail("listen");
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&here), &size);
    port_ = ntohs(here.sin_port);
    watch(listener_, nullptr, EPOLL_CTL_ADD, EPOLLIN);
}

void relay::watch(int socket, peer* who, int operation, std::uint32_t events) {
    epoll_event interest{};
    interest.events = events;
    interest.data.ptr = who;
    if (::epoll_ctl(epoll_, operation, socket, &interest) != 0) fail("epoll_ctl");
}

void relay::run() {
    std::array<epoll_event, 256> events;
    for (;;) {
        const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            if (event.data.ptr)
                handle(*static_cast<peer*>(event.data.ptr), event.events);
            else
                accept_all();
        }
        for (std::size_t i = 0; i < dirty_.size(); ++i) flush(*dirty_[i]);
        dirty_.clear();
        gone_.clear();
    }
}

void relay::accept_all() {
    for (int socket; (socket = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
        const int on = 1;
        ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        auto* const p = new peer{.socket = socket};  // epoll holds it; see forget()
        watch(socket, p, EPOLL_CTL_ADD, EPOLLIN);
    }
}

void relay::handle(peer& p, std::uint32_t events) {
    if (p.socket < 0) return;
    if (events & EPOLLOUT) {
        p.blocked = false;
        watch(p.socket, &p, EPOLL_CTL_MOD, EPOLLIN);
        send(p, {});
    }
    if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR))) return;
    const ssize_t got = ::recv(p.socket, buffer_.data(), buffer_.size(), 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) return forget(p);
    if (got > 0) take(p, {buffer_.data(), static_cast<std::size_t>(got)});
}

/// What is left of an earlier read comes first; seldom is there anything.
void relay::take(peer& p, std::string_view bytes) {
    std::string joined;
    if (!p.rest.empty()) {
        joined = std::move(p.rest) + std::string(bytes);
        bytes = joined;
    }
    std::size_t done = 0;
    if (p.copy_to.empty()) done = speak(p, bytes);
    if (!p.copy_to.empty()) done += copy(p, bytes.substr(done));
    p.rest = bytes.substr(done);
}

/// Until it begins to publish.
std::size_t relay::speak(peer& p, std::string_view bytes) {
    using namespace std::string_view_literals;
    std::size_t done = 0;
    mqtt_packet packet;
    for (; p.copy_to.empty() && next_packet(bytes.substr(done), packet) == scan::whole; done += packet.size) {
        switch (packet.type()) {
            case connect_type:
                p.v5 = packet.body.size() > 6 && packet.body[6] == 5;
                send(p, p.v5 ? "\x20\x03\0\0\0"sv : "\x20\x02\0\0"sv);
                break;
            case subscribe_type: answer_subscribe(p, packet); break;
            case ping_type: send(p, "\xD0\0"sv); break;
            case publish_type:
                become_publisher(p, packet);
                if (!p.copy_to.empty()) return done;
                break;
            default: break;
        }
    }
    return done;
}

void relay::answer_subscribe(peer& p, const mqtt_packet& packet) {
    const std::string_view body = packet.body;
    std::size_t at = 2, properties = 0;
    if (p.v5 && variable(body, at, properties) != scan::whole) return;
    at += properties;
    if (body.size() < at + 3) return;
    const std::size_t length = two_octets(body, at);
    if (body.size() < at + 3 + length) return;
    subscribers_[std::string(body.substr(at + 2, length))].push_back(&p);
    std::string answer{'\x90', p.v5 ? '\4' : '\3', body[0], body[1]};
    if (p.v5) answer += '\0';
    send(p, answer + body[at + 2 + length]);
}

void relay::become_publisher(peer& p, const mqtt_packet& first) {
    if (first.body.size() < 2) return;
    const auto found = subscribers_.find(std::string(first.body.substr(2, two_octets(first.body, 0))));
    if (found == subscribers_.end()) return;
    p.copy_to = found->second;
    p.packet_bytes = first.size;
    publishers_.push_back(&p);
    if (first.qos() > 0) p.copy_to.front()->copy_to = {&p};  // its acknowledgements
}

/// Whole packets only, so that two publishers' bytes can follow each other; those of one are all of a size.
std::size_t relay::copy(peer& p, std::string_view bytes) {
    const std::size_t whole = p.packet_bytes > 0 ? bytes.size() - bytes.size() % p.packet_bytes : bytes.size();
    for (peer* to : p.copy_to) send(*to, bytes.substr(0, whole));
    return whole;
}

void relay::send(peer& p, std::string_view bytes) {
    if (p.socket < 0) return;
    p.out.append(bytes);
    if (!p.dirty) dirty_.push_back(&p);
    p.dirty = true;
}

void relay::flush(peer& p) {
    p.dirty = false;
    if (p.socket < 0 || p.blocked || p.out.empty()) return;
    const ssize_t sent = ::send(p.socket, p.out.data(), p.out.size(), MSG_NOSIGNAL);
    p.out.erase(0, sent > 0 ? static_cast<std::size_t>(sent) : 0);
    if (p.out.empty()) return;
    p.blocked = true;
    watch(p.socket, &p, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
}

void relay::forget(peer& p) {
    ::close(std::exchange(p.socket, -1));
    std::erase(publishers_, &p);
    for (peer* publisher : publishers_) std::erase(publisher->copy_to, &p);
    for (peer* to : p.copy_to) std::erase(to->copy_to, &p);
    for (auto topic = subscribers_.begin(); topic != subscribers_.end();) {
        std::erase(topic->second, &p);
        topic = topic->second.empty() ? subscribers_.erase(topic) : std::next(topic);
    }
    gone_.emplace_back(&p);
}

void allow_many_files() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main() {
    allow_many_files();
    const auto r = std::make_unique<relay>();
    std::printf("relay: ready on port %u\n", r->port());
    std::fflush(stdout);
    r->run();
}
