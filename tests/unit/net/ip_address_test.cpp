// Addresses of clients: what they are called, which networks they belong to, and whose connections count as one's.
#include <catch2/catch.hpp>

#include "net/address_counts.hpp"
#include "net/ip_address.hpp"
#include "net/remote_address.hpp"

using namespace causeway::net;

namespace {

remote_address from(const std::string& ip) { return {ip_address::parse(ip).value(), 7}; }

bool contains(const std::string& network, const std::string& ip) {
    return ip_network::parse(network).value().contains(ip_address::parse(ip).value());
}

}  // namespace

TEST_CASE("an address is written as its family writes it, whichever way it came") {
    CHECK(from("192.0.2.1").text() == "192.0.2.1:7");
    CHECK(from("0.10.255.100").text() == "0.10.255.100:7");
    CHECK(from("::ffff:192.0.2.1").text() == "192.0.2.1:7");
    CHECK(from("2001:DB8:0:0::1").text() == "[2001:db8::1]:7");
    for (const char* text : {"", "localhost", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "::1%lo", ":::", "1.2.3.4/8"})
        CHECK_FALSE(ip_address::parse(text));
}

TEST_CASE("loopback is all of 127 and ::1, and nothing else") {
    for (const char* ip : {"127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"}) CHECK(from(ip).local());
    for (const char* ip : {"128.0.0.1", "::", "::2", "1::1", "0.0.0.0", "10.0.0.1"}) CHECK_FALSE(from(ip).local());
}

TEST_CASE("a network has the addresses that begin alike") {
    CHECK(contains("10.0.0.0/8", "10.255.1.2"));
    CHECK_FALSE(contains("10.0.0.0/8", "11.0.0.0"));
    CHECK(contains("192.0.2.128/25", "192.0.2.200"));
    CHECK_FALSE(contains("192.0.2.128/25", "192.0.2.127"));
    CHECK(contains("192.0.2.1", "::ffff:192.0.2.1"));
    CHECK_FALSE(contains("192.0.2.1", "192.0.2.2"));
    CHECK(contains("0.0.0.0/0", "203.0.113.9"));
    CHECK_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
    CHECK(contains("2001:db8::/33", "2001:db8:7fff::1"));
    CHECK_FALSE(contains("2001:db8::/33", "2001:db8:8000::1"));
    CHECK(contains("::/0", "192.0.2.1"));
    for (const char* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "::/129", "net/8"})
        CHECK_FALSE(ip_network::parse(text));
}

TEST_CASE("IPv4 clients count each, IPv6 clients by their network of 64 bits") {
    CHECK(from("192.0.2.1").key() != from("192.0.2.2").key());
    CHECK(from("192.0.2.1").key() == from("::ffff:192.0.2.1").key());
    CHECK(from("2001:db8:1:2::1").key() == from("2001:db8:1:2:ffff::1").key());
    CHECK(from("2001:db8:1:2::1").key() != from("2001:db8:1:3::1").key());
    CHECK(from("::1").key() != from("127.0.0.1").key());
}

TEST_CASE("an address has so many connections and no more, until one of them has gone") {
    address_counts counts(2);
    const address_key one = from("192.0.2.1").key(), other = from("192.0.2.2").key();
    CHECK(counts.enter(one));
    CHECK(counts.enter(one));
    CHECK_FALSE(counts.enter(one));
    CHECK(counts.enter(other));
    counts.leave(one);
    CHECK(counts.enter(one));
    CHECK_FALSE(counts.enter(one));
}

TEST_CASE("without a limit an address has any number of connections") {
    address_counts counts(0);
    for (int i = 0; i < 1000; ++i) REQUIRE(counts.enter(from("192.0.2.1").key()));
}
