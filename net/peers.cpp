#include "net/peers.hpp"

#include "net/connection.hpp"

namespace causeway::net {

peers::~peers() {
    all_.clear_and_dispose([](peer_link* p) { delete p; });
}

void peers::opened(connection& from) {
    auto* made = new peer_link(*this, from);
    from.owner = made;
    all_.push_back(*made);
    ++count_;
    made->start();
    if (shutting_down_) made->shut_down();
}

// A connection that has been abandoned has no owner any more while its last reports are under way.

void peers::received(connection& from, std::string_view bytes) {
    if (from.owner != nullptr) from.owner->received(bytes);
}

void peers::sent(connection& from, std::size_t bytes) {
    if (from.owner != nullptr) from.owner->sent(bytes);
}

void peers::flushed(connection& from) {
    if (from.owner != nullptr) from.owner->flushed();
}

void peers::closed(connection& from) {
    if (from.owner == nullptr) return;
    std::unique_ptr<peer_link> left(std::exchange(from.owner, nullptr));
    left->unlink();
    --count_;
    left->closed();
    from.commands().release(from);
    gone_.push_back(std::move(left));
}

void peers::deliver_kept() {
    delivering_.swap(resumed_);
    for (peer_link* p : delivering_) p->deliver_kept();
    delivering_.clear();
}

void peers::flush() {
    for (peer_link* p : touched_) p->flush();
    touched_.clear();
    gone_.clear();
}

void peers::shut_down() {
    shutting_down_ = true;
    for (peer_link& p : all_) p.shut_down();
}

void peers::abandon() {
    while (!all_.empty()) {
        connection& io = all_.front().io();
        io.commands().abort(io);
        closed(io);
    }
}

}  // namespace causeway::net
