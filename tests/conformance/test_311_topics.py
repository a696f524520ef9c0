"""Topic names and filters of MQTT 3.1.1 (4.7)."""

import pytest
import wire
from statements import proves311 as proves
from wire import V311

# (filter, topic names that it matches, topic names that it does not match)
MATCHING = [
    ("sport/tennis/player1/#", ["sport/tennis/player1", "sport/tennis/player1/ranking", "sport/tennis/player1/score/wimbledon", "sport/tennis/player1/"],
     ["sport/tennis", "sport/tennis/player2", "sport/tennis/player11", "Sport/tennis/player1"]),
    ("sport/#", ["sport", "sport/", "sport//", "sport/a/b/c/d/e"], ["sports", "/sport", "spor", ""]),
    ("#", ["a", "/", "/a", "a/", "//", "a/b/c", " "], []),
    ("/#", ["/", "/a", "/a/b", "//"], ["a", "a/b"]),
    ("sport/tennis/+", ["sport/tennis/player1", "sport/tennis/player2", "sport/tennis/"], ["sport/tennis/player1/ranking", "sport/tennis", "sport/tennis//"]),
    ("sport/+", ["sport/", "sport/a"], ["sport", "sport/a/b", "sport//"]),
    ("+", ["finance", "a", " "], ["/finance", "a/b", "/", "a/"]),
    ("+/+", ["/finance", "a/b", "/", "a/"], ["finance", "a/b/c", "//"]),
    ("/+", ["/finance", "/"], ["finance", "/a/b", "a/b"]),
    ("+/tennis/#", ["sport/tennis", "/tennis", "sport/tennis/a/b"], ["sport/football", "tennis", "a/sport/tennis"]),
    ("sport/+/player1", ["sport/tennis/player1", "sport//player1"], ["sport/player1", "sport/a/b/player1"]),
    ("+/+/+", ["//", "a/b/c", "a//c"], ["a/b", "a/b/c/d"]),
    ("+/a/+/b/#", ["x/a/y/b", "x/a/y/b/z", "/a//b"], ["x/a/y/c", "a/y/b"]),
    ("/", ["/"], ["//", "a", "/a", "a/"]),
    ("//", ["//"], ["/", "///", "/a/"]),
    ("a//b", ["a//b"], ["a/b", "a///b", "a/ /b"]),
    ("a/", ["a/"], ["a", "a//", "a/b"]),
    ("ACCOUNTS", ["ACCOUNTS"], ["Accounts", "accounts"]),
    ("Accounts payable", ["Accounts payable"], ["Accounts", "Accountspayable", "Accounts  payable", "Accounts payable "]),
    ("a.b/c", ["a.b/c"], ["a/b/c", "a.b.c", "a/b.c"]),
    ("a*/b", ["a*/b"], ["ab/b", "a/b", "axx/b"]),
    ("*", ["*"], ["a"]),
    ("a/$b/+", ["a/$b/c"], ["a/b/c"]),
    ("\u00e9", ["\u00e9"], ["e\u0301", "e", "\u00c9"]),
    ("\u212b/\u00c5", ["\u212b/\u00c5"], ["\u00c5/\u00c5", "\u212b/\u212b"]),
    ("\ufb01", ["\ufb01"], ["fi"]),
    ("\ufeffa", ["\ufeffa"], ["a"]),
    ("a\ufeff/b", ["a\ufeff/b"], ["a/b"]),
    ("\U0001d11e/\u6e29\u5ea6/+", ["\U0001d11e/\u6e29\u5ea6/1"], ["\u6e29\u5ea6/1"]),
    ("%41", ["%41"], ["A"]),
    ("a/./b", ["a/./b"], ["a/b"]),
    ("a/../b", ["a/../b"], ["b"]),
    ("a\\b", ["a\\b"], ["a/b"]),
]
STATED = proves("MQTT-3.3.2-3", "MQTT-4.7.3-4", "MQTT-4.7.3-1", "MQTT-4.7.1-2", "MQTT-4.7.1-3")


@pytest.fixture(scope="module")
def quiet_broker(new_broker):
    """A server on which nothing else happens."""
    made = new_broker()
    yield made
    made.close()


@STATED
@pytest.mark.parametrize("filter_, matched, others", MATCHING, ids=[row[0] for row in MATCHING])
def test_a_filter_matches_level_by_level_and_character_by_character(quiet_broker, connect, filter_, matched, others):
    subscriber, publisher = connect(to=quiet_broker), connect(to=quiet_broker)
    subscriber.subscribe(filter_, qos=0)
    for topic in [*others, *matched, *others]:
        if topic:
            publisher.publish(topic, topic, 1)
    for topic in matched:
        subscriber.expect_publish(topic, topic, qos=0)
    subscriber.expect_nothing()


@STATED
@pytest.mark.parametrize("filter_, matched, others", [row for row in MATCHING if len(row[1]) < 4], ids=[row[0] for row in MATCHING if len(row[1]) < 4])
def test_a_filter_finds_retained_messages_by_the_same_rules(quiet_broker, connect, filter_, matched, others):
    publisher = connect(to=quiet_broker)
    for topic in [*others, *matched]:
        publisher.publish(topic, topic, 1, retain=True)
    subscriber = connect(to=quiet_broker)
    subscriber.subscribe(filter_, qos=0)
    assert sorted(one.topic for one in subscriber.arrived()) == sorted(matched)
    for topic in [*others, *matched]:
        publisher.publish(topic, b"", 1, retain=True)


# --- topics that begin with $ ------------------------------------------------------------------------------------------------

@proves("MQTT-4.7.2-1")
@pytest.mark.parametrize("filter_", ["#", "+/#", "+/a", "+/+", "+", "+/a/#"])
@pytest.mark.parametrize("topic", ["$x/a", "$x", "$/a", "$SYSTEM/a", "$share/a"])
@pytest.mark.parametrize("retain", [False, True])
def test_filters_that_begin_with_a_wildcard_do_not_match_topics_that_begin_with_a_dollar(quiet_broker, connect, filter_, topic, retain):
    subscriber, publisher = connect(to=quiet_broker), connect(to=quiet_broker)
    subscriber.subscribe(filter_, qos=1)
    publisher.send(wire.publish(V311, topic, b"x", retain=retain)).expect_nothing()
    subscriber.expect_nothing()
    later = connect(to=quiet_broker)
    later.subscribe(filter_, qos=1)
    later.expect_nothing()
    connect(to=quiet_broker).try_send(wire.publish(V311, topic, b"", retain=True))


@proves("MQTT-4.7.2-1")
def test_a_dollar_anywhere_else_is_a_character_like_others(connect, name):
    subscriber, publisher = connect(), connect()
    subscriber.subscribe(f"{name}/+/#", qos=1)
    for topic in (f"{name}/$SYS", f"{name}/a$", f"{name}/$/b"):
        publisher.publish(topic, b"x", 1)
        subscriber.take(topic, b"x")


# --- lengths -----------------------------------------------------------------------------------------------------------------

@proves("MQTT-4.7.3-3", "MQTT-3.3.2-1")
@pytest.mark.parametrize("length", [127, 128, 16383, 16384, 32767, 32768, 65534, 65535])
@pytest.mark.parametrize("levels", ["one level", "many levels"])
def test_topics_and_filters_may_have_65535_bytes(connect, name, length, levels):
    topic = name.ljust(length, "x") if levels == "one level" else (name + "/level" * 200).ljust(length, "x")[:length]
    subscriber, publisher = connect(), connect()
    assert subscriber.subscribe(topic, qos=1).codes == [1]
    publisher.publish(topic, b"long", 1)
    subscriber.take(topic, b"long", qos=1)
    subscriber.unsubscribe(topic)
    publisher.publish(topic, b"long", 1)
    subscriber.expect_nothing()


@proves("MQTT-4.7.3-3")
def test_65535_bytes_may_be_of_any_characters(connect, name):
    topic = name + "/" + "\U0001d11e" * ((65535 - len(name) - 1) // 4)
    topic = topic + "z" * (65535 - len(topic.encode()))
    subscriber, publisher = connect(), connect()
    subscriber.subscribe(topic, f"{name}/+", qos=1)
    publisher.publish(topic, b"long", 1)
    subscriber.take(topic, b"long")


@proves("MQTT-1.5.3-3")
def test_the_byte_order_mark_is_a_character_that_is_kept(connect, name):
    plain, marked, publisher = connect(), connect(), connect()
    plain.subscribe(f"{name}/a", qos=1)
    marked.subscribe(f"{name}/\ufeffa", qos=1)
    publisher.publish(f"{name}/\ufeffa", b"\xef\xbb\xbfx", 1)
    marked.take(f"{name}/\ufeffa", b"\xef\xbb\xbfx")
    plain.expect_nothing()
    first = connect()
    first.subscribe(f"\ufeff{name}", qos=1)
    publisher.publish(name, b"x", 1)
    first.expect_nothing()
    publisher.publish(f"\ufeff{name}", b"x", 1)
    first.take(f"\ufeff{name}", b"x")


@proves("MQTT-1.5.3-1")
def test_well_formed_texts_at_the_edges_of_utf8_are_accepted(connect, name):
    subscriber, publisher = connect(), connect()
    subscriber.subscribe(f"{name}/+", qos=1)
    for character in ("\u00a1", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\ufffd", "\U00010000", "\U0010fffd", "\uff5e"):
        publisher.publish(f"{name}/{character}", b"x", 1)
        subscriber.take(f"{name}/{character}", b"x")
