"""SUBSCRIBE and SUBACK of MQTT 5.0 (3.8, 3.9)."""

import pytest
import wire5
from statements import proves5 as proves

KEPT = {"session_expiry_interval": 60}


@proves("MQTT-3.8.3-2")
@pytest.mark.parametrize("properties", ({}, {"user_property": ("a", "b")}))
def test_a_subscribe_without_filters_is_a_protocol_error(expect_end, properties):
    expect_end(wire5.subscribe(1, [], properties), 0x82)


@proves("MQTT-3.8.3-2", "MQTT-3.8.3-1", "MQTT-4.13.1-1")
@pytest.mark.parametrize("filters", (b"\0\1a", b"\0", b"\0\5a\0", b"\0\1a\0\0", b"\0\1a\0\0\1b", b"\0\1a\0\0\2b\0"))
def test_a_subscribe_whose_filters_are_not_whole_is_malformed(expect_end, filters):
    expect_end(wire5.packet("SUBSCRIBE", b"\0\1\0" + filters), 0x81)


@proves("MQTT-3.8.3-5")
@pytest.mark.parametrize("reserved", (0x40, 0x80, 0xC0))
def test_reserved_subscription_options_are_malformed(expect_end, reserved):
    for rest in (0x00, 0x01, 0x2E):
        expect_end(wire5.subscribe(1, [("reserved", reserved | rest)]), 0x81)
        expect_end(wire5.subscribe(1, [("good", 0), ("reserved", reserved | rest)]), 0x81)


@proves("MQTT-4.13.1-1", "MQTT-3.8.4-7")
@pytest.mark.parametrize("options", (0x03, 0x30, 0x07, 0x0B, 0x31, 0x3E))
def test_qos_3_and_retain_handling_3_are_protocol_errors(expect_end, options):
    """3.8.3.1"""
    expect_end(wire5.subscribe(1, [("three", options)]), 0x82)


@proves("MQTT-3.8.4-7")
@pytest.mark.parametrize("options", [quality | rest for quality in range(3) for rest in range(0, 0x30, 4)])
def test_all_other_options_are_taken(connect5, name, options):
    assert connect5(name).subscribe((name, options)).codes == [options & 3]


@proves("MQTT-3.8.3-4")
def test_no_local_on_a_shared_subscription_is_a_protocol_error(expect_end):
    expect_end(wire5.subscribe(1, [("$share/group/filter", wire5.options(1, no_local=True))]), 0x82)
    expect_end(wire5.subscribe(1, [("good", 0), ("$share/group/filter", wire5.options(no_local=True))]), 0x82)


# --- No Local ----------------------------------------------------------------------------------------------------------------

@proves("MQTT-3.8.3-3")
@pytest.mark.parametrize("quality", (0, 1, 2))
def test_no_local_keeps_one_s_own_messages_away(connect5, publisher5, name, quality):
    client = connect5(name)
    client.subscribe((f"{name}/#", wire5.options(2, no_local=True)))
    client.publish(f"{name}/own", qos=quality)
    publisher5.publish(f"{name}/theirs", qos=quality)
    client.take(f"{name}/theirs")
    client.subscribe((f"{name}/#", wire5.options(2)))
    client.publish(f"{name}/own", b"", qos=min(quality, 1))
    client.take(f"{name}/own")


@proves("MQTT-3.8.3-3")
def test_no_local_is_about_the_client_identifier_not_the_connection(connect5, name):
    """What was published on an earlier connection is one's own."""
    client = connect5(name, properties=KEPT)
    client.publish(name, b"own", qos=1, retain=True)
    client.disconnect()
    client = connect5(name, clean=False, properties=KEPT)
    client.subscribe((name, wire5.options(1, no_local=True)))
    client.expect_nothing()
    other = connect5(name + "-other")
    other.subscribe((name, wire5.options(1, no_local=True)))
    other.take(name, b"own", retain=True)
    client.publish(name, b"", qos=1, retain=True)


@proves("MQTT-3.8.3-3", "MQTT-3.3.4-3")
def test_no_local_does_not_keep_other_subscriptions_from_bringing_a_message(connect5, name):
    client = connect5(name)
    client.subscribe((f"{name}/#", wire5.options(2, no_local=True)), properties={"subscription_identifier": 1})
    client.subscribe((f"{name}/a", wire5.options(1)), properties={"subscription_identifier": 2})
    client.publish(f"{name}/a", qos=1)
    assert client.take(f"{name}/a", qos=1).properties == {"subscription_identifier": [2]}
    client.expect_nothing()


@proves("MQTT-3.8.3-3")
def test_no_local_keeps_one_s_own_will_away(connect5, publisher5, name):
    client = connect5(name, properties=KEPT, will=wire5.Will(name, b"gone", 1))
    client.subscribe((name, wire5.options(1, no_local=True)))
    publisher5.subscribe(name)
    client.reset()
    publisher5.take(name, b"gone")
    connect5(name, clean=False).expect_nothing()


# --- SUBACK ------------------------------------------------------------------------------------------------------------------

@proves("MQTT-3.8.4-1", "MQTT-3.8.4-2", "MQTT-3.8.4-6", "MQTT-3.8.4-7", "MQTT-3.9.3-1", "MQTT-3.9.3-2")
def test_suback_has_one_code_for_each_filter_in_their_order(connect5, name):
    client = connect5(name)
    for codes in ([0], [2, 0, 1], [1] * 50, list(range(3)) * 40):
        assert client.subscribe(*((f"{name}/{number}", code) for number, code in enumerate(codes))).codes == codes


@proves("MQTT-3.8.4-6", "MQTT-3.8.4-7", "MQTT-3.9.3-1", "MQTT-3.9.3-2", "MQTT-3.8.4-5")
def test_refused_filters_do_not_hinder_the_others(secured_broker, connect5, name):
    client = connect5(name, to=secured_broker, user="limited", password="secret")
    filters = [("allowed/a", 1), ("forbidden", 2), ("allowed/#", 2), ("#", 0), ("allowed/b", 0)]
    assert client.subscribe(*filters).codes == [1, 0x87, 2, 0x87, 0]
    owner = connect5(name + "-owner", to=secured_broker, user="owner", password="secret")
    for topic in ("forbidden", "allowed/a"):
        owner.publish(topic, qos=2)
    client.take("allowed/a", qos=2)
    client.expect_nothing()


@proves("MQTT-3.9.2-1", "MQTT-3.9.2-2", "MQTT-3.1.2-29")
def test_suback_explains_itself_only_where_there_is_room(check_answer):
    check_answer(lambda client: client.subscribe("forbidden", "allowed/a"))


@proves("MQTT-3.8.4-8", "MQTT-3.8.4-7")
@pytest.mark.parametrize("granted", (0, 1, 2))
@pytest.mark.parametrize("published", (0, 1, 2))
def test_messages_come_with_the_lower_of_both_qos(connect5, publisher5, name, granted, published):
    """Those that are retained, too."""
    client = connect5(name)
    assert client.subscribe(name, qos=granted).codes == [granted]
    publisher5.publish(name, b"m", qos=published, retain=True)
    client.take(name, b"m", qos=min(granted, published))
    client.subscribe(name, qos=granted)
    client.take(name, b"m", qos=min(granted, published), retain=True)
    publisher5.publish(name, b"", retain=True)


# --- the same filter again ---------------------------------------------------------------------------------------------------

@proves("MQTT-3.8.4-3")
def test_the_same_filter_again_replaces_the_subscription(connect5, publisher5, name):
    """Options and identifier are those of the last one, and there is one copy."""
    client = connect5(name)
    for quality, identifier in ((0, 1), (2, None), (1, 3)):
        client.subscribe((name, wire5.options(quality, retain_as_published=quality == 1, retain_handling=2)),
                         properties={"subscription_identifier": identifier} if identifier else {})
        publisher5.publish(name, b"m", qos=2, retain=True)
        message = client.take(name, b"m", qos=quality, retain=quality == 1)
        assert message.properties.get("subscription_identifier") == ([identifier] if identifier else None)
        client.expect_nothing()
    publisher5.publish(name, b"", retain=True)


@proves("MQTT-3.8.4-4", "MQTT-3.8.4-3")
def test_retain_handling_0_brings_the_retained_messages_again(connect5, publisher5, name):
    publisher5.publish(name, b"kept", qos=1, retain=True)
    client = connect5(name)
    for quality in (0, 1, 1):
        client.subscribe(name, qos=quality)
        client.take(name, b"kept", qos=quality, retain=True)
    publisher5.publish(name, b"", retain=True)


@proves("MQTT-3.8.4-4", "MQTT-3.8.4-3")
def test_no_message_is_lost_or_doubled_while_a_subscription_is_replaced(connect5, publisher5, name):
    client, count, seen = connect5(name, properties={"receive_maximum": 3}), 200, []
    client.subscribe(name, qos=1)
    publisher5.send(*(wire5.publish(name, str(number), 1, 1 + number) for number in range(count)))
    renewals = 0
    while len(seen) < count:
        if renewals < 30:
            renewals += 1
            client.send(wire5.subscribe(renewals, [(name, wire5.options(1, retain_as_published=renewals % 2 == 0))]))
        packet = client.next()
        if packet.kind == "PUBLISH":
            seen.append(int(client.finish(packet).payload))
    assert seen == list(range(count))


@proves("MQTT-3.8.4-5")
def test_several_filters_act_as_several_subscribes(connect5, publisher5, name):
    """Even the same one: the last counts, and each brings what is retained."""
    publisher5.publish(f"{name}/a", b"kept", qos=1, retain=True)
    client = connect5(name)
    suback = client.subscribe((f"{name}/a", 0), (f"{name}/+", 1), (f"{name}/a", 2), properties={"subscription_identifier": 7})
    assert suback.codes == [0, 1, 2]
    messages = client.arrived()
    assert [message.topic for message in messages] == [f"{name}/a"] * 3
    for message in messages:
        assert message.properties == {"subscription_identifier": [7]}
        client.finish(message)
    publisher5.publish(f"{name}/a", b"", qos=2, retain=True)
    message = client.take(f"{name}/a", qos=2)
    assert message.properties == {"subscription_identifier": [7, 7]}
    client.expect_nothing()


# --- filters -----------------------------------------------------------------------------------------------------------------

BAD_FILTERS = ("", "a#", "#/a", "a/#/b", "a/b#", "+a", "a+", "a/+b", "a/b+/c", "##", "++", "a/##", "#/#", "a/#/")


@proves("MQTT-4.7.1-1", "MQTT-4.7.1-2", "MQTT-4.7.3-1", "MQTT-4.13.1-1")
@pytest.mark.parametrize("filter_", BAD_FILTERS)
def test_a_filter_with_misplaced_wildcards_ends_the_connection(expect_end, filter_):
    expect_end(wire5.subscribe(1, [(filter_, 0)]), 0x8F)
    expect_end(wire5.subscribe(1, [("good", 0), (filter_, 0)]), 0x8F)
    expect_end(wire5.unsubscribe(1, [filter_]), 0x8F)


@proves("MQTT-4.7.1-1", "MQTT-4.7.1-2")
@pytest.mark.parametrize("filter_", (
    "#", "+", "/", "//", "+/+", "/+", "+/", "+/#", "/#", "a//b", " ", "a b/ c", "+/a/+/#", "/$share/x", "a/$share/b"))
def test_a_filter_with_wildcards_in_their_places_is_taken(connect5, name, filter_):
    client = connect5(name)
    assert client.subscribe((filter_, wire5.options(retain_handling=2))).codes == [0]
    assert client.unsubscribe(filter_).codes == [0]


@proves("MQTT-4.7.3-3")
@pytest.mark.parametrize("size", (65_534, 65_535))
def test_topics_and_filters_of_up_to_65535_bytes_work(connect5, name, size):
    topic = (name + "/\u20ac" * 9 + "/" + "x" * size).encode()[:size].decode()
    client = connect5(name)
    assert client.subscribe(topic, topic[:-5] + "////+").codes == [0, 0]
    client.publish(topic, b"m", qos=1, retain=True)
    client.take(topic, b"m")
    client.publish(topic, b"", retain=True)
    client.take(topic, b"")
    assert client.unsubscribe(topic).codes == [0]
