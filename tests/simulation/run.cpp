#include "tests/simulation/run.hpp"

#include <memory>

#include "base/crc32c.hpp"
#include "base/log.hpp"
#include "core/broker.hpp"
#include "persistence/check.hpp"
#include "persistence/memory_store.hpp"
#include "protocols/amqp/factory.hpp"
#include "protocols/amqp/origin.hpp"
#include "protocols/mqtt/factory.hpp"
#include "protocols/mqtt/origin.hpp"
#include "tests/simulation/amqp_client.hpp"
#include "tests/simulation/mqtt_client.hpp"
#include "tests/support/doorkeeper.hpp"

namespace causeway::simulation {

namespace {

/// Lets everybody in, at once or some turns later.
class porter final : public test::doorkeeper {
public:
    explicit porter(dice& chance) : doorkeeper([](const core::credentials&) { return true; }), chance_(chance) {}
    void verify(core::credentials who, answer then) override {
        hold = !chance_.one_in(2);
        who.user = "guest";
        doorkeeper::verify(std::move(who), std::move(then));
    }

private:
    dice& chance_;
};

class life final : public protocols::vhosts {
public:
    explicit life(const plan& p) : plan_(p), chance_(p.seed), door_(chance_), store_fails_(chance_.one_in(2)) {
        if (chance_.one_in(3)) options_.queue_window_messages = 4 + chance_.below(28);
        if (chance_.one_in(3)) options_.queue_window_bytes = 2'000 + chance_.below(8'000);
        for (int i = 0; i < p.mqtt_clients; ++i)
            clients_.push_back(std::make_unique<mqtt_client>(i, i % 2 ? mqtt::version::v3_1_1 : mqtt::version::v5, books_));
        for (int i = 0; i < p.amqp_clients; ++i) clients_.push_back(std::make_unique<amqp_client>(p.mqtt_clients + i, books_));
        for (int i = 0; i < (store_fails_ ? p.failing_shares : p.shares); ++i) add_share(i);
        if (chance_.one_in(2)) add_work();
        links_.resize(clients_.size());
        start();
    }
    ~life() override { drop_links(); }

    core::broker* find(std::string_view) override { return broker_.get(); }

    outcome live() {
        if (!reach([this] { return all(&client::ready); })) books_.violated("the clients never got ready");
        for (int step = 0; step < plan_.steps && books_.violations().empty(); ++step) {
            disturb();
            for (auto& c : clients_) c->act(chance_);
            turn();
        }
        pass(500);  // reads that failed are tried again
        const auto settled = [this] {
            for (auto& c : clients_) c->settle();
            return all(&client::ready) && all(&client::idle) && quiet_turns_ > 20;
        };
        if (books_.violations().empty() && !reach(settled)) books_.violated("the clients never got what is theirs:" + left_over());
        if (books_.violations().empty()) books_.check_complete();
        return {books_.violations(), books_.acknowledged_count(), books_.received_count(), crashes_, trace_};
    }

private:
    /// Two to four members. The first is always one, in a session that lasts, so that the share does. The others: in sessions
    /// that last, too; or restless, in sessions of any kind; or in sessions that end, although they are sent exactly once.
    void add_share(int number) {
        const std::size_t kind = chance_.below(3);
        const std::string name = "share-" + std::to_string(number);
        membership m{.share = books_.add_share(name, kind == 2), .filter = "$share/" + name + "/t/#"};
        const std::size_t others = 1 + chance_.below(3);
        for (std::size_t i = 0; i <= others; ++i) {
            if (i > 0 && kind > 0) {
                m.lasting = chance_.one_in(2);
                m.restless = chance_.one_in(2);
                m.qos = kind == 2 || m.lasting ? mqtt::qos::exactly_once : mqtt::qos::at_least_once;
            }
            const auto version = chance_.one_in(2) ? mqtt::version::v3_1_1 : mqtt::version::v5;
            clients_.push_back(std::make_unique<mqtt_client>(static_cast<int>(clients_.size()), version, books_, m));
        }
    }

    /// Two to four clients that consume an AMQP queue in competition.
    void add_work() {
        consumed_ = "work";
        const int share = books_.add_share("queue work", false);
        const std::size_t others = 1 + chance_.below(3);
        for (std::size_t i = 0; i <= others; ++i) {
            const auto version = chance_.one_in(2) ? mqtt::version::v3_1_1 : mqtt::version::v5;
            clients_.push_back(std::make_unique<mqtt_client>(static_cast<int>(clients_.size()), version, books_,
                                                             membership{.share = share,
                                                                        .filter = "$queue/" + consumed_,
                                                                        .qos = static_cast<mqtt::qos>(1 + chance_.below(2)),
                                                                        .lasting = chance_.one_in(2),
                                                                        .restless = i > 0 && chance_.one_in(2),
                                                                        .gives_back = true}));
        }
    }

    /// The queue that is consumed in competition, bound to everything.
    void declare_work() {
        const auto made = broker_->declare_queue({.name = consumed_, .durable = true, .arguments = {}}, connection_id::none);
        if (!made || !broker_->bind({.source = &broker_->mqtt_exchange(),
                                     .to_queue = made.value().it,
                                     .from = &amqp_origin_,
                                     .key = "t.#",
                                     .arguments = {},
                                     .options = nullptr}))
            books_.violated("the queue could not be declared");
    }

    void start() {
        broker_ = std::make_unique<core::broker>(options_, store_, log_, [this] { return chance_.next(); },
                                                 core::record::origins{&mqtt_origin_, &amqp_origin_});
        broker_->recover(now_);
        if (!consumed_.empty()) declare_work();
    }

    /// What waits where.
    std::string left_over() const {
        std::string all;
        broker_->each_queue([&all](const core::queue& q) {
            if (q.ready_count() + q.unacknowledged_count() > 0)
                all += " " + q.name() + " " + std::to_string(q.ready_count()) + "+" + std::to_string(q.unacknowledged_count());
        });
        for (std::size_t i = 0; i < clients_.size(); ++i) {
            if (!clients_[i]->ready()) all += " client " + std::to_string(i) + " is not ready";
            if (!clients_[i]->idle()) all += " client " + std::to_string(i) + " is not idle";
        }
        return all;
    }

    void pass(std::int64_t ms) {
        now_.steady_ms += ms;
        now_.wall_ms += ms;
    }

    void disturb() {
        now_.steady_ms += static_cast<std::int64_t>(chance_.below(5));
        now_.wall_ms = 1'700'000'000'000 + now_.steady_ms;
        if (chance_.one_in(3)) door_.answer_all();
        if (chance_.one_in(50)) store_.hold(chance_.one_in(2));
        if (chance_.one_in(4)) store_.complete_next(1 + chance_.below(3));
        if (chance_.one_in(30)) store_.hold_reads(chance_.one_in(2));
        if (chance_.one_in(4)) store_.complete_reads(1 + chance_.below(3), chance_.one_in(20));
        if (chance_.one_in(60)) disconnect(chance_.below(clients_.size()));
        if (store_fails_) fail_or_mend();
        if (chance_.one_in(300)) crash();
        for (std::size_t i = 0; i < clients_.size(); ++i)
            if (!clients_[i]->cable.plugged() && chance_.one_in(10)) connect(i);
    }

    /// For a while no commit succeeds: the disk is full, or broken.
    void fail_or_mend() {
        if (failing_) books_.departed();  // what was on its way to a member goes back
        if (failing_ && chance_.one_in(40)) return mend();
        if (failing_ || !chance_.one_in(300)) return;
        failing_ = true;
        books_.store_failed();
        store_.fail_next(chance_.one_in(2) ? core::commit_status::full : core::commit_status::failed);
    }
    void mend() {
        if (std::exchange(failing_, false)) store_.mend();
    }

    /// Lets everything go its way until the condition holds. Connections that were lost unnoticed are noticed now: AMQP's would
    /// keep what they have not acknowledged.
    template <class Condition>
    bool reach(Condition condition) {
        mend();
        for (int i = 0; i < 20'000; ++i) {
            pass(1);
            door_.answer_all();
            store_.hold(false);
            store_.complete_all();
            store_.hold_reads(false);
            store_.complete_reads(SIZE_MAX);
            for (std::size_t c = 0; c < clients_.size(); ++c) {
                for (auto& l : links_[c])
                    if (l.get() != clients_[c]->cable.link() && !l->is_closed()) {
                        l->breaks();
                        books_.departed();
                    }
                if (!clients_[c]->cable.plugged()) connect(c);
            }
            turn();
            if (condition() || !books_.violations().empty()) return true;
        }
        return false;
    }

    bool all(bool (client::*what)() const) const {
        for (const auto& c : clients_)
            if (!((*c).*what)()) return false;
        return true;
    }

    void connect(std::size_t i) {
        books_.departed();  // of an earlier connection, perhaps
        protocols::endpoint_factory& factory =
            clients_[i]->speaks_mqtt() ? static_cast<protocols::endpoint_factory&>(mqtt_) : amqp_;
        protocols::peer_info who;
        who.id = connection_id{++last_connection_};
        who.loopback = true;
        links_[i].push_back(std::make_unique<test::fake_link>(who));
        links_[i].back()->attach(factory.make(*links_[i].back()));
        clients_[i]->connected(*links_[i].back());
    }

    /// The client loses its connection; the broker notices now or, taking it for alive, only when the client comes back.
    void disconnect(std::size_t i) {
        if (!clients_[i]->cable.plugged()) return;
        books_.departed();
        if (chance_.one_in(2)) clients_[i]->cable.link()->breaks();
        clients_[i]->disconnected();
    }

    void crash() {
        ++crashes_;
        failing_ = false;
        books_.departed();
        store_.crash(chance_.below(store_.waiting() + 1));
        for (const persistence::finding& f : persistence::check(store_).findings) {
            // Of several entries some may have been lost with their commit, and the message written again for the others.
            if (f.where == core::table::messages && books_.may_refuse()) continue;
            books_.violated("after a crash: " + std::string(core::name_of(f.where)) + " " + f.key + " " + f.what);
        }
        door_.forget();
        for (auto& c : clients_)
            if (c->cable.plugged()) c->disconnected();
        drop_links();
        start();
    }
    void drop_links() {
        for (auto& all_of_one : links_) all_of_one.clear();
    }

    void turn() {
        broker_->begin_turn(now_);
        for (std::size_t i = 0; i < clients_.size(); ++i) {
            clients_[i]->cable.push(chance_);
            for (auto& l : links_[i]) l->deliver();
        }
        broker_->end_turn();
        const std::size_t before = books_.received_count();
        for (std::size_t i = 0; i < clients_.size(); ++i) {
            for (auto& l : links_[i]) l->flush();
            if (clients_[i]->cable.plugged()) collect(*clients_[i]);
        }
        const bool quiet = books_.received_count() == before && broker_->delayed_messages().size() == 0;
        quiet_turns_ = quiet ? quiet_turns_ + 1 : 0;
    }

    void collect(client& c) {
        const std::string& arrived = c.cable.arrived();
        trace_ = trace_ * 1'000'003 + crc32c(arrived);
        c.read();
        if (c.cable.plugged() && c.cable.link()->is_closed()) c.disconnected();
    }

    plan plan_;
    dice chance_;
    ledger books_;
    silent_logger log_;
    persistence::memory_store store_;
    core::broker_options options_;
    porter door_;
    mqtt::origin mqtt_origin_{core::topic_mapping::levels};
    amqp::origin amqp_origin_{core::topic_mapping::levels};
    mqtt::factory mqtt_{*this, door_, {}, log_};
    amqp::factory amqp_{*this, door_, {}, log_};
    std::unique_ptr<core::broker> broker_;
    std::string consumed_;              // a queue; empty: none
    std::vector<std::unique_ptr<client>> clients_;
    std::vector<std::vector<std::unique_ptr<test::fake_link>>> links_;  // per client, also those it has lost
    instant now_{1'000, 1'700'000'001'000};
    std::uint64_t last_connection_ = 0;
    std::uint64_t trace_ = 0;
    int quiet_turns_ = 0;
    int crashes_ = 0;
    bool store_fails_;  // at times, in this life
    bool failing_ = false;
};

}  // namespace

outcome run(const plan& p) { return life(p).live(); }

}  // namespace causeway::simulation
