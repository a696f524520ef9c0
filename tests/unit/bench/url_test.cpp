#include "bench/url.hpp"

#include <catch2/catch.hpp>

using namespace causeway::bench;

namespace {

std::string wrong_with(std::string_view text) {
    const auto parsed = parse_url(text);
    return parsed ? "" : parsed.error();
}

}  // namespace

TEST_CASE("a url says where and as whom; what is left out is as usual") {
    CHECK(parse_url("mqtt://localhost").value() == url{protocol::mqtt, "localhost", 1883, "", "", "/"});
    CHECK(parse_url("mqtt://me:secret@10.0.0.1:1884").value() == url{protocol::mqtt, "10.0.0.1", 1884, "me", "secret", "/"});
    CHECK(parse_url("amqp://localhost").value() == url{protocol::amqp, "localhost", 5672, "guest", "guest", "/"});
    CHECK(parse_url("amqp://a:b@host:1/shop").value() == url{protocol::amqp, "host", 1, "a", "b", "shop"});
    CHECK(parse_url("amqp://host/").value().vhost == "/");
}

TEST_CASE("reserved characters are written with % (RFC 3986, 2.1)") {
    const url u = parse_url("amqp://us%40er:p%3A%2f%25@host/%2Fmine").value();
    CHECK(u.user == "us@er");
    CHECK(u.password == "p:/%");
    CHECK(u.vhost == "/mine");
}

TEST_CASE("a password may hold what separates elsewhere") {
    const url u = parse_url("mqtt://user:a:b@c@host:5").value();
    CHECK(u.password == "a:b@c");
    CHECK(u.host == "host");
    CHECK(u.port == 5);
}

TEST_CASE("addresses of IPv6 stand in brackets (RFC 3986, 3.2.2)") {
    const url u = parse_url("mqtt://[::1]:99").value();
    CHECK(u.host == "::1");
    CHECK(u.port == 99);
    CHECK(u.place() == "[::1]:99");
    CHECK(parse_url("mqtt://[::1]").value().port == 1883);
}

TEST_CASE("what cannot be understood is refused with a reason") {
    CHECK(wrong_with("localhost").find("does not begin with mqtt://") != std::string::npos);
    CHECK(wrong_with("http://localhost").find("does not begin") != std::string::npos);
    CHECK(wrong_with("mqtt://").find("no host") != std::string::npos);
    CHECK(wrong_with("mqtt://host:port").find("not a port") != std::string::npos);
    CHECK(wrong_with("mqtt://host:0").find("not a port") != std::string::npos);
    CHECK(wrong_with("mqtt://host:65536").find("not a port") != std::string::npos);
    CHECK(wrong_with("mqtt://host:12x").find("not a port") != std::string::npos);
    CHECK(wrong_with("mqtt://u%4@host").find("hexadecimal") != std::string::npos);
    CHECK(wrong_with("mqtt://host/vhost").find("no vhost") != std::string::npos);
}
