#pragma once
// A whole broker in a test: one vhost on a store in memory, a clock that moves when told to, and peers on fake links.

#include <memory>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "core/broker.hpp"
#include "protocols/endpoint.hpp"
#include "protocols/vhosts.hpp"
#include "tests/support/fake_link.hpp"
#include "tests/support/held_store.hpp"

namespace causeway::test {

class world : public protocols::vhosts {
public:
    explicit world(core::record::origins origins, core::broker_options options = {})
        : origins_(origins), options_(std::move(options)) {
        start();
    }
    ~world() override { disconnect_all(); }

    core::broker& broker() { return *broker_; }
    held_store& store() { return store_; }
    logger& log() { return log_; }
    instant now() const { return now_; }

    core::broker* find(std::string_view name) override { return name == options_.vhost ? broker_.get() : nullptr; }

    /// A new connection; its endpoint comes from the factory.
    fake_link& connect(protocols::endpoint_factory& factory, protocols::peer_info who = {}) {
        who.id = connection_id{++last_connection_};
        links_.push_back(std::make_unique<fake_link>(who));
        links_.back()->attach(factory.make(*links_.back()));
        return *links_.back();
    }

    /// One turn: everything that peers sent is handled, everything written arrives.
    void turn() {
        broker_->begin_turn(now_);
        for (auto& l : links_) l->deliver();
        broker_->end_turn();
        for (auto& l : links_) l->flush();
    }

    /// Turns until commits have come back and their consequences have been delivered.
    void settle() {
        for (int i = 0; i < 4; ++i) turn();
    }

    void pass_ms(std::int64_t ms) {
        now_.steady_ms += ms;
        now_.wall_ms += ms;
        settle();
    }

    /// The process dies between two turns, without a word to anybody, and starts again on what was stored.
    void crash() {
        store_.lose_held();
        links_.clear();
        start();
    }

    /// An orderly stop and a new start.
    void restart() {
        disconnect_all();
        store_.reopen();
        start();
    }

private:
    void start() {
        broker_ = std::make_unique<core::broker>(options_, store_, log_, [this] { return ++random_; }, origins_);
        broker_->recover(now_);
        broker_->begin_turn(now_);  // it knows the time before the first peer comes
        broker_->end_turn();
    }
    void disconnect_all() {
        for (auto& l : links_) l->breaks();
        if (!links_.empty()) turn();
        links_.clear();
    }

    held_store store_;
    silent_logger log_;
    core::record::origins origins_;
    core::broker_options options_;
    instant now_{1'000, 1'700'000'000'000};
    std::uint64_t random_ = 0;
    std::uint64_t last_connection_ = 0;
    std::unique_ptr<core::broker> broker_;
    std::vector<std::unique_ptr<fake_link>> links_;
};

}  // namespace causeway::test
