#include "net/inbound.hpp"

namespace causeway::net {

void inbound::received(connection& from, std::string_view bytes) {
    events_.push_back({event::kind::received, &from, bytes.size()});
    bytes_.append(bytes);
}

void inbound::append(inbound& later) {
    events_.insert(events_.end(), later.events_.begin(), later.events_.end());
    bytes_.append(later.bytes_);
    later.clear();
}

void inbound::replay(uplink& to) {
    std::size_t at = 0;
    for (const event& e : events_) {
        switch (e.what) {
            case event::kind::opened: to.opened(*e.from); break;
            case event::kind::received:
                to.received(*e.from, std::string_view(bytes_).substr(at, e.count));
                at += e.count;
                break;
            case event::kind::sent: to.sent(*e.from, e.count); break;
            case event::kind::flushed: to.flushed(*e.from); break;
            case event::kind::closed: to.closed(*e.from); break;
        }
    }
    clear();
}

void inbound::clear() {
    events_.clear();
    bytes_.clear();
}

}  // namespace causeway::net
