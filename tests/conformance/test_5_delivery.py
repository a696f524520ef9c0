"""Quality of service, delivery again, and order in MQTT 5.0 (4.3, 4.4, 4.6)."""

import pytest
import wire5
from statements import proves5 as proves

KEPT = {"session_expiry_interval": 60}


# --- the server receives -----------------------------------------------------------------------------------------------------

@proves("MQTT-4.3.1-1", "MQTT-3.3.4-1")
def test_qos_0_is_delivered_without_an_answer(connect5, publisher5, name):
    client = connect5(name)
    client.subscribe(name, qos=2)
    publisher5.publish(name, b"m")
    client.take(name, b"m", qos=0, dup=False)
    publisher5.expect_nothing()


@proves("MQTT-4.3.2-4", "MQTT-4.3.2-5", "MQTT-4.5.0-1")
def test_after_puback_the_same_identifier_is_a_new_message_whatever_dup_says(connect5, publisher5, name):
    client = connect5(name)
    client.subscribe(name, qos=1)
    for payload, dup in ((b"1", False), (b"2", True), (b"2", True), (b"3", False)):
        publisher5.publish(name, payload, qos=1, packet_id=5, dup=dup)
        client.take(name, payload)


@proves("MQTT-4.3.3-8", "MQTT-4.3.3-10")
@pytest.mark.parametrize("reconnect", (False, True))
def test_until_pubrel_the_same_identifier_is_the_same_message(connect5, name, reconnect):
    watcher, client = connect5(name + "-watcher"), connect5(name, properties=KEPT)
    watcher.subscribe(name, qos=2)
    client.send(wire5.publish(name, b"m", 2, 5)).expect("PUBREC", packet_id=5, code=0)
    watcher.take(name, b"m")
    for dup in (True, False, True):
        if reconnect:
            client.reset()
            client = connect5(name, clean=False, properties=KEPT)
        client.send(wire5.publish(name, b"m", 2, 5, dup=dup)).expect("PUBREC", packet_id=5, code=0)
    client.send(wire5.publish(name, b"other", 2, 6)).expect("PUBREC", packet_id=6)
    watcher.take(name, b"other")
    watcher.expect_nothing()


@proves("MQTT-4.3.3-11", "MQTT-4.3.3-12")
def test_after_pubcomp_the_same_identifier_is_a_new_message(connect5, publisher5, name):
    client = connect5(name)
    client.subscribe(name, qos=2)
    for payload, dup in ((b"1", False), (b"2", True), (b"2", False)):
        publisher5.publish(name, payload, qos=2, packet_id=5, dup=dup)
        client.take(name, payload)


@proves("MQTT-4.3.3-11")
def test_a_repeated_pubrel_is_answered_again(connect5, name):
    """After a reconnect nobody knows whether PUBCOMP came."""
    client = connect5(name, properties=KEPT)
    client.send(wire5.publish(name, b"m", 2, 5)).expect("PUBREC")
    for code in (0, 0x92):
        client.acknowledge("PUBREL", 5).expect("PUBCOMP", packet_id=5, code=code)
        client.reset()
        client = connect5(name, clean=False, properties=KEPT)


@proves("MQTT-4.3.3-9")
def test_after_a_refusing_pubrec_the_same_identifier_is_a_new_message(secured_broker, connect5, name):
    watcher = connect5(name + "-watcher", to=secured_broker, user="owner", password="secret")
    watcher.subscribe("allowed/#", qos=2)
    client = connect5(name, to=secured_broker, user="limited", password="secret")
    client.send(wire5.publish("forbidden", b"no", 2, 5)).expect("PUBREC", packet_id=5, code=0x87)
    client.send(wire5.publish("allowed/a", b"yes", 2, 5)).expect("PUBREC", packet_id=5, code=0)
    watcher.take("allowed/a", b"yes")
    client.acknowledge("PUBREL", 5).expect("PUBCOMP", packet_id=5, code=0)


@proves("MQTT-4.3.3-13")
def test_the_receiver_s_handshake_goes_on_for_a_message_that_has_expired(connect5, publisher5, name):
    client = connect5(name)
    client.send(wire5.publish(name, b"m", 2, 5, properties={"message_expiry_interval": 0})).expect("PUBREC", packet_id=5)
    client.send(wire5.publish(name, b"m", 2, 5, dup=True, properties={"message_expiry_interval": 0})).expect("PUBREC", packet_id=5)
    client.acknowledge("PUBREL", 5).expect("PUBCOMP", packet_id=5, code=0)


# --- the server sends --------------------------------------------------------------------------------------------------------

@proves("MQTT-4.3.2-2", "MQTT-4.3.3-2", "MQTT-4.3.2-1", "MQTT-4.3.3-1", "MQTT-4.3.3-4")
def test_a_message_is_first_sent_with_its_qos_and_without_dup(connect5, publisher5, name):
    client = connect5(name)
    client.subscribe(name, qos=2)
    for quality in (1, 2, 2, 1):
        publisher5.publish(name, qos=quality)
        client.take(name, qos=quality, dup=False)


@proves("MQTT-4.3.2-3", "MQTT-4.3.3-3", "MQTT-4.3.3-5", "MQTT-4.3.3-6", "MQTT-4.4.0-1", "MQTT-3.3.1-1")
def test_what_is_unacknowledged_is_sent_again_at_the_next_connection_only(connect5, publisher5, name):
    """With its identifier: PUBLISH until PUBACK or PUBREC, PUBREL until PUBCOMP. Not twice on one connection."""
    client = connect5(name, properties=KEPT)
    client.subscribe(name, qos=2)
    for number, quality in enumerate((1, 2, 2, 1, 2)):
        publisher5.publish(name, str(number), qos=quality)
    sent = [client.expect_publish(name, str(number), dup=False) for number in range(5)]
    client.acknowledge("PUBACK", sent[0].packet_id)
    client.acknowledge("PUBREC", sent[1].packet_id).expect("PUBREL")
    client.acknowledge("PUBCOMP", sent[1].packet_id)
    client.acknowledge("PUBREC", sent[2].packet_id).expect("PUBREL")
    client.expect_nothing()
    for _ in range(2):
        client.reset()
        client = connect5(name, clean=False, properties=KEPT)
        assert client.connack.session_present
        again = client.arrived()
        assert [(one.kind, one.packet_id) for one in again if one.kind == "PUBREL"] == [("PUBREL", sent[2].packet_id)]
        publishes = [one for one in again if one.kind == "PUBLISH"]
        assert [(one.payload, one.packet_id, one.dup) for one in publishes] == [(one.payload, one.packet_id, True) for one in sent[3:]]
        client.expect_nothing()
    client.acknowledge("PUBCOMP", sent[2].packet_id)
    client.finish(publishes[0])
    client.finish(publishes[1])
    client.disconnect()
    connect5(name, clean=False).expect_nothing()


@proves("MQTT-4.4.0-1", "MQTT-3.1.2-4")
def test_nothing_is_sent_again_to_a_new_session(connect5, publisher5, name):
    client = connect5(name, properties=KEPT)
    client.subscribe(name, qos=2)
    publisher5.publish(name, qos=1)
    client.expect_publish(name)
    client.reset()
    connect5(name, clean=True, properties=KEPT).expect_nothing()


@proves("MQTT-4.3.3-6", "MQTT-4.3.3-4")
def test_a_repeated_pubrec_is_answered_by_pubrel_not_by_publish(connect5, publisher5, name):
    client = connect5(name, properties=KEPT)
    client.subscribe(name, qos=2)
    publisher5.publish(name, b"m", qos=2)
    message = client.expect_publish(name, b"m")
    for _ in range(3):
        client.acknowledge("PUBREC", message.packet_id).expect("PUBREL", packet_id=message.packet_id, code=0)
    client.acknowledge("PUBCOMP", message.packet_id).expect_nothing()


@proves("MQTT-4.4.0-2", "MQTT-4.3.3-4")
@pytest.mark.parametrize("quality, kind, codes", [(1, "PUBACK", (0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99)),
                                                  (2, "PUBREC", (0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99)), (1, "PUBACK", (0x00, 0x10))])
def test_a_message_that_the_client_refuses_is_acknowledged(connect5, publisher5, name, quality, kind, codes):
    """No PUBREL follows, credit comes back, and it is not sent again."""
    client = connect5(name, properties=KEPT | {"receive_maximum": 1})
    client.subscribe(name, qos=2)
    for code in codes:
        publisher5.publish(name, str(code), qos=quality)
        message = client.expect_publish(name, str(code))
        client.acknowledge(kind, message.packet_id, code).expect_nothing()
    client.reset()
    connect5(name, clean=False).expect_nothing()


@proves("MQTT-4.3.3-4", "MQTT-4.3.3-5")
@pytest.mark.parametrize("code", (0x00, 0x10))
def test_a_pubrec_below_0x80_is_answered_by_pubrel(connect5, publisher5, name, code):
    client = connect5(name)
    client.subscribe(name, qos=2)
    publisher5.publish(name, qos=2)
    message = client.expect_publish(name)
    client.acknowledge("PUBREC", message.packet_id, code).expect("PUBREL", packet_id=message.packet_id, code=0)
    client.acknowledge("PUBCOMP", message.packet_id).expect_nothing()


# --- order -------------------------------------------------------------------------------------------------------------------

@proves("MQTT-4.6.0-5", "MQTT-4.6.0-6")
@pytest.mark.parametrize("receive_maximum", (1, 2, 65_535))
@pytest.mark.parametrize("quality", (0, 1, 2))
def test_messages_come_in_the_order_of_their_publisher(connect5, name, quality, receive_maximum):
    """Of each of several publishers, which all publish at once to the same topics."""
    client, count = connect5(name, properties={"receive_maximum": receive_maximum}), 60
    client.subscribe(f"{name}/+", qos=2)
    publishers = [connect5(f"{name}-{number}") for number in range(3)]
    for number in range(count):
        for who, publisher in enumerate(publishers):
            publisher.send(wire5.publish(f"{name}/{number % 2}", f"{who} {number}", quality, number + 1 if quality else None))
    got = {who: [] for who in range(3)}
    for _ in range(3 * count):
        message = take_any(client)
        who, number = map(int, message.payload.split())
        got[who].append(number)
    assert got == {who: list(range(count)) for who in range(3)}


def take_any(client):
    """The next PUBLISH, acknowledging what else comes on the way."""
    while (packet := client.next()).kind != "PUBLISH":
        client.acknowledge("PUBCOMP", packet.packet_id)
    if packet.qos:
        client.acknowledge("PUBACK" if packet.qos == 1 else "PUBREC", packet.packet_id)
    return packet


@proves("MQTT-4.6.0-5", "MQTT-4.6.0-6", "MQTT-4.9.0-2")
@pytest.mark.parametrize("receive_maximum", (1, 3))
def test_flow_control_keeps_the_order_of_mixed_qos(connect5, publisher5, name, receive_maximum):
    """Of each QoS by itself, which is what the standard asks for; a slow client gets one at a time."""
    client, count = connect5(name, properties={"receive_maximum": receive_maximum}), 150
    client.subscribe(name, qos=2)
    publisher5.send(*(wire5.publish(name, str(number), number % 3, number + 1 if number % 3 else None) for number in range(count)))
    got = [int(take_any(client).payload) for _ in range(count)]
    for quality in range(3):
        assert [number for number in got if number % 3 == quality] == list(range(quality, count, 3))


@proves("MQTT-4.6.0-5", "MQTT-4.6.0-6", "MQTT-4.4.0-1")
@pytest.mark.parametrize("quality", (1, 2))
@pytest.mark.parametrize("receive_maximum", (1, 7))
def test_order_is_kept_across_reconnects(connect5, publisher5, name, quality, receive_maximum):
    """First comes what was sent before, in its order, then what has waited."""
    asked, count, seen = KEPT | {"receive_maximum": receive_maximum}, 40, []
    client = connect5(name, properties=asked)
    client.subscribe(name, qos=2)
    for number in range(count):
        publisher5.send(wire5.publish(name, str(number), quality, number + 1))
    while len(dict.fromkeys(seen)) < count:
        for _ in range(5):  # then the connection breaks, with some unacknowledged
            if len(dict.fromkeys(seen)) < count:
                packet = client.next()
                if packet.kind == "PUBREL":
                    client.acknowledge("PUBCOMP", packet.packet_id)
                else:
                    seen.append(int(packet.payload))
                    client.acknowledge("PUBACK" if quality == 1 else "PUBREC", packet.packet_id)
        for _ in range(receive_maximum):
            if client.readable(0.02) and (packet := client.next()).kind == "PUBLISH":
                seen.append(int(packet.payload))
        client.reset()
        client = connect5(name, clean=False, properties=asked)
    assert list(dict.fromkeys(seen)) == list(range(count))  # the first copies


@proves("MQTT-4.6.0-5", "MQTT-4.6.0-6")
def test_what_has_waited_comes_before_what_is_published_later(connect5, publisher5, name):
    client = connect5(name, properties=KEPT)
    client.subscribe(name, qos=1)
    client.disconnect()
    for number in range(50):
        publisher5.publish(name, str(number), qos=1)
    publisher5.send(*(wire5.publish(name, str(number), 1, number) for number in range(50, 100)))
    client = connect5(name, clean=False, properties=KEPT | {"receive_maximum": 5})
    for number in range(100):
        client.take(name, str(number))


@proves("MQTT-4.6.0-1")
def test_messages_that_are_sent_again_come_in_their_first_order(connect5, publisher5, name):
    client = connect5(name, properties=KEPT)
    client.subscribe(name, qos=2)
    for number in range(20):
        publisher5.publish(name, str(number), qos=1 + number % 2)
    first = [client.expect_publish(name, str(number)).packet_id for number in range(20)]
    client.reset()
    client = connect5(name, clean=False)
    assert [client.expect_publish(name, str(number), dup=True).packet_id for number in range(20)] == first
