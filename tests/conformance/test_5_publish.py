"""PUBLISH of MQTT 5.0: flags, retained messages, properties, aliases, and who gets what (3.3)."""

import time

import pytest
import wire
import wire5
from statements import proves5 as proves

KEPT = {"session_expiry_interval": 60}


# --- flags -------------------------------------------------------------------------------------------------------------------

@proves("MQTT-3.3.1-4", "MQTT-2.1.3-1")
@pytest.mark.parametrize("flags", (0b0110, 0b0111, 0b1110, 0b1111))
def test_both_qos_bits_are_malformed(expect_end, flags):
    expect_end(wire5.publish("both", b"", packet_id=1, flags=flags), 0x81)


@proves("MQTT-3.3.1-2", "MQTT-4.3.1-1")
@pytest.mark.parametrize("flags", (0b1000, 0b1001))
def test_dup_with_qos_0_is_malformed(expect_end, flags):
    expect_end(wire5.publish("dup", flags=flags), 0x81)


@proves("MQTT-3.3.1-3", "MQTT-3.3.1-2", "MQTT-4.3.1-1", "MQTT-4.3.2-2", "MQTT-4.3.3-2")
@pytest.mark.parametrize("granted", (0, 1, 2))
def test_dup_of_what_comes_in_does_not_matter_for_what_goes_out(connect5, publisher5, name, granted):
    client = connect5(name)
    client.subscribe(name, qos=granted)
    for quality in (1, 2):
        publisher5.publish(name, qos=quality, dup=True)
        client.take(name, dup=False, qos=min(quality, granted))


@proves("MQTT-3.3.1-1", "MQTT-4.3.2-3", "MQTT-4.3.3-3")
@pytest.mark.parametrize("quality", (1, 2))
def test_what_is_delivered_again_has_dup(connect5, publisher5, name, quality):
    client = connect5(name, properties=KEPT)
    client.subscribe(name, qos=2)
    publisher5.publish(name, b"m", qos=quality)
    first = client.expect_publish(name, b"m", qos=quality, dup=False)
    for _ in range(2):
        client.reset()
        client = connect5(name, clean=False, properties=KEPT)
        client.expect_publish(name, b"m", qos=quality, dup=True, packet_id=first.packet_id)


# --- retained messages -------------------------------------------------------------------------------------------------------

def retained(connect5, name, filter_=None, **options):
    """What a new subscriber is sent at once."""
    client = connect5(name + "-late")
    client.subscribe((filter_ or name, wire5.options(2, **options)))
    messages = []
    for packet in client.arrived():
        assert packet.kind == "PUBLISH" and packet.retain and not packet.dup
        messages.append((packet.topic, packet.payload))
    return sorted(messages)


@proves("MQTT-3.3.1-5")
@pytest.mark.parametrize("quality", (0, 1, 2))
def test_a_retained_message_replaces_the_one_before(connect5, publisher5, name, quality):
    for payload in (b"1", b"2", b"3"):
        publisher5.publish(name, payload, qos=quality, retain=True)
        publisher5.expect_nothing()
        assert retained(connect5, name) == [(name, payload)]


@proves("MQTT-3.3.1-5")
def test_a_retained_message_replaces_no_other_topic_s(connect5, publisher5, name):
    topics = sorted(f"{name}{end}" for end in ("", "/", "/a", "/A", "/a/", "/a/b", "//a"))
    for topic in topics:
        publisher5.publish(topic, topic, qos=1, retain=True)
    assert retained(connect5, name, f"{name}/#") == [(topic, topic.encode()) for topic in topics]


@proves("MQTT-3.3.1-6", "MQTT-3.3.1-7")
@pytest.mark.parametrize("quality", (0, 1, 2))
def test_an_empty_retained_message_removes_what_was_retained_and_is_delivered(connect5, publisher5, name, quality):
    client = connect5(name)
    client.subscribe((name, wire5.options(2, retain_as_published=True)))
    publisher5.publish(name, b"old", retain=True)
    client.take(name, b"old")
    publisher5.publish(name, b"", qos=quality, retain=True)
    client.take(name, b"", qos=quality, retain=True)
    assert not retained(connect5, name)
    publisher5.publish(name, b"", qos=quality, retain=True)  # where there is none it is a message like any other
    client.take(name, b"", qos=quality, retain=True)
    assert not retained(connect5, name)


@proves("MQTT-3.3.1-8")
def test_without_retain_nothing_is_stored_replaced_or_removed(connect5, publisher5, name):
    publisher5.publish(name, b"not kept", qos=1)
    assert not retained(connect5, name)
    publisher5.publish(name, b"kept", qos=1, retain=True)
    for payload in (b"other", b""):
        publisher5.publish(name, payload, qos=1)
        assert retained(connect5, name) == [(name, b"kept")]


@proves("MQTT-3.3.1-9")
@pytest.mark.parametrize("filter_, topics", [
    ("{}/a", ["a"]), ("{}/+", ["a", "b"]), ("{}/#", ["", "a", "a/c", "b", "b/c"]), ("{}/+/c", ["a/c", "b/c"]), ("{}/a/#", ["a", "a/c"]),
    ("{}", [""]), ("{}/none", []), ("{}/+/+/#", ["a/c", "b/c"])])
def test_a_new_subscription_is_sent_all_retained_messages_that_match(connect5, publisher5, name, filter_, topics):
    for topic in ("", "a", "b", "a/c", "b/c"):
        publisher5.publish(f"{name}/{topic}".rstrip("/"), "of " + topic, qos=1, retain=True)
    expected = sorted((f"{name}/{topic}".rstrip("/"), f"of {topic}".encode()) for topic in topics)
    assert retained(connect5, name, filter_.format(name)) == expected


@proves("MQTT-3.3.1-9", "MQTT-3.3.1-10", "MQTT-3.3.1-11", "MQTT-3.8.4-3", "MQTT-3.8.4-4")
@pytest.mark.parametrize("handling, counts", [(0, [1, 1, 1]), (1, [1, 0, 1]), (2, [0, 0, 0])])
def test_retain_handling_says_when_retained_messages_are_sent(connect5, publisher5, name, handling, counts):
    """For a new subscription, the same again, and again once it was removed; and for a second session."""
    publisher5.publish(name, b"kept", qos=1, retain=True)
    pair = (name, wire5.options(1, retain_handling=handling))
    client, found = connect5(name, properties=KEPT), []
    for again in range(3):
        if again == 2:
            client.unsubscribe(name)
        client.subscribe(pair)
        messages = client.arrived()
        for message in messages:
            client.finish(message)
        found.append(len(messages))
    assert found == counts
    client.disconnect()
    resumed = connect5(name, clean=False, properties=KEPT)
    resumed.expect_nothing()  # coming back subscribes to nothing
    resumed.subscribe(pair)
    assert len(resumed.arrived()) == (handling == 0)
    assert len(retained(connect5, name, retain_handling=handling)) == (handling < 2)


@proves("MQTT-3.3.1-10", "MQTT-3.8.4-5")
def test_each_filter_of_a_packet_has_its_own_retain_handling(connect5, publisher5, name):
    for topic in "abc":
        publisher5.publish(f"{name}/{topic}", topic, qos=1, retain=True)
    client = connect5(name)
    client.subscribe((f"{name}/b", 0))
    assert len(client.arrived()) == 1
    client.subscribe((f"{name}/a", wire5.options(retain_handling=0)), (f"{name}/b", wire5.options(retain_handling=1)),
                     (f"{name}/c", wire5.options(retain_handling=2)))
    assert [message.payload for message in client.arrived()] == [b"a"]


@proves("MQTT-3.3.1-12", "MQTT-3.3.1-13")
@pytest.mark.parametrize("as_published", (False, True))
def test_the_retain_flag_of_what_is_forwarded_follows_retain_as_published(connect5, publisher5, name, as_published):
    client = connect5(name)
    client.subscribe((name, wire5.options(1, retain_as_published=as_published)))
    for retain in (True, False):
        publisher5.publish(name, b"m", qos=1, retain=retain)
        client.take(name, b"m", retain=retain and as_published)
    client.subscribe((name, wire5.options(1, retain_as_published=as_published)))
    client.take(name, b"m", retain=True)  # sent because of the subscription: always
    publisher5.publish(name, b"", retain=True)


@proves("MQTT-3.3.1-12", "MQTT-3.3.1-13")
def test_the_retain_flag_of_what_has_waited_follows_retain_as_published(connect5, publisher5, name):
    client = connect5(name, properties=KEPT)
    client.subscribe((f"{name}/kept", wire5.options(1, retain_as_published=True)), (f"{name}/not", wire5.options(1)))
    client.disconnect()
    for topic in ("kept", "not"):
        publisher5.publish(f"{name}/{topic}", b"m", qos=1, retain=True)
    client = connect5(name, clean=False)
    client.take(f"{name}/kept", retain=True)
    client.take(f"{name}/not", retain=False)


@proves("MQTT-3.3.1-5", "MQTT-3.3.2-17")
def test_a_retained_message_keeps_its_properties_and_survives_a_crash(own_broker, connect, name):
    properties = {"user_property": [("b", "1"), ("a", "2")], "content_type": "t", "response_topic": "r", "correlation_data": b"c",
                  "payload_format_indicator": 1}
    connect(name, wire.V5, to=own_broker).publish(name, b"kept", qos=1, retain=True, properties=properties)
    for _ in range(2):
        client = connect(name, wire.V5, to=own_broker)
        client.subscribe((name, 2))
        assert client.take(name, b"kept", qos=1, retain=True).properties == properties
        own_broker.kill_and_restart()


# --- topic names -------------------------------------------------------------------------------------------------------------

@proves("MQTT-3.3.2-2", "MQTT-4.7.0-1")
@pytest.mark.parametrize("topic", ("#", "+", "a/#", "a/+/b", "a+", "#a", "a/b#"))
@pytest.mark.parametrize("quality", (0, 1, 2))
def test_a_topic_name_has_no_wildcards(expect_end, topic, quality):
    expect_end(wire5.publish(topic, b"", quality, 1 if quality else None), 0x90)


@proves("MQTT-4.7.3-1", "MQTT-3.3.2-1")
def test_a_topic_name_that_is_empty_needs_an_alias(expect_end):
    expect_end(wire5.publish(""), 0x82)


@proves("MQTT-3.3.2-1")
@pytest.mark.parametrize("body", (b"", b"\0", b"\0\5", b"\0\5abcd", b"\xff\xff" + bytes(9)))
def test_a_topic_name_that_is_not_whole_is_malformed(expect_end, body):
    expect_end(wire5.packet("PUBLISH", body), 0x81)


@proves("MQTT-3.3.2-3")
@pytest.mark.parametrize("filter_", ("{}/a/b", "{}/+/b", "{}/a/+", "{}/#", "{}/a/#", "{}/a/b/#", "{}/+/+", "+/a/b"))
def test_what_is_delivered_matches_the_filter(connect5, publisher5, name, filter_):
    client = connect5(name)
    client.subscribe((filter_.format(name), wire5.options(1, retain_handling=2)))
    for topic in ("a/c/b", "A/b", "b/a", "a/b", "x"):
        publisher5.publish(f"{name}/{topic}", topic, qos=1)
    publisher5.publish("other/a/x", b"no", qos=1)
    levels = filter_.format(name).split("/")

    def matches(topic):
        parts = topic.split("/")
        if levels[-1] == "#":
            return len(parts) >= len(levels) - 1 and all(one in ("+", part) for one, part in zip(levels[:-1], parts))
        return len(parts) == len(levels) and all(one in ("+", part) for one, part in zip(levels, parts))

    expected = [topic for topic in (f"{name}/{one}" for one in ("a/c/b", "A/b", "b/a", "a/b", "x")) if matches(topic)]
    assert [message.topic for message in client.arrived()] == expected and expected


# --- properties --------------------------------------------------------------------------------------------------------------

FORWARDED = {
    "nothing": {},
    "payload format 0": {"payload_format_indicator": 0},
    "payload format 1": {"payload_format_indicator": 1},
    "content type": {"content_type": "application/x; \u00fc"},
    "empty content type": {"content_type": ""},
    "response topic": {"response_topic": "$some/where \u20ac/"},
    "correlation data": {"correlation_data": bytes(range(256))},
    "empty correlation data": {"correlation_data": b""},
    "long correlation data": {"correlation_data": bytes(65_535)},
    "user properties": {"user_property": [("z", "1"), ("a", "2"), ("z", "1"), ("z", "0"), ("", ""), ("a", "")]},
    "long user property": {"user_property": [("n" * 65_535, "v" * 65_535)]},
    "all": {"payload_format_indicator": 1, "content_type": "t", "response_topic": "r", "correlation_data": b"c",
            "user_property": [("n", "v")]},
}


@proves("MQTT-3.3.2-4", "MQTT-3.3.2-15", "MQTT-3.3.2-16", "MQTT-3.3.2-17", "MQTT-3.3.2-18", "MQTT-3.3.2-20", "MQTT-3.3.2-13",
        "MQTT-3.3.2-14", "MQTT-3.3.2-19")
@pytest.mark.parametrize("properties", FORWARDED.values(), ids=FORWARDED)
def test_properties_are_forwarded_unaltered(connect5, publisher5, name, properties):
    """To each subscriber: one that is there, one that was away, one that comes for what is retained."""
    there, away = connect5(name), connect5(name + "-away", properties=KEPT)
    for client in (there, away):
        client.subscribe(name, qos=1)
    away.disconnect()
    publisher5.publish(name, b"m", qos=1, retain=True, properties=properties)
    late = connect5(name + "-late")
    late.subscribe(name, qos=1)
    for client in (there, connect5(name + "-away", clean=False), late):
        assert client.take(name, b"m").properties == properties
    publisher5.publish(name, b"", retain=True)


@proves("MQTT-3.3.2-18", "MQTT-3.3.2-17")
def test_user_properties_keep_their_order_among_other_properties(connect5, publisher5, name):
    client = connect5(name)
    client.subscribe(name)
    publisher5.publish(name, properties=[("user_property", ("b", "1")), ("content_type", "t"), ("user_property", ("a", "2")),
                                         ("topic_alias", 1), ("user_property", ("b", "0"))])
    assert client.expect_publish(name).properties == {"content_type": "t", "user_property": [("b", "1"), ("a", "2"), ("b", "0")]}


@proves("MQTT-3.3.2-5", "MQTT-3.3.2-6", "MQTT-4.3.3-7", "MQTT-4.3.3-13")
@pytest.mark.parametrize("quality", (1, 2))
def test_a_message_expires_for_those_whom_it_has_not_been_sent_to(connect5, publisher5, name, quality):
    """One was sent it and is away, one has no credit for it, one was away before; one takes it at once."""
    started, expires = KEPT | {"receive_maximum": 1}, {"message_expiry_interval": 1}
    sent, stuck, away, there = (connect5(f"{name}-{who}", properties=started) for who in ("sent", "stuck", "away", "there"))
    for client in (sent, stuck, away, there):
        client.subscribe(f"{name}/#", qos=2)
    away.disconnect()
    publisher5.publish(f"{name}/filler", qos=1)
    filler = stuck.expect_publish()
    sent.take(), there.take()
    publisher5.publish(f"{name}/expiring", b"m", qos=quality, properties=expires)
    assert there.take(f"{name}/expiring").properties["message_expiry_interval"] in (0, 1)
    under_way = sent.expect_publish(f"{name}/expiring")
    if quality == 2:
        sent.acknowledge("PUBREC", under_way.packet_id).expect("PUBREL")
    sent.disconnect()
    time.sleep(1.2)  # nothing happens that could be waited for

    stuck.acknowledge("PUBACK", filler.packet_id)
    stuck.expect_nothing()
    away = connect5(f"{name}-away", clean=False)
    away.take(f"{name}/filler")
    away.expect_nothing()
    sent = connect5(f"{name}-sent", clean=False)
    if quality == 2:
        sent.expect("PUBREL", packet_id=under_way.packet_id)
        sent.acknowledge("PUBCOMP", under_way.packet_id).expect_nothing()
    else:  # sent again, because it was sent; its interval is over
        sent.take(f"{name}/expiring", dup=True)


@proves("MQTT-3.3.2-6", "MQTT-3.3.2-5")
def test_the_expiry_interval_is_what_is_left_of_it(connect5, publisher5, name):
    client = connect5(name, properties=KEPT)
    client.subscribe(f"{name}/#", qos=1)
    client.disconnect()
    for seconds in (1, 10, 0xFFFFFFFF):
        publisher5.publish(f"{name}/{seconds}", b"m", qos=1, retain=True, properties={"message_expiry_interval": seconds})
    publisher5.publish(f"{name}/never", qos=1, retain=True, payload=b"n")
    time.sleep(1.2)  # nothing happens that could be waited for
    back, late = connect5(name, clean=False), connect5(name + "-late")
    late.subscribe(f"{name}/#", qos=1)
    for client in (back, late):
        left = {message.topic.split("/")[1]: message.properties.get("message_expiry_interval") for message in client.arrived()}
        assert sorted(left) == ["10", "4294967295", "never"] and left["never"] is None
        assert left["10"] in (8, 9) and 0xFFFFFFFF - 3 <= left["4294967295"] < 0xFFFFFFFF


@proves("MQTT-3.3.2-5")
def test_a_retained_message_expires(connect5, publisher5, name):
    """3.3.1.3"""
    publisher5.publish(name, b"m", qos=1, retain=True, properties={"message_expiry_interval": 1})
    assert retained(connect5, name) == [(name, b"m")]
    time.sleep(1.1)  # nothing happens that could be waited for
    assert not retained(connect5, name)


# --- aliases -----------------------------------------------------------------------------------------------------------------

@proves("MQTT-3.3.2-12")
def test_an_alias_stands_for_the_topic_that_came_with_it_last(connect5, name):
    client = connect5(name)
    client.subscribe(f"{name}/#")
    alias = {"topic_alias": 1}
    for topic in ("a", "b"):
        client.publish(f"{name}/{topic}", b"set", properties=alias)
        client.expect_publish(f"{name}/{topic}", b"set")
        client.publish("", b"used", properties=alias)
        client.expect_publish(f"{name}/{topic}", b"used")
        client.publish("", b"acknowledged", qos=1, properties=alias)
        client.expect_publish(f"{name}/{topic}", b"acknowledged")


@proves("MQTT-3.3.2-7")
def test_aliases_end_with_their_connection(connect5, name):
    client = connect5(name, properties=KEPT)
    client.publish(name, properties={"topic_alias": 1})
    client.disconnect()
    client = connect5(name, clean=False, properties=KEPT)
    client.send(wire5.publish("", properties={"topic_alias": 1})).expect_closed(disconnect=0x82)  # 3.3.4


@proves("MQTT-3.3.2-7", "MQTT-3.1.2-26")
def test_the_server_s_aliases_end_with_their_connection(connect5, publisher5, name):
    allowed = KEPT | {"topic_alias_maximum": 5}
    for clean in (True, False):
        client = connect5(name, clean=clean, properties=allowed)
        client.subscribe(name)
        publisher5.publish(name, qos=1)
        client.expect_publish(name)  # in full
        client.reset()


@proves("MQTT-3.3.2-7")
def test_a_message_with_an_alias_is_delivered_again_with_its_topic(connect5, publisher5, name):
    allowed = KEPT | {"topic_alias_maximum": 5}
    client = connect5(name, properties=allowed)
    client.subscribe(name, qos=1)
    for payload in (b"1", b"2"):
        publisher5.publish(name, payload, qos=1)
        client.expect_publish(payload=payload)
    client.reset()
    client = connect5(name, clean=False, properties=allowed)
    first = client.expect_publish(name, b"1", dup=True)
    second = client.expect_publish(payload=b"2", dup=True)
    assert second.topic == name or second.properties["topic_alias"] == first.properties["topic_alias"]


@proves("MQTT-3.3.2-8")
def test_alias_0_is_invalid(expect_end):
    expect_end(wire5.publish("alias", properties={"topic_alias": 0}), 0x94)
    expect_end(wire5.publish("", properties={"topic_alias": 0}), 0x94)


@proves("MQTT-3.3.2-9")
def test_an_alias_above_the_server_s_maximum_is_invalid(connect5, name):
    client = connect5(name)
    above = client.connack.properties["topic_alias_maximum"] + 1
    client.send(wire5.publish(name, properties={"topic_alias": above})).expect_closed(disconnect=0x94)


@proves("MQTT-3.3.2-7", "MQTT-3.3.2-12")
def test_client_and_server_use_aliases_independently(connect5, publisher5, name):
    client = connect5(name, properties={"topic_alias_maximum": 1})
    client.subscribe(f"{name}/theirs")
    publisher5.publish(f"{name}/theirs")
    assert client.expect_publish(f"{name}/theirs").properties == {"topic_alias": 1}
    client.send(wire5.publish("", properties={"topic_alias": 1})).expect_closed(disconnect=0x82)


# --- who gets what -----------------------------------------------------------------------------------------------------------

@proves("MQTT-3.3.4-1")
def test_publish_is_answered_as_its_qos_demands(connect5, name):
    client = connect5(name)
    client.send(wire5.publish(name)).expect_nothing()
    client.send(wire5.publish(name, qos=1, packet_id=5)).expect("PUBACK", packet_id=5)
    client.send(wire5.publish(name, qos=2, packet_id=5)).expect("PUBREC", packet_id=5)
    client.expect_nothing()


@proves("MQTT-3.3.4-2", "MQTT-3.8.4-8")
@pytest.mark.parametrize("published", (0, 1, 2))
def test_overlapping_subscriptions_give_their_highest_qos(connect5, publisher5, name, published):
    for granted in ((0, 1), (1, 0), (0, 2), (2, 1), (1, 2), (0, 0)):
        client = connect5(name)
        client.subscribe((f"{name}/#", granted[0]), (f"{name}/a", granted[1]))
        publisher5.publish(f"{name}/a", qos=published)
        client.take(f"{name}/a", qos=min(published, max(granted)))
        publisher5.publish(f"{name}/fence", qos=1)
        client.take(f"{name}/fence")  # one copy was all


@proves("MQTT-3.3.4-3", "MQTT-3.3.4-4", "MQTT-3.3.4-5")
def test_one_copy_has_the_identifiers_of_all_subscriptions_that_match(connect5, publisher5, name):
    client = connect5(name)
    for filter_, identifier in ((f"{name}/#", 1), (f"{name}/+", 2), (f"{name}/a", 268_435_455), ("+/a", 2), (f"{name}/b", 9)):
        client.subscribe((filter_, wire5.options(1, retain_handling=2)), properties={"subscription_identifier": identifier})
    client.subscribe(f"{name}/a/#", qos=2)  # without one
    publisher5.publish(f"{name}/a", qos=2)
    message = client.take(f"{name}/a", qos=2)
    assert sorted(message.properties["subscription_identifier"]) == [1, 2, 2, 268_435_455]
    client.unsubscribe(f"{name}/+")
    client.subscribe(f"{name}/#", qos=1)  # now without
    publisher5.publish(f"{name}/a", qos=1)
    assert sorted(client.take(f"{name}/a", qos=1).properties["subscription_identifier"]) == [2, 268_435_455]
    publisher5.publish(f"{name}/c", qos=1)
    assert client.take(f"{name}/c").properties == {}


@proves("MQTT-3.3.4-3", "MQTT-3.3.4-5")
def test_retained_messages_have_the_identifier_of_the_subscription_that_brings_them(connect5, publisher5, name):
    publisher5.publish(name, b"kept", qos=1, retain=True)
    client = connect5(name)
    for filter_, identifier in ((name, 5), (f"{name}/#", 6), (name, 7)):
        client.subscribe(filter_, properties={"subscription_identifier": identifier})
        assert client.take(name, b"kept").properties == {"subscription_identifier": [identifier]}
    publisher5.publish(name, b"", retain=True)


@proves("MQTT-3.3.4-3")
def test_each_client_gets_its_own_subscription_identifiers(connect5, publisher5, name):
    clients = {number: connect5(f"{name}-{number}") for number in (1, 2)}
    for number, client in clients.items():
        client.subscribe(name, properties={"subscription_identifier": number})
    publisher5.publish(name)
    for number, client in clients.items():
        assert client.take(name).properties == {"subscription_identifier": [number]}


@proves("MQTT-3.3.4-6")
@pytest.mark.parametrize("quality", (0, 1, 2))
def test_a_client_s_publish_has_no_subscription_identifier(expect_end, quality):
    expect_end(wire5.publish("own", b"", quality, 1 if quality else None, properties={"subscription_identifier": 1}), 0x82)
