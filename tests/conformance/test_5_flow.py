"""Flow control of MQTT 5.0: Receive Maximum in both directions (3.3.4, 4.9)."""

import pytest
import wire5
from statements import proves5 as proves

KEPT = {"session_expiry_interval": 60}


@proves("MQTT-3.3.4-9", "MQTT-4.9.0-1", "MQTT-4.9.0-2")
@pytest.mark.parametrize("maximum", (1, 2, 10))
@pytest.mark.parametrize("quality", (1, 2))
def test_the_server_keeps_within_the_client_s_receive_maximum(connect5, publisher5, name, maximum, quality):
    client = connect5(name, properties={"receive_maximum": maximum})
    client.subscribe(name, qos=2)
    for number in range(maximum + 5):
        publisher5.publish(name, str(number), qos=quality)
    under_way = client.arrived()
    assert [message.payload for message in under_way] == [str(number).encode() for number in range(maximum)]
    for number in range(maximum, maximum + 5):  # each that is finished makes room for one
        message = under_way.pop(0)
        if quality == 1:
            client.acknowledge("PUBACK", message.packet_id)
        else:
            client.acknowledge("PUBREC", message.packet_id).expect("PUBREL", packet_id=message.packet_id)
            client.expect_nothing()  # that is not enough
            client.acknowledge("PUBCOMP", message.packet_id)
        under_way.append(client.expect_publish(name, str(number)))
        client.expect_nothing()


@proves("MQTT-4.9.0-2", "MQTT-4.4.0-2")
@pytest.mark.parametrize("quality, kind", [(1, "PUBACK"), (2, "PUBREC")])
def test_a_refusing_acknowledgement_gives_credit_back(connect5, publisher5, name, quality, kind):
    client = connect5(name, properties={"receive_maximum": 1})
    client.subscribe(name, qos=2)
    for number in range(3):
        publisher5.publish(name, str(number), qos=quality)
    for number in range(3):
        message = client.expect_publish(name, str(number))
        client.expect_nothing()
        client.acknowledge(kind, message.packet_id, 0x80)


@proves("MQTT-4.9.0-1", "MQTT-4.9.0-2")
def test_credit_never_rises_above_the_receive_maximum(connect5, publisher5, name):
    """Acknowledgements of nothing, and PUBCOMP for PUBREL of an earlier connection."""
    client = connect5(name, properties=KEPT)
    client.subscribe(name, qos=2)
    for number in range(3):
        publisher5.publish(name, str(number), qos=2)
    earlier = [client.expect_publish(name) for _ in range(3)]
    for message in earlier:
        client.acknowledge("PUBREC", message.packet_id).expect("PUBREL")
    client.reset()
    client = connect5(name, clean=False, properties=KEPT | {"receive_maximum": 2})
    for message in earlier:
        client.expect("PUBREL", packet_id=message.packet_id)
        client.acknowledge("PUBCOMP", message.packet_id)
    client.acknowledge("PUBACK", 60_000).acknowledge("PUBCOMP", 60_001)
    for number in range(4):
        publisher5.publish(name, str(number), qos=1)
    assert len(client.arrived()) == 2


@proves("MQTT-3.3.4-9", "MQTT-4.9.0-1")
@pytest.mark.parametrize("first, second", [(10, 1), (1, 10)])
def test_the_receive_maximum_is_the_one_of_the_connection(connect5, publisher5, name, first, second):
    """Also for what is sent again."""
    client = connect5(name, properties=KEPT | {"receive_maximum": first})
    client.subscribe(name, qos=1)
    for number in range(10):
        publisher5.publish(name, str(number), qos=1)
    assert len(client.arrived()) == first
    client.reset()
    client = connect5(name, clean=False, properties=KEPT | {"receive_maximum": second})
    assert [message.payload for message in client.arrived()] == [str(number).encode() for number in range(second)]


@proves("MQTT-3.3.4-9")
def test_without_a_receive_maximum_many_are_sent(connect5, publisher5, name):
    client = connect5(name)
    client.subscribe(name, qos=1)
    publisher5.send(*(wire5.publish(name, b"", 1, number + 1) for number in range(300)))
    for _ in range(300):
        client.expect_publish(name)


@proves("MQTT-3.3.4-10", "MQTT-4.9.0-3")
@pytest.mark.parametrize("quality", (1, 2))
def test_without_credit_everything_but_publish_goes_on(connect5, publisher5, name, quality):
    """SUBACK, UNSUBACK, PINGRESP, PUBACK, PUBREC, PUBREL and PUBCOMP."""
    client = connect5(name, properties={"receive_maximum": 1})
    client.subscribe(name, qos=2)
    publisher5.publish(name, b"1", qos=quality)
    publisher5.publish(name, b"2", qos=quality)
    first = client.expect_publish(name, b"1")
    client.subscribe(f"{name}/other")
    client.unsubscribe(f"{name}/other")
    client.publish(f"{name}/up", qos=1)
    client.publish(f"{name}/up", qos=2)
    client.acknowledge("PUBREL", 9_999).expect("PUBCOMP", code=0x92)
    client.acknowledge("PUBREC", 9_998).expect("PUBREL", code=0x92)
    client.expect_nothing()
    client.finish(first)
    client.take(name, b"2")


@proves("MQTT-3.3.4-9", "MQTT-4.6.0-6")
def test_a_slow_receiver_gets_everything_in_order(connect5, publisher5, name):
    """One at a time, of both QoS, while more is published."""
    client, count = connect5(name, properties={"receive_maximum": 1}), 120
    client.subscribe(name, qos=2)
    for number in range(count):
        publisher5.publish(name, str(number), qos=1 + number % 2)
        if number % 3 == 0:
            client.take(name)
    seen = count // 3
    for number in range(seen, count):
        client.take(name, str(number))


# --- the client sends --------------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def strict_broker(module_broker):
    """A server with a Receive Maximum of 3."""
    return module_broker("mqtt: {receive_max: 3}")


@proves("MQTT-3.3.4-7", "MQTT-4.13.1-1")
def test_more_than_the_server_s_receive_maximum_ends_the_connection(strict_broker, connect5, name):
    client = connect5(name, to=strict_broker)
    assert client.connack.properties["receive_maximum"] == 3
    for number in range(1, 4):
        client.send(wire5.publish(name, b"", 2, number)).expect("PUBREC", packet_id=number)
    client.publish(name)  # QoS 0 does not count
    client.expect_nothing()
    client.send(wire5.publish(name, b"", 2, 4)).expect_closed(disconnect=0x93)


@proves("MQTT-3.3.4-7")
@pytest.mark.parametrize("quality", (1, 2))
def test_the_message_that_is_one_too_many_may_have_any_qos(strict_broker, connect5, name, quality):
    client = connect5(name, to=strict_broker)
    for number in range(1, 4):
        client.send(wire5.publish(name, b"", 2, number)).expect("PUBREC")
    client.send(wire5.publish(name, b"", quality, 4)).expect_closed(disconnect=0x93)


@proves("MQTT-3.3.4-7", "MQTT-4.9.0-3")
def test_what_is_acknowledged_makes_room_again(strict_broker, connect5, name):
    client = connect5(name, to=strict_broker)
    for number in range(1, 4):
        client.send(wire5.publish(name, b"", 2, number)).expect("PUBREC")
    for number in range(1, 20):
        client.acknowledge("PUBREL", number).expect("PUBCOMP", packet_id=number)
        client.send(wire5.publish(name, b"", 2, number + 3)).expect("PUBREC", packet_id=number + 3)
    client.acknowledge("PUBREL", 20).expect("PUBCOMP")
    for _ in range(10):
        client.publish(name, qos=1)


@proves("MQTT-3.3.4-7", "MQTT-4.3.3-10")
def test_a_repeated_publish_takes_no_more_room(strict_broker, connect5, name):
    client = connect5(name, to=strict_broker)
    for number in (1, 2, 3, 3, 2, 1):
        client.send(wire5.publish(name, b"", 2, number, dup=True)).expect("PUBREC", packet_id=number)
    client.send(wire5.pingreq()).expect("PINGRESP")


@proves("MQTT-3.3.4-7", "MQTT-4.9.0-1")
def test_the_server_s_count_begins_anew_with_each_connection(strict_broker, connect5, name):
    client = connect5(name, to=strict_broker, properties=KEPT)
    for number in range(1, 4):
        client.send(wire5.publish(name, b"", 2, number)).expect("PUBREC")
    client.reset()
    client = connect5(name, to=strict_broker, clean=False, properties=KEPT)
    for number in range(4, 7):
        client.send(wire5.publish(name, b"", 2, number)).expect("PUBREC", packet_id=number)
    for number in range(1, 7):
        client.acknowledge("PUBREL", number).expect("PUBCOMP", packet_id=number)


@proves("MQTT-3.3.4-8")
def test_everything_but_publish_is_taken_at_the_maximum(strict_broker, connect5, name):
    client = connect5(name, to=strict_broker)
    for number in range(1, 4):
        client.send(wire5.publish(name, b"", 2, number)).expect("PUBREC")
    client.subscribe(name)
    client.unsubscribe(name)
    client.send(wire5.pingreq()).expect("PINGRESP")
    client.acknowledge("PUBREL", 1).expect("PUBCOMP")
