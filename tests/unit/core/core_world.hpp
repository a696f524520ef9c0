#pragma once
// The core alone under test: a broker with plain origins, consumers that remember what they got, and shorthands.

#include <string>
#include <vector>

#include "tests/support/plain_origin.hpp"
#include "tests/support/world.hpp"

namespace causeway::test {

/// Takes what its credit allows and keeps it unsettled, or settles at once if `automatic`.
class taker final : public core::consumer {
public:
    bool can_take(const core::queue&, const core::entry&) override { return credit > 0; }
    core::handover deliver(core::queue&, const core::entry& next) override {
        --credit;
        payloads.emplace_back(next.message ? next.message->payload() : "(released)");
        last = next;
        if (next.seq == 0 || automatic) return core::handover::settled;
        seqs.push_back(next.seq);
        return core::handover::waiting;
    }
    void queue_deleted(core::queue&) override { deleted = true; }

    int credit = 1'000'000;
    bool automatic = false;
    bool deleted = false;
    std::vector<std::string> payloads;
    std::vector<std::uint64_t> seqs;
    core::entry last;
};

struct core_world : world {
    core_world(core::broker_options options = {}) : world(plain_origins(), std::move(options)) {}

    core::queue& queue(const std::string& name, bool durable = true, core::field_table arguments = {}) {
        return *broker().declare_queue({.name = name, .durable = durable, .arguments = std::move(arguments)}, {}).value().it;
    }
    void bind(const char* exchange, core::queue& q, std::string_view key, core::field_table arguments = {},
              core::options_ptr options = {}, const core::origin& from = plain_amqp) {
        REQUIRE(broker().bind({.source = broker().find_exchange(exchange),
                               .to_queue = &q,
                               .from = &from,
                               .key = key,
                               .arguments = std::move(arguments),
                               .options = options}));
    }
    core::message_ptr message(std::string_view exchange, std::string_view name, std::string_view payload, int qos = 1,
                              const core::origin& from = plain_amqp) {
        return core::message::make({.from = &from,
                                    .exchange = exchange,
                                    .name = name,
                                    .raw_properties = raw,
                                    .payload = payload,
                                    .qos = static_cast<core::qos>(qos),
                                    .durable = qos > 0,
                                    .retain = retain,
                                    .expires_wall_ms = expires,
                                    .by = by,
                                    .neutral = nullptr,
                                    .account = broker().memory()});
    }
    core::receipt publish(std::string_view exchange, std::string_view name, std::string_view payload, int qos = 1,
                          const core::origin& from = plain_amqp) {
        return broker().publish(*broker().find_exchange(exchange), message(exchange, name, payload, qos, from));
    }
    core::session& session(std::string_view client_id, std::uint32_t expiry_s = core::no_expiry, bool clean = false) {
        core::session& s = *broker().open_session({.client_id = client_id, .user = "", .clean_start = clean, .expiry_s = expiry_s,
                                                   .last_will = last_will, .holder = nullptr}).value().it;
        broker().inbox_of(s);
        return s;
    }
    void subscribe(core::session& s, std::string_view filter, int qos_max = 2, bool no_local = false) {
        auto options = boost::intrusive_ptr<core::delivery_options>(new core::delivery_options);
        options->qos_max = static_cast<core::qos>(qos_max);
        options->no_local = no_local;
        bind("amq.topic", broker().inbox_of(s), filter, {}, options, plain_mqtt);
    }

    std::string_view raw;
    bool retain = false;
    std::int64_t expires = 0;
    core::publisher_ptr by;
    std::optional<core::will> last_will;
};

using texts = std::vector<std::string>;

}  // namespace causeway::test
