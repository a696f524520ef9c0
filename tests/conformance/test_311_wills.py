"""Wills of MQTT 3.1.1 (3.1.2.5 to 3.1.2.7, 3.14.4)."""

import pytest
import wire
from statements import proves311 as proves
from wire import V311, Will


@pytest.fixture
def watcher(connect, name):
    client = connect(f"{name}-w")
    client.subscribe(f"{name}/#", qos=2)
    return client


def ends_by_reset(client, connect):
    client.reset()


def ends_by_close(client, connect):
    client.close()


def ends_by_violation(client, connect):
    client.send(wire.connect(V311, "again")).expect_closed()


def ends_by_malformed_packet(client, connect):
    client.send(b"\x36\0").expect_closed()


def ends_by_malformed_disconnect(client, connect):
    client.send(wire.disconnect(V311, flags=1)).expect_closed()


def ends_by_takeover(client, connect):
    connect(client.client_id)
    client.expect_closed()


def ends_by_silence(client, connect):
    client.expect_closed()


ENDINGS = [ends_by_reset, ends_by_close, ends_by_violation, ends_by_malformed_packet,
           pytest.param(ends_by_malformed_disconnect, marks=proves("MQTT-3.14.1-1")), ends_by_takeover,
           pytest.param(ends_by_silence, marks=proves("MQTT-3.1.2-24"))]


@proves("MQTT-3.1.2-8", "MQTT-3.1.2-9")
@pytest.mark.parametrize("end", ENDINGS, ids=lambda end: end.__name__)
@pytest.mark.parametrize("clean", [True, False])
def test_a_will_is_published_when_the_connection_ends_without_a_word(watcher, connect, name, end, clean):
    client = connect(name, clean=clean, will=Will(f"{name}/will", b"gone", qos=1), keep_alive=1 if end is ends_by_silence else 0)
    watcher.expect_nothing()
    end(client, connect)
    watcher.take(f"{name}/will", b"gone", qos=1, retain=False)
    watcher.expect_nothing()


@proves("MQTT-3.1.2-8", "MQTT-3.14.4-3", "MQTT-3.1.2-10")
@pytest.mark.parametrize("clean", [True, False])
def test_disconnect_takes_the_will_away(watcher, connect, name, clean):
    connect(name, clean=clean, will=Will(f"{name}/will", b"gone", qos=1)).disconnect()
    watcher.expect_nothing()
    connect(name, clean=clean).reset()
    connect(name, clean=clean).disconnect()
    watcher.expect_nothing()


@proves("MQTT-3.1.2-12")
@pytest.mark.parametrize("end", ENDINGS[:3], ids=lambda end: end.__name__)
def test_without_the_will_flag_nothing_is_published(watcher, connect, name, end):
    end(connect(name), connect)
    connect(name).disconnect()
    watcher.expect_nothing()


@proves("MQTT-3.1.2-10")
@pytest.mark.parametrize("clean", [True, False])
def test_a_will_is_published_once(watcher, connect, name, clean):
    connect(name, clean=clean, will=Will(f"{name}/will", b"first")).reset()
    watcher.take(f"{name}/will", b"first")
    second = connect(name, clean=clean)
    second.reset()
    connect(name, clean=clean).disconnect()
    watcher.expect_nothing()


@proves("MQTT-3.1.2-8", "MQTT-3.1.2-10", "MQTT-3.1.2-12")
def test_a_connection_leaves_its_own_will_and_not_the_one_of_another(watcher, connect, name):
    connect(name, clean=False, will=Will(f"{name}/first", b"1")).disconnect()
    client = connect(name, clean=False, will=Will(f"{name}/second", b"2"))
    watcher.expect_nothing()
    client.reset()
    watcher.take(f"{name}/second", b"2")
    watcher.expect_nothing()


@proves("MQTT-3.1.2-9", "MQTT-3.1.2-14", "MQTT-3.8.4-6")
@pytest.mark.parametrize("qos", [0, 1, 2])
@pytest.mark.parametrize("granted", [0, 1, 2])
def test_the_will_has_its_qos(connect, name, qos, granted):
    watcher = connect()
    watcher.subscribe(f"{name}/will", qos=granted)
    connect(name, will=Will(f"{name}/will", b"gone", qos)).reset()
    watcher.take(f"{name}/will", b"gone", qos=min(qos, granted), dup=False)


@proves("MQTT-3.1.2-9")
@pytest.mark.parametrize("payload", [b"", b"\0", b"\xff\xfe\x80", b"x" * 65535], ids=["empty", "null", "no text", "65535"])
def test_the_payload_of_a_will_is_any_bytes(watcher, connect, name, payload):
    connect(name, will=Will(f"{name}/will", payload, qos=2)).reset()
    assert watcher.take(f"{name}/will", qos=2).payload == payload


@proves("MQTT-3.1.2-9", "MQTT-4.7.3-3")
def test_the_topic_of_a_will_may_have_65535_bytes(watcher, connect, name):
    topic = f"{name}/".ljust(65535, "w")
    connect(name, will=Will(topic, b"gone", qos=1)).reset()
    watcher.take(topic, b"gone", qos=1)


@proves("MQTT-3.1.2-16", "MQTT-3.1.2-17", "MQTT-3.3.1-9")
@pytest.mark.parametrize("qos", [0, 1, 2])
@pytest.mark.parametrize("retain", [True, False])
def test_a_will_is_retained_if_it_says_so(watcher, connect, name, qos, retain):
    connect(name, will=Will(f"{name}/will", b"gone", qos, retain)).reset()
    watcher.take(f"{name}/will", b"gone", qos=qos, retain=False)
    later = connect()
    later.subscribe(f"{name}/will", qos=2)
    if retain:
        later.take(f"{name}/will", b"gone", qos=qos, retain=True)
    later.expect_nothing()


@proves("MQTT-3.1.2-17", "MQTT-3.3.1-10", "MQTT-3.3.1-11", "MQTT-3.1.2-16")
@pytest.mark.parametrize("retain", [True, False])
def test_a_will_leaves_what_is_retained_as_a_publish_would(watcher, connect, name, retain):
    connect().publish(f"{name}/will", b"kept", 1, retain=True)
    watcher.take(f"{name}/will", b"kept")
    connect(name, will=Will(f"{name}/will", b"", 1, retain)).reset()
    watcher.take(f"{name}/will", b"", retain=False)
    later = connect()
    later.subscribe(f"{name}/will", qos=1)
    if not retain:
        later.take(f"{name}/will", b"kept", retain=True)
    later.expect_nothing()


@proves("MQTT-3.1.2-5", "MQTT-3.1.2-8")
def test_a_will_reaches_absent_clients_as_well(connect, name):
    away = connect(f"{name}-away", clean=False)
    away.subscribe(name, qos=1)
    away.disconnect()
    watcher = connect()
    watcher.subscribe(name, qos=1)
    connect(name, will=Will(name, b"gone", 2)).reset()
    watcher.take(name, b"gone", qos=1)
    connect(f"{name}-away", clean=False).take(name, b"gone", qos=1)


@proves("MQTT-3.1.2-8")
@pytest.mark.needs("causeway")
def test_a_will_is_published_although_the_server_was_killed(own_broker, connect, name):
    """3.1.2.5 lets the server defer it until it starts again."""
    away = connect(f"{name}-away", to=own_broker, clean=False)
    away.subscribe(name, qos=1)
    away.disconnect()
    connect(name, to=own_broker, clean=False, will=Will(name, b"gone", 1))
    own_broker.kill_and_restart()
    connect(f"{name}-away", to=own_broker, clean=False).take(name, b"gone", qos=1)


@proves("MQTT-3.1.2-8", "MQTT-3.1.4-1")
@pytest.mark.parametrize("level", [2, 4])
def test_the_will_of_a_refused_connect_is_not_published(watcher, dial, name, level):
    client_id = "" if level == 4 else name
    client = dial().send(wire.connect(V311, client_id, clean=False, level=level, will=Will(f"{name}/will", b"gone")))
    client.expect("CONNACK")
    client.expect_closed()
    watcher.expect_nothing()
