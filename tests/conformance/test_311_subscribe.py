"""SUBSCRIBE and UNSUBSCRIBE of MQTT 3.1.1 (3.8 to 3.11)."""

import itertools

import pytest
import wire
from statements import proves311 as proves
from wire import V311


# --- SUBSCRIBE ---------------------------------------------------------------------------------------------------------------

@proves("MQTT-3.8.4-1", "MQTT-3.8.4-2", "MQTT-2.3.1-7")
@pytest.mark.parametrize("packet_id", [1, 255, 256, 65535])
def test_a_subscribe_is_answered_with_suback_and_its_identifier(connect, name, packet_id):
    client = connect()
    client.send(wire.subscribe(V311, packet_id, [(name, 0)]))
    client.expect("SUBACK", packet_id=packet_id, codes=[0])
    client.expect_nothing()


@proves("MQTT-3.8.4-5", "MQTT-3.9.3-1", "MQTT-3.9.3-2", "MQTT-3.8.4-4")
@pytest.mark.parametrize("levels", [(0,), (2, 1, 0), (0, 2, 0, 1, 2, 1), tuple(range(3)) * 100], ids=lambda levels: str(len(levels)))
def test_a_suback_has_one_code_for_each_filter_in_their_order(connect, name, levels):
    client = connect()
    codes = client.subscribe(*((f"{name}/{number}", qos) for number, qos in enumerate(levels))).codes
    assert codes == list(levels)


@proves("MQTT-3.8.4-4")
def test_several_filters_are_as_good_as_several_subscribes(connect, name):
    together, apart, publisher = connect(), connect(), connect()
    publisher.publish(f"{name}/kept", b"kept", 1, retain=True)
    filters = [(f"{name}/+", 0), (f"{name}/a", 2), (f"{name}/a", 1), (f"{name}/b/#", 2)]  # the third replaces the second
    assert together.subscribe(*filters).codes == [0, 2, 1, 2]
    together.take(f"{name}/kept", b"kept", qos=0, retain=True)
    assert apart.subscribe(filters[0]).codes == [0]
    apart.take(f"{name}/kept", b"kept", qos=0, retain=True)
    assert [apart.subscribe(one).codes for one in filters[1:]] == [[2], [1], [2]]
    for topic in ("a", "b", "b/c", "c"):
        publisher.publish(f"{name}/{topic}", topic, 2)

    def received(client):
        return sorted((one.topic, one.qos) for one in client.arrived())

    first = received(together)
    assert first == received(apart)
    assert {(f"{name}/a", 1), (f"{name}/b", 2), (f"{name}/b/c", 2), (f"{name}/c", 0)} <= set(first)


@proves("MQTT-3.8.4-3")
@pytest.mark.parametrize("first, second", itertools.product((0, 1, 2), repeat=2))
@pytest.mark.parametrize("levels", ["a", "+", "#", "a/#"])
def test_the_same_filter_again_replaces_the_subscription_and_resends_what_is_retained(connect, name, first, second, levels):
    client, publisher = connect(), connect()
    publisher.publish(f"{name}/a", b"kept", 2, retain=True)
    for qos in (first, second):
        assert client.subscribe(f"{name}/{levels}", qos=qos).codes == [qos]
        client.take(f"{name}/a", b"kept", qos=qos, retain=True)
    publisher.publish(f"{name}/a", b"new", 2)
    client.take(f"{name}/a", b"new", qos=second, retain=False)
    client.expect_nothing()  # one subscription, one copy


@proves("MQTT-3.8.4-3")
def test_a_repeated_subscription_does_not_interrupt_the_flow(connect, name):
    client, publisher = connect(), connect()
    client.subscribe(name, qos=1)
    for number in range(100):
        publisher.send(wire.publish(V311, name, str(number), 1, number + 1))
        if number % 10 == 5:
            client.send(wire.subscribe(V311, number, [(name, 1)]))
    received, answers = [], 0
    while len(received) < 100 or answers < 10:
        packet = client.next()
        if packet.kind == "SUBACK":
            answers += 1
        else:
            received.append(int(packet.payload))
            client.acknowledge("PUBACK", packet.packet_id)
    assert received == list(range(100))
    client.expect_nothing()


@proves("MQTT-3.8.4-3", "MQTT-3.8.4-1")
def test_a_subscription_holds_from_its_suback_on(connect, name):
    client, publisher = connect(), connect()
    for number in range(20):
        client.subscribe(f"{name}/{number}", qos=1)
        publisher.publish(f"{name}/{number}", b"at once", 1)
        client.take(f"{name}/{number}", b"at once")


@proves("MQTT-4.5.0-1", "MQTT-3.3.2-3")
def test_a_message_goes_to_every_client_that_subscribed_to_its_topic(connect, name):
    clients = [connect() for _ in range(12)]
    for number, client in enumerate(clients):
        client.subscribe([f"{name}/a", f"{name}/+", f"{name}/#", f"{name}/b"][number % 4], qos=number % 3)
    connect().publish(f"{name}/a", b"x", 1)
    for number, client in enumerate(clients):
        if number % 4 == 3:
            client.expect_nothing()
        else:
            client.take(f"{name}/a", b"x", qos=min(1, number % 3))


@proves("MQTT-4.5.0-1")
def test_a_client_receives_its_own_messages(connect, name):
    client = connect()
    client.subscribe(name, qos=0)
    client.send(wire.publish(V311, name, b"mine"))
    client.take(name, b"mine", qos=0)


# --- UNSUBSCRIBE -------------------------------------------------------------------------------------------------------------

@proves("MQTT-3.10.4-4", "MQTT-3.10.4-5", "MQTT-2.3.1-7")
@pytest.mark.parametrize("packet_id", [1, 255, 256, 65535])
@pytest.mark.parametrize("subscribed", [True, False])
def test_an_unsubscribe_is_answered_with_unsuback_and_its_identifier(connect, name, packet_id, subscribed):
    client = connect()
    if subscribed:
        client.subscribe(name)
    client.send(wire.unsubscribe(V311, packet_id, [name]))
    client.expect("UNSUBACK", packet_id=packet_id)
    client.expect_nothing()


@proves("MQTT-3.10.4-1", "MQTT-3.10.4-2")
@pytest.mark.parametrize("levels", ["a", "+", "#", "a/#", "+/#"])
def test_unsubscribing_ends_the_subscription_with_exactly_this_filter(connect, name, levels):
    client, publisher = connect(), connect()
    client.subscribe(f"{name}/{levels}", qos=1)
    publisher.publish(f"{name}/a", b"before", 1)
    client.take(f"{name}/a", b"before")
    client.unsubscribe(f"{name}/{levels}")
    publisher.publish(f"{name}/a", b"after", 1)
    client.expect_nothing()


@proves("MQTT-3.10.4-1")
@pytest.mark.parametrize("held, named", [("a", "+"), ("a", "#"), ("+", "a"), ("#", "a"), ("#", "+"), ("+", "#"), ("a", "A"), ("a", "a/"), ("a", "a/#"),
                                         ("a", "/a"), ("\u00e9", "e\u0301"), ("a", "a "), ("a", "\ufeffa"), ("a/+", "a/#")])
def test_a_filter_that_only_resembles_another_does_not_end_its_subscription(connect, name, held, named):
    client = connect()
    client.subscribe(f"{name}/{held}", qos=1)
    client.unsubscribe(f"{name}/{named}")
    topic = f"{name}/{held}".replace("+", "a").replace("#", "a")
    connect().publish(topic, b"still", 1)
    client.take(topic, b"still")


@proves("MQTT-3.10.4-6")
def test_several_filters_are_unsubscribed_with_one_unsuback(connect, name):
    client, publisher = connect(), connect()
    client.subscribe(*(f"{name}/{level}" for level in "abcd"), qos=1)
    client.unsubscribe(f"{name}/a", f"{name}/unknown", f"{name}/c", f"{name}/c")
    client.expect_nothing()
    for level in "abcd":
        publisher.publish(f"{name}/{level}", level, 1)
    client.take(f"{name}/b", b"b")
    client.take(f"{name}/d", b"d")
    client.expect_nothing()


@proves("MQTT-3.10.4-2", "MQTT-3.10.4-1")
def test_only_the_unsubscribed_one_of_overlapping_subscriptions_ends(connect, name):
    client, publisher = connect(), connect()
    client.subscribe((f"{name}/#", 0), (f"{name}/a", 2))
    client.unsubscribe(f"{name}/a")
    publisher.publish(f"{name}/a", b"x", 2)
    client.take(f"{name}/a", b"x", qos=0)
    client.expect_nothing()


@proves("MQTT-3.10.4-3")
def test_deliveries_that_have_begun_are_finished_after_unsubscribing(connect, name):
    client, publisher = connect(f"{name}-s", clean=False), connect()
    client.subscribe(name, qos=2)
    for qos in (1, 2, 2):
        publisher.publish(name, str(qos), qos)
    begun = [client.expect_publish(name, str(qos), qos=qos) for qos in (1, 2, 2)]
    client.acknowledge("PUBREC", begun[1].packet_id).expect("PUBREL", packet_id=begun[1].packet_id)
    client.unsubscribe(name)
    publisher.publish(name, b"after", 1)
    client.finish(begun[2])
    client.reset()
    again = connect(f"{name}-s", clean=False)
    packets = again.arrived()
    assert {(one.kind, one.packet_id) for one in packets} == {("PUBLISH", begun[0].packet_id), ("PUBREL", begun[1].packet_id)}
    again.acknowledge("PUBACK", begun[0].packet_id)
    again.acknowledge("PUBCOMP", begun[1].packet_id)
    again.expect_nothing()


@proves("MQTT-3.10.4-2", "MQTT-3.1.2-5")
def test_a_filter_that_was_unsubscribed_is_gone_in_later_connections(connect, name):
    client = connect(f"{name}-s", clean=False)
    client.subscribe(f"{name}/a", f"{name}/b", qos=1)
    client.unsubscribe(f"{name}/a")
    client.disconnect()
    publisher = connect()
    for level in "ab":
        publisher.publish(f"{name}/{level}", level, 1)
    again = connect(f"{name}-s", clean=False)
    again.take(f"{name}/b", b"b")
    again.expect_nothing()


# --- PINGREQ and DISCONNECT --------------------------------------------------------------------------------------------------

@proves("MQTT-3.12.4-1")
def test_each_pingreq_is_answered_with_pingresp(connect, name):
    client = connect(name)
    client.send(wire.pingreq() * 50)
    for _ in range(50):
        client.expect("PINGRESP")
    client.expect_nothing()


@proves("MQTT-3.14.4-3", "MQTT-3.14.4-2", "MQTT-3.14.4-1")
@pytest.mark.parametrize("clean", [True, False])
def test_after_disconnect_the_server_closes_and_takes_nothing_more(connect, name, clean):
    watcher = connect()
    watcher.subscribe(f"{name}/#", qos=1)
    client = connect(name, clean=clean)
    client.send(wire.disconnect(V311), wire.publish(V311, f"{name}/late", b"x"), wire.pingreq())
    client.expect_closed()
    watcher.expect_nothing()
