#include "app/password_authenticator.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>

#include <catch2/catch.hpp>

using namespace causeway::app;
namespace core = causeway::core;

namespace {

/// Actions for the broker thread, run by the test when they have come.
class mailbox {
public:
    void post(std::function<void()> action) {
        const std::lock_guard lock(guard_);
        actions_.push_back(std::move(action));
        arrived_.notify_one();
    }
    void run_one() {
        std::unique_lock lock(guard_);
        arrived_.wait(lock, [this] { return !actions_.empty(); });
        const auto action = std::move(actions_.front());
        actions_.erase(actions_.begin());
        lock.unlock();
        action();
    }

private:
    std::mutex guard_;
    std::condition_variable arrived_;
    std::vector<std::function<void()>> actions_;
};

/// "hash of x" is the hash of the password x.
struct bench {
    explicit bench(config c = users())
        : tested(
              c, [this](auto action) { box.post(std::move(action)); }, log,
              [this](auto password, auto& hash) {
                  ++checks;
                  const std::lock_guard lock(gate);
                  return hash == "hash of " + std::string(password);
              },
              [](std::size_t count) { return std::string(count, 'n'); }) {}

    static config users() {
        config c;
        c.users.resize(2);
        c.users[0].name = "ann";
        c.users[0].password_hash = "hash of apple";
        c.users[1].name = "guest";
        c.users[1].password_hash = "hash of guest";
        return c;
    }

    static core::credentials credentials(std::string user, std::string password, bool loopback = true) {
        core::credentials who;
        who.user = std::move(user);
        who.password = std::move(password);
        who.loopback = loopback;
        return who;
    }

    struct outcome {
        bool answered = false;
        core::identity_ptr who;
    };
    /// Answered at once or not at all yet.
    std::shared_ptr<outcome> ask(core::credentials who) {
        auto result = std::make_shared<outcome>();
        tested.verify(std::move(who), [result](core::identity_ptr identity) { *result = {true, std::move(identity)}; });
        return result;
    }
    core::identity_ptr login(core::credentials who) {
        const auto result = ask(std::move(who));
        if (!result->answered) box.run_one();
        REQUIRE(result->answered);
        return result->who;
    }

    mailbox box;
    causeway::silent_logger log;
    std::mutex gate;  // held by a test: checks take until it lets go
    std::atomic<int> checks{0};
    password_authenticator tested;  // last: its thread uses all of the above
};

}  // namespace

TEST_CASE("the right password gives the user's identity, in a later turn") {
    bench b;
    const auto result = b.ask(bench::credentials("ann", "apple"));
    CHECK(!result->answered);
    b.box.run_one();
    REQUIRE(result->who);
    CHECK(result->who->user() == "ann");
}

TEST_CASE("a wrong password and an unknown user are refused at the same cost") {
    bench b;
    CHECK(!b.login(bench::credentials("ann", "pear")));
    CHECK(b.checks == 1);
    CHECK(!b.login(bench::credentials("nobody", "apple")));
    CHECK(b.checks == 2);
}

TEST_CASE("an unknown user is refused even with the password of the hash that stands in") {
    bench b;
    CHECK(!b.login(bench::credentials("nobody", "apple")));
    CHECK(!b.login(bench::credentials("nobody", "apple")));
    CHECK(b.checks == 2);
}

TEST_CASE("credentials that were right are recognised without another check") {
    bench b;
    CHECK(b.login(bench::credentials("ann", "apple")));
    const auto again = b.ask(bench::credentials("ann", "apple"));
    REQUIRE(again->answered);
    CHECK(again->who->user() == "ann");
    CHECK(b.checks == 1);
}

TEST_CASE("a wrong password is checked every time and does not push out the right one") {
    bench b;
    CHECK(b.login(bench::credentials("ann", "apple")));
    CHECK(!b.login(bench::credentials("ann", "pear")));
    CHECK(!b.login(bench::credentials("ann", "pear")));
    CHECK(b.checks == 3);
    CHECK(b.ask(bench::credentials("ann", "apple"))->answered);
}

TEST_CASE("connections that come with the same credentials at once wait for one check") {
    bench b;
    std::vector<std::shared_ptr<bench::outcome>> storm;
    {
        const std::lock_guard lock(b.gate);
        for (int i = 0; i < 1'000; ++i) storm.push_back(b.ask(bench::credentials("ann", "apple")));
    }
    b.box.run_one();
    CHECK(b.checks == 1);
    for (const auto& result : storm) CHECK(result->who);
}

TEST_CASE("guest may log in from loopback only, also while its password is being checked") {
    bench b;
    std::shared_ptr<bench::outcome> near, far;
    {
        const std::lock_guard lock(b.gate);
        far = b.ask(bench::credentials("guest", "guest", false));
        near = b.ask(bench::credentials("guest", "guest", true));
    }
    b.box.run_one();
    b.box.run_one();
    CHECK(near->who);
    CHECK((far->answered && !far->who));
    CHECK(!b.login(bench::credentials("guest", "guest", false)));
}

TEST_CASE("a user can be bound to loopback") {
    config c = bench::users();
    c.users[0].loopback_only = true;
    bench b(c);
    CHECK(!b.login(bench::credentials("ann", "apple", false)));
    CHECK(b.login(bench::credentials("ann", "apple", true)));
}

TEST_CASE("more passwords than can be checked in time are refused at once") {
    bench b;
    std::size_t refused = 0;
    const std::size_t asked = password_authenticator::checks_max + 10;
    {
        const std::lock_guard lock(b.gate);
        for (std::size_t i = 0; i < asked; ++i)
            refused += b.ask(bench::credentials("ann", "try " + std::to_string(i)))->answered;
    }
    CHECK(refused >= 9);  // one may be at work already
    CHECK(refused <= 10);
}

TEST_CASE("the identity knows its client identifier, even where several wait for one check") {
    config c = bench::users();
    c.users[0].rights.emplace_back().publish = {"devices/%c"};
    bench b(c);
    const auto with_id = [](const char* id) {
        core::credentials who = bench::credentials("ann", "apple");
        who.client_id = id;
        return who;
    };
    std::shared_ptr<bench::outcome> first, second;
    {
        const std::lock_guard lock(b.gate);
        first = b.ask(with_id("a"));
        second = b.ask(with_id("b"));
    }
    b.box.run_one();
    CHECK(first->who->may_topic(core::right::write, "/", "devices/a"));
    CHECK(!first->who->may_topic(core::right::write, "/", "devices/b"));
    CHECK(second->who->may_topic(core::right::write, "/", "devices/b"));
    CHECK(b.ask(with_id("c"))->who->may_topic(core::right::write, "/", "devices/c"));
}

TEST_CASE("anonymous clients are let in from where the configuration says") {
    const auto enters = [](anonymous_from from, bool loopback) {
        config c;
        c.anonymous.mqtt = from;
        c.anonymous.rights.emplace_back();
        bench b(c);
        core::credentials who;
        who.anonymous = true;
        who.loopback = loopback;
        const auto result = b.ask(who);
        REQUIRE(result->answered);
        if (result->who) CHECK((result->who->user().empty() && result->who->may_enter("/")));
        return result->who != nullptr;
    };
    CHECK(!enters(anonymous_from::nowhere, true));
    CHECK(enters(anonymous_from::loopback, true));
    CHECK(!enters(anonymous_from::loopback, false));
    CHECK(enters(anonymous_from::anywhere, false));
}

TEST_CASE("a user without a password hash cannot log in with any password, at the same cost") {
    config c = bench::users();
    c.users.emplace_back().name = "ben";
    bench b(c);
    CHECK(!b.login(bench::credentials("ben", "")));
    CHECK(!b.login(bench::credentials("ben", "apple")));
    CHECK(b.checks == 2);
}

TEST_CASE("a certificate stands for the password of a user that exists and may come from there") {
    config c = bench::users();
    c.users[0].loopback_only = true;
    bench b(c);
    const auto enters = [&b](std::string user, bool loopback) {
        core::credentials who = bench::credentials(std::move(user), "", loopback);
        who.certified = true;
        const auto result = b.ask(who);
        REQUIRE(result->answered);
        return result->who != nullptr;
    };
    CHECK(enters("ann", true));
    CHECK(!enters("ann", false));
    CHECK(!enters("nobody", true));
}

TEST_CASE("without any users everybody with a name is refused") {
    bench b{config{}};
    CHECK(!b.login(bench::credentials("ann", "")));
    CHECK(!b.login(bench::credentials("", "")));
}
