#pragma once
// The queues that a channel has taken messages from. A queue may be deleted at any time; only consumers are told, so without
// one the queue is looked up by its name and compared by its id: a new queue of the same name is another queue.

#include <memory>
#include <string>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/ids.hpp"
#include "core/broker.hpp"
#include "core/queue.hpp"

namespace causeway::amqp {

class source {
public:
    explicit source(core::queue& q) : id_(q.id()), name_(q.name()) {}

    queue_id id() const { return id_; }
    const std::string& name() const { return name_; }

    /// nullptr: it has been deleted.
    core::queue* find(core::broker& in) const {
        if (watched_ != nullptr) return watched_;
        core::queue* found = in.find_queue(name_);
        return found != nullptr && found->id() == id_ ? found : nullptr;
    }

    // A consumer of this channel will be told when the queue goes.
    void watch(core::queue& q) {
        watched_ = &q;
        ++watchers_;
    }
    void unwatch() {
        if (--watchers_ == 0) watched_ = nullptr;
    }

    std::size_t held = 0;  // deliveries that refer to it
    bool unused() const { return held == 0 && watchers_ == 0; }

private:
    queue_id id_;
    std::string name_;
    core::queue* watched_ = nullptr;
    std::size_t watchers_ = 0;
};

class sources {
public:
    source& of(core::queue& q) {
        if (auto known = by_id_.find(number(q.id())); known != by_id_.end()) return *known->second;
        if (by_id_.size() >= tidy_at_) tidy();
        return *by_id_.emplace(number(q.id()), std::make_unique<source>(q)).first->second;
    }

private:
    void tidy() {
        boost::unordered::erase_if(by_id_, [](const auto& s) { return s.second->unused(); });
        tidy_at_ = 2 * by_id_.size() + 16;
    }

    boost::unordered_flat_map<std::uint64_t, std::unique_ptr<source>> by_id_;
    std::size_t tidy_at_ = 16;
};

}  // namespace causeway::amqp
