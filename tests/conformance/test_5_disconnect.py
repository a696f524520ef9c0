"""PINGREQ and DISCONNECT of MQTT 5.0 (3.12, 3.14)."""

import pytest
import wire5
from statements import proves5 as proves

KEPT = {"session_expiry_interval": 60}
FROM_CLIENTS = {0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99}
FROM_SERVERS = {0x87, 0x89, 0x8B, 0x8C, 0x8D, 0x8E, 0x8F, 0x9A, 0x9B, 0x9C, 0x9D, 0x9E, 0x9F, 0xA0, 0xA1, 0xA2}


@proves("MQTT-3.12.4-1")
def test_pingreq_is_answered_by_pingresp(connect5, name):
    client = connect5(name)
    client.send(wire5.pingreq()).expect("PINGRESP")
    client.send(wire5.pingreq() * 500)
    for _ in range(500):
        client.expect("PINGRESP")
    client.expect_nothing()


@proves("MQTT-4.13.1-1", "MQTT-3.12.4-1")
@pytest.mark.parametrize("body", (b"\0", b"\0\0"))
def test_a_pingreq_with_content_is_malformed(expect_end, body):
    expect_end(wire5.packet("PINGREQ", body), 0x81)


@proves("MQTT-3.14.0-1", "MQTT-3.2.0-1")
@pytest.mark.parametrize("packet", [
    pytest.param(wire5.connect("no", level=6), id="version"), pytest.param(wire5.connect("no", connect_flags=1), id="flags"),
    pytest.param(wire5.connect("no", properties={"receive_maximum": 0}), id="value"), pytest.param(wire5.pingreq(), id="PINGREQ"),
    pytest.param(wire5.connect("no", will=wire5.Will("#")), id="will"), pytest.param(wire5.disconnect(), id="DISCONNECT"),
    pytest.param(wire5.packet("CONNECT", b"", length=268_435_455), id="size"), pytest.param(b"\x10\xff\xff\xff\xff\xff", id="length")])
def test_before_connack_the_server_sends_no_disconnect(dial5, packet):
    client = dial5().send(packet)
    try:
        while True:
            assert client.next().kind == "CONNACK"
    except AssertionError as end:
        assert type(end).__name__ == "Closed", end


@proves("MQTT-3.14.1-1", "MQTT-2.1.3-1")
@pytest.mark.parametrize("flags", range(1, 16))
def test_a_disconnect_with_reserved_bits_is_answered_with_0x81(connect5, name, flags):
    """And so it does not take the will away."""
    client, watcher = connect5(name, will=wire5.Will(name, b"gone")), connect5(name + "-watcher")
    watcher.subscribe(name)
    client.send(wire5.disconnect(flags=flags)).expect_closed(disconnect=0x81)
    watcher.take(name, b"gone")


@proves("MQTT-3.14.2-1")
def test_the_codes_of_a_client_are_taken_without_a_word(connect5, name):
    for code in FROM_CLIENTS:
        connect5(name).disconnect(code)


@proves("MQTT-3.14.2-1")
def test_codes_that_are_not_listed_are_protocol_errors(connect5, name):
    for code in set(range(256)) - FROM_CLIENTS - FROM_SERVERS:
        connect5(name).send(wire5.disconnect(code)).expect_closed(disconnect=0x82)


@proves("MQTT-3.14.2-1", "MQTT-3.14.2-2", "MQTT-3.14.4-1", "MQTT-3.14.4-2", "MQTT-4.13.2-1")
@pytest.mark.parametrize("cause, code", [
    (b"\x00\x00", 0x81), (wire5.connect("again"), 0x82), (wire5.publish("a", properties={"topic_alias": 0}), 0x94),
    (wire5.publish("a/#"), 0x90), (wire5.subscribe(1, [("a#", 0)]), 0x8F), (wire5.packet("PUBLISH", b"", length=200_000_000), 0x95)])
def test_the_server_s_disconnect_is_its_last_word(connect5, name, cause, code):
    """What has been asked for after the error is not answered. Parsing refuses unlisted codes and a Session Expiry Interval."""
    client = connect5(name, properties=KEPT)
    client.send(cause, wire5.pingreq(), wire5.publish(name, b"", 1, 1), wire5.pingreq())
    client.expect_closed(disconnect=code)


@proves("MQTT-3.14.2-3", "MQTT-3.14.2-4")
def test_disconnect_explains_itself_only_where_there_is_room(connect5, name):
    def provoke(client):
        return client.send(b"\x00\x00").expect_closed(disconnect=0x81)

    whole = provoke(connect5(name))
    size = len(whole.raw) + 2
    assert whole.properties.get("reason_string"), "nothing to leave out"
    for most in range(25, size + 1):
        goodbye = provoke(connect5(name, properties={"maximum_packet_size": most}))
        assert len(goodbye.raw) + 2 <= most and ("reason_string" in goodbye.properties) == (most == size)


@proves("MQTT-3.14.4-1")
def test_what_comes_after_a_client_s_disconnect_is_not_processed(connect5, publisher5, name):
    publisher5.subscribe(f"{name}/#")
    client = connect5(name)
    client.send(wire5.publish(f"{name}/before"), wire5.disconnect(), wire5.publish(f"{name}/after"), wire5.pingreq(),
                wire5.publish(f"{name}/after", b"kept", retain=True)).expect_closed()
    connect5(name).publish(f"{name}/end", qos=1)
    assert [message.topic for message in publisher5.arrived()] == [f"{name}/before", f"{name}/end"]


@proves("MQTT-3.14.4-2", "MQTT-3.14.4-3")
def test_after_disconnect_the_server_closes(connect5, name):
    client = connect5(name)
    client.send(wire5.disconnect()).expect_closed()


# --- the end of the session --------------------------------------------------------------------------------------------------

@proves("MQTT-4.1.0-2", "MQTT-3.1.2-23")
@pytest.mark.parametrize("before, after, kept", [(60, None, True), (60, 0, False), (60, 30, True), (0, None, False), (0, 0, False),
                                                 (0xFFFFFFFF, 0, False), (1, 0xFFFFFFFF, True)])
def test_disconnect_may_change_the_session_expiry(connect5, name, before, after, kept):
    """3.14.2.2.2"""
    client = connect5(name, properties={"session_expiry_interval": before})
    client.disconnect(0, {} if after is None else {"session_expiry_interval": after})
    assert connect5(name, clean=False).connack.session_present == kept


@proves("MQTT-4.13.1-1", "MQTT-3.14.2-2")
@pytest.mark.parametrize("asked", ({}, {"session_expiry_interval": 0}))
def test_disconnect_cannot_make_a_session_last_that_was_to_end(connect5, name, asked):
    """3.14.2.2.2: and the packet is not a DISCONNECT then."""
    client = connect5(name, properties=asked)
    client.send(wire5.disconnect(0, {"session_expiry_interval": 1})).expect_closed(disconnect=0x82)
    assert not connect5(name, clean=False).connack.session_present
