"""Malformed packets and protocol errors of MQTT 5.0, beyond those of the other files (4.13)."""

import itertools

import pytest
import wire5
from statements import proves5 as proves

RICH = {
    "PUBLISH": wire5.publish("errors/rich", b"", 2, 7, properties={"content_type": "t", "user_property": ("a", "b"),
                                                                  "correlation_data": b"c"}),
    "PUBACK": wire5.puback(7, 0x10, {"reason_string": "why", "user_property": ("a", "b")}),
    "PUBREC": wire5.pubrec(7, 0x80, {"reason_string": "why", "user_property": ("a", "b")}),
    "PUBREL": wire5.pubrel(7, 0x92, {"reason_string": "why", "user_property": ("a", "b")}),
    "PUBCOMP": wire5.pubcomp(7, 0x92, {"reason_string": "why", "user_property": ("a", "b")}),
    "SUBSCRIBE": wire5.subscribe(7, [("errors/a", 1), ("errors/b", 2)], {"subscription_identifier": 300, "user_property": ("a", "b")}),
    "UNSUBSCRIBE": wire5.unsubscribe(7, ["errors/a", "errors/b"], {"user_property": ("a", "b")}),
    "DISCONNECT": wire5.disconnect(0x04, {"reason_string": "why", "session_expiry_interval": 0}),
}


def cut(kind, end):
    """The packet with only so many bytes of its body, and a length that fits."""
    return wire5.packet(kind, RICH[kind][2:2 + end], flags=RICH[kind][0] & 15)


def first_filter(kind):
    """Up to where the packet is whole with one filter only."""
    body = RICH[kind][2:]
    return body.index(b"errors/a") + len("errors/a") + (kind == "SUBSCRIBE")


# Bodies that may end earlier.
WHOLE = {
    **{kind: {2, 3} for kind in ("PUBACK", "PUBREC", "PUBREL", "PUBCOMP")}, "DISCONNECT": {0, 1},
    "SUBSCRIBE": {first_filter("SUBSCRIBE")}, "UNSUBSCRIBE": {first_filter("UNSUBSCRIBE")}, "PUBLISH": set(),
}


@proves("MQTT-4.13.1-1")
@pytest.mark.parametrize("kind", RICH)
def test_a_packet_that_is_cut_anywhere_ends_the_connection(expect_end, kind):
    body = RICH[kind][2:]
    for end in set(range(len(body))) - WHOLE[kind]:
        no_filters = kind in ("SUBSCRIBE", "UNSUBSCRIBE") and end == body.index(b"errors/a") - 2
        expect_end(cut(kind, end), 0x82 if no_filters else 0x81)


@proves("MQTT-4.13.1-1")
@pytest.mark.parametrize("kind", RICH)
def test_the_same_packets_are_taken_where_they_are_whole(connect5, name, kind):
    for end in {*WHOLE[kind], len(RICH[kind]) - 2}:
        client = connect5(name).send(cut(kind, end))
        if kind == "DISCONNECT":
            client.expect_closed()
        else:
            client.arrived()


@proves("MQTT-4.13.1-1")
@pytest.mark.parametrize("kind", RICH)
def test_a_byte_that_is_changed_never_breaks_anything_else(connect5, name, kind):
    """Each byte of each packet, to values at the edges. Whatever it means then: an answer, or an end with a listed code."""
    watcher = connect5(name + "-watcher")
    for at, value in itertools.product(range(1, len(RICH[kind])), (0x00, 0x01, 0x7F, 0x80, 0xFF)):
        packet = bytearray(RICH[kind])
        packet[at] = value
        client = connect5(name).try_send(bytes(packet))
        client.transport.socket.shutdown(1)  # no more: what is not whole stays so
        try:
            while client.next():
                pass
        except AssertionError as end:
            assert type(end).__name__ == "Closed", end
        except ConnectionResetError:
            pass
    watcher.expect_nothing()


@proves("MQTT-4.13.1-1", "MQTT-4.13.2-1")
def test_an_error_has_no_consequences_for_other_sessions(connect5, publisher5, name):
    other = connect5(name + "-other", properties={"receive_maximum": 1})
    other.subscribe(name, qos=1)
    publisher5.publish(name, b"1", qos=1)
    publisher5.publish(name, b"2", qos=1)
    first = other.expect_publish(name, b"1")
    for bad, code in ((b"\x00\x00", 0x81), (wire5.connect("again"), 0x82), (wire5.publish("#"), 0x90), (b"\xc0\xff\xff\xff\xff", 0x81)):
        connect5(name).send(bad).expect_closed(disconnect=code)
    other.acknowledge("PUBACK", first.packet_id).take(name, b"2")


@proves("MQTT-4.13.1-1", "MQTT-4.1.0-1", "MQTT-3.1.2-23")
def test_an_error_does_not_end_the_session(connect5, name):
    client = connect5(name, properties={"session_expiry_interval": 60})
    client.subscribe(name, qos=1)
    client.send(b"\x00\x00").expect_closed(disconnect=0x81)
    assert connect5(name, clean=False).connack.session_present


@proves("MQTT-4.13.1-1")
def test_what_came_before_the_error_has_been_done(connect5, publisher5, name):
    publisher5.subscribe(name, qos=1)
    client = connect5(name)
    client.send(wire5.publish(name, b"before", 1, 1), b"\x00\x00", wire5.publish(name, b"after", 1, 2))
    client.expect("PUBACK", packet_id=1)
    client.expect_closed(disconnect=0x81)
    publisher5.take(name, b"before")
    publisher5.expect_nothing()


@proves("MQTT-4.13.2-1")
def test_a_refused_request_ends_nothing(secured_broker, connect5, name):
    """Reason codes above 0x80 in PUBACK, PUBREC, PUBCOMP and SUBACK are about one packet."""
    client = connect5(name, to=secured_broker, user="limited", password="secret")
    assert client.publish("forbidden", qos=1).code == 0x87
    assert client.publish("forbidden", qos=2).code == 0x87
    assert client.subscribe("forbidden").codes == [0x87]
    client.acknowledge("PUBREL", 5).expect("PUBCOMP", code=0x92)
    client.publish("forbidden")  # QoS 0 has no answer
    client.expect_nothing()
    client.subscribe("allowed/a")
    client.publish("allowed/a")
    client.take("allowed/a")
