"""Shared subscriptions of MQTT 5.0 (4.8.2)."""

import pytest
import wire5
from statements import proves5 as proves

KEPT = {"session_expiry_interval": 60}


@pytest.fixture
def group(name):
    """The shared filter of the test."""
    return f"$share/group/{name}/#"


def spread(clients):
    """What came to each client, acknowledged to the end."""
    got = []
    for client in clients:
        got.append([client.finish(message) for message in client.arrived() if message.kind == "PUBLISH"])
    return got


@proves("MQTT-4.8.2-1", "MQTT-4.8.2-2", "MQTT-4.13.1-1")
@pytest.mark.parametrize("filter_", (
    "$share", "$share/", "$share//", "$share//a", "$share/group", "$share/group/", "$share/+/a", "$share/#/a", "$share/#",
    "$share/gr+oup/a", "$share/gr#oup/a", "$share/group/a#", "$share/group/#/a", "$share/group/a+", "$share/group+/a", "$share/+"))
def test_a_malformed_shared_filter_is_refused(connect5, name, filter_):
    """In a packet by itself and among others; nothing is subscribed to."""
    for filters in ([filter_], [f"{name}/good", filter_]):
        client = connect5(name, properties=KEPT)
        client.send(wire5.subscribe(1, [(one, 1) for one in filters]))
        answer = client.next()
        refusals = answer.codes[-1:] if answer.kind == "SUBACK" else [answer.code]
        assert refusals[0] >= 0x80
        if answer.kind == "DISCONNECT":
            assert answer.code in (0x81, 0x82, 0x8F)
            client.expect_closed()


@proves("MQTT-4.8.2-1", "MQTT-4.8.2-2")
@pytest.mark.parametrize("filter_", (
    "$share/g/{}", "$share/g/#", "$share/a b\u20ac$/+/{}", "$share/g//{}", "$share/$share/{}", "$share/g/{}/#"))
def test_a_well_formed_shared_filter_is_taken(connect5, name, filter_):
    client = connect5(name)
    assert client.subscribe(filter_.format(name), qos=1).codes == [1]
    assert client.unsubscribe(filter_.format(name)).codes == [0]


@proves("MQTT-4.8.2-1", "MQTT-4.8.2-2")
@pytest.mark.parametrize("filter_, topic, matches", [
    ("$share/g/{}/+", "{}/a", True), ("$share/g/{}/+", "{}/a/b", False), ("$share/g//{}", "/{}", True), ("$share/g//{}", "{}", False),
    ("$share/g/{}", "$share/g/{}", False)])
def test_the_share_s_name_is_no_part_of_what_is_matched(connect5, publisher5, name, filter_, topic, matches):
    client = connect5(name)
    client.subscribe(filter_.format(name), qos=1)
    publisher5.publish(topic.format(name), b"m", qos=1)
    assert [message.topic for message in client.arrived()] == [topic.format(name)] * matches


@proves("MQTT-4.8.2-1", "MQTT-4.5.0-1")
@pytest.mark.parametrize("quality", (0, 1, 2))
def test_each_message_goes_to_one_of_the_group(connect5, publisher5, group, name, quality):
    """And to everybody else; and each of them gets some."""
    members = [connect5(f"{name}-{number}") for number in range(3)]
    other, alone = connect5(name + "-other"), connect5(name + "-alone")
    for member in members:
        member.subscribe(group, qos=2)
    other.subscribe(f"$share/other/{name}/#", qos=2)
    alone.subscribe(f"{name}/#", qos=2)
    for number in range(60):
        publisher5.publish(f"{name}/{number}", str(number), qos=quality)
    if quality == 0:
        publisher5.publish(f"{name}/60", b"60", qos=1)
    expected = list(range(60 + (quality == 0)))
    got = spread(members)
    assert sorted(int(message.payload) for messages in got for message in messages) == expected
    assert all(messages for messages in got), [len(messages) for messages in got]
    assert all(messages == sorted(messages, key=lambda one: int(one.payload)) for messages in got)
    for client in (other, alone):
        assert [int(message.payload) for message in spread([client])[0]] == expected


@proves("MQTT-4.8.2-1", "MQTT-3.3.4-3")
def test_a_session_with_both_kinds_gets_both_copies_with_their_own_identifiers(connect5, publisher5, group, name):
    client, other = connect5(name), connect5(name + "-other")
    client.subscribe(group, qos=1, properties={"subscription_identifier": 1})
    client.subscribe(f"{name}/#", qos=1, properties={"subscription_identifier": 2})
    other.subscribe(f"{name}/#", qos=1, properties={"subscription_identifier": 3})
    publisher5.publish(f"{name}/a", qos=1)
    assert sorted(one.properties["subscription_identifier"] for one in client.arrived()) == [[1], [2]]
    assert [one.properties["subscription_identifier"] for one in other.arrived()] == [[3]]


@proves("MQTT-4.8.2-3", "MQTT-3.8.4-8")
@pytest.mark.parametrize("published", (0, 1, 2))
def test_each_member_gets_the_qos_that_it_was_granted(connect5, publisher5, group, name, published):
    members = [connect5(f"{name}-{granted}") for granted in range(3)]
    for granted, member in enumerate(members):
        assert member.subscribe(group, qos=granted).codes == [granted]
    for number in range(30):
        publisher5.publish(f"{name}/{number}", qos=published)
    publisher5.publish(f"{name}/fence", qos=1)
    got = spread(members)
    assert sum(map(len, got)) == 31
    for granted, messages in enumerate(got):
        assert messages
        assert {message.qos for message in messages if not message.topic.endswith("/fence")} == {min(granted, published)}


@proves("MQTT-4.8.2-1", "MQTT-3.3.1-9")
@pytest.mark.parametrize("handling", (0, 1, 2))
def test_no_retained_messages_are_sent_to_the_group(connect5, publisher5, group, name, handling):
    """3.8.4, 4.8.2: whatever Retain Handling says."""
    publisher5.publish(f"{name}/kept", b"kept", qos=1, retain=True)
    for member in (connect5(name + "-1"), connect5(name + "-2")):
        for _ in range(2):
            member.subscribe((group, wire5.options(1, retain_handling=handling)))
            member.expect_nothing()
    publisher5.publish(f"{name}/kept", b"", retain=True)


@proves("MQTT-4.8.2-1", "MQTT-3.8.4-3")
def test_subscribing_again_is_no_second_membership(connect5, publisher5, group, name):
    """It changes the QoS, and the first UNSUBSCRIBE ends it."""
    client = connect5(name)
    client.subscribe(group, qos=2)
    client.subscribe(group, qos=1)
    publisher5.publish(f"{name}/a", qos=2)
    client.take(f"{name}/a", qos=1)
    client.expect_nothing()
    assert client.unsubscribe(group).codes == [0]
    publisher5.publish(f"{name}/a", qos=1)
    client.expect_nothing()
    assert client.unsubscribe(group).codes == [0x11]


@proves("MQTT-4.8.2-1", "MQTT-3.10.4-1", "MQTT-3.10.4-2")
def test_who_leaves_the_group_gets_no_more_and_the_rest_get_all(connect5, publisher5, group, name):
    stays, leaves, ends = (connect5(f"{name}-{number}") for number in range(3))
    for member in (stays, leaves, ends):
        member.subscribe(group, qos=1)
    assert leaves.unsubscribe(group).codes == [0]
    ends.disconnect()
    for number in range(20):
        publisher5.publish(f"{name}/{number}", qos=1)
    assert len(spread([stays])[0]) == 20
    leaves.expect_nothing()


@proves("MQTT-4.8.2-4", "MQTT-4.8.2-5")
@pytest.mark.parametrize("released", (False, True))
def test_a_qos_2_message_under_way_stays_with_its_member(connect5, publisher5, group, name, released):
    """It is finished there after a reconnect; nobody else gets it, even if the member's session ends."""
    chosen = connect5(name + "-chosen", properties=KEPT)
    chosen.subscribe(group, qos=2)
    publisher5.publish(f"{name}/a", b"m", qos=2)
    message = chosen.expect_publish(f"{name}/a", b"m", qos=2)
    other = connect5(name + "-other")
    other.subscribe(group, qos=2)
    if released:
        chosen.acknowledge("PUBREC", message.packet_id).expect("PUBREL")
    chosen.reset()
    other.expect_nothing()
    chosen = connect5(name + "-chosen", clean=False, properties=KEPT)
    if released:
        chosen.expect("PUBREL", packet_id=message.packet_id)
    else:
        chosen.expect_publish(f"{name}/a", b"m", qos=2, dup=True, packet_id=message.packet_id)
    other.expect_nothing()
    chosen.disconnect(0, {"session_expiry_interval": 0})
    assert not connect5(name + "-chosen", clean=False).connack.session_present
    other.expect_nothing()
    publisher5.publish(f"{name}/a", b"next", qos=2)
    other.take(f"{name}/a", b"next")


@proves("MQTT-4.8.2-4", "MQTT-4.8.2-1")
def test_a_qos_1_message_of_a_member_that_goes_away_is_not_lost(connect5, publisher5, group, name):
    """4.8.2: it should go to another when the session ends, and in order."""
    first = connect5(name + "-first")
    first.subscribe(group, qos=1)
    for number in range(5):
        publisher5.publish(f"{name}/{number}", str(number), qos=1)
    for number in range(5):
        first.expect_publish(f"{name}/{number}")
    second = connect5(name + "-second")
    second.subscribe(group, qos=1)
    second.expect_nothing()
    first.reset()
    for number in range(5):
        second.take(f"{name}/{number}", str(number))
    second.expect_nothing()


@proves("MQTT-4.8.2-6", "MQTT-4.4.0-2")
@pytest.mark.parametrize("quality, kind", [(1, "PUBACK"), (2, "PUBREC")])
def test_a_message_that_a_member_refuses_goes_to_nobody_else(connect5, publisher5, group, name, quality, kind):
    members = {f"{name}-{number}": connect5(f"{name}-{number}") for number in range(2)}
    for member in members.values():
        member.subscribe(group, qos=2)
    for number in range(6):
        publisher5.publish(f"{name}/{number}", qos=quality)
        found = [(member, message) for member in members.values() for message in member.arrived()]
        assert len(found) == 1
        member, message = found[0]
        member.acknowledge(kind, message.packet_id, 0x87)
        for one in members.values():
            one.expect_nothing()


@proves("MQTT-4.8.2-1", "MQTT-4.9.0-2")
def test_members_without_credit_leave_messages_to_the_others(connect5, publisher5, group, name):
    full, free = connect5(name + "-full", properties={"receive_maximum": 1}), connect5(name + "-free")
    full.subscribe(group, qos=1)
    publisher5.publish(f"{name}/first", qos=1)
    full.expect_publish(f"{name}/first")
    free.subscribe(group, qos=1)
    for number in range(20):
        publisher5.publish(f"{name}/{number}", qos=1)
    assert len(spread([free])[0]) == 20
    full.expect_nothing()


@proves("MQTT-3.8.3-4", "MQTT-4.8.2-1")
def test_without_no_local_one_s_own_messages_come_through_the_group(connect5, group, name):
    client = connect5(name)
    client.subscribe(group, qos=1)
    client.publish(f"{name}/own", qos=1)
    client.take(f"{name}/own")


@proves("MQTT-4.8.2-1", "MQTT-3.2.2-8")
def test_connack_does_not_deny_shared_subscriptions(connect5, name):
    assert connect5(name).connack.properties.get("shared_subscription_available", 1) == 1
