#pragma once
// What the core may tell a connected client's endpoint. Called on the broker thread, between packets, never during one of
// the endpoint's own calls into the broker.

namespace causeway::core {

class participant {
public:
    virtual ~participant() = default;

    /// A commit that it waits for (broker::await_commit) is done or failed: see broker::state_of.
    virtual void commits_settled() = 0;

    /// Memory is short (true): stop reading publishers; or there is room again (false).
    virtual void publishers_blocked(bool blocked) = 0;
};

}  // namespace causeway::core
