"""Bytes that no client should send. They end the connection that they come from, and nobody else's."""

import random

import pytest
from support.packets import Wire, connect, connect5, mqtt_session, packet, publish, subscribe, text

AMQP_HEADER = b"AMQP\x00\x00\x09\x01"


@pytest.fixture
def bystander(broker, name, request):
    """Connections that have to go on working while others misbehave."""
    made = {}
    if "mqtt" in broker.speaks:
        made["mqtt"] = request.getfixturevalue("device")(broker)
        made["mqtt"].subscribe(f"{name}/bystander", 1)
    if "amqp" in broker.speaks:
        made["amqp"] = request.getfixturevalue("application")(broker)
        made["amqp"].declare(f"{name}-bystander", exclusive=True)
    yield
    if "mqtt" in made:
        made["mqtt"].publish(f"{name}/bystander", b"x", 1)
        assert made["mqtt"].receive().payload == b"x"
    if "amqp" in made:
        made["amqp"].publish(f"{name}-bystander", b"x")
        assert made["amqp"].consume(f"{name}-bystander", 1)[0][2] == b"x"


def ends_the_connection(broker, port, data):
    with Wire(broker.host, port) as wire:
        try:
            wire.send(data)
        except (BrokenPipeError, ConnectionResetError):
            return True
        return wire.closed()


GARBAGE = {"zero": b"\x00" * 64, "text": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "ones": b"\xff" * 64, "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64}


@pytest.mark.needs("mqtt")
@pytest.mark.parametrize("data", GARBAGE.values(), ids=GARBAGE)
def test_garbage_on_the_mqtt_port(broker, bystander, data):
    assert ends_the_connection(broker, broker.mqtt_port, data)


@pytest.mark.needs("amqp")
@pytest.mark.parametrize("data", [*GARBAGE.values(), b"AMQP\x00\x01\x00\x00", b"AMQP\x03\x01\x00\x00"], ids=[*GARBAGE, "amqp-1.0", "sasl"])
def test_garbage_on_the_amqp_port_is_answered_with_the_version_that_is_spoken(broker, bystander, data):
    with Wire(broker.host, broker.amqp_port) as wire:
        wire.send(data)
        assert wire.read(8) == AMQP_HEADER
        assert wire.closed()


@pytest.mark.needs("mqtt")
@pytest.mark.parametrize("data", [
    publish("a", b"x"),                                        # [MQTT-3.1.0-1] the first packet is CONNECT
    b"\xc0\x00",
    connect("x") + connect("x"),                               # [MQTT-3.1.0-2]
    connect("x") + b"\x36\x05\x00\x01a\x00\x01",               # [MQTT-3.3.1-4] both QoS bits
    connect("x") + publish("a/#", b"x"),                       # [MQTT-3.3.2-2] a wildcard in a topic name
    connect("x") + publish("", b"x"),
    connect("x") + packet(0x80, b"\x00\x01\x00\x01a\x00"),     # [MQTT-3.8.1-1] wrong flags
    connect("x") + packet(0x82, b"\x00\x01"),                  # [MQTT-3.8.3-3] no filter
    connect("x") + subscribe("a/#/b", 0),                      # [MQTT-4.7.1-2]
    connect("x") + subscribe("a", 3),                          # [MQTT-3-8.3-4]
    connect("x") + packet(0x82, b"\x00\x00\x00\x01a\x00"),     # [MQTT-2.3.1-1] packet identifier 0
    connect("x") + packet(0x30, b"\x00\x02\xc3\x28x"),         # [MQTT-1.5.3-1] not UTF-8
    connect("x") + packet(0x30, b"\x00\x03a\x00bx"),           # [MQTT-1.5.3-2] U+0000
    connect("x") + b"\xf0\x00",
    connect("x") + b"\x30\xff\xff\xff\xff\x01",                # 2.2.3: five bytes of length
    connect5("x") + packet(0x30, text("a") + b"\x02\x7e\x00"), # an unknown property
    connect5("x") + packet(0x30, text("") + b"\x00x"),         # neither topic nor alias
    connect5("x") + packet(0x30, text("a") + b"\x03\x23\x00\x00x"),  # [MQTT-3.3.2-8] alias 0
], ids=lambda data: data[-8:].hex())
def test_a_violation_of_mqtt_ends_the_connection(broker, bystander, data):
    assert ends_the_connection(broker, broker.mqtt_port, data)


@pytest.mark.needs("mqtt", "causeway")
def test_a_packet_that_is_too_large_ends_the_connection_before_it_is_read(broker, bystander, name):
    wire, _ = mqtt_session(broker, name, clean=True)
    with wire:
        wire.send(b"\x30\xff\xff\xff\x7f" + text(name))
        assert wire.closed()


@pytest.mark.needs("mqtt", "causeway")
def test_a_large_packet_from_a_stranger_is_not_waited_for(broker, bystander):
    assert ends_the_connection(broker, broker.mqtt_port, b"\x10\xff\xff\xff\x7f" + text("MQTT"))


@pytest.mark.needs("mqtt")
def test_packets_may_come_byte_by_byte_and_all_at_once(broker, name):
    stream = connect(name) + subscribe(name, 1) + publish(name, b"x", 1, 7) + b"\xc0\x00"
    with Wire(broker.host, broker.mqtt_port) as slow, Wire(broker.host, broker.mqtt_port) as fast:
        for byte in stream:
            slow.send(bytes([byte]))
        answers = [slow.packet()[0] & 0xF0 for _ in range(5)]
        assert answers[:2] == [0x20, 0x90] and sorted(answers[2:]) == [0x30, 0x40, 0xD0]
        fast.send(stream.replace(name.encode(), name[::-1].encode()))
        answers = [fast.packet()[0] & 0xF0 for _ in range(5)]
        assert answers[:2] == [0x20, 0x90] and sorted(answers[2:]) == [0x30, 0x40, 0xD0]


@pytest.mark.needs("amqp")
@pytest.mark.parametrize("data", [
    b"\x01\x00\x00\x00\x00\x00\x04\x00\x0a\x00\x0b\x00",   # the frame does not end in 0xCE
    b"\x01\x00\x00\xff\xff\xff\xff",                       # larger than any frame may be
    b"\x09\x00\x00\x00\x00\x00\x00\xce",                   # an unknown type
    b"\x03\x00\x01\x00\x00\x00\x01x\xce",                  # a body before any method
    b"\x01\x00\x00\x00\x00\x00\x04\x00\x0a\x00\x63\xce",   # an unknown method
    b"\x01\x00\x00\x00\x00\x00\x08\x00\x0a\x00\x0b\xff\xff\xff\xff\xce",  # a table longer than its frame
], ids=lambda data: data[:12].hex())
def test_a_violation_of_amqp_ends_the_connection(broker, bystander, data):
    with Wire(broker.host, broker.amqp_port, timeout=15) as wire:
        wire.send(AMQP_HEADER)
        kind, length = wire.read(1)[0], wire.read(6)[2:]
        start = wire.read(int.from_bytes(length, "big") + 1)
        assert (kind, start[:4]) == (1, b"\x00\x0a\x00\x0a")  # connection.start
        wire.send(data)
        assert wire.closed()


@pytest.mark.needs("causeway")
def test_random_bytes_after_a_proper_beginning_harm_nobody(broker, bystander, name):
    noise = random.Random(7)
    for number in range(100):
        junk = noise.randbytes(noise.randrange(1, 400))
        beginning, port = (connect5(f"{name}-{number}"), broker.mqtt_port) if number % 2 else (AMQP_HEADER, broker.amqp_port)
        with Wire(broker.host, port) as wire:
            wire.send(beginning + junk)


@pytest.mark.needs("mqtt", "causeway")
def test_a_subscriber_that_does_not_read_holds_nobody_up(broker, name, device):
    lazy, _ = mqtt_session(broker, name, clean=True)
    with lazy:
        lazy.send(subscribe(f"{name}/#", 0))
        assert lazy.packet()[0] == 0x90
        brisk, publisher = device(broker), device(broker)
        brisk.subscribe(f"{name}/#", 1)
        for _ in range(60):
            publisher.publish(f"{name}/big", b"p" * 1_000_000, 1)
            assert len(brisk.receive().payload) == 1_000_000
