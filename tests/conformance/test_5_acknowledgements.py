"""PUBACK, PUBREC, PUBREL and PUBCOMP of MQTT 5.0: their reason codes and words (3.4 to 3.7)."""

import pytest
import wire5
from statements import proves5 as proves

LIMITED = {"user": "limited", "password": "secret"}
LISTED = {"PUBACK": {0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99}, "PUBREL": {0x00, 0x92}}
LISTED |= {"PUBREC": LISTED["PUBACK"], "PUBCOMP": LISTED["PUBREL"]}


@proves("MQTT-3.4.2-2", "MQTT-3.4.2-3", "MQTT-3.1.2-29")
def test_puback_explains_itself_only_where_there_is_room(check_answer):
    check_answer(lambda client: client.publish("forbidden", qos=1))


@proves("MQTT-3.5.2-2", "MQTT-3.5.2-3", "MQTT-3.1.2-29")
def test_pubrec_explains_itself_only_where_there_is_room(check_answer):
    check_answer(lambda client: client.publish("forbidden", qos=2))


@proves("MQTT-3.6.2-2", "MQTT-3.6.2-3", "MQTT-3.7.2-2", "MQTT-3.7.2-3", "MQTT-3.6.2-1", "MQTT-3.7.2-1")
@pytest.mark.parametrize("most", (None, 30))
def test_pubrel_and_pubcomp_for_an_unknown_identifier_fit_into_a_small_packet(connect5, name, most):
    client = connect5(name, properties={"maximum_packet_size": most} if most else {})
    for asked, answered in (("PUBREC", "PUBREL"), ("PUBREL", "PUBCOMP")):
        answer = client.acknowledge(asked, 77).expect(answered, packet_id=77, code=0x92)
        assert len(answer.raw) + 2 <= (most or 1000)


@proves("MQTT-3.4.2-1", "MQTT-3.5.2-1")
@pytest.mark.parametrize("quality", (1, 2))
def test_what_the_server_says_about_a_message_is_listed(secured_broker, connect5, name, quality):
    client = connect5(name, to=secured_broker, **LIMITED)
    client.subscribe("allowed/heard")
    for topic, codes in (("allowed/heard", {0}), ("allowed/unheard", {0, 0x10}), ("forbidden", {0x87})):
        answer = client.send(wire5.publish(topic, b"", quality, 7)).next()
        assert answer.kind == ("PUBACK" if quality == 1 else "PUBREC") and answer.packet_id == 7 and answer.code in codes
        if answer.code < 0x80 and quality == 2:
            client.acknowledge("PUBREL", 7)
        client.arrived()


@proves("MQTT-3.7.2-1", "MQTT-4.3.3-11")
def test_pubcomp_says_whether_the_identifier_was_known(connect5, name):
    client = connect5(name)
    client.send(wire5.publish(name, b"", 2, 7)).expect("PUBREC")
    client.acknowledge("PUBREL", 7).expect("PUBCOMP", packet_id=7, code=0)
    client.acknowledge("PUBREL", 7).expect("PUBCOMP", packet_id=7, code=0x92)


@proves("MQTT-3.4.2-1", "MQTT-3.5.2-1", "MQTT-3.6.2-1", "MQTT-3.7.2-1")
@pytest.mark.parametrize("kind", LISTED)
def test_unlisted_reason_codes_are_protocol_errors(connect5, name, kind):
    for code in set(range(256)) - LISTED[kind]:
        connect5(name).acknowledge(kind, 1, code).expect_closed(disconnect=0x82)


@proves("MQTT-3.4.2-1", "MQTT-3.5.2-1", "MQTT-3.6.2-1", "MQTT-3.7.2-1", "MQTT-4.13.2-1")
@pytest.mark.parametrize("kind", LISTED)
def test_all_listed_reason_codes_are_taken_and_end_nothing(connect5, name, kind):
    for code in LISTED[kind]:
        client = connect5(name).acknowledge(kind, 1, code)
        answered = {"PUBREL": ["PUBCOMP"], "PUBREC": ["PUBREL"] if code < 0x80 else []}
        assert [one.kind for one in client.arrived()] == answered.get(kind, [])


@proves("MQTT-2.2.1-5", "MQTT-4.13.1-1")
@pytest.mark.parametrize("kind", LISTED)
@pytest.mark.parametrize("body", (b"", b"\0"))
def test_an_acknowledgement_without_a_whole_identifier_is_malformed(expect_end, kind, body):
    expect_end(wire5.packet(kind, body), 0x81)


@proves("MQTT-4.3.2-3", "MQTT-4.3.3-3", "MQTT-4.3.3-5", "MQTT-4.13.1-1")
@pytest.mark.parametrize("quality, kind", [(1, "PUBREC"), (1, "PUBCOMP"), (2, "PUBACK"), (2, "PUBCOMP")])
def test_an_acknowledgement_that_does_not_fit_the_message_is_a_protocol_error(connect5, publisher5, name, quality, kind):
    """And so the message is not acknowledged."""
    client = connect5(name, properties={"session_expiry_interval": 60})
    client.subscribe(name, qos=2)
    publisher5.publish(name, b"m", qos=quality)
    message = client.expect_publish(name)
    client.acknowledge(kind, message.packet_id).expect_closed(disconnect=0x82)
    connect5(name, clean=False).take(name, b"m", dup=True, packet_id=message.packet_id)


@proves("MQTT-4.3.2-3")
@pytest.mark.parametrize("kind", ("PUBACK", "PUBCOMP"))
def test_an_acknowledgement_of_nothing_is_ignored(connect5, publisher5, name, kind):
    client = connect5(name, properties={"receive_maximum": 1})
    client.subscribe(name, qos=1)
    for _ in range(3):
        client.acknowledge(kind, 4711).expect_nothing()
    publisher5.publish(name, b"1", qos=1)
    publisher5.publish(name, b"2", qos=1)
    first = client.expect_publish(name, b"1")
    client.expect_nothing()  # no credit was won
    client.acknowledge("PUBACK", first.packet_id).take(name, b"2")
