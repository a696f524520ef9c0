#pragma once
// Members of a share under test: clients with windows, and the words in which their stories are told.

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <vector>

#include "persistence/check.hpp"
#include "tests/unit/core/core_world.hpp"

namespace causeway::test {

/// A member's client: takes what its window allows.
class member_client final : public core::consumer {
public:
    explicit member_client(std::size_t window_size = 100) : window(window_size) {}
    bool can_take(const core::queue&, const core::entry& next) override {
        return next.qos() == core::qos::at_most_once || seqs.size() < window;
    }
    core::handover deliver(core::queue&, const core::entry& next) override {
        payloads.emplace_back(next.message ? next.message->payload() : "(released)");
        again.push_back(next.redelivered());
        last_qos = next.qos();
        if (next.qos() == core::qos::at_most_once) return core::handover::settled;
        seqs.push_back(next.seq);
        return core::handover::waiting;
    }
    core::free_credit credit() override { return {window - std::min(window, seqs.size()), 1000}; }
    bool has_use_for(const core::entry&) const override { return useful; }
    void queue_deleted(core::queue&) override {}

    std::size_t window;
    bool useful = true;  // it could take any message
    std::vector<std::string> payloads;
    std::vector<bool> again;
    std::vector<std::uint64_t> seqs;  // unsettled
    core::qos last_qos{};
};

struct shares : core_world {
    using core_world::core_world;

    void join(core::session& s, int qos_max = 2, std::string_view name = "$share/g/t") {
        auto options = boost::intrusive_ptr<core::delivery_options>(new core::delivery_options);
        options->qos_max = static_cast<core::qos>(qos_max);
        REQUIRE(broker().join_share({.member = &s, .name = name, .from = &plain_mqtt, .key = name.substr(9), .options = options}));
    }
    core::session& member(std::string_view id, std::uint32_t expiry_s = core::no_expiry, int qos_max = 2) {
        core::session& s = session(id, expiry_s);
        join(s, qos_max);
        return s;
    }
    core::session& member_with(std::string_view id, member_client& c, std::uint32_t expiry_s = core::no_expiry, int qos_max = 2) {
        core::session& s = member(id, expiry_s, qos_max);
        REQUIRE(s.inbox().add_consumer(c));
        settle();
        return s;
    }
    void leaves(core::session& s, member_client& c, std::uint32_t expiry_s = core::no_expiry) {
        s.inbox().remove_consumer(c);
        c.seqs.clear();
        broker().close_session(s, false, expiry_s);
        settle();
    }
    void comes(core::session& s, member_client& c) {
        REQUIRE(s.inbox().add_consumer(c));
        settle();
    }
    /// Its client takes more from now on, and says so as a consumer must.
    void makes_room(std::string_view id, member_client& c, std::size_t window = 100) {
        c.window = window;
        broker().find_session(id)->wake_shares();
    }
    core::receipt send(std::string_view payload, int qos = 1) {
        const core::receipt r = publish("amq.topic", "t", payload, qos, plain_mqtt);
        settle();
        return r;
    }
    void acknowledge(core::session& s, member_client& c) {
        for (const std::uint64_t seq : c.seqs) s.inbox().acknowledge(seq);
        c.seqs.clear();
        s.inbox().wake();
        s.wake_shares();
        settle();
    }
    const core::share* the_share() { return broker().find_share("$share/g/t"); }
    std::size_t waiting() { return the_share()->queue().ready_count(); }
    std::size_t records(core::table t = core::table::entries) { return store().size(t); }
    bool sound() { return persistence::check(store()).findings.empty(); }
};

}  // namespace causeway::test
