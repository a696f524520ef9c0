"""Shared subscriptions: several programs that share the work on a topic (MQTT 5, 4.8.2; the same for older versions)."""

import pytest
from support.mqtt import V5, V311
from support.packets import Published, mqtt_session, subscribe
from support.process import wait_until
from support.shell import MosquittoSub, mosquitto_pub

pytestmark = pytest.mark.needs("mqtt", "causeway")

HOUR = {"SessionExpiryInterval": 3600}
BOTH = pytest.mark.parametrize("version, connect", [(V311, None), (V5, HOUR)], ids=["v311", "v5"])


def numbers(messages):
    return [int(message.payload) for message in messages]


def rising(values):
    values = list(values)
    return values == sorted(values)


@pytest.mark.parametrize("version", ["mqttv31", "mqttv311", "mqttv5"])
def test_mosquitto_sub_shares(broker, name, version):
    listeners = [MosquittoSub(broker, "-V", version, "-q", 1, "-t", f"$share/group/{name}") for _ in range(3)]
    alone = MosquittoSub(broker, "-V", version, "-q", 1, "-t", name, "-C", 30)
    for number in range(30):
        mosquitto_pub(broker, name, "-q", "1", payload=f"m{number}.")
    assert alone.wait() == 0
    # Only then do they end: what mosquitto_sub gets while it ends it acknowledges, but does not print.
    wait_until(lambda: sum(len(listener.messages()) for listener in listeners) >= 30, "each message at a member")
    got = [listener.messages() for listener in listeners]
    for listener in listeners:
        assert listener.terminate() == 0
    assert all(got)
    assert sorted(sum(got, [])) == sorted(f"{name} m{number}." for number in range(30))


@BOTH
@pytest.mark.parametrize("qos", [0, 1, 2])
def test_each_message_goes_to_one_member_and_stays_in_order(broker, device, name, version, connect, qos):
    members = [device(broker, f"{name}-{number}", version=version, clean=False, connect=connect) for number in range(3)]
    for member in members:
        assert member.subscribe(f"$share/group/{name}/#", qos) == qos
    publisher = device(broker)
    for number in range(300):
        publisher.publish(f"{name}/a", b"%d" % number, qos)
    publisher.publish(f"{name}/fence", b"300", 1)
    got = [numbers(member.fence()) for member in members]
    assert sorted(sum(got, [])) == list(range(301))
    assert all(map(rising, got))
    assert all(60 <= len(each) <= 140 for each in got)


@BOTH
@pytest.mark.io_threads(0, 2)
def test_a_group_and_its_messages_survive_being_killed(own_broker, device, name, version, connect):
    members = [device(own_broker, f"{name}-{number}", version=version, clean=False, connect=connect) for number in range(2)]
    for member in members:
        assert member.subscribe(f"$share/group/{name}", 2) == 2
        member.disconnect()
    publisher = device(own_broker)
    for number in range(200):
        publisher.publish(name, b"%d" % number, number % 2 + 1)
    own_broker.kill_and_restart()
    for member in members:
        member.connect()
        assert member.session_present
    device(own_broker).publish(name, b"200", 1)
    got = [numbers(member.fence()) for member in members]
    assert sorted(sum(got, [])) == list(range(201))
    for each in got:  # paho shows QoS 2 when it has been released
        assert rising(number for number in each if number % 2)
        assert rising(number for number in each if not number % 2)


@pytest.mark.io_threads(0, 2)
def test_killing_between_hand_out_and_acknowledgement_loses_nothing(own_broker, device, name):
    """And doubles nothing of QoS 2, which is still its member's [MQTT-4.8.2-4]."""
    wire, _ = mqtt_session(own_broker, name)
    wire.send(subscribe(f"$share/group/{name}", 2))
    assert wire.packet()[0] == 0x90
    publisher = device(own_broker)
    for number in range(20):
        publisher.publish(name, b"%d" % number, number % 2 + 1)
    first = [Published(*wire.packet()) for _ in range(20)]
    assert numbers(first) == list(range(20))
    own_broker.kill_and_restart()
    other = device(own_broker, f"{name}-other", version=V5, clean=False, connect=HOUR)
    other.subscribe(f"$share/group/{name}", 2)
    moved = numbers(other.fence())
    assert moved == list(range(0, 20, 2))  # QoS 1
    wire, present = mqtt_session(own_broker, name)
    assert present
    again = [Published(*wire.packet()) for _ in range(10)]
    assert numbers(again) == list(range(1, 20, 2))  # QoS 2
    assert [each.packet_id for each in again] == [each.packet_id for each in first[1::2]]
    assert all(each.dup for each in again)
    assert other.fence() == []
    wire.socket.close()


def test_what_a_member_leaves_behind_goes_to_another_in_order(broker, device, name):
    slow, _ = mqtt_session(broker, f"{name}-slow")
    slow.send(subscribe(f"$share/group/{name}", 1))
    assert slow.packet()[0] == 0x90
    publisher = device(broker)
    for number in range(10):
        publisher.publish(name, b"%d" % number, 1)
    assert numbers(Published(*slow.packet()) for _ in range(10)) == list(range(10))
    quick = device(broker, f"{name}-quick", clean=False)
    quick.subscribe(f"$share/group/{name}", 1)
    for number in range(10, 30):
        publisher.publish(name, b"%d" % number, 1)
    slow.socket.close()
    got = [int(quick.receive().payload) for _ in range(30)]
    assert sorted(got) == list(range(30))
    assert rising([each for each in got if each < 10])
    assert quick.fence() == []


def test_leaving_in_the_middle_of_a_stream_loses_nothing(broker, device, name):
    stays = device(broker, f"{name}-stays", version=V5, clean=False, connect=HOUR)
    leaves = device(broker, f"{name}-leaves", version=V5, clean=False, connect=HOUR)
    for member in (stays, leaves):
        member.subscribe(f"$share/group/{name}", 2)
    publisher = device(broker, max_inflight=100)
    waits = [publisher.publish_later(name, b"%d" % number, 2) for number in range(500)]
    leaves.unsubscribe(f"$share/group/{name}")
    waits += [publisher.publish_later(name, b"%d" % number, 2) for number in range(500, 1000)]
    for wait in waits:
        wait()
    got = numbers(stays.fence()), numbers(leaves.fence())
    assert sorted(got[0] + got[1]) == list(range(1000))
    assert rising(got[1])
    assert got[0][-1] == 999
    leaves.disconnect()
    publisher.publish(name, b"1000", 2)
    assert numbers(stays.fence()) == [1000]
