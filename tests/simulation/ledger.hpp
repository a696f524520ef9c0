#pragma once
// What was published, what was acknowledged and what arrived where; and the promises that must hold between them:
//   acknowledged is never lost; exactly once is never doubled; per publisher and queue the order holds.
// Of a share, all of its members together must get everything, each message once.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace causeway::simulation {

/// One message: who published it, the how manieth of that publisher it is.
struct serial {
    int publisher = 0;
    int number = 0;
    auto operator<=>(const serial&) const = default;
    std::string text() const { return std::to_string(publisher) + ":" + std::to_string(number); }
    static serial parse(std::string_view payload);
};

class ledger {
public:
    /// A receiver that must get everything durable. An MQTT session with QoS 2 gets it exactly once, and in order even over
    /// lost connections.
    int add_receiver(std::string name, bool exactly_once);

    /// Sessions that share everything. What they are promised of QoS 2: once and only once; or, where sessions end that have
    /// been sent some, no more than once.
    int add_share(std::string name, bool loses_exactly_once);
    int add_member(int to);

    void published(serial what, int qos) {
        messages_[what].qos = qos;
        messages_[what].departures = departures_;
    }
    /// It waits for a while of its own, so what comes later may arrive before.
    void delayed(serial what) { messages_[what].delayed = true; }
    void sent_again(serial what) { messages_[what].sent_again = true; }
    void acknowledged(serial what) { messages_[what].acknowledged = true; }
    /// `again`: the broker flagged it as a redelivery.
    void received(int receiver, serial what, bool again);
    void received_by_member(int member, serial what, int qos);

    /// A client went or came: shares may have handed on what was on its way.
    void departed() { ++departures_; }

    /// From now on the broker may refuse what it cannot store. What it refused may arrive, once, or not.
    void store_failed() { store_failed_ = true; }
    bool may_refuse() const { return store_failed_; }

    /// Something that went wrong at once.
    void violated(std::string what) { violations_.push_back(std::move(what)); }

    /// After everybody has had time to collect everything.
    void check_complete();

    const std::vector<std::string>& violations() const { return violations_; }
    std::size_t acknowledged_count() const;
    std::size_t received_count() const { return received_count_; }

private:
    struct message {
        int qos = 0;
        bool sent_again = false;
        bool delayed = false;
        bool acknowledged = false;
        std::map<int, int> copies;  // per receiver
        std::map<int, int> shared;  // per share: copies among its members …
        std::map<int, int> exactly_once;  // … and of these, with QoS 2
        int departures = 0;         // when it was published
    };
    struct receiver {
        std::string name;
        bool exactly_once;
        std::map<int, int> newest;  // per publisher: highest number seen
    };
    struct shared_by {
        std::string name;
        bool loses_exactly_once;
    };
    struct member {
        int share;
        std::map<int, int> newest;  // per publisher
    };
    void check_share(serial what, const message& m, int to);

    std::map<serial, message> messages_;
    std::vector<shared_by> shares_;
    std::vector<member> members_;
    int departures_ = 0;
    std::vector<receiver> receivers_;
    std::vector<std::string> violations_;
    std::size_t received_count_ = 0;
    bool store_failed_ = false;
};

}  // namespace causeway::simulation
