"""Packets that are not MQTT 3.1.1: each ends the connection on which it comes, without an answer, and no other."""

import pytest
import wire
from statements import proves311 as proves
from wire import V311, packet, text, u16

ACKNOWLEDGEMENTS = ("PUBACK", "PUBREC", "PUBREL", "PUBCOMP")
WELL_FORMED = {
    "PUBLISH QoS 0": wire.publish(V311, "t/malformed"), "PUBLISH QoS 1": wire.publish(V311, "t/malformed", b"", 1, 7),
    "PUBLISH QoS 2": wire.publish(V311, "t/malformed", b"", 2, 7), "SUBSCRIBE": wire.subscribe(V311, 7, [("t/malformed", 1)]),
    "UNSUBSCRIBE": wire.unsubscribe(V311, 7, ["t/malformed"]), **{kind: wire.acknowledgement(kind, V311, 7) for kind in ACKNOWLEDGEMENTS}}
BARE = {"PINGREQ": wire.pingreq(), "DISCONNECT": wire.disconnect(V311)}


@pytest.fixture
def bystander(connect, name):
    """Somebody who has to be served while others misbehave."""
    one = connect(f"{name}-bystander")
    one.subscribe(f"{name}/bystander", qos=1)
    yield
    one.send(wire.publish(V311, f"{name}/bystander", b"x", 1, 9))
    assert {one.next().kind, one.next().kind} == {"PUBLISH", "PUBACK"}


@pytest.fixture
def ends(connect, dial, bystander, name):
    """ends(bytes): they end a connection that was accepted. ends(bytes, greeted=False): a new one, without CONNACK."""

    def check(data, greeted=True):
        client = connect(name) if greeted else dial()
        client.try_send(data)
        try:
            client.expect_closed()
        except AssertionError as why:
            raise AssertionError(f"after {data[:80].hex(' ')}: {why}") from None

    return check


def cut(data, count):
    """The packet with its body cut after so many bytes, and a length that fits."""
    body = data[2:]
    assert len(data) < 130
    return data[:1] + wire.varint(count) + body[:count]


# --- the fixed header --------------------------------------------------------------------------------------------------------

@proves("MQTT-2.2.2-1", "MQTT-2.2.2-2", "MQTT-4.8.0-1")
@pytest.mark.parametrize("kind", [
    *("PUBACK", "PUBREC", "PUBCOMP", "PINGREQ"), pytest.param("PUBREL", marks=proves("MQTT-3.6.1-1")),
    pytest.param("SUBSCRIBE", marks=proves("MQTT-3.8.1-1")), pytest.param("UNSUBSCRIBE", marks=proves("MQTT-3.10.1-1")),
    pytest.param("DISCONNECT", marks=proves("MQTT-3.14.1-1"))])
def test_flags_other_than_the_listed_ones_end_the_connection(ends, kind):
    well_formed = (WELL_FORMED | BARE)[kind]
    for flags in range(16):
        if flags != wire.FLAGS[kind]:
            ends(bytes([well_formed[0] & 0xF0 | flags]) + well_formed[1:])


@proves("MQTT-2.2.2-1", "MQTT-2.2.2-2", "MQTT-3.1.4-1")
def test_flags_in_the_header_of_connect_end_the_connection(ends, name):
    for flags in range(1, 16):
        ends(wire.connect(V311, name, flags=flags), greeted=False)


@proves("MQTT-4.8.0-1")
@pytest.mark.parametrize("number", [0, 2, 9, 11, 13, 15], ids=lambda number: wire.KINDS[number] if number < 15 else "15")
def test_packets_that_no_client_sends_end_the_connection(ends, number):
    for flags in (0, 2):
        for body in (b"", b"\0\0", b"\0\1", b"\0\1\0", b"\0\1\0\0"):
            ends(bytes([number << 4 | flags]) + wire.varint(len(body)) + body)


@proves("MQTT-4.8.0-1")
@pytest.mark.parametrize("first", [data[0] for data in (WELL_FORMED | BARE).values()], ids=list(WELL_FORMED | BARE))
@pytest.mark.parametrize("length", [b"\xff\xff\xff\xff\x01", b"\x80\x80\x80\x80\x00", b"\xff\xff\xff\xff", b"\x80\x80\x80\x80"], ids=lambda data: data.hex())
def test_a_remaining_length_that_does_not_end_within_four_bytes_ends_the_connection(ends, first, length):
    ends(bytes([first]) + length)


@proves("MQTT-3.1.4-1")
@pytest.mark.parametrize("length", [b"\xff\xff\xff\xff\x01", b"\x80\x80\x80\x80\x00", b"\xff\xff\xff\xff"], ids=lambda data: data.hex())
def test_a_connect_whose_length_does_not_end_within_four_bytes_ends_the_connection(ends, length):
    ends(b"\x10" + length, greeted=False)


# --- bodies ------------------------------------------------------------------------------------------------------------------

@proves("MQTT-4.8.0-1")
@pytest.mark.parametrize("kind", WELL_FORMED)
def test_a_packet_cut_short_anywhere_ends_the_connection(ends, kind):
    data = WELL_FORMED[kind]
    for count in range(len(data) - 2):
        ends(cut(data, count))


@proves("MQTT-4.8.0-1")
@pytest.mark.parametrize("kind", [*(kind for kind in WELL_FORMED if "PUBLISH" not in kind), *BARE])
def test_bytes_after_the_last_field_end_the_connection(ends, kind):
    data = (WELL_FORMED | BARE)[kind]
    for extra in (b"\0", b"x", b"\0\0\0\0\0\0"):
        ends(data[:1] + wire.varint(len(data) - 2 + len(extra)) + data[2:] + extra)


@proves("MQTT-4.8.0-1")
@pytest.mark.parametrize("data", [
    packet("PUBLISH", b"\0\x05abcd"), packet("PUBLISH", b"\xff\xff" + b"a" * 65534), packet("PUBLISH", b"\0\2a\0", flags=2),
    packet("SUBSCRIBE", b"\0\1\0\2a\0"), packet("SUBSCRIBE", b"\0\1\0\1a\0\0\2b"), packet("SUBSCRIBE", b"\0\1\xff\xffa\0"),
    packet("SUBSCRIBE", b"\0\1\0\1a\0\0\1b"), packet("UNSUBSCRIBE", b"\0\1\0\2a"), packet("UNSUBSCRIBE", b"\0\1\0\1a\0\2b"),
    packet("UNSUBSCRIBE", b"\0\1\0\1a\0")], ids=lambda data: data[:12].hex())
def test_field_lengths_that_lie_end_the_connection(ends, data):
    ends(data)


@proves("MQTT-4.8.0-1")
def test_a_remaining_length_that_lies_is_believed_until_it_makes_nonsense(connect, ends, name):
    swallowed = connect(name)
    swallowed.subscribe(name)
    swallowed.send(wire.publish(V311, name, b"x", length=2 + len(name) + 3) + wire.pingreq())
    swallowed.take(name, b"x\xc0\x00")
    swallowed.expect_nothing()
    ends(packet("PUBACK", b"\0\7", length=4) + wire.pingreq())
    ends(packet("SUBSCRIBE", b"\0\7\0\1a\1", length=8) + wire.pingreq())
    ends(packet("PINGREQ", length=2) + wire.pingreq())


@proves("MQTT-2.3.1-1")
@pytest.mark.parametrize("data", [wire.publish(V311, "a", b"x", 1, 0), wire.publish(V311, "a", b"x", 2, 0), wire.subscribe(V311, 0, [("a", 0)]),
                                  wire.unsubscribe(V311, 0, ["a"]), *(wire.acknowledgement(kind, V311, 0) for kind in ACKNOWLEDGEMENTS)],
                         ids=lambda data: wire.KINDS[data[0] >> 4])
def test_packet_identifier_0_ends_the_connection(ends, data):
    ends(data)


@proves("MQTT-3.3.1-4")
def test_both_qos_bits_end_the_connection(ends):
    for other in (0, 1, 8, 9):
        ends(packet("PUBLISH", text("a") + u16(1) + b"x", flags=6 | other))


@proves("MQTT-3.3.1-2", "MQTT-4.3.1-1")
def test_dup_with_qos_0_ends_the_connection(ends):
    ends(wire.publish(V311, "a", b"x", dup=True))
    ends(wire.publish(V311, "a", b"x", dup=True, retain=True))


@proves("MQTT-3.8.3-4")
def test_reserved_bits_and_qos_3_in_a_subscription_end_the_connection(ends):
    for options in (3, 4, 8, 0x10, 0x20, 0x40, 0x80, 0x81, 0xFC, 0xFF):
        ends(wire.subscribe(V311, 1, [("a", options)]))
        ends(wire.subscribe(V311, 1, [("a", 0), ("b", options)]))


@proves("MQTT-3.8.3-3", "MQTT-3.10.3-2", "MQTT-4.8.0-1")
def test_a_subscribe_or_unsubscribe_without_a_filter_ends_the_connection(ends):
    ends(wire.subscribe(V311, 1, []))
    ends(wire.unsubscribe(V311, 1, []))


# --- topics and filters ------------------------------------------------------------------------------------------------------

@proves("MQTT-3.3.2-2", "MQTT-4.7.1-1")
@pytest.mark.parametrize("topic", ["#", "+", "a/#", "a/+", "+/a", "a/+/b", "a#", "a+b", "#/a"])
def test_a_wildcard_in_a_topic_name_ends_the_connection(ends, topic):
    for qos in (0, 1, 2):
        ends(wire.publish(V311, topic, b"x", qos, 1 if qos else None))


@proves("MQTT-4.7.1-2", "MQTT-4.7.1-3")
@pytest.mark.parametrize("wrong", ["a#", "a/#/b", "#/a", "##", "#/", "a/b#", "+#", "#+", "a+", "+a", "a/+b", "a/b+/c", "++", "a/++", "/#/"])
def test_a_misplaced_wildcard_in_a_filter_ends_the_connection(ends, wrong):
    ends(wire.subscribe(V311, 1, [(wrong, 0)]))
    ends(wire.subscribe(V311, 1, [("a", 0), (wrong, 0)]))


@proves("MQTT-4.7.3-1", "MQTT-3.3.2-1")
def test_an_empty_topic_or_filter_ends_the_connection(ends):
    ends(wire.publish(V311, "", b"x"))
    ends(wire.publish(V311, "", b"x", 1, 1))
    ends(wire.subscribe(V311, 1, [("", 0)]))
    ends(wire.subscribe(V311, 1, [("a", 0), ("", 0)]))
    ends(wire.unsubscribe(V311, 1, [""]))


# --- texts -------------------------------------------------------------------------------------------------------------------

ILL_FORMED = [b"\xc3\x28", b"\xff", b"\xfe", b"\x80", b"\xc0\x80", b"\xc1\xbf", b"\xe0\x80\xaf", b"\xe0\x9f\xbf", b"\xf0\x8f\xbf\xbf", b"\xed\xa0\x80",
              b"\xed\xaf\xbf", b"\xed\xb0\x80", b"\xed\xbf\xbf", b"\xed\xa0\x80\xed\xb0\x80", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xf8\x88\x80\x80\x80",
              b"\xc2", b"\xe2\x82", b"\xf0\x9d\x84"]
TEXTS = {
    "topic of PUBLISH": lambda value: wire.publish(V311, value, b"x"), "topic of PUBLISH QoS 2": lambda value: wire.publish(V311, value, b"x", 2, 1),
    "filter of SUBSCRIBE": lambda value: wire.subscribe(V311, 1, [(value, 0)]), "second filter": lambda value: wire.subscribe(V311, 1, [("a", 0), (value, 0)]),
    "filter of UNSUBSCRIBE": lambda value: wire.unsubscribe(V311, 1, [value])}
CONNECT_TEXTS = {
    "client id": lambda value: wire.connect(V311, value), "will topic": lambda value: wire.connect(V311, "x", will=wire.Will(value, b"x")),
    "user name": lambda value: wire.connect(V311, "x", user=value, password="x"), "protocol name": lambda value: wire.connect(V311, "x", protocol_name=value)}


@proves("MQTT-1.5.3-1", "MQTT-3.3.2-1", "MQTT-3.8.3-1", "MQTT-3.10.3-1")
@pytest.mark.parametrize("field", TEXTS)
def test_ill_formed_utf8_ends_the_connection(ends, field):
    for wrong in ILL_FORMED:
        for value in (wrong, b"a/" + wrong + b"/b", b"0123456789abcdef" * 4 + wrong):
            ends(TEXTS[field](value))


@proves("MQTT-1.5.3-2", "MQTT-4.7.3-2")
@pytest.mark.parametrize("field", TEXTS)
def test_the_null_character_ends_the_connection(ends, field):
    for value in ("\0", "a\0b", "a/\0", "0123456789abcdef" * 4 + "\0"):
        ends(TEXTS[field](value))


@proves("MQTT-1.5.3-1", "MQTT-1.5.3-2", "MQTT-3.1.4-1", "MQTT-3.1.3-4", "MQTT-3.1.3-10", "MQTT-3.1.3-11")
@pytest.mark.parametrize("field", CONNECT_TEXTS)
def test_ill_formed_utf8_and_null_in_connect_end_the_connection_without_connack(ends, field):
    for wrong in [*ILL_FORMED, b"\0", b"a\0b"]:
        ends(CONNECT_TEXTS[field](wrong), greeted=False)


# --- CONNECT -----------------------------------------------------------------------------------------------------------------

FULL_CONNECT = wire.connect(V311, "x", will=wire.Will("a", b"w"), user="u", password="p")


@proves("MQTT-3.1.4-1", "MQTT-3.1.3-3", "MQTT-3.1.2-9", "MQTT-3.1.2-19", "MQTT-3.1.2-21")
def test_a_connect_cut_short_anywhere_ends_the_connection_without_connack(ends):
    for count in range(len(FULL_CONNECT) - 2):
        ends(cut(FULL_CONNECT, count), greeted=False)


@proves("MQTT-3.1.4-1", "MQTT-3.2.2-6")
@pytest.mark.parametrize("data", [
    pytest.param(wire.connect(V311, "x", connect_flags=0x03), id="reserved flag", marks=proves("MQTT-3.1.2-3")),
    pytest.param(wire.connect(V311, "x", connect_flags=0x01), id="reserved flag alone", marks=proves("MQTT-3.1.2-3")),
    pytest.param(wire.connect(V311, "x", connect_flags=0x0A), id="will QoS 1 without will", marks=proves("MQTT-3.1.2-11", "MQTT-3.1.2-13")),
    pytest.param(wire.connect(V311, "x", connect_flags=0x12), id="will QoS 2 without will", marks=proves("MQTT-3.1.2-11", "MQTT-3.1.2-13")),
    pytest.param(wire.connect(V311, "x", connect_flags=0x1A), id="will QoS 3 without will", marks=proves("MQTT-3.1.2-11", "MQTT-3.1.2-13")),
    pytest.param(wire.connect(V311, "x", connect_flags=0x22), id="will retain without will", marks=proves("MQTT-3.1.2-11", "MQTT-3.1.2-15")),
    pytest.param(wire.connect(V311, "x", will=wire.Will("a", b"w"), connect_flags=0x02), id="will fields without will", marks=proves("MQTT-3.1.2-11")),
    pytest.param(wire.connect(V311, "x", will=wire.Will("a", b"w", qos=3)), id="will QoS 3", marks=proves("MQTT-3.1.2-14")),
    pytest.param(wire.connect(V311, "x", connect_flags=0x06), id="will without fields", marks=proves("MQTT-3.1.2-9")),
    pytest.param(wire.connect(V311, "x", user="u", connect_flags=0x02), id="user name without flag", marks=proves("MQTT-3.1.2-18")),
    pytest.param(wire.connect(V311, "x", connect_flags=0x82), id="flag without user name", marks=proves("MQTT-3.1.2-19")),
    pytest.param(wire.connect(V311, "x", user="u", password="p", connect_flags=0x82), id="password without flag", marks=proves("MQTT-3.1.2-20")),
    pytest.param(wire.connect(V311, "x", user="u", connect_flags=0xC2), id="flag without password", marks=proves("MQTT-3.1.2-21")),
    pytest.param(wire.connect(V311, "x", password="p"), id="password without user name", marks=proves("MQTT-3.1.2-22")),
    pytest.param(wire.connect(V311, "x", user="u", password="p", connect_flags=0x42), id="both without the user's flag", marks=proves("MQTT-3.1.2-22")),
    pytest.param(packet("CONNECT", text("MQTT") + bytes([4, 2, 0, 0])), id="no client id", marks=proves("MQTT-3.1.3-3")),
    pytest.param(wire.connect(V311, "x", extra=b"\0"), id="a byte too many"),
    pytest.param(wire.connect(V311, "x", extra=b"\0\1y"), id="a field too many"),
    pytest.param(wire.connect(V311, "x", will=wire.Will("", b"w")), id="empty will topic", marks=proves("MQTT-4.7.3-1")),
    pytest.param(wire.connect(V311, "x", will=wire.Will("a/#", b"w")), id="wildcard in will topic", marks=proves("MQTT-4.7.1-1")),
    pytest.param(packet("CONNECT", text("MQTT") + bytes([4, 2, 0, 0]) + b"\0\5x"), id="a client id that is too short"),
    pytest.param(packet("CONNECT", b"\xff\xffMQTT" + bytes([4, 2, 0, 0]) + text("x")), id="a protocol name that is too short"),
    pytest.param(wire.connect(V311, "x", length=14) + b"\0", id="a length that takes in the next packet")])
def test_a_connect_that_does_not_conform_ends_the_connection_without_connack(ends, data):
    ends(data, greeted=False)
