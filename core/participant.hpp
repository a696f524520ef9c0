#pragma once
// What the core may tell a connected client's endpoint. Called on the broker thread, between packets, never during one of
// the endpoint's own calls into the broker.

#include <boost/intrusive/list.hpp>

namespace causeway::core {

/// The broker keeps its participants in the order in which they came: what it tells them never depends on addresses.
class participant : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::normal_link>> {
public:
    virtual ~participant() = default;

    /// A commit that it waits for (broker::await_commit) is done or failed: see broker::state_of. Or entries have
    /// come from the store, if it waits for some (broker::await_head).
    virtual void commits_settled() = 0;

    /// Memory is short (true): stop reading publishers; or there is room again (false).
    virtual void publishers_blocked(bool blocked) = 0;

    /// The store takes nothing (false), so durable messages are refused; or it does again (true).
    virtual void storage_changed(bool available) {}
};

}  // namespace causeway::core
