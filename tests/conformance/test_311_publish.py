"""PUBLISH and its answers in MQTT 3.1.1 (3.3 to 3.7, 4.3), to and from the server, on one connection."""

import itertools

import pytest
import wire
from statements import proves311 as proves
from wire import V311


@pytest.fixture
def pair(connect, name):
    """(publisher, a subscriber to the test's name with QoS 2)"""
    publisher, subscriber = connect(f"{name}-p"), connect(f"{name}-s")
    subscriber.subscribe(name, qos=2)
    return publisher, subscriber


# --- from the client: the server as receiver ---------------------------------------------------------------------------------

@proves("MQTT-3.3.4-1", "MQTT-2.3.1-6", "MQTT-4.3.2-2", "MQTT-4.3.3-2")
@pytest.mark.parametrize("packet_id", [1, 2, 255, 256, 32768, 65535])
def test_each_qos_is_answered_with_its_packet_and_the_same_identifier(pair, name, packet_id):
    publisher, subscriber = pair
    publisher.send(wire.publish(V311, name, b"0"))
    publisher.expect_nothing()
    publisher.send(wire.publish(V311, name, b"1", 1, packet_id)).expect("PUBACK", packet_id=packet_id)
    publisher.send(wire.publish(V311, name, b"2", 2, packet_id)).expect("PUBREC", packet_id=packet_id)
    publisher.acknowledge("PUBREL", packet_id).expect("PUBCOMP", packet_id=packet_id)
    publisher.expect_nothing()
    for qos in (0, 1, 2):
        subscriber.take(name, str(qos), qos=qos)


@proves("MQTT-2.3.1-5", "MQTT-4.3.1-1", "MQTT-3.3.1-2")
def test_a_publish_with_qos_0_has_no_identifier_in_either_direction(pair, name):
    publisher, subscriber = pair
    publisher.send(wire.publish(V311, name, b"\0\1payload"))
    subscriber.expect_publish(name, b"\0\1payload", qos=0, dup=False, packet_id=None)
    publisher.send(wire.publish(V311, name, b""))
    assert subscriber.expect_publish(name, b"", qos=0, dup=False).raw == wire.text(name)


@proves("MQTT-4.3.2-2")
@pytest.mark.parametrize("dup", [False, True])
def test_after_puback_the_same_identifier_is_a_new_message(pair, name, dup):
    publisher, subscriber = pair
    for payload in (b"first", b"second"):
        publisher.send(wire.publish(V311, name, payload, 1, 7, dup=dup)).expect("PUBACK", packet_id=7)
        subscriber.take(name, payload, qos=1)


@proves("MQTT-4.3.3-2")
@pytest.mark.parametrize("dup", [True, False])
def test_until_pubrel_the_same_identifier_is_the_same_message(pair, name, dup):
    publisher, subscriber = pair
    publisher.send(wire.publish(V311, name, b"once", 2, 7)).expect("PUBREC", packet_id=7)
    for _ in range(3):
        publisher.send(wire.publish(V311, name, b"once", 2, 7, dup=dup)).expect("PUBREC", packet_id=7)
    publisher.acknowledge("PUBREL", 7).expect("PUBCOMP", packet_id=7)
    subscriber.take(name, b"once", qos=2)
    subscriber.expect_nothing()


@proves("MQTT-4.3.3-2")
@pytest.mark.parametrize("dup", [True, False])
def test_after_pubcomp_the_same_identifier_is_a_new_message(pair, name, dup):
    publisher, subscriber = pair
    for payload in (b"first", b"second"):
        publisher.send(wire.publish(V311, name, payload, 2, 7, dup=dup)).expect("PUBREC", packet_id=7)
        publisher.acknowledge("PUBREL", 7).expect("PUBCOMP", packet_id=7)
        subscriber.take(name, payload, qos=2)
    subscriber.expect_nothing()


@proves("MQTT-4.3.3-2")
def test_a_pubrel_is_answered_even_if_nothing_is_known_of_its_message(connect, name):
    client = connect(name)
    for _ in range(2):
        client.acknowledge("PUBREL", 1234).expect("PUBCOMP", packet_id=1234)


@proves("MQTT-4.3.2-2", "MQTT-4.3.3-2", "MQTT-4.6.0-2", "MQTT-4.6.0-3", "MQTT-4.6.0-6")
@pytest.mark.parametrize("qos, answer", [(1, "PUBACK"), (2, "PUBREC")])
def test_answers_come_in_the_order_of_the_messages(pair, name, qos, answer):
    publisher, subscriber = pair
    identifiers = [9, 3, 65535, 1, 500, 2]
    publisher.send(*(wire.publish(V311, name, str(each), qos, each) for each in identifiers))
    assert [publisher.expect(answer).packet_id for _ in identifiers] == identifiers
    if qos == 2:
        publisher.send(*(wire.acknowledgement("PUBREL", V311, each) for each in identifiers))
        assert [publisher.expect("PUBCOMP").packet_id for _ in identifiers] == identifiers
    assert [int(next_message(subscriber).payload) for _ in identifiers] == identifiers


# --- to the client: the server as sender -------------------------------------------------------------------------------------

@proves("MQTT-4.3.2-1", "MQTT-4.3.3-1", "MQTT-2.3.1-1", "MQTT-2.3.1-4", "MQTT-3.3.1-1")
@pytest.mark.parametrize("qos", [1, 2])
def test_new_messages_have_unused_identifiers_and_no_dup(pair, name, qos):
    publisher, subscriber = pair
    for number in range(15):
        publisher.publish(name, str(number), qos)
    messages = [subscriber.expect_publish(name, str(number), qos=qos, dup=False) for number in range(15)]
    assert len({message.packet_id for message in messages}) == 15
    for message in messages:
        subscriber.finish(message)
    publisher.publish(name, b"more", qos)
    subscriber.take(name, b"more", qos=qos, dup=False)


def exchange(publisher, subscriber, name, count):
    """So many messages with QoS 1, all acknowledged; the identifiers that they had. Bytes, not packets, for there are many."""
    size, found = 4 + len(name) + 3, []
    assert size < 130
    for _ in range(count // 500):
        publisher.send(*(wire.publish(V311, name, b"x", 1, each + 1) for each in range(500)))
        messages = subscriber.read(500 * size)
        found += [int.from_bytes(messages[at - 3:at - 1], "big") for at in range(size, 500 * size + 1, size)]
        subscriber.send(*(wire.acknowledgement("PUBACK", V311, each) for each in found[-500:]))
        publisher.read(500 * 4)
    return found


@proves("MQTT-2.3.1-4", "MQTT-4.3.2-1", "MQTT-4.3.3-1")
def test_an_identifier_is_not_used_again_before_its_message_is_acknowledged(pair, name):
    publisher, subscriber = pair
    for qos in (1, 2, 2):
        publisher.publish(name, b"kept", qos)
    kept = [subscriber.expect_publish(name, b"kept", qos=qos) for qos in (1, 2, 2)]
    subscriber.acknowledge("PUBREC", kept[2].packet_id).expect("PUBREL", packet_id=kept[2].packet_id)
    held = {message.packet_id for message in kept}
    used = exchange(publisher, subscriber, name, 65500)
    assert held.isdisjoint(used)
    publisher.send(*(wire.publish(V311, name, b"y", 1, each + 1) for each in range(100)))  # now all identifiers have been used once
    for _ in range(100):
        publisher.expect("PUBACK")
    late = subscriber.arrived()  # what has to wait for an identifier may wait
    assert held.isdisjoint(message.packet_id for message in late)
    for message in [*late, kept[0]]:
        subscriber.acknowledge("PUBACK", message.packet_id)
    subscriber.acknowledge("PUBCOMP", kept[2].packet_id)
    subscriber.acknowledge("PUBREC", kept[1].packet_id)
    for _ in range(100 - len(late)):
        next_message(subscriber)


@proves("MQTT-4.3.3-1", "MQTT-2.3.1-6", "MQTT-4.6.0-4", "MQTT-4.6.0-6")
def test_pubrec_is_answered_with_pubrel_and_its_identifier_in_order(pair, name):
    publisher, subscriber = pair
    for number in range(6):
        publisher.publish(name, str(number), 2)
    identifiers = [subscriber.expect_publish(name, str(number), qos=2).packet_id for number in range(6)]
    subscriber.send(*(wire.acknowledgement("PUBREC", V311, each) for each in identifiers))
    assert [subscriber.expect("PUBREL").packet_id for _ in identifiers] == identifiers
    subscriber.expect_nothing()  # neither PUBLISH nor PUBREL again while the connection lasts
    subscriber.send(*(wire.acknowledgement("PUBCOMP", V311, each) for each in identifiers))
    subscriber.expect_nothing()


@proves("MQTT-4.3.2-1", "MQTT-4.3.3-1")
def test_messages_may_be_acknowledged_in_any_order(pair, name):
    publisher, subscriber = pair
    for number in range(12):
        publisher.publish(name, str(number), 1 + number % 2)
    messages = [subscriber.expect_publish(name, str(number)) for number in range(12)]
    for message in reversed(messages):
        subscriber.finish(message)
    subscriber.expect_nothing()


@proves("MQTT-4.3.2-1", "MQTT-4.3.3-1")
@pytest.mark.parametrize("kind", ["PUBACK", "PUBREC", "PUBCOMP"])
def test_an_acknowledgement_of_nothing_harms_nobody(pair, name, kind):
    publisher, subscriber = pair
    subscriber.acknowledge(kind, 4321)
    answers = subscriber.arrived()
    assert not answers or (kind == "PUBREC" and [(one.kind, one.packet_id) for one in answers] == [("PUBREL", 4321)])
    publisher.publish(name, b"x", 2)
    subscriber.take(name, b"x", qos=2)


@proves("MQTT-2.3.1-4")
def test_both_sides_number_their_packets_independently(connect, name):
    client = connect(name)
    client.subscribe(name, qos=1)
    for packet_id in range(1, 30):
        client.send(wire.publish(V311, name, b"x", 1, packet_id))
        kinds = {}
        for packet in (client.next(), client.next()):
            kinds[packet.kind] = packet
        assert kinds["PUBACK"].packet_id == packet_id
        client.acknowledge("PUBACK", kinds["PUBLISH"].packet_id)
    client.expect_nothing()


# --- flags and contents ------------------------------------------------------------------------------------------------------

@proves("MQTT-3.3.1-3")
@pytest.mark.parametrize("qos", [1, 2])
def test_dup_is_not_handed_on(pair, name, qos):
    publisher, subscriber = pair
    publisher.publish(name, b"x", qos, dup=True)
    subscriber.take(name, b"x", qos=qos, dup=False)


@proves("MQTT-3.8.4-6", "MQTT-3.3.5-1")
@pytest.mark.parametrize("published, granted", itertools.product((0, 1, 2), repeat=2))
def test_delivery_is_at_the_lower_of_published_and_granted_qos(connect, name, published, granted):
    subscriber = connect()
    assert subscriber.subscribe(name, qos=granted).codes == [granted]
    connect().publish(name, b"x", published)
    subscriber.take(name, b"x", qos=min(published, granted), retain=False, dup=False)
    subscriber.expect_nothing()


@proves("MQTT-3.3.2-1", "MQTT-3.3.2-3")
@pytest.mark.parametrize("payload", [b"", b"\0", bytes(range(256)), b"\xff\xfe not a text", b"x" * 121, b"x" * 16384, b"x" * 2_100_000],
                         ids=["empty", "null", "all bytes", "no text", "121", "16384", "2100000"])
@pytest.mark.parametrize("qos", [0, 1, 2])
def test_topic_and_payload_arrive_as_they_were_sent(pair, name, payload, qos):
    publisher, subscriber = pair
    publisher.publish(name, payload, qos)
    assert subscriber.take(name, qos=qos).payload == payload


@proves("MQTT-3.3.5-1")
@pytest.mark.parametrize("levels", list(itertools.permutations((0, 1, 2))))
def test_overlapping_subscriptions_deliver_at_their_highest_qos(connect, name, levels):
    subscriber = connect()
    subscriber.subscribe(*zip((f"{name}/a", f"{name}/+", f"{name}/#"), levels))
    connect().publish(f"{name}/a", b"x", 2)
    subscriber.send(wire.pingreq())
    copies = []
    while (packet := subscriber.next()).kind != "PINGRESP":
        copies.append(packet)
    assert copies and max(copy.qos for copy in copies) == 2
    assert all(copy.payload == b"x" and copy.topic == f"{name}/a" for copy in copies)
    assert len(copies) == 1 or sorted(copy.qos for copy in copies) == [0, 1, 2]  # one, or one for each subscription


# --- order -------------------------------------------------------------------------------------------------------------------

@proves("MQTT-4.6.0-5", "MQTT-4.6.0-6", "MQTT-4.5.0-1")
@pytest.mark.parametrize("granted", [0, 1, 2])
def test_each_publishers_messages_arrive_in_their_order(connect, name, granted):
    publishers, subscribers = [connect() for _ in range(4)], [connect() for _ in range(2)]
    for subscriber in subscribers:
        subscriber.subscribe(f"{name}/#", qos=granted)
    for number in range(15):
        for who, publisher in enumerate(publishers):
            publisher.send(*(wire.publish(V311, name, f"{who} {qos} {number}", qos, number * 3 + qos if qos else None) for qos in (0, 1, 2)))
    for publisher in publishers:
        for _ in range(30):
            answer = publisher.next()
            if answer.kind == "PUBREC":
                publisher.acknowledge("PUBREL", answer.packet_id)
    for subscriber in subscribers:
        received = {}
        for _ in range(15 * 4 * 3):
            who, qos, number = next_message(subscriber).payload.split()
            received.setdefault((who, qos), []).append(int(number))
        assert len(received) == 12 and all(numbers == list(range(15)) for numbers in received.values())


def next_message(client):
    """The next PUBLISH, acknowledged; what belongs to earlier ones is answered on the way."""
    while (packet := client.next()).kind == "PUBREL":
        client.acknowledge("PUBCOMP", packet.packet_id)
    assert packet.kind == "PUBLISH"
    if packet.qos:
        client.acknowledge("PUBACK" if packet.qos == 1 else "PUBREC", packet.packet_id)
    return packet
