#pragma once
// The channels of one connection, by number: opens and closes them, and leads frames to them.

#include <cstdint>
#include <memory>

#include <boost/unordered/unordered_flat_map.hpp>

#include "protocols/amqp/channel.hpp"

namespace causeway::amqp {

class channels {
public:
    explicit channels(context& at) : at_(at) { at.all_channels = this; }
    channels(const channels&) = delete;
    channels& operator=(const channels&) = delete;

    /// A frame for a channel other than 0. Soft errors close the channel here; what is returned closes the connection.
    verdict take(const frame& f);

    /// Everything of the turn so far has been handled: confirms what can be confirmed.
    void flush_confirms();
    /// Commits are done: sends the replies and confirms that waited for them.
    void commits_settled();
    /// Tries again what waited for the store. Soft errors close the channel here.
    verdict get_again(const pending_get& what);
    /// There may be room for more deliveries again, in the output or in what the client may leave unacknowledged.
    void wake_starved();
    /// It has done something wrong: what it held goes back, and the client is told.
    void close(channel& c, const refusal& why);

    /// Everything goes back to the core; there are no channels any more.
    void let_go();

    std::size_t size() const { return by_number_.size(); }

private:
    verdict open(const frame& f);
    void take_while_closing(channel& c, const frame& f);
    verdict closed_by_client(channel& c, const frame& f);
    void promise_broken(channel& c);

    context& at_;
    boost::unordered_flat_map<std::uint16_t, std::unique_ptr<channel>> by_number_;
};

}  // namespace causeway::amqp
