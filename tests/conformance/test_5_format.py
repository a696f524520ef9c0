"""Data and packets on the wire of MQTT 5.0: strings, variable byte integers, flags, packet identifiers, properties (1.5, 2)."""

import pytest
import wire
import wire5
from statements import proves5 as proves
from wire5 import Will

ILL_FORMED = {"D800": b"a\xed\xa0\x80", "DFFF": b"\xed\xbf\xbfz", "overlong": b"\xc0\xaf", "overlong 3": b"\xe0\x80\xaf", "cut": b"ab\xc3",
              "alone": b"\x80", "FF": b"\xff", "above 10FFFF": b"\xf4\x90\x80\x80"}


def method(value):
    return wire5.connect("texts", properties={"authentication_method": value})


# Each place of a string in what a client sends.
TEXTS = {
    "client identifier": wire5.connect,
    "will topic": lambda value: wire5.connect("texts", will=Will(value)),
    "will content type": lambda value: wire5.carrying("WILL", {"content_type": value}),
    "will response topic": lambda value: wire5.carrying("WILL", {"response_topic": value}),
    "user name": lambda value: wire5.connect("texts", user=value),
    "authentication method": method,
    "topic name": wire5.publish,
    "content type": lambda value: wire5.carrying("PUBLISH", {"content_type": value}),
    "response topic": lambda value: wire5.carrying("PUBLISH", {"response_topic": value}),
    "topic filter": lambda value: wire5.subscribe(1, [(value, 0)]),
    "second topic filter": lambda value: wire5.subscribe(1, [("good", 0), (value, 0)]),
    "filter to unsubscribe from": lambda value: wire5.unsubscribe(1, [value]),
    **{f"reason string of {kind}": lambda value, kind=kind: wire5.carrying(kind, {"reason_string": value})
       for kind in ("PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "DISCONNECT")},
}
PAIRS = {
    **{f"name in {kind}": lambda value, kind=kind: wire5.carrying(kind, {"user_property": (value, "v")}) for kind in wire5.PLACES},
    **{f"value in {kind}": lambda value, kind=kind: wire5.carrying(kind, {"user_property": ("n", value)}) for kind in wire5.PLACES},
}


@proves("MQTT-1.5.4-1", "MQTT-3.1.3-4", "MQTT-3.1.3-11", "MQTT-3.1.3-12", "MQTT-3.3.2-1", "MQTT-3.3.2-13", "MQTT-3.3.2-19", "MQTT-3.8.3-1",
        "MQTT-3.10.3-1")
@pytest.mark.parametrize("place", TEXTS)
def test_ill_formed_utf_8_is_malformed_wherever_a_string_stands(expect_end, place):
    for text in ILL_FORMED.values():
        expect_end(TEXTS[place](text), 0x81)


@proves("MQTT-1.5.4-2", "MQTT-4.7.3-2")
@pytest.mark.parametrize("place", TEXTS)
def test_the_null_character_is_malformed_wherever_a_string_stands(expect_end, place):
    for text in ("\0", "a\0", "\0a", "a/\0/b"):
        expect_end(TEXTS[place](text), 0x81)


@proves("MQTT-1.5.7-1")
@pytest.mark.parametrize("place", PAIRS)
def test_both_halves_of_a_user_property_are_well_formed_strings(expect_end, place):
    for text in [*ILL_FORMED.values(), "\0", "a\0b"]:
        expect_end(PAIRS[place](text), 0x81)


@proves("MQTT-1.5.4-1", "MQTT-1.5.4-3", "MQTT-3.3.2-17", "MQTT-3.3.2-20", "MQTT-4.7.3-4")
def test_all_other_characters_are_kept_as_they_are(connect5, name):
    """The last of each length, noncharacters, U+FEFF in any place, composed and decomposed letters."""
    odd = "\ufeff\x7f\u07ff\uffff\U0010ffff\ufdd0\ufeff\u00e9e\u0301\x01"
    client = connect5(odd + name)
    client.subscribe(f"{name}/{odd}", f"{odd}{name}")
    client.publish(f"{name}/{odd}", odd.encode(), properties={"content_type": odd, "response_topic": odd, "user_property": (odd, odd)})
    sent = client.expect_publish(f"{name}/{odd}", odd.encode())
    assert sent.properties == {"content_type": odd, "response_topic": odd, "user_property": [(odd, odd)]}
    client.publish(f"{odd}{name}")
    client.expect_publish(f"{odd}{name}")
    client.publish(f"{odd[1:]}{name}")  # U+FEFF in front is part of the name
    client.expect_nothing()


@proves("MQTT-1.5.5-1")
def test_the_server_writes_lengths_as_short_as_they_can_be(connect5, name):
    client = connect5(name)
    client.subscribe(name, properties={"subscription_identifier": 268_435_455})
    for identifier in (1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455):
        client.subscribe(name, properties={"subscription_identifier": identifier})
        for size in (90, 127, 128, 16_200, 16_383, 16_384, 2_097_152 if identifier == 1 else 0):
            client.publish(name, bytes(size))
            sent = client.expect_publish(name, bytes(size))  # parsed strictly
            assert sent.properties == {"subscription_identifier": [identifier]}


LONG = {
    "five bytes of remaining length": wire5.packet("PINGREQ", length=b"\x80\x80\x80\x80\x00"),
    "more than five": wire5.packet("PINGREQ", length=b"\xff" * 8),
    **{f"remaining length of {kind}": packet[:1] + bytes([packet[1] | 0x80, 0]) + packet[2:] for kind, packet in wire5.PLAIN.items()},
    "remaining length 0 in four bytes": wire5.packet("PINGREQ", length=b"\x80\x80\x80\x00"),
    **{f"property length of {kind}": wire5.carrying(kind, b"\x80\x00") for kind in wire5.PLACES},
    **{f"property length of {kind}, five bytes": wire5.carrying(kind, b"\x80\x80\x80\x80\x00") for kind in wire5.PLACES},
    "subscription identifier": wire5.carrying("SUBSCRIBE", b"\x03\x0b\x81\x00"),
    "subscription identifier of five bytes": wire5.carrying("SUBSCRIBE", b"\x06\x0b\x80\x80\x80\x80\x01"),
    "remaining length of CONNECT": wire5.connect("long", length=b"\x91\x00"),
}


@proves("MQTT-1.5.5-1")
@pytest.mark.parametrize("case", LONG)
def test_a_variable_byte_integer_that_is_longer_than_it_has_to_be_is_malformed(expect_end, case):
    expect_end(LONG[case], 0x81)


@proves("MQTT-2.1.3-1", "MQTT-3.6.1-1", "MQTT-3.8.1-1", "MQTT-3.10.1-1", "MQTT-3.14.1-1")
@pytest.mark.parametrize("kind", [kind for kind in wire5.PLAIN if kind != "PUBLISH"])
def test_reserved_flags_that_are_not_as_listed_are_malformed(expect_end, kind):
    for flags in set(range(16)) - {wire.FLAGS[kind]}:
        plain = wire5.PLAIN[kind]
        expect_end(bytes([plain[0] & 0xF0 | flags]) + plain[1:], 0x81)


@proves("MQTT-2.1.3-1", "MQTT-3.1.4-1")
def test_reserved_flags_of_connect_end_the_connection(dial5, name):
    for flags in range(1, 16):
        dial5().send(wire5.connect(name, flags=flags)).expect_closed()  # the version is not known yet, so nothing is said


@proves("MQTT-2.1.3-1", "MQTT-4.13.1-1")
@pytest.mark.parametrize("flags", range(16))
def test_packet_type_0_is_malformed(expect_end, flags):
    expect_end(wire5.packet("RESERVED", flags=flags), 0x81)


SERVERS_OWN = {"CONNACK": b"\0\0\0", "SUBACK": b"\0\x01\0\0", "UNSUBACK": b"\0\x01\0\0", "PINGRESP": b""}


@proves("MQTT-4.13.1-1")
@pytest.mark.parametrize("kind", SERVERS_OWN)
def test_packets_that_only_a_server_sends_are_protocol_errors(expect_end, kind):
    expect_end(wire5.packet(kind, SERVERS_OWN[kind]), 0x82)


@proves("MQTT-2.2.1-2")
def test_a_publish_with_qos_0_has_no_packet_identifier(connect5, name):
    client = connect5(name)
    client.subscribe(name, qos=2)
    client.publish(name, b"payload")
    assert client.expect_publish(name, b"payload", qos=0).raw == wire5.text(name) + b"\0payload"
    client.publish(name, b"", packet_id=0)  # what would be the identifier are property length and payload
    client.expect_publish(name, b"\0\0")


@proves("MQTT-2.2.1-3")
@pytest.mark.parametrize("packet", [
    pytest.param(wire5.publish("zero", qos=1, packet_id=0), id="PUBLISH 1"),
    pytest.param(wire5.publish("zero", qos=2, packet_id=0), id="PUBLISH 2"),
    pytest.param(wire5.subscribe(0, [("zero", 0)]), id="SUBSCRIBE"), pytest.param(wire5.unsubscribe(0, ["zero"]), id="UNSUBSCRIBE"),
    pytest.param(wire5.puback(0), id="PUBACK"), pytest.param(wire5.pubrec(0), id="PUBREC"), pytest.param(wire5.pubrel(0), id="PUBREL"),
    pytest.param(wire5.pubcomp(0), id="PUBCOMP")])
def test_packet_identifier_0_is_a_protocol_error(expect_end, packet):
    expect_end(packet, 0x82)


@proves("MQTT-2.2.1-4", "MQTT-4.3.2-1", "MQTT-4.3.3-1")
def test_what_the_server_publishes_has_unused_identifiers(connect5, publisher5, name):
    client = connect5(name)
    client.subscribe(name, qos=2)
    unfinished = set()
    for number in range(100):
        publisher5.publish(name, qos=1 + number % 2)
        message = client.expect_publish(name, qos=1 + number % 2)
        assert message.packet_id not in unfinished
        unfinished.add(message.packet_id)
        if number % 4 == 0:  # of QoS 1: and so it is free again
            client.acknowledge("PUBACK", message.packet_id)
            unfinished.remove(message.packet_id)
        if number % 4 == 1:  # of QoS 2: it is not yet
            client.acknowledge("PUBREC", message.packet_id).expect("PUBREL", packet_id=message.packet_id)


@proves("MQTT-2.2.1-4", "MQTT-4.3.2-1")
def test_an_unacknowledged_identifier_is_not_used_again_after_a_whole_turn_of_numbers(connect5, publisher5, name):
    publisher, client = publisher5, connect5(name, properties={"receive_maximum": 500})
    client.subscribe(name, qos=1)
    publisher.publish(name, b"first", qos=1)
    first = client.expect_publish(name, b"first")
    batch, batches = 400, 65_600 // 400
    for _ in range(batches):
        publisher.send(*(wire5.publish(name, b"", 1, 1 + number) for number in range(batch)))
        for _ in range(batch):
            publisher.expect("PUBACK", code=0)
        sent = client.arrived()
        assert all(one.packet_id != first.packet_id for one in sent)
        client.send(*(wire5.puback(one.packet_id) for one in sent))
    publisher.publish(name, b"last", qos=1)
    client.acknowledge("PUBACK", first.packet_id)
    while client.take(name).payload != b"last":
        pass


@proves("MQTT-2.2.1-5", "MQTT-4.3.2-4", "MQTT-4.3.3-8", "MQTT-4.3.3-11")
@pytest.mark.parametrize("identifier", (1, 255, 256, 0x1234, 65_535))
def test_acknowledgements_repeat_the_identifier_of_publish(connect5, name, identifier):
    client = connect5(name)
    client.publish(name, qos=1, packet_id=identifier)
    client.publish(name, qos=2, packet_id=identifier)


@proves("MQTT-2.2.1-5", "MQTT-4.3.3-4")
def test_pubrel_repeats_the_identifier_of_publish(connect5, publisher5, name):
    client = connect5(name)
    client.subscribe(name, qos=2)
    for _ in range(3):
        publisher5.publish(name, qos=2)
        client.take(name, qos=2)  # checks it


@proves("MQTT-2.2.1-6", "MQTT-3.8.4-1", "MQTT-3.8.4-2", "MQTT-3.10.4-4", "MQTT-3.10.4-5")
@pytest.mark.parametrize("identifier", (1, 255, 256, 0x1234, 65_535))
def test_suback_and_unsuback_repeat_the_identifier_of_the_request(connect5, name, identifier):
    client = connect5(name)
    client.subscribe(name, packet_id=identifier)
    client.unsubscribe(name, packet_id=identifier)


@proves("MQTT-2.2.1-4", "MQTT-2.2.1-5")
def test_client_and_server_use_identifiers_independently(connect5, publisher5, name):
    """The non-normative example of 2.2.1."""
    client = connect5(name)
    client.subscribe(name, qos=1)
    publisher5.publish(name, b"theirs", qos=1)
    theirs = client.expect_publish(name, b"theirs").packet_id
    client.publish(name + "-elsewhere", qos=1, packet_id=theirs)
    client.publish(name + "-elsewhere", qos=2, packet_id=theirs)
    client.acknowledge("PUBACK", theirs).expect_nothing()


@proves("MQTT-2.2.2-1")
def test_where_there_are_no_properties_their_length_is_still_there(connect5, name):
    client = connect5(name)
    assert client.subscribe(name, packet_id=1).raw == b"\0\x01\0\0"
    client.publish(name, b"p")
    assert client.expect_publish().raw == wire5.text(name) + b"\0p"
    assert client.unsubscribe(name, packet_id=2).raw == b"\0\x02\0\0"


@proves("MQTT-2.2.2-1")
@pytest.mark.parametrize("packet", [
    pytest.param(wire5.packet("CONNECT", wire5.text("MQTT") + b"\5\2\0\0"), id="CONNECT"),
    pytest.param(wire5.packet("PUBLISH", wire5.text("without")), id="PUBLISH"),
    pytest.param(wire5.packet("SUBSCRIBE", b"\0\1"), id="SUBSCRIBE"),
    pytest.param(wire5.packet("UNSUBSCRIBE", b"\0\1"), id="UNSUBSCRIBE")])
def test_a_packet_that_ends_before_its_property_length_is_malformed(expect_end, packet):
    expect_end(packet, 0x81)


@proves("MQTT-2.2.2-1", "MQTT-3.4.2-1")
def test_acknowledgements_and_disconnect_may_be_short(connect5, publisher5, name):
    """Without properties, and without a reason code if it is 0 (3.4.2.1, 3.14.2.1)."""
    for form in ((), (0,), (0, ())):
        client = connect5(name)
        client.subscribe(name, qos=2)
        publisher5.publish(name, qos=1)
        client.acknowledge("PUBACK", client.expect_publish().packet_id, *form)
        publisher5.publish(name, qos=2)
        message = client.expect_publish()
        client.acknowledge("PUBREC", message.packet_id, *form).expect("PUBREL")
        client.acknowledge("PUBCOMP", message.packet_id, *form)
        client.send(wire5.publish(name + "-nobody", qos=2, packet_id=9)).expect("PUBREC")
        client.acknowledge("PUBREL", 9, *form).expect("PUBCOMP", code=0)
        client.disconnect(*form)
