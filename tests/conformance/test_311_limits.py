"""What a server may not be able to do (4.8): transient errors end the connection on which they happen, and no other."""

import pytest
import wire
from statements import proves311 as proves
from wire import V311

pytestmark = pytest.mark.needs("causeway")


@pytest.fixture(scope="module")
def small(module_broker):
    return module_broker("retained: {messages_max: 2}\nmqtt: {packet_bytes_max: 2KiB, connect_bytes_max: 1KiB}")


@proves("MQTT-4.8.0-2", "MQTT-3.3.5-2")
@pytest.mark.parametrize("qos", [1, 2])
def test_a_message_that_cannot_be_taken_ends_its_connection_and_no_other(small, connect, name, qos):
    bystander, publisher = connect(to=small), connect(to=small)
    bystander.subscribe(name, qos=1)
    for number in (1, 2):
        publisher.publish(f"kept/{number}", b"kept", 1, retain=True)
    publisher.send(wire.publish(V311, f"{name}/3", b"too many", qos, 7, retain=True)).expect_closed()
    connect(to=small).publish(name, b"x", 1)
    bystander.take(name, b"x")


@proves("MQTT-4.8.0-2", "MQTT-4.8.0-1")
@pytest.mark.parametrize("length", [2049, 65536, 268_435_455])
def test_a_packet_that_is_too_large_ends_its_connection_before_it_has_come(small, connect, name, length):
    bystander = connect(to=small)
    connect(to=small).send(b"\x30" + wire.varint(length) + wire.text(name)).expect_closed()
    bystander.expect_nothing()
    connect(to=small).publish(name, b"x" * 1900, 1)


@proves("MQTT-3.1.4-1", "MQTT-3.2.2-6")
@pytest.mark.parametrize("length", [1025, 268_435_455])
def test_a_connect_that_is_too_large_ends_its_connection_before_it_has_come(small, dial, length):
    dial(to=small).send(b"\x10" + wire.varint(length) + wire.text("MQTT") + b"\4\2\0\0").expect_closed()
