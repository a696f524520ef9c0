"""UNSUBSCRIBE and UNSUBACK of MQTT 5.0 (3.10, 3.11)."""

import pytest
import wire5
from statements import proves5 as proves

KEPT = {"session_expiry_interval": 60}


@proves("MQTT-3.10.3-2")
@pytest.mark.parametrize("properties", ({}, {"user_property": ("a", "b")}))
def test_an_unsubscribe_without_filters_is_a_protocol_error(expect_end, properties):
    expect_end(wire5.unsubscribe(1, [], properties), 0x82)


@proves("MQTT-3.10.3-1", "MQTT-3.10.3-2", "MQTT-4.13.1-1")
@pytest.mark.parametrize("filters", (b"\0", b"\0\5a", b"\0\1a\0", b"\0\1a\0\2b"))
def test_an_unsubscribe_whose_filters_are_not_whole_is_malformed(expect_end, filters):
    expect_end(wire5.packet("UNSUBSCRIBE", b"\0\1\0" + filters), 0x81)


@proves("MQTT-3.10.4-1", "MQTT-3.10.4-4", "MQTT-3.10.4-5", "MQTT-3.11.3-2")
def test_filters_are_compared_character_by_character(connect5, publisher5, name):
    client = connect5(name)
    client.subscribe(f"{name}/a/+")
    for other in ("a/b", "a/#", "+/+", "a/+/", "/a/+", "A/+", "a", "a/+/#", "#"):
        assert client.unsubscribe(f"{name}/{other}").codes == [0x11]
    publisher5.publish(f"{name}/a/b", qos=1)
    client.take(f"{name}/a/b")
    assert client.unsubscribe(f"{name}/a/+").codes == [0]
    publisher5.publish(f"{name}/a/b", qos=1)
    client.expect_nothing()
    assert client.unsubscribe(f"{name}/a/+").codes == [0x11]


@proves("MQTT-3.10.4-1", "MQTT-4.7.3-4")
def test_composed_and_decomposed_letters_are_different_filters(connect5, name):
    client = connect5(name)
    client.subscribe(f"{name}/\u00e9")
    assert client.unsubscribe(f"{name}/e\u0301").codes == [0x11]
    assert client.unsubscribe(f"{name}/\u00e9").codes == [0]


@proves("MQTT-3.10.4-1", "MQTT-3.10.4-2")
def test_the_other_subscriptions_stay(connect5, publisher5, name):
    client, other = connect5(name), connect5(name + "-other")
    client.subscribe((f"{name}/#", 0), (f"{name}/a", 2))
    other.subscribe(f"{name}/a", qos=1)
    client.unsubscribe(f"{name}/a")
    publisher5.publish(f"{name}/a", qos=2)
    client.take(f"{name}/a", qos=0)
    other.take(f"{name}/a", qos=1)


@proves("MQTT-3.10.4-2")
def test_nothing_new_comes_after_unsubscribe(connect5, publisher5, name):
    """Not while the session is away, and not when it is back."""
    client = connect5(name, properties=KEPT)
    client.subscribe(name, qos=2)
    client.unsubscribe(name)
    for quality in (0, 1, 2):
        publisher5.publish(name, qos=quality)
    publisher5.publish(name, qos=1)
    client.expect_nothing()
    client.disconnect()
    publisher5.publish(name, qos=1)
    connect5(name, clean=False).expect_nothing()


@proves("MQTT-3.10.4-3")
@pytest.mark.parametrize("reconnect", (False, True))
def test_deliveries_that_have_begun_are_finished(connect5, publisher5, name, reconnect):
    client = connect5(name, properties=KEPT)
    client.subscribe(name, qos=2)
    publisher5.publish(name, b"1", qos=1)
    publisher5.publish(name, b"2", qos=2)
    publisher5.publish(name, b"3", qos=2)
    first, second, third = (client.expect_publish(name) for _ in range(3))
    client.acknowledge("PUBREC", third.packet_id).expect("PUBREL")
    client.unsubscribe(name)
    if reconnect:
        client.reset()
        client = connect5(name, clean=False, properties=KEPT)
        client.expect_publish(name, b"1", dup=True, packet_id=first.packet_id)
        client.expect_publish(name, b"2", dup=True, packet_id=second.packet_id)
        client.expect("PUBREL", packet_id=third.packet_id)
    client.acknowledge("PUBACK", first.packet_id)
    client.acknowledge("PUBREC", second.packet_id).expect("PUBREL", packet_id=second.packet_id)
    client.acknowledge("PUBCOMP", second.packet_id).acknowledge("PUBCOMP", third.packet_id).expect_nothing()
    client.disconnect()
    connect5(name, clean=False).expect_nothing()


@proves("MQTT-3.10.4-4", "MQTT-3.10.4-5", "MQTT-3.10.4-6", "MQTT-3.11.3-1", "MQTT-3.11.3-2")
def test_unsuback_has_one_code_for_each_filter_in_their_order(connect5, publisher5, name):
    client = connect5(name)
    client.subscribe(f"{name}/a", f"{name}/b", f"{name}/c/#")
    filters = [f"{name}/{one}" for one in ("c/#", "none", "a", "a", "c", "b")]
    assert client.unsubscribe(*filters).codes == [0, 0x11, 0, 0x11, 0x11, 0]
    for topic in "abc":
        publisher5.publish(f"{name}/{topic}", qos=1)
    client.expect_nothing()
    assert client.unsubscribe(*(f"{name}/{number}" for number in range(200))).codes == [0x11] * 200


@proves("MQTT-3.11.2-1", "MQTT-3.11.2-2", "MQTT-3.1.2-24")
def test_unsuback_fits_into_the_packet_size_of_the_client(connect5, name):
    """With nothing to spare, so there is no room for properties."""
    for count in range(20, 40):  # CONNACK has to fit as well
        client = connect5(name, properties={"maximum_packet_size": 5 + count})
        assert client.unsubscribe(*(f"{name}/{number}" for number in range(count))).properties == {}
