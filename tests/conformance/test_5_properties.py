"""Properties of MQTT 5.0 in what a client sends: where they may stand, how often, and with which values (2.2.2 and the sections of the
packets). AUTH is in test_5_auth.py."""

import pytest
import wire
import wire5
from statements import proves5 as proves

KINDS = list(wire5.PLACES)
NAMES = [row[0] for row in wire.PROPERTIES.values()]
MANY = {"user_property"}  # may stand as often as it likes


def accepts(connect5, dial5, name, kind, block):
    """The packet is taken: nothing ends."""
    packet = wire5.carrying(kind, block)
    if kind in ("CONNECT", "WILL"):
        dial5().send(packet).expect("CONNACK", code=0)
    elif kind == "DISCONNECT":
        connect5(name, properties={"session_expiry_interval": 1}).send(packet).expect_closed()
    else:
        client = connect5(name).send(packet)
        assert all(one.code in (None, 0, 0x92) for one in client.arrived())


@proves("MQTT-4.13.1-1", "MQTT-3.1.4-1")
@pytest.mark.parametrize("kind", KINDS)
def test_a_property_that_does_not_belong_into_the_packet_is_malformed(expect_end, kind):
    for property_ in set(NAMES) - wire5.PLACES[kind]:
        expect_end(wire5.carrying(kind, {property_: wire5.some(property_)}), 0x81)


@proves("MQTT-4.13.1-1", "MQTT-3.1.4-1")
@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_property_is_malformed(expect_end, kind):
    for number in (0x00, 0x04, 0x0A, 0x20, 0x2B, 0x7F, 0x80, 0x1FF, 0x0FFFFFFF):
        expect_end(wire5.carrying(kind, [(number, b"\0\0\0\0")]), 0x81)


@proves("MQTT-4.13.1-1", "MQTT-3.1.4-1")
@pytest.mark.parametrize("kind", KINDS)
def test_a_property_that_may_stand_once_is_a_protocol_error_if_it_stands_twice(expect_end, kind):
    for property_ in wire5.PLACES[kind] - MANY:
        if (kind, property_) != ("PUBLISH", "subscription_identifier"):  # not even once
            twice = [(property_, wire5.some(property_))] * 2
            expect_end(wire5.carrying(kind, twice), 0x82)


@proves("MQTT-4.13.1-1")
@pytest.mark.parametrize("kind", KINDS)
def test_user_properties_may_stand_as_often_as_they_like(connect5, dial5, name, kind):
    accepts(connect5, dial5, name, kind, [("user_property", ("same", "name"))] * 2 + [("user_property", ("", ""))])


@proves("MQTT-4.13.1-1", "MQTT-3.1.2-9")
@pytest.mark.parametrize("kind, property_", [(kind, one) for kind in KINDS for one in sorted(wire5.PLACES[kind])])
def test_a_property_is_taken_where_it_may_stand(connect5, dial5, name, kind, property_):
    refused = {("PUBLISH", "subscription_identifier"), ("CONNECT", "authentication_method"), ("CONNECT", "authentication_data"),
               ("CONNECT", "maximum_packet_size"), ("DISCONNECT", "server_reference")}
    if (kind, property_) not in refused:  # allowed to stand, but with conditions of their own
        accepts(connect5, dial5, name, kind, {property_: wire5.some(property_)})


WRONG = [
    *((kind, property_, value, 0x82) for kind in ("WILL", "PUBLISH") for property_, value in (
        ("payload_format_indicator", 2), ("payload_format_indicator", 255),
        ("response_topic", "a/+"), ("response_topic", "#"), ("response_topic", ""))),
    *(("CONNECT", property_, value, 0x82) for property_, value in (
        ("request_problem_information", 2), ("request_problem_information", 255), ("request_response_information", 2),
        ("request_response_information", 255), ("receive_maximum", 0), ("maximum_packet_size", 0))),
    ("PUBLISH", "topic_alias", 0, 0x94),  # 3.3.4
    ("SUBSCRIBE", "subscription_identifier", 0, 0x82),
    ("PUBLISH", "subscription_identifier", 1, 0x82),  # 3.3.4: only servers send it
    ("CONNECT", "authentication_data", b"without a method", 0x82),  # 3.1.2.11.10
]


@proves("MQTT-4.13.1-1", "MQTT-3.1.4-1", "MQTT-3.3.2-8", "MQTT-3.3.2-14", "MQTT-3.3.4-6")
@pytest.mark.parametrize("kind, property_, value, code", WRONG)
def test_a_value_that_a_property_may_not_have_ends_the_connection(expect_end, kind, property_, value, code):
    expect_end(wire5.carrying(kind, {property_: value}), code)


@proves("MQTT-4.13.1-1")
@pytest.mark.parametrize("kind, property_, value", [
    ("CONNECT", "request_problem_information", 0), ("CONNECT", "request_response_information", 0), ("CONNECT", "receive_maximum", 1),
    ("CONNECT", "receive_maximum", 65_535), ("CONNECT", "maximum_packet_size", 0xFFFFFFFF), ("CONNECT", "topic_alias_maximum", 0),
    ("CONNECT", "topic_alias_maximum", 65_535), ("CONNECT", "session_expiry_interval", 0xFFFFFFFF), ("WILL", "payload_format_indicator", 0),
    ("WILL", "will_delay_interval", 0xFFFFFFFF), ("PUBLISH", "payload_format_indicator", 0),
    ("PUBLISH", "message_expiry_interval", 0xFFFFFFFF), ("PUBLISH", "content_type", ""), ("PUBLISH", "correlation_data", b""),
    pytest.param("PUBLISH", "correlation_data", bytes(65_535), id="longest"),
    ("SUBSCRIBE", "subscription_identifier", 268_435_455), ("PUBACK", "reason_string", ""), ("DISCONNECT", "session_expiry_interval", 0)])
def test_values_at_the_edge_are_taken(connect5, dial5, name, kind, property_, value):
    accepts(connect5, dial5, name, kind, {property_: value})


def lying(kind):
    """Blocks whose lengths are wrong."""
    pair = wire.one_property("user_property", ("name", "value"))
    yield b"\x05" + pair[:4]                                          # longer than the packet
    yield b"\x7f" + pair
    yield wire5.varint(268_435_455) + pair
    yield wire5.varint(len(pair) - 1) + pair                          # a value that is cut by the block's end
    yield b"\x01\x26"                                                 # an identifier without a value
    yield b"\x02\x26\x00"                                             # half a length
    yield wire5.varint(len(pair) + 1) + pair[:-7] + b"\xff\xff" + pair[-5:] + b"\0"  # a string longer than the block
    if kind == "PUBLISH":
        for block in (b"\x02\x23\x00", b"\x04\x02\0\0\0", b"\x01\x01", b"\x03\x09\x00\x05"):
            yield block


@proves("MQTT-4.13.1-1", "MQTT-3.1.4-1")
@pytest.mark.parametrize("kind", KINDS)
def test_lengths_that_lie_are_malformed(expect_end, kind):
    for block in lying(kind):
        if kind == "WILL":
            # What follows the block may be read as its end, so the packet ends with it.
            start = wire5.connect("carrying", connect_flags=0x06)
            expect_end(wire5.packet("CONNECT", start[2:] + block), 0x81)
        elif kind in ("PUBLISH", "SUBSCRIBE", "UNSUBSCRIBE", "CONNECT"):
            head = {"PUBLISH": wire5.text("lying"), "CONNECT": wire5.text("MQTT") + b"\5\2\0\0"}.get(kind, b"\0\1")
            expect_end(wire5.packet(kind, head + block), 0x81)
        else:
            expect_end(wire5.carrying(kind, block), 0x81)


@proves("MQTT-4.13.1-1")
@pytest.mark.parametrize("kind", ["PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "DISCONNECT"])
def test_bytes_after_the_properties_are_malformed(expect_end, kind):
    expect_end(wire5.carrying(kind, b"\0\0"), 0x81)
    expect_end(wire5.carrying(kind, wire5.properties({"user_property": ("a", "b")}) + b"x"), 0x81)
