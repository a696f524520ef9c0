#include <catch2/catch.hpp>

#include "app/glob.hpp"
#include "app/topic_rights.hpp"
#include "app/user_identity.hpp"

using namespace causeway::app;
using causeway::core::right;

TEST_CASE("globs: '*' stands for any characters, '?' for one, all else for itself") {
    CHECK(glob_matches("*", ""));
    CHECK(glob_matches("*", "anything.at-all"));
    CHECK(glob_matches("app.*", "app."));
    CHECK(glob_matches("app.*", "app.jobs"));
    CHECK(glob_matches("*.jobs.*", "app.jobs.high"));
    CHECK(glob_matches("a?c", "abc"));
    CHECK(glob_matches("", ""));
    CHECK(glob_matches("*a*b*", "xxaxxbxx"));
    CHECK(!glob_matches("", "a"));
    CHECK(!glob_matches("app.*", "app"));
    CHECK(!glob_matches("app.*", "my.app.jobs"));
    CHECK(!glob_matches("a?c", "ac"));
    CHECK(!glob_matches("[a]", "a"));
    CHECK(!glob_matches("*a*b", "xxaxxbxx"));
}

TEST_CASE("a hostile glob takes no exponential time") {
    const std::string name(5'000, 'a');
    CHECK(!glob_matches("*a*a*a*a*a*a*a*a*a*a*a*a*a*b", name));
}

namespace {

const topic_owner nobody{"u", "c"};
bool covered(std::string_view pattern, std::string_view filter) { return topic_covered(pattern, filter, nobody); }

}  // namespace

TEST_CASE("a pattern covers the topics that it matches") {
    CHECK(covered("a/b", "a/b"));
    CHECK(covered("a/+", "a/b"));
    CHECK(covered("a/#", "a/b/c"));
    CHECK(covered("a/#", "a"));  // [MQTT-4.7.1-2], "sport/tennis/player1/#" matches its parent
    CHECK(covered("#", "a/b"));
    CHECK(covered("+/b", "/b"));
    CHECK(!covered("a/b", "a/b/c"));
    CHECK(!covered("a/b/c", "a/b"));
    CHECK(!covered("a/+", "a"));
    CHECK(!covered("a/+", "a/b/c"));
    CHECK(!covered("a", "A"));
}

TEST_CASE("a pattern covers a filter if it covers everything that the filter matches") {
    CHECK(covered("a/#", "a/+/c"));
    CHECK(covered("a/#", "a/#"));
    CHECK(covered("a/+", "a/+"));
    CHECK(covered("#", "#"));
    CHECK(!covered("a/+", "a/#"));
    CHECK(!covered("a/b", "a/+"));
    CHECK(!covered("a/b", "#"));
    CHECK(!covered("+", "#"));
    CHECK(!covered("a/+", "+/b"));
}

TEST_CASE("leading wildcards do not reach topics that begin with a dollar sign [MQTT-4.7.2-1]") {
    CHECK(!covered("#", "$SYS/uptime"));
    CHECK(!covered("+/uptime", "$SYS/uptime"));
    CHECK(!covered("#", "$SYS/#"));
    CHECK(covered("$SYS/#", "$SYS/uptime"));
    CHECK(covered("$SYS/#", "$SYS/#"));
}

TEST_CASE("%u and %c stand for the user and the client identifier") {
    const topic_owner owner{"ann", "dev-1"};
    CHECK(topic_covered("devices/%c/#", "devices/dev-1/up", owner));
    CHECK(topic_covered("home/%u", "home/ann", owner));
    CHECK(topic_covered("x/%u-%c/y", "x/ann-dev-1/y", owner));
    CHECK(topic_covered("100%/%u", "100%/ann", owner));
    CHECK(!topic_covered("devices/%c/#", "devices/dev-2/up", owner));
    CHECK(!topic_covered("devices/%c/#", "devices/%c/up", owner));
    CHECK(!topic_covered("devices/%c/#", "devices/+/up", owner));
}

TEST_CASE("a client identifier with wildcards, separators or nothing in it widens no right") {
    CHECK(!topic_covered("devices/%c/up", "devices/+/up", {"u", "+"}));
    CHECK(!topic_covered("devices/%c", "devices/#", {"u", "#"}));
    CHECK(!topic_covered("devices/%c", "devices/a/b", {"u", "a/b"}));
    CHECK(!topic_covered("devices/%c", "devices/", {"u", ""}));
    CHECK(topic_covered("devices/%c", "devices/$x", {"u", "$x"}));
}

namespace {

user_identity identity_with(rights_config rights, std::string client_id = "dev-1") {
    auto account = std::make_shared<user_config>();
    account->name = "ann";
    account->rights = {std::move(rights)};
    return {std::move(account), std::move(client_id)};
}

}  // namespace

TEST_CASE("a user may enter the vhosts that it has rights in, and nothing is granted by default") {
    rights_config rights;
    rights.vhost = "/prod";
    const user_identity ann = identity_with(rights);
    CHECK(ann.user() == "ann");
    CHECK(ann.may_enter("/prod"));
    CHECK(!ann.may_enter("/"));
    CHECK(!ann.may(right::configure, "/prod", "q"));
    CHECK(!ann.may(right::write, "/prod", "q"));
    CHECK(!ann.may(right::read, "/prod", "q"));
    CHECK(!ann.may_topic(right::write, "/prod", "t"));
    CHECK(!ann.may_topic(right::read, "/prod", "t"));
}

TEST_CASE("each right is looked up in its own list, in its own vhost") {
    rights_config rights;
    rights.configure = {"c.*"};
    rights.write = {"w.*", "amq.default"};
    rights.read = {"r.*"};
    const user_identity ann = identity_with(rights);
    CHECK(ann.may(right::configure, "/", "c.1"));
    CHECK(ann.may(right::write, "/", "w.1"));
    CHECK(ann.may(right::read, "/", "r.1"));
    CHECK(!ann.may(right::configure, "/", "w.1"));
    CHECK(!ann.may(right::write, "/", "r.1"));
    CHECK(!ann.may(right::read, "/", "c.1"));
    CHECK(!ann.may(right::read, "/prod", "r.1"));
}

TEST_CASE("the default exchange is a resource called amq.default") {
    rights_config rights;
    rights.write = {"amq.default"};
    CHECK(identity_with(rights).may(right::write, "/", ""));
    CHECK(!identity_with(rights).may(right::read, "/", ""));
}

TEST_CASE("topics are published by one list and subscribed to by the other") {
    rights_config rights;
    rights.publish = {"devices/%c/up"};
    rights.subscribe = {"devices/%c/down", "news/#"};
    const user_identity ann = identity_with(rights);
    CHECK(ann.may_topic(right::write, "/", "devices/dev-1/up"));
    CHECK(!ann.may_topic(right::write, "/", "devices/dev-1/down"));
    CHECK(ann.may_topic(right::read, "/", "devices/dev-1/down"));
    CHECK(ann.may_topic(right::read, "/", "news/+"));
    CHECK(!ann.may_topic(right::read, "/", "devices/+/down"));
}

TEST_CASE("the right to a shared subscription is the right to its filter") {
    rights_config rights;
    rights.subscribe = {"news/#"};
    const user_identity ann = identity_with(rights);
    CHECK(ann.may_topic(right::read, "/", "$share/group/news/a"));
    CHECK(!ann.may_topic(right::read, "/", "$share/group/other"));
    CHECK(!ann.may_topic(right::read, "/", "$share/group"));
}
