"""What is special about MQTT 3.1: its name and level, its client identifiers, its CONNACK, its flags."""

import pytest
import wire
from client import Closed
from wire import V31


def refused(client, code):
    client.expect("CONNACK", code=code)
    client.expect_closed()


def test_a_client_of_mqtt_31_is_served_like_others(connect, name):
    listener, speaker = connect("listener31", V31, clean=False, keep_alive=30), connect("speaker31", V31, will=wire.Will(name, b"gone", 1))
    assert listener.subscribe((f"{name}/+", 1), (name, 2)).codes == [1, 2]
    for qos in (0, 1, 2):
        speaker.publish(name, f"at {qos}", qos)
        listener.take(name, f"at {qos}", qos=qos, retain=False, dup=False)
    speaker.reset()
    listener.take(name, b"gone", qos=1)
    listener.unsubscribe(f"{name}/+", name)
    listener.disconnect()


@pytest.mark.parametrize("version, other", [(V31, wire.V311), (wire.V311, V31), (V31, wire.V5)])
def test_versions_meet_on_the_same_topics(connect, name, version, other):
    subscriber = connect("", version) if version != V31 else connect("meets31", version)
    subscriber.subscribe(name, qos=2)
    publisher = connect("met31" if other == V31 else "", other)
    publisher.publish(name, b"kept", 2, retain=True)
    subscriber.take(name, b"kept", qos=2, retain=False)


@pytest.mark.parametrize("protocol_name, level", [("MQIsdp", 4), ("MQIsdp", 2), ("MQIsdp", 0), ("MQTT", 3), ("mqisdp", 3), ("MQIsd", 3), ("MQIsdpp", 3)])
def test_name_and_level_belong_together(dial, name, protocol_name, level):
    client = dial(V31).send(wire.connect(V31, "x", protocol_name=protocol_name, level=level))
    with pytest.raises(Closed):
        assert client.expect("CONNACK").code == 1
        client.next()


@pytest.mark.parametrize("length", [1, 2, 22, 23])
def test_client_ids_have_1_to_23_characters(connect, length):
    connect("c" * length, V31).disconnect()


@pytest.mark.parametrize("client_id", ["", "c" * 24, "c" * 100, "c" * 65535], ids=["0", "24", "100", "65535"])
@pytest.mark.parametrize("clean", [True, False])
@pytest.mark.needs("causeway")  # mosquitto takes longer ones
def test_other_client_ids_are_rejected_with_return_code_2(dial, client_id, clean):
    refused(dial(V31).send(wire.connect(V31, client_id, clean=clean)), 2)


@pytest.mark.needs("causeway")
def test_the_23_are_characters_not_bytes(connect, dial):
    connect("\u6e29" * 23, V31).disconnect()
    refused(dial(V31).send(wire.connect(V31, "\u6e29" * 24)), 2)


def test_the_first_byte_of_connack_is_reserved_even_for_a_stored_session(connect, name):
    first = connect("stored31", V31, clean=False)
    first.subscribe(name, qos=1)
    first.disconnect()
    connect("", wire.V311).publish(name, b"kept", 1)
    again = connect("stored31", V31, clean=False)
    assert again.connack.raw == b"\0\0"  # there is no Session Present
    again.take(name, b"kept", qos=1)


def test_a_session_may_be_resumed_with_another_version(connect, name):
    connect("versions31", V31, clean=False).subscribe(name, qos=1)
    newer = connect("versions31", wire.V311, clean=False)
    assert newer.connack.session_present
    connect().publish(name, b"x", 1)
    newer.take(name, b"x", qos=1)


@pytest.mark.parametrize("flags", [0b1000, 0b1010, 0b0010])
def test_dup_may_be_set_in_packets_that_are_sent_again(connect, name, flags):
    """3.1 resends SUBSCRIBE, UNSUBSCRIBE and PUBREL with DUP (3.1, 2.1)."""
    client = connect("dup31", V31)
    client.send(wire.subscribe(V31, 7, [(name, 1)], flags=flags | 2)).expect("SUBACK", packet_id=7, codes=[1])
    client.send(wire.publish(V31, f"{name}/x", b"x", 2, 8)).expect("PUBREC", packet_id=8)
    client.send(wire.acknowledgement("PUBREL", V31, 8, flags=flags | 2)).expect("PUBCOMP", packet_id=8)
    client.send(wire.unsubscribe(V31, 9, [name], flags=flags | 2)).expect("UNSUBACK", packet_id=9)


@pytest.mark.needs("causeway")
@pytest.mark.parametrize("flags", [0x82, 0xC2], ids=["user name", "user name and password"])
def test_where_the_packet_ends_before_the_user_name_there_is_none(connect, flags):
    """3.1, 3.1: the remaining length counts more than the flags, for older clients."""
    connect("unnamed31", V31, connect_flags=flags).disconnect()


def test_a_password_without_a_user_name_is_not_valid(dial):
    client = dial(V31).send(wire.connect(V31, "secret31", password="secret"))
    with pytest.raises(Closed):
        assert client.expect("CONNACK").code == 4
        client.next()


@pytest.mark.needs("causeway")
@pytest.mark.parametrize("login, code", [({}, 5), ({"user": "limited", "password": "wrong"}, 4), ({"user": "nobody", "password": "secret"}, 4)],
                         ids=["nobody", "wrong password", "wrong name"])
def test_return_codes_4_and_5_tell_who_may_not_come(secured_broker, dial, login, code):
    refused(dial(V31, to=secured_broker).send(wire.connect(V31, "login31", **login)), code)


@pytest.mark.parametrize("data", [wire.connect(V31, "x", connect_flags=0x1E), wire.publish(V31, "#", b"x"), wire.publish(V31, "", b"x"),
                                  wire.subscribe(V31, 1, [("a#", 0)]), wire.subscribe(V31, 1, []), wire.subscribe(V31, 0, [("a", 0)]),
                                  wire.packet("CONNACK", b"\0\0"), wire.packet("RESERVED"), wire.packet("AUTH"), wire.connect(V31, "x"),
                                  wire.packet("PUBLISH", wire.text("a") + b"\0\1", flags=6), wire.publish(V31, b"\xff", b"x")],
                         ids=lambda data: data[:8].hex())
def test_malformed_packets_end_the_connection(connect, data):
    connect("malformed31", V31).try_send(data).expect_closed()
