"""Sessions of MQTT 3.1.1 (3.1.2.4, 4.1, 4.4): what outlives a connection, and the server."""

import pytest
import wire
from statements import proves311 as proves
from wire import V311


@pytest.fixture(params=["disconnect", "reset", "takeover", "kill"])
def world(request, broker):
    """How connections end in this test, and on which server: with a word, without one, by the next one, with the server."""
    how = request.param
    return how, request.getfixturevalue("own_broker") if how == "kill" else broker


@pytest.fixture
def come_again(world, connect):
    """come_again(client): the same client again after its connection ended in the world's way, with its session still there. What
    a client only acknowledges is stored soon, but nobody says when: settle before a crash that must not forget it."""
    how, server = world

    def again(client, clean=False, settle=False):
        if settle:
            assert not client.settle()
        if how == "kill":
            server.kill_and_restart()
        elif how != "takeover":
            getattr(client, how)()
        back = connect(client.client_id, to=server, clean=clean)
        assert back.connack.session_present == (not clean)
        return back

    return again


@pytest.fixture
def unsent(world):
    """What DUP says of a message that was not sent before: nothing after a crash, for then nobody knows, and it means "perhaps"."""
    return {} if world[0] == "kill" else {"dup": False}


@pytest.fixture
def session(world, connect, name):
    """A client with a session, subscribed to the test's name with QoS 2."""
    client = connect(name, to=world[1], clean=False)
    client.subscribe(name, qos=2)
    return client


@pytest.fixture
def publish(world, connect, name):
    """publish(payload, qos): as another client; all is well acknowledged."""

    def send(payload, qos, **more):
        publisher = connect(to=world[1])
        publisher.publish(name, payload, qos, **more)
        publisher.close()

    return send


# --- what outlives a connection ----------------------------------------------------------------------------------------------

@proves("MQTT-3.1.2-4", "MQTT-4.1.0-1", "MQTT-3.2.2-2", "MQTT-3.1.4-3")
def test_subscriptions_outlive_the_connection(session, come_again, publish, name):
    session.subscribe((f"{name}/gone", 1), (name, 1))
    session.unsubscribe(f"{name}/gone")
    back = come_again(session)
    publish(b"x", 2)
    back.take(name, b"x", qos=1, dup=False)
    back.expect_nothing()


@proves("MQTT-3.1.2-5", "MQTT-3.1.2-4", "MQTT-4.5.0-1")
@pytest.mark.parametrize("how", ["disconnect", "reset"])
@pytest.mark.parametrize("restart", [False, True])
def test_messages_are_kept_for_absent_clients(own_broker, connect, name, how, restart):
    client = connect(name, to=own_broker, clean=False)
    client.subscribe((f"{name}/#", 2), (f"{name}/at most 1", 1))
    client.unsubscribe(f"{name}/other")
    getattr(client, how)()
    publisher, messages = connect(to=own_broker), []
    for number in range(12):
        qos = 1 + number % 2
        publisher.publish(f"{name}/{number}", str(number), qos)
        messages.append((f"{name}/{number}", str(number), qos))
    if restart:
        own_broker.kill_and_restart()
    back = connect(name, to=own_broker, clean=False)
    unsent = {} if restart else {"dup": False}
    got = [back.expect_publish(topic, payload, qos=qos, retain=False, **unsent) for topic, payload, qos in messages]
    back.expect_nothing()
    for message in got:
        back.finish(message)
    back.expect_nothing()


@proves("MQTT-3.1.2-4", "MQTT-4.4.0-1")
def test_what_was_acknowledged_does_not_come_again(session, come_again, publish, name):
    for number in range(6):
        publish(str(number), 1 + number % 2)
        session.take(name, str(number))
    session.expect_nothing()
    come_again(session, settle=True).expect_nothing()


# --- clean sessions ----------------------------------------------------------------------------------------------------------

@proves("MQTT-3.1.2-6", "MQTT-3.2.2-1", "MQTT-3.2.2-3")
def test_a_clean_session_discards_the_one_before(session, come_again, publish, connect, world, name):
    publish(b"unacknowledged", 2)
    session.expect_publish(name, b"unacknowledged")
    back = come_again(session, clean=True)
    publish(b"x", 1)
    back.expect_nothing()
    back.disconnect()
    last = connect(name, to=world[1], clean=False)
    assert not last.connack.session_present
    publish(b"x", 1)
    last.expect_nothing()


@proves("MQTT-3.1.2-6", "MQTT-4.1.0-2")
@pytest.mark.parametrize("how", ["disconnect", "reset"])
@pytest.mark.parametrize("clean", [True, False])
def test_a_clean_session_ends_with_its_connection(connect, name, how, clean):
    client, publisher = connect(name, clean=True), connect()
    client.subscribe(name, qos=2)
    publisher.publish(name, b"unacknowledged", 1)
    client.expect_publish(name, b"unacknowledged")
    getattr(client, how)()
    publisher.publish(name, b"away", 1)
    back = connect(name, clean=clean)
    assert not back.connack.session_present
    publisher.publish(name, b"back", 1)
    back.expect_nothing()


@proves("MQTT-3.1.2-6", "MQTT-4.3.3-2")
def test_identifiers_of_a_discarded_session_are_new_ones(connect, name):
    watcher, client = connect(), connect(name, clean=False)
    watcher.subscribe(name, qos=2)
    for number in range(4):
        client.send(wire.publish(V311, name, b"never released", 2, 7)).expect("PUBREC", packet_id=7)
        client = connect(name, clean=True)
        client.publish(name, f"new {number}", 2, 7)
        arrived = [packet for packet in watcher.arrived() if packet.kind == "PUBLISH"]
        assert f"new {number}".encode() in [packet.payload for packet in arrived]
        watcher.send(*(wire.acknowledgement("PUBREC", V311, packet.packet_id) for packet in arrived))


@proves("MQTT-4.1.0-2", "MQTT-4.1.0-1", "MQTT-3.1.3-2")
@pytest.mark.parametrize("clean", [True, False])
def test_a_session_lasts_as_long_as_its_connection_whatever_others_do(connect, name, clean):
    client = connect(name, clean=clean)
    client.subscribe(name, qos=1)
    for other in (name + "x", name[:-1], name.upper()):
        connect(other, clean=True).disconnect()
    connect().publish(name, b"x", 1)
    client.take(name, b"x")


# --- what is sent again ------------------------------------------------------------------------------------------------------

@proves("MQTT-4.4.0-1", "MQTT-3.3.1-1", "MQTT-2.3.1-4", "MQTT-4.3.2-1", "MQTT-4.3.3-1")
@pytest.mark.parametrize("qos", [1, 2])
def test_unacknowledged_messages_come_again_with_dup_and_their_identifiers(session, come_again, publish, name, qos):
    for number in range(8):
        publish(str(number), qos)
    first = [session.expect_publish(name, str(number), qos=qos, dup=False).packet_id for number in range(8)]
    client = session
    for _ in range(2):
        client = come_again(client)
        again = [client.expect_publish(name, str(number), qos=qos, dup=True) for number in range(8)]
        assert [message.packet_id for message in again] == first
        client.expect_nothing()
    for message in again:
        client.finish(message)
    client.expect_nothing()


@proves("MQTT-4.4.0-1", "MQTT-4.3.3-1")
def test_after_pubrec_only_pubrel_comes_again(session, come_again, publish, name):
    for number in range(4):
        publish(str(number), 2)
    identifiers = [session.expect_publish(name, str(number), qos=2).packet_id for number in range(4)]
    for each in identifiers:
        session.acknowledge("PUBREC", each).expect("PUBREL", packet_id=each)
    client = session
    for _ in range(2):
        client = come_again(client)
        assert [client.expect("PUBREL").packet_id for _ in range(4)] == identifiers
        client.expect_nothing()
    for each in identifiers:
        client.acknowledge("PUBCOMP", each)
    client.expect_nothing()
    come_again(client, settle=True).expect_nothing()


@proves("MQTT-4.6.0-1", "MQTT-4.6.0-6", "MQTT-4.4.0-1", "MQTT-3.3.1-1")
@pytest.mark.parametrize("qos", [1, 2])
def test_messages_come_again_in_their_order_and_before_newer_ones(session, come_again, publish, name, qos):
    for number in range(10):
        publish(str(number), qos)
    for number in range(10):
        message = session.expect_publish(name, str(number), qos=qos)
        if number in (0, 1, 5):
            session.acknowledge("PUBACK" if qos == 1 else "PUBREC", message.packet_id)
    if qos == 2:
        for _ in range(3):
            session.acknowledge("PUBCOMP", session.expect("PUBREL").packet_id)
    session.expect_nothing()
    back = come_again(session, settle=True)
    publish(b"10", qos)
    for number in (2, 3, 4, 6, 7, 8, 9):
        back.expect_publish(name, str(number), qos=qos, dup=True)
    back.expect_publish(name, b"10", qos=qos, dup=False)
    back.expect_nothing()


@proves("MQTT-4.6.0-6", "MQTT-3.1.2-5", "MQTT-3.3.1-1")
def test_what_was_never_sent_follows_what_is_sent_again(session, world, connect, publish, unsent, name):
    publish(b"1", 1)
    session.expect_publish(name, b"1", dup=False)
    session.reset()
    for payload in "23":
        publish(payload, 1)
    if world[0] == "kill":
        world[1].kill_and_restart()
    back = connect(name, to=world[1], clean=False)
    back.expect_publish(name, b"1", dup=True)
    for payload in "23":
        back.expect_publish(name, payload, **unsent)
    back.expect_nothing()


@proves("MQTT-4.4.0-1", "MQTT-3.3.1-1")
def test_nothing_is_sent_again_while_the_connection_lasts(session, publish, name):
    for number in range(4):
        publish(str(number), 1 + number % 2)
    for number in range(4):
        session.expect_publish(name, str(number), dup=False)
    session.subscribe(f"{name}/other")
    session.expect_nothing()


@proves("MQTT-4.6.0-6", "MQTT-4.6.0-5", "MQTT-4.4.0-1")
@pytest.mark.parametrize("qos", [1, 2])
def test_several_publishers_keep_their_orders_while_the_subscriber_comes_and_goes(session, come_again, world, connect, name, qos):
    publishers = [connect(to=world[1]) for _ in range(3)]
    client, received, released = session, {}, set()
    for number in range(6):
        if world[0] == "kill" and number % 2 == 0:
            publishers = [connect(to=world[1]) for _ in range(3)]
        for who, publisher in enumerate(publishers):
            publisher.publish(name, f"{who} {number}", qos)
        if number % 2:
            read_a_part(client, received, released)
            client = come_again(client)
    while min(map(len, received.values())) < 6:
        read_a_part(client, received, released, acknowledge=lambda count: True)
    assert all(list(numbers) == list(range(6)) for numbers in received.values())


def read_a_part(client, received, released, acknowledge=lambda count: count % 3 == 0):
    """Notes what has come, publisher by publisher and each number once, and acknowledges some of it: to PUBREC, with QoS 2."""
    for count, packet in enumerate(client.arrived()):
        if packet.kind == "PUBREL":
            client.acknowledge("PUBCOMP", packet.packet_id)
            continue
        who, number = map(int, packet.payload.split())
        assert (packet.packet_id, who, number) not in released, "PUBLISH after PUBREL"
        assert packet.dup or number not in received.get(who, {}), "the same message again, without DUP"
        received.setdefault(who, {})[number] = True
        if acknowledge(count):
            client.acknowledge("PUBACK" if packet.qos == 1 else "PUBREC", packet.packet_id)
            if packet.qos == 2:
                client.expect("PUBREL", packet_id=packet.packet_id)
                released.add((packet.packet_id, who, number))


# --- the server as receiver --------------------------------------------------------------------------------------------------

@pytest.fixture
def watcher(world, connect, name):
    """A client with a session that is subscribed to the test's name, and away until all is over."""
    client = connect(f"{name}-w", to=world[1], clean=False)
    client.subscribe(name, qos=2)
    client.disconnect()

    def received():
        back = connect(f"{name}-w", to=world[1], clean=False)
        messages = back.arrived()
        for message in messages:
            back.acknowledge("PUBACK" if message.qos == 1 else "PUBREC", message.packet_id)
        back.settle()
        back.close()
        return [message.payload for message in messages if message.kind == "PUBLISH"]

    return received


@proves("MQTT-4.3.3-2", "MQTT-4.4.0-1", "MQTT-4.1.0-1")
def test_a_qos_2_message_that_is_sent_again_is_not_delivered_again(watcher, world, connect, come_again, name):
    client = connect(name, to=world[1], clean=False)
    client.send(wire.publish(V311, name, b"once", 2, 7)).expect("PUBREC", packet_id=7)
    for _ in range(2):
        client = come_again(client)
        client.send(wire.publish(V311, name, b"once", 2, 7, dup=True)).expect("PUBREC", packet_id=7)
    client.acknowledge("PUBREL", 7).expect("PUBCOMP", packet_id=7)
    client = come_again(client)
    client.acknowledge("PUBREL", 7).expect("PUBCOMP", packet_id=7)
    assert watcher() == [b"once"]
    client.publish(name, b"new", 2, 7)
    assert watcher() == [b"new"]


@proves("MQTT-4.3.3-2", "MQTT-4.4.0-1", "MQTT-4.1.0-1")
def test_a_pubrel_that_is_sent_again_is_answered_again(watcher, world, connect, come_again, name):
    client = connect(name, to=world[1], clean=False)
    client.send(wire.publish(V311, name, b"once", 2, 7)).expect("PUBREC", packet_id=7)
    for _ in range(2):
        client = come_again(client)
        client.acknowledge("PUBREL", 7).expect("PUBCOMP", packet_id=7)
    assert watcher() == [b"once"]


@proves("MQTT-4.3.2-2", "MQTT-4.5.0-1")
def test_a_qos_1_message_that_is_sent_again_is_acknowledged_again(watcher, world, connect, come_again, name):
    client = connect(name, to=world[1], clean=False)
    client.send(wire.publish(V311, name, b"again", 1, 7)).expect("PUBACK", packet_id=7)
    client = come_again(client)
    client.send(wire.publish(V311, name, b"again", 1, 7, dup=True)).expect("PUBACK", packet_id=7)
    assert watcher() == [b"again", b"again"]
