"""Retained messages of MQTT 3.1.1 (3.3.1.3)."""

import pytest
import wire
from statements import proves311 as proves
from wire import V311


@proves("MQTT-3.3.1-5", "MQTT-3.3.1-6", "MQTT-3.3.1-8")
@pytest.mark.parametrize("published", [0, 1, 2])
@pytest.mark.parametrize("granted", [0, 1, 2])
def test_a_retained_message_and_its_qos_are_kept_for_later_subscribers(connect, name, published, granted):
    connect().publish(name, b"kept", published, retain=True)
    for _ in range(2):
        subscriber = connect()
        subscriber.subscribe(name, qos=granted)
        subscriber.take(name, b"kept", retain=True, dup=False, qos=min(published, granted))
        subscriber.expect_nothing()


@proves("MQTT-3.3.1-6")
def test_a_subscription_is_sent_the_last_retained_message_of_each_matching_topic(connect, name):
    publisher = connect()
    for level in ("a", "b", "b/c", "b/c/d", "e"):
        for payload in ("old", level):
            publisher.publish(f"{name}/{level}", payload, 1, retain=True)
    for wanted, found in {"#": "a b b/c b/c/d e", "+": "a b e", "b/#": "b b/c b/c/d", "+/c": "b/c", "b/+/d": "b/c/d", "nothing/+": ""}.items():
        subscriber = connect()
        subscriber.subscribe(f"{name}/{wanted}", qos=1)
        messages = subscriber.arrived()
        assert sorted(one.payload.decode() for one in messages) == found.split(), wanted
        assert all(one.retain and one.topic == f"{name}/{one.payload.decode()}" for one in messages)


@proves("MQTT-3.3.1-9", "MQTT-3.3.1-8")
@pytest.mark.parametrize("qos", [0, 1, 2])
@pytest.mark.parametrize("retain", [True, False])
def test_established_subscriptions_see_no_retain_flag(connect, name, qos, retain):
    subscriber = connect()
    subscriber.subscribe(name, qos=2)
    connect().publish(name, b"x", qos, retain=retain)
    subscriber.take(name, b"x", retain=False, qos=qos)


@proves("MQTT-3.3.1-7", "MQTT-3.3.1-5")
@pytest.mark.parametrize("first", [0, 1, 2])
@pytest.mark.parametrize("second", [0, 1, 2])
def test_a_retained_message_takes_the_place_of_the_one_before(connect, name, first, second):
    publisher = connect()
    publisher.publish(name, b"first", first, retain=True)
    publisher.publish(name, b"second", second, retain=True)
    subscriber = connect()
    subscriber.subscribe(name, qos=2)
    subscriber.take(name, b"second", retain=True, qos=second)
    subscriber.expect_nothing()


@proves("MQTT-3.3.1-10", "MQTT-3.3.1-11")
@pytest.mark.parametrize("qos", [0, 1, 2])
def test_an_empty_retained_message_removes_the_one_before_and_is_not_kept(connect, name, qos):
    publisher, established = connect(), connect()
    publisher.publish(name, b"kept", 1, retain=True)
    established.subscribe(name, qos=2)
    established.take(name, b"kept", retain=True)
    publisher.publish(name, b"", qos, retain=True)
    established.take(name, b"", retain=False, qos=qos)  # processed as normal
    later = connect()
    later.subscribe(name, qos=2)
    later.expect_nothing()


@proves("MQTT-3.3.1-11")
def test_an_empty_retained_message_is_not_kept_where_there_was_none(connect, name):
    connect().publish(name, b"", 1, retain=True)
    later = connect()
    later.subscribe(name, qos=1)
    later.expect_nothing()


@proves("MQTT-3.3.1-12")
@pytest.mark.parametrize("qos", [0, 1, 2])
@pytest.mark.parametrize("payload", [b"passing", b""])
def test_a_message_without_retain_leaves_the_kept_one_alone(connect, name, qos, payload):
    publisher = connect()
    publisher.publish(f"{name}/none", payload, qos)
    publisher.publish(f"{name}/kept", b"kept", 1, retain=True)
    publisher.publish(f"{name}/kept", payload, qos)
    subscriber = connect()
    subscriber.subscribe(f"{name}/#", qos=1)
    subscriber.take(f"{name}/kept", b"kept", retain=True)
    subscriber.expect_nothing()


@proves("MQTT-3.1.2-7")
@pytest.mark.parametrize("clean", [True, False])
def test_retained_messages_outlive_the_session_of_their_publisher(connect, name, clean):
    publisher = connect(name, clean=clean)
    publisher.publish(name, b"kept", 1, retain=True)
    publisher.disconnect()
    connect(name, clean=True).disconnect()
    subscriber = connect()
    subscriber.subscribe(name, qos=1)
    subscriber.take(name, b"kept", retain=True)


@proves("MQTT-3.1.2-7", "MQTT-3.3.1-5", "MQTT-3.3.1-10")
def test_retained_messages_outlive_the_server(own_broker, connect, name):
    publisher = connect(to=own_broker)
    for topic, payload in [("kept", b"1"), ("kept", b"2"), ("removed", b"1"), ("removed", b"")]:
        publisher.publish(f"{name}/{topic}", payload, 1, retain=True)
    own_broker.kill_and_restart()
    subscriber = connect(to=own_broker)
    subscriber.subscribe(f"{name}/#", qos=1)
    subscriber.take(f"{name}/kept", b"2", retain=True, qos=1, dup=False)
    subscriber.expect_nothing()


@proves("MQTT-3.3.1-8", "MQTT-3.3.1-9")
def test_the_retain_flag_tells_what_was_kept_from_what_is_new(connect, name):
    publisher, subscriber = connect(), connect()
    publisher.publish(name, b"before", 1, retain=True)
    subscriber.subscribe(name, qos=1)
    publisher.publish(name, b"after", 1, retain=True)
    subscriber.take(name, b"before", retain=True)
    subscriber.take(name, b"after", retain=False)


@proves("MQTT-3.3.1-8", "MQTT-3.1.2-5")
def test_a_retained_message_stays_marked_while_its_subscriber_is_away(connect, name):
    connect().publish(name, b"kept", 1, retain=True)
    subscriber = connect(f"{name}-s", clean=False)
    subscriber.subscribe(name, qos=1)
    first = subscriber.expect_publish(name, b"kept", retain=True, dup=False)
    subscriber.reset()
    again = connect(f"{name}-s", clean=False)
    again.take(name, b"kept", retain=True, dup=True, packet_id=first.packet_id)


@proves("MQTT-3.3.1-6")
def test_retained_messages_with_long_topics_are_found(connect, name):
    topic = f"{name}/".ljust(65535, "t")
    publisher = connect()
    publisher.publish(topic, b"kept", 1, retain=True)
    for wanted in (topic, f"{name}/+"):
        subscriber = connect()
        subscriber.subscribe(wanted, qos=1)
        subscriber.take(topic, b"kept", retain=True)
    publisher.send(wire.publish(V311, topic, b"", retain=True))
    publisher.expect_nothing()
