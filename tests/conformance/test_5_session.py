"""Session state and network connections of MQTT 5.0 (4.1, 4.2, 4.5)."""

import time

import pytest
import wire
import wire5
from client import Tcp, WebSocket
from statements import proves5 as proves

KEPT = {"session_expiry_interval": 60}


@proves("MQTT-4.1.0-1", "MQTT-3.1.2-23")
@pytest.mark.parametrize("properties", ({}, {"session_expiry_interval": 0}, {"session_expiry_interval": 1}))
def test_a_session_lasts_as_long_as_its_connection(connect5, publisher5, name, properties):
    """Whatever its expiry interval, which counts from the end of the connection."""
    client = connect5(name, properties=properties)
    client.subscribe(name, qos=2)
    publisher5.publish(name, b"1", qos=2)
    half = client.expect_publish(name, b"1")
    if properties.get("session_expiry_interval"):
        time.sleep(1.2)  # nothing happens that could be waited for
    client.acknowledge("PUBREC", half.packet_id).expect("PUBREL", packet_id=half.packet_id)
    client.acknowledge("PUBCOMP", half.packet_id)
    publisher5.publish(name, b"2", qos=1)
    client.take(name, b"2")


@proves("MQTT-4.1.0-2", "MQTT-3.1.2-23")
def test_a_session_ends_when_its_expiry_interval_has_passed(connect5, publisher5, name):
    for way in ("reset", "disconnect"):
        client = connect5(f"{name}-{way}", properties={"session_expiry_interval": 1})
        client.subscribe(f"{name}/{way}", qos=1)
        getattr(client, way)()
        publisher5.publish(f"{name}/{way}", b"lost", qos=1)
    short = connect5(name + "-in-time", properties={"session_expiry_interval": 2})
    short.reset()
    time.sleep(1.2)  # nothing happens that could be waited for
    for way in ("reset", "disconnect"):
        client = connect5(f"{name}-{way}", clean=False)
        assert not client.connack.session_present
        client.expect_nothing()
    assert connect5(name + "-in-time", clean=False).connack.session_present


@proves("MQTT-4.1.0-2")
@pytest.mark.parametrize("end", (lambda client: client.reset(), lambda client: client.disconnect(), lambda client: client.disconnect(0x04)),
                         ids=("reset", "disconnect", "with will"))
def test_a_session_without_an_expiry_interval_ends_with_its_connection(connect5, publisher5, name, end):
    client = connect5(name, clean=False)
    client.subscribe(name, qos=1)
    end(client)
    publisher5.publish(name, b"lost", qos=1)
    client = connect5(name, clean=False, properties=KEPT)
    assert not client.connack.session_present
    publisher5.publish(name, b"lost", qos=1)
    client.expect_nothing()


@proves("MQTT-4.1.0-2", "MQTT-3.3.1-5")
def test_retained_messages_do_not_end_with_the_session(connect5, name):
    client = connect5(name)
    client.publish(name, b"kept", qos=1, retain=True)
    client.disconnect()
    late = connect5(name)
    late.subscribe(name)
    late.take(name, b"kept", retain=True)


@proves("MQTT-4.1.0-2")
def test_the_expiry_interval_is_the_one_of_the_last_connect(connect5, name):
    connect5(name, properties=KEPT).reset()
    client = connect5(name, clean=False)  # without one
    assert client.connack.session_present
    client.reset()
    assert not connect5(name, clean=False).connack.session_present


@proves("MQTT-3.1.2-23", "MQTT-4.3.3-10", "MQTT-4.5.0-1", "MQTT-4.4.0-1")
def test_the_session_survives_a_crash_of_the_server(own_broker, connect, name):
    """Subscriptions, messages of both QoS on their way in both directions, and their packet identifiers."""
    five = {"version": wire.V5, "to": own_broker}
    client, publisher = connect(name, properties=KEPT, **five), connect(name + "-publisher", **five)
    client.subscribe((name, wire5.options(2, no_local=True)), properties={"subscription_identifier": 9})
    for number, quality in enumerate((1, 2, 2)):
        publisher.publish(name, str(number), qos=quality)
    first, second, third = (client.expect_publish(name) for _ in range(3))
    client.acknowledge("PUBREC", third.packet_id).expect("PUBREL")
    client.send(wire5.publish(name + "-up", b"up", 2, 77)).expect("PUBREC")
    own_broker.kill_and_restart()

    watcher, client = connect(name + "-watcher", **five), connect(name, clean=False, properties=KEPT, **five)
    assert client.connack.session_present
    watcher.subscribe(name + "-up", qos=2)
    client.expect_publish(name, b"0", dup=True, packet_id=first.packet_id)
    again = client.expect_publish(name, b"1", dup=True, packet_id=second.packet_id)
    assert again.properties == {"subscription_identifier": [9]}
    client.expect("PUBREL", packet_id=third.packet_id)
    client.send(wire5.publish(name + "-up", b"up", 2, 77, dup=True)).expect("PUBREC", code=0)
    client.acknowledge("PUBREL", 77).expect("PUBCOMP", code=0)
    watcher.expect_nothing()
    client.publish(name, b"own", qos=1)
    client.expect_nothing()


@proves("MQTT-4.5.0-1")
@pytest.mark.parametrize("quality", (1, 2))
def test_an_accepted_message_belongs_to_every_session_that_matches(connect5, publisher5, name, quality):
    """Those that are away, too, and those that subscribe with another filter."""
    filters = (f"{name}/a", f"{name}/+", f"{name}/#", "+/a", f"{name}/b")
    for number, filter_ in enumerate(filters):
        client = connect5(f"{name}-{number}", properties=KEPT)
        client.subscribe((filter_, wire5.options(2, retain_handling=2)))
        if number % 2:
            client.reset()
    publisher5.publish(f"{name}/a", b"m", qos=quality)
    for number, filter_ in enumerate(filters):
        client = connect5(f"{name}-{number}", clean=False)
        expected = [] if filter_.endswith("/b") else [(f"{name}/a", b"m", quality)]
        assert [(message.topic, message.payload, message.qos) for message in client.arrived()] == expected


@proves("MQTT-4.2-1")
@pytest.mark.parametrize("protocol", ("mqtt", "ws"))
def test_bytes_come_in_order_and_none_is_lost_whatever_their_pieces(configured_broker, dial5, name, protocol):
    server = configured_broker(listeners="listeners: [{name: it, protocol: %s, port: 0}]" % protocol)
    tcp = Tcp(server.host, server.listening["it"])
    client = dial5(transport=tcp if protocol == "mqtt" else WebSocket(tcp))
    client.send(wire5.connect(name)).expect("CONNACK", code=0)
    client.subscribe(name, qos=1)
    payload = bytes(range(256)) * 3_000
    stream = b"".join(wire5.publish(name, payload[: 100 * number], 0) for number in range(40)) + wire5.publish(name, payload)
    at = 0
    for size in (1, 2, 3, 5, 7, 127, 1_000, 70_000, len(stream)):
        client.send(stream[at:at + size])
        at += size
    for number in range(40):
        client.expect_publish(name, payload[: 100 * number])
    client.expect_publish(name, payload)
