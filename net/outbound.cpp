#include "net/outbound.hpp"

#include <iterator>

namespace causeway::net {

std::size_t outbound::send(connection& to, output_buffer& bytes, bool notify) {
    const std::size_t count = bytes.size();
    add(notify ? command::kind::send_and_notify : command::kind::send, to);
    outputs_.push_back(std::move(bytes));
    bytes.clear();
    return count;
}

void outbound::append(outbound& later) {
    commands_.insert(commands_.end(), later.commands_.begin(), later.commands_.end());
    outputs_.insert(outputs_.end(), std::make_move_iterator(later.outputs_.begin()), std::make_move_iterator(later.outputs_.end()));
    later.commands_.clear();
    later.outputs_.clear();
}

void outbound::replay(downlink& to) {
    std::size_t next = 0;
    for (const command& c : commands_) {
        switch (c.what) {
            case command::kind::send: to.send(*c.to, outputs_[next++], false); break;
            case command::kind::send_and_notify: to.send(*c.to, outputs_[next++], true); break;
            case command::kind::pause: to.read(*c.to, false); break;
            case command::kind::resume: to.read(*c.to, true); break;
            case command::kind::close: to.close(*c.to); break;
            case command::kind::abort: to.abort(*c.to); break;
            case command::kind::release: to.release(*c.to); break;
        }
    }
    commands_.clear();
    outputs_.clear();
}

}  // namespace causeway::net
