"""The will of MQTT 5.0: when it is published, and when not (3.1.2.5, 3.1.3.2, 3.14.4)."""

import time

import pytest
import wire
import wire5
from statements import proves5 as proves
from wire5 import Will

KEPT = {"session_expiry_interval": 60}


@pytest.fixture
def watcher(connect5, name):
    """Sees what is published below the test's name."""
    client = connect5(name + "-watcher")
    client.subscribe((f"{name}/#", wire5.options(2, retain_as_published=True)))
    return client


# How a connection can end so that its will is published.
ENDS = {
    "reset": lambda client: client.reset(),
    "closed without DISCONNECT": lambda client: client.close(),
    "DISCONNECT with 0x04": lambda client: client.disconnect(0x04),
    "DISCONNECT with 0x80": lambda client: client.disconnect(0x80),
    "malformed packet": lambda client: client.send(b"\x00\x00").expect_closed(disconnect=0x81),
    "protocol error": lambda client: client.send(wire5.connect("again")).expect_closed(disconnect=0x82),
    "taken over": lambda client: None,  # see below
}


@proves("MQTT-3.1.2-7", "MQTT-3.1.2-8", "MQTT-3.1.2-14", "MQTT-3.1.2-10")
@pytest.mark.parametrize("end", ENDS)
def test_the_will_is_published_when_the_connection_ends_otherwise_than_by_disconnect_0(connect5, watcher, name, end):
    client = connect5(name, will=Will(f"{name}/will", b"gone", 1), properties=KEPT)
    ENDS[end](client)
    if end == "taken over":
        connect5(name, clean=False)
    watcher.take(f"{name}/will", b"gone", qos=1, retain=False)
    again = connect5(name, clean=False, properties=KEPT)  # without a will: the old one is used up
    again.reset()
    connect5(name, clean=True).publish(f"{name}/end", qos=1)
    watcher.take(f"{name}/end")


@proves("MQTT-3.1.2-8", "MQTT-3.1.2-10", "MQTT-3.14.4-3")
@pytest.mark.parametrize("form", [(), (0,), (0, {"reason_string": "done"}), (0, {"session_expiry_interval": 60})])
@pytest.mark.parametrize("delay", ({}, {"will_delay_interval": 0}, {"will_delay_interval": 30}), ids=str)
def test_disconnect_0_discards_the_will(connect5, watcher, name, form, delay):
    client = connect5(name, will=Will(f"{name}/will", b"gone", properties=delay), properties=KEPT)
    client.disconnect(*form)
    connect5(name, clean=True).publish(f"{name}/end", qos=1)  # ends the session: not even then
    watcher.take(f"{name}/end")


@proves("MQTT-3.1.2-8", "MQTT-3.14.4-3")
def test_disconnect_with_an_error_in_it_is_none(connect5, watcher, name):
    """So the will is published (3.14.2.2.2)."""
    client = connect5(name, will=Will(f"{name}/will", b"gone"))
    client.send(wire5.disconnect(0, {"session_expiry_interval": 60})).expect_closed(disconnect=0x82)
    watcher.take(f"{name}/will")


@proves("MQTT-3.1.2-7", "MQTT-3.1.3-10", "MQTT-3.1.2-9")
@pytest.mark.parametrize("quality", (0, 1, 2))
def test_the_will_is_published_as_it_was_given(connect5, watcher, name, quality):
    pairs = [("b", "1"), ("a", "2"), ("b", "1"), ("", ""), ("a", "1")]
    properties = {"user_property": pairs, "payload_format_indicator": 1, "content_type": "text/plain", "response_topic": "r/t",
                  "correlation_data": b"\0\xff", "message_expiry_interval": 1000}
    connect5(name, will=Will(f"{name}/will", "gone \u20ac", quality, properties=properties)).reset()
    will = watcher.take(f"{name}/will", "gone \u20ac", qos=quality)
    assert will.properties.pop("message_expiry_interval") in (999, 1000)
    del properties["message_expiry_interval"]
    assert will.properties == properties


@proves("MQTT-3.1.2-9", "MQTT-3.1.2-12")
def test_a_will_may_be_empty_and_as_large_as_can_be(connect5, watcher, name):
    for payload in (b"", bytes(65_535)):
        connect5(name, will=Will(f"{name}/will", payload)).reset()
        watcher.take(f"{name}/will", payload)


@proves("MQTT-3.1.2-14")
def test_a_will_without_retain_leaves_the_retained_message_alone(connect5, watcher, name):
    watcher.publish(f"{name}/will", b"old", retain=True)
    watcher.take()
    connect5(name, will=Will(f"{name}/will", b"new")).reset()
    watcher.take(f"{name}/will", b"new", retain=False)
    late = connect5(name)
    late.subscribe(f"{name}/will")
    late.take(f"{name}/will", b"old", retain=True)


@proves("MQTT-3.1.2-15")
@pytest.mark.parametrize("delay", (0, 1))
def test_a_will_with_retain_is_retained(connect5, watcher, name, delay):
    """A delayed one, too."""
    will = Will(f"{name}/will", b"gone", 1, True, {"will_delay_interval": delay})
    connect5(name, will=will, properties=KEPT).reset()
    if delay:
        early = connect5(name + "-early")
        early.subscribe(f"{name}/+")
        early.expect_nothing()
    watcher.take(f"{name}/will", b"gone", retain=True)
    late = connect5(name + "-late")
    late.subscribe(f"{name}/+")  # retained messages come for wildcards as well
    late.take(f"{name}/will", b"gone", retain=True)


@proves("MQTT-3.1.2-8", "MQTT-3.1.3-9")
def test_a_delayed_will_waits_for_its_delay(connect5, watcher, name):
    started = time.monotonic()
    connect5(name, will=Will(f"{name}/will", b"gone", properties={"will_delay_interval": 1}), properties=KEPT).reset()
    watcher.take(f"{name}/will")
    assert 0.9 <= time.monotonic() - started < 4


@proves("MQTT-3.1.2-8")
@pytest.mark.parametrize("delay", (2, 0xFFFFFFFF))
def test_a_delayed_will_is_published_when_the_session_ends_before(connect5, watcher, name, delay):
    will = Will(f"{name}/will", b"gone", properties={"will_delay_interval": delay})
    connect5(name + "-0", will=will).reset()  # the session ends with its connection
    watcher.take(f"{name}/will")
    started = time.monotonic()
    connect5(name + "-1", will=will, properties={"session_expiry_interval": 1}).reset()
    watcher.take(f"{name}/will")
    assert 0.9 <= time.monotonic() - started < 1.9


@proves("MQTT-3.1.2-8")
def test_disconnect_can_end_the_session_and_so_its_delay(connect5, watcher, name):
    """The non-normative comment of 3.1.2.5: a will that tells of the end of the session."""
    will = Will(f"{name}/will", b"gone", properties={"will_delay_interval": 60})
    connect5(name, will=will, properties=KEPT).disconnect(0x04, {"session_expiry_interval": 0})
    watcher.take(f"{name}/will")


@proves("MQTT-3.1.3-9", "MQTT-3.1.2-8")
def test_a_delayed_will_is_not_published_if_the_client_is_back_in_time(connect5, watcher, name):
    will = Will(f"{name}/will", b"gone", properties={"will_delay_interval": 1})
    connect5(name, will=will, properties=KEPT).reset()
    back = connect5(name, clean=False, properties=KEPT)
    assert back.connack.session_present
    assert not watcher.readable(1.5), "the will was published"
    back.reset()
    connect5(name, clean=True).publish(f"{name}/end", qos=1)
    watcher.take(f"{name}/end")


@proves("MQTT-3.1.2-8")
def test_clean_start_ends_the_session_and_so_publishes_its_delayed_will(connect5, watcher, name):
    connect5(name, will=Will(f"{name}/will", b"gone", properties={"will_delay_interval": 60}), properties=KEPT).reset()
    connect5(name, clean=True)
    watcher.take(f"{name}/will")


@proves("MQTT-3.1.2-8", "MQTT-3.1.4-3", "MQTT-3.1.3-9")
@pytest.mark.parametrize("delay, clean, expiry, published", [
    (0, False, 60, True), (0, True, 60, True), (60, True, 60, True), (60, False, 60, False), (60, False, 0, True)])
def test_at_a_takeover_the_will_follows_the_session(connect5, watcher, name, delay, clean, expiry, published):
    """The non-normative comments of 3.1.3.2.2 and 3.1.4."""
    old = connect5(name, will=Will(f"{name}/will", b"old", properties={"will_delay_interval": delay}),
                   properties={"session_expiry_interval": expiry})
    new = connect5(name, clean=clean, properties=KEPT)
    old.expect_closed(disconnect=0x8E)
    if published:
        watcher.take(f"{name}/will", b"old")
    new.publish(f"{name}/end", qos=1)
    watcher.take(f"{name}/end")


@proves("MQTT-3.1.2-7")
def test_a_new_will_replaces_the_one_that_waits(connect5, watcher, name):
    waiting = {"will_delay_interval": 60}
    connect5(name, will=Will(f"{name}/will", b"first", properties=waiting), properties=KEPT).reset()
    connect5(name, clean=False, will=Will(f"{name}/will", b"second", properties=waiting), properties=KEPT).reset()
    connect5(name, clean=True)
    watcher.take(f"{name}/will", b"second")
    watcher.expect_nothing()


@proves("MQTT-3.1.2-7")
def test_the_will_of_a_refused_connect_is_not_published(secured_broker, connect5, dial5, name):
    watcher = connect5(name + "-watcher", to=secured_broker, user="owner", password="secret")
    watcher.subscribe("#")
    for user, topic in (("nobody", "allowed/will"), ("limited", "forbidden/will")):
        client = dial5(to=secured_broker).send(wire5.connect(name, user=user, password="secret", will=Will(topic, b"no")))
        assert client.expect("CONNACK").code in (0x86, 0x87)
        client.expect_closed()
    watcher.publish("end", qos=1)
    watcher.take("end")


@proves("MQTT-3.1.2-7", "MQTT-3.1.2-8")
def test_a_waiting_will_survives_a_crash_of_the_server(own_broker, connect, name):
    will = Will(f"{name}/will", b"gone", 1, properties={"will_delay_interval": 2})
    client = connect(name, wire.V5, to=own_broker, will=will, properties=KEPT)
    client.subscribe(name, qos=1)
    client.close()
    connect(name + "-2", wire.V5, to=own_broker).publish(name, b"after the end", qos=1)
    own_broker.kill_and_restart()
    watcher = connect(name + "-watcher", wire.V5, to=own_broker)
    watcher.subscribe(f"{name}/#")
    watcher.take(f"{name}/will", b"gone")


@proves("MQTT-3.1.3-11", "MQTT-4.7.0-1", "MQTT-4.7.3-1")
@pytest.mark.parametrize("topic", ("", "a/+", "#", "a/#", "+"))
def test_the_will_topic_is_a_topic_name(expect_end, topic):
    expect_end(wire5.connect("will", will=Will(topic)), 0x90)
