"""Sessions, wills and flow, seen from an MQTT client."""

import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCodes
from support.mqtt import V5, V311
from support.packets import Wire, connect5

pytestmark = pytest.mark.needs("mqtt")

HOUR = {"SessionExpiryInterval": 3600}


def test_a_clean_session_forgets_its_subscriptions(broker, name, device):
    first = device(broker, name, clean=True)
    first.subscribe(f"{name}/#", 1)
    first.disconnect()
    first.connect()
    assert not first.session_present
    device(broker).publish(f"{name}/a", b"x", 1)
    assert first.fence() == []


@pytest.mark.parametrize("version, connect", [(V311, None), (V5, HOUR)], ids=["v311", "v5"])
def test_a_session_is_present_again_with_its_subscriptions(broker, name, device, version, connect):
    first = device(broker, name, version=version, clean=False, connect=connect)
    assert not first.session_present
    first.subscribe(f"{name}/#", 2)
    first.disconnect()
    device(broker).publish(f"{name}/a", b"waiting", 2)
    first.connect()
    assert first.session_present
    assert first.receive().payload == b"waiting"


def test_unsubscribing_survives_a_reconnect(broker, name, device):
    first = device(broker, name, clean=False)
    first.subscribe(f"{name}/a", 1)
    first.subscribe(f"{name}/b", 1)
    first.unsubscribe(f"{name}/a")
    first.disconnect()
    other = device(broker)
    other.publish(f"{name}/a", b"no", 1)
    other.publish(f"{name}/b", b"yes", 1)
    first.connect()
    assert first.receive().payload == b"yes"
    assert first.fence() == []


def test_a_clean_start_ends_the_session_that_was_there(broker, name, device):
    first = device(broker, name, clean=False)
    first.subscribe(name, 1)
    first.disconnect()
    assert not device(broker, name, clean=True).session_present
    again = device(broker, name, clean=False)
    assert not again.session_present


def test_a_second_connection_takes_the_session_over(broker, name, device):
    first = device(broker, name, version=V5, clean=False, connect=HOUR)
    first.subscribe(name, 1)
    second = device(broker, name, version=V5, clean=False, connect=HOUR)
    first.await_disconnect()
    assert second.session_present
    device(broker).publish(name, b"to the second", 1)
    assert second.receive().payload == b"to the second"


@pytest.mark.needs("causeway")  # mosquitto 2.0 just closes
def test_the_client_that_is_taken_over_is_told_why(broker, name):
    """[MQTT-3.1.4-3]"""
    with Wire(broker.host, broker.mqtt_port) as first, Wire(broker.host, broker.mqtt_port) as second:
        first.send(connect5(name))
        assert first.packet()[0] == 0x20
        second.send(connect5(name))
        assert second.packet()[0] == 0x20
        kind, body = first.packet()
        assert (kind, body[0]) == (0xE0, 0x8E)
        assert first.closed()


def test_a_session_that_may_expire_at_once_does(broker, name, device):
    first = device(broker, name, version=V5, clean=False)
    first.subscribe(name, 1)
    first.disconnect()
    first.connect()
    assert not first.session_present


def test_the_expiry_can_be_set_when_saying_goodbye(broker, name, device):
    first = device(broker, name, version=V5, clean=False, connect=HOUR)
    for _ in range(20):  # nothing of the new connection is read before what was said over the old one
        first.subscribe(name, 1)
        first.disconnect(SessionExpiryInterval=0)
        first.connect()
        assert not first.session_present


def test_an_empty_client_id_is_replaced_and_told(broker, device):
    first = device(broker, "", version=V5)
    assert first.connack.AssignedClientIdentifier


@pytest.mark.parametrize("version", [V311, V5], ids=["v311", "v5"])
def test_a_will_is_published_when_the_connection_breaks(broker, name, device, version):
    watcher = device(broker)
    watcher.subscribe(f"{name}/#", 2)
    device(broker, version=version, will=(f"{name}/status", b"lost", 1, False)).vanish()
    will = watcher.receive()
    assert (will.topic, will.payload, will.qos, will.retain) == (f"{name}/status", b"lost", 1, False)


def test_a_retained_will_stays(broker, name, device):
    watcher = device(broker)
    watcher.subscribe(name, 1)
    device(broker, will=(name, b"lost", 1, True)).vanish()
    watcher.receive()
    late = device(broker)
    late.subscribe(name, 1)
    will = late.receive()
    assert will.payload == b"lost" and will.retain


def test_a_disconnect_with_will_message_publishes_the_will(broker, name, device):
    watcher = device(broker)
    watcher.subscribe(name, 1)
    first = device(broker, version=V5, will=(name, b"bye", 1, False))
    first._client.disconnect(reasoncode=ReasonCodes(PacketTypes.DISCONNECT, "Disconnect with will message"))
    assert watcher.receive().payload == b"bye"


def test_a_client_that_falls_silent_is_disconnected_and_its_will_published(broker, name, device):
    watcher = device(broker)
    watcher.subscribe(name, 1)
    silent = device(broker, will=(name, b"silent", 1, False), keepalive=1)
    silent._client.loop_stop()  # no PINGREQ any more: due after 1.5 s
    assert watcher.receive(5).payload == b"silent"


def test_pings_keep_a_quiet_client_connected(broker, name, device):
    quiet = device(broker, keepalive=1)
    quiet.subscribe(name, 1)
    slow = device(broker, will=(f"{name}/clock", b"", 0, False), keepalive=2)
    clock = device(broker)
    clock.subscribe(f"{name}/clock")
    slow._client.loop_stop()
    clock.receive(6)  # two keep-alives and a half of the quiet one have passed
    clock.publish(name, b"still there", 1)
    assert quiet.receive().payload == b"still there"


def test_messages_to_an_absent_client_keep_their_order(broker, name, device):
    first = device(broker, name, clean=False)
    first.subscribe(f"{name}/#", 1)
    first.disconnect()
    publisher = device(broker, max_inflight=200)
    waits = [publisher.publish_later(f"{name}/{number % 7}", b"%d" % number, 1) for number in range(500)]
    for wait in waits:
        wait()
    first.connect()
    assert first.receive_payloads(500) == [b"%d" % number for number in range(500)]


def test_receive_maximum_bounds_what_is_in_flight_and_everything_still_arrives(broker, name, device):
    narrow = device(broker, name, version=V5, connect={"ReceiveMaximum": 3})
    narrow.subscribe(f"{name}/#", 2)
    publisher = device(broker)
    for number in range(60):
        publisher.publish(f"{name}/x", b"%d" % number, number % 2 + 1)
    assert sorted(narrow.receive_payloads(60), key=int) == [b"%d" % number for number in range(60)]


def test_a_version_that_does_not_exist_is_refused(broker):
    """[MQTT-3.1.2-2]"""
    with Wire(broker.host, broker.mqtt_port) as wire:
        wire.send(b"\x10\x0c\x00\x04MQTT\x09\x02\x00\x0a\x00\x00")
        kind, body = wire.packet()
        assert kind == 0x20 and body[1] in (0x01, 0x84)
        assert wire.closed()


def test_an_empty_client_id_without_clean_session_is_refused(broker):
    """[MQTT-3.1.3-8]"""
    with Wire(broker.host, broker.mqtt_port) as wire:
        wire.send(b"\x10\x0c\x00\x04MQTT\x04\x00\x00\x0a\x00\x00")
        assert wire.packet() == (0x20, b"\x00\x02")
        assert wire.closed()
