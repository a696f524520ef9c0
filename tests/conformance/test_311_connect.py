"""CONNECT and CONNACK of MQTT 3.1.1 (3.1, 3.2)."""

import pytest
import wire
from client import Closed
from statements import proves311 as proves
from wire import V5, V311

ALPHANUMERIC = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def refused(client):
    """The connection ends; the return code that was given before, or None."""
    try:
        answer = client.expect("CONNACK")
    except Closed:
        return None
    assert answer.code != 0 and not answer.session_present
    client.expect_closed()
    return answer.code


# --- the way in --------------------------------------------------------------------------------------------------------------

@proves("MQTT-3.1.4-4", "MQTT-3.2.0-1")
def test_a_connect_is_answered_with_connack_0_before_anything_else(dial, name):
    client = dial()
    client.send(wire.connect(V311, name), wire.subscribe(V311, 7, [(name, 0)]), wire.pingreq())
    client.expect("CONNACK", code=0, session_present=False)
    client.expect("SUBACK", packet_id=7, codes=[0])
    client.expect("PINGRESP")


@proves("MQTT-3.2.0-1")
def test_what_waits_for_a_client_comes_after_its_connack(connect, dial, name):
    away = connect(name, clean=False)
    away.subscribe(name, qos=1)
    away.disconnect()
    connect().publish(name, b"waiting", 1)
    back = dial()
    back.send(wire.connect(V311, name, clean=False))
    back.expect("CONNACK", code=0, session_present=True)
    back.take(name, b"waiting")


@proves("MQTT-3.1.0-2", "MQTT-4.8.0-1")
@pytest.mark.parametrize("again", ["the same", "another"])
def test_a_second_connect_ends_the_connection(connect, name, again):
    client = connect(name)
    client.send(wire.connect(V311, name if again == "the same" else name + "-other"))
    client.expect_closed()


@proves("MQTT-3.1.0-1", "MQTT-4.8.0-1")
@pytest.mark.parametrize("first", [
    wire.publish(V311, "a", b"x"), wire.publish(V311, "a", b"x", 1, 1), wire.publish(V311, "a", b"x", 2, 1), wire.subscribe(V311, 1, [("a", 0)]),
    wire.unsubscribe(V311, 1, ["a"]), wire.pingreq(), wire.disconnect(V311), wire.packet("CONNACK", b"\0\0"), wire.packet("PINGRESP"),
    *(wire.acknowledgement(kind, V311, 1) for kind in ("PUBACK", "PUBREC", "PUBREL", "PUBCOMP"))], ids=lambda data: wire.KINDS[data[0] >> 4])
def test_any_other_packet_than_connect_ends_a_new_connection(dial, first):
    dial().send(first).expect_closed()


# --- protocol name and level -------------------------------------------------------------------------------------------------

@proves("MQTT-3.1.2-1")
@pytest.mark.parametrize("wrong", ["", "M", "MQT", "mqtt", "MQTTT", "MQIsdp", "XQTT", "HTTP", "MQTT ", "\ufeffMQTT", "AMQP"])
def test_a_wrong_protocol_name_is_never_served_as_mqtt_311(dial, name, wrong):
    refused(dial().send(wire.connect(V311, name, protocol_name=wrong)))


@proves("MQTT-3.1.2-2", "MQTT-3.2.2-4", "MQTT-3.2.2-5")
@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_an_unsupported_protocol_level_gets_return_code_1(dial, name, level):
    assert refused(dial().send(wire.connect(V311, name, level=level))) == 1


@proves("MQTT-3.1.2-2")
@pytest.mark.needs("causeway")  # mosquitto answers in 3.1.1
@pytest.mark.parametrize("level", [6, 127, 255])
def test_a_newer_protocol_level_is_answered_in_the_newest_that_is_spoken(dial, name, level):
    client = dial(V5)
    client.send(wire.connect(V311, name, level=level))
    assert client.expect("CONNACK").code == 0x84
    client.expect_closed()


@proves("MQTT-3.2.2-4", "MQTT-3.2.2-5", "MQTT-3.1.2-2")
def test_a_refusal_says_nothing_of_a_stored_session(connect, dial, name):
    connect(name, clean=False).disconnect()
    assert refused(dial().send(wire.connect(V311, name, clean=False, level=2))) == 1
    assert connect(name, clean=False).connack.session_present


# --- client identifiers ------------------------------------------------------------------------------------------------------

@proves("MQTT-3.1.3-5")
@pytest.mark.parametrize("client_id", [*ALPHANUMERIC, ALPHANUMERIC[:23], ALPHANUMERIC[23:46], ALPHANUMERIC[-23:]])
def test_client_ids_of_1_to_23_letters_and_digits_are_accepted(connect, client_id):
    connect(client_id).disconnect()


@proves("MQTT-3.1.3-2")
@pytest.mark.parametrize("client_id", ["-_./ #+$", "f\u00fcr 8\u00d7\u6e29\u5ea6 \U0001d11e", "x" * 24, "y" * 65535], ids=["symbols", "unicode", "24", "65535"])
def test_longer_and_other_client_ids_key_sessions_as_well(connect, client_id):
    assert not connect(client_id, clean=False).disconnect()
    again = connect(client_id, clean=False)
    assert again.connack.session_present
    assert not connect(client_id[:-1] or "z", clean=False).connack.session_present
    again.expect_nothing()


@proves("MQTT-3.1.3-2", "MQTT-1.5.3-3")
def test_client_ids_that_differ_in_anything_are_different_clients(connect, name):
    ids = [name, name.upper(), f"\ufeff{name}", f"{name}\ufeff", f"{name} ", "\u00e9" + name, "e\u0301" + name]
    clients = [connect(each, clean=False) for each in ids]
    for client in clients:
        assert not client.connack.session_present
        client.expect_nothing()  # still there: nobody took its place


@proves("MQTT-3.1.3-6")
def test_clients_without_an_id_are_different_clients(connect, name):
    clients = [connect("") for _ in range(5)]
    for number, client in enumerate(clients):
        client.subscribe(f"{name}/{number}", qos=1)
    for number, client in enumerate(clients):
        clients[0 if number else 1].send(wire.publish(V311, f"{name}/{number}", b"mine"))
        client.take(f"{name}/{number}", b"mine")
        client.expect_nothing()


@proves("MQTT-3.1.3-8", "MQTT-3.1.3-9", "MQTT-3.1.3-7", "MQTT-3.2.2-4", "MQTT-3.2.2-5")
def test_an_empty_client_id_without_clean_session_is_rejected_with_return_code_2(dial):
    assert refused(dial().send(wire.connect(V311, "", clean=False))) == 2


# --- clean session and session present ---------------------------------------------------------------------------------------

@proves("MQTT-3.2.2-1", "MQTT-3.2.2-2", "MQTT-3.2.2-3", "MQTT-3.1.4-3")
def test_session_present_tells_whether_there_was_a_session(connect, name):
    for clean, present in [(False, False), (False, True), (True, False), (True, False), (False, False), (False, True)]:
        client = connect(name, clean=clean)
        assert client.connack.session_present == present, f"clean={clean}"
        client.disconnect()


@proves("MQTT-3.1.4-2")
@pytest.mark.parametrize("clean", [True, False])
def test_a_client_that_comes_again_takes_the_place_of_the_first(connect, name, clean):
    first = connect(name, clean=clean)
    second = connect(name, clean=clean)
    first.expect_closed()
    second.expect_nothing()
    assert second.connack.session_present == (not clean)


@proves("MQTT-3.1.4-2", "MQTT-3.1.2-4")
def test_a_session_that_is_taken_over_goes_on(connect, name):
    first = connect(name, clean=False)
    first.subscribe(name, qos=1)
    second = connect(name, clean=False)
    first.expect_closed()
    connect().publish(name, b"on", 1)
    second.take(name, b"on", qos=1)


# --- refusals ----------------------------------------------------------------------------------------------------------------

@proves("MQTT-3.1.4-5", "MQTT-3.1.2-12")
@pytest.mark.parametrize("refusal", [{"client_id": "", "clean": False}, {"client_id": "x", "level": 2}, {"client_id": "x", "connect_flags": 3}],
                         ids=["identifier", "level", "malformed"])
def test_nothing_that_follows_a_refused_connect_is_processed(connect, dial, name, refusal):
    watcher = connect()
    watcher.subscribe(f"{name}/#")
    client = dial()
    client.try_send(wire.connect(V311, will=wire.Will(f"{name}/will", b"x"), **refusal), wire.publish(V311, f"{name}/retained", b"x", retain=True))
    refused(client)
    watcher.expect_nothing()


USERS = """
users:
  - name: sensor
    password_hash: "{hash}"
    rights: [{{vhost: /, publish: ["devices/#"], subscribe: ["devices/#"]}}]
"""


@pytest.fixture(scope="module")
def secured(module_broker):
    from support.configs import password_hash
    return module_broker(USERS.format(hash=password_hash("s\xe9cret")))


@proves("MQTT-3.2.2-5", "MQTT-3.2.2-4")
@pytest.mark.needs("causeway")
@pytest.mark.parametrize("login, code", [
    ({}, 5), ({"user": "sensor", "password": "wrong"}, 4), ({"user": "nobody", "password": "s\xe9cret"}, 4), ({"user": "sensor"}, 4),
    ({"user": "", "password": ""}, 4), ({"user": "sensor", "password": b"\xff\x00"}, 4), ({"user": "sensor", "password": "x" * 65535}, 4)],
    ids=["nobody", "wrong password", "wrong name", "no password", "empty", "not a text", "long"])
def test_who_may_not_come_is_told_with_return_code_4_or_5(secured, dial, name, login, code):
    assert refused(dial(to=secured).send(wire.connect(V311, name, **login))) == code


@proves("MQTT-3.1.3-1", "MQTT-3.1.2-9", "MQTT-3.1.2-19", "MQTT-3.1.2-21")
@pytest.mark.needs("causeway")
def test_all_fields_of_the_payload_are_read_in_their_order(secured, connect, name):
    login = {"user": "sensor", "password": "s\xe9cret"}
    watcher = connect(to=secured, **login)
    watcher.subscribe("devices/#", qos=2)
    client = connect(name, to=secured, will=wire.Will("devices/will", b"\0\xffgone", qos=2), keep_alive=60, **login)
    client.reset()
    watcher.take("devices/will", b"\0\xffgone", qos=2)


@proves("MQTT-3.2.2-6")
@pytest.mark.needs("causeway")
def test_without_a_fitting_return_code_the_connection_ends_without_connack(module_broker, dial, name):
    unretained = module_broker("mqtt: {retain_available: false}")
    client = dial(to=unretained).send(wire.connect(V311, name, will=wire.Will(name, b"x", retain=True)))
    assert refused(client) is None


@proves("MQTT-3.3.5-2")
@pytest.mark.needs("causeway")
@pytest.mark.parametrize("qos", [0, 1, 2])
def test_an_unauthorised_publish_is_acknowledged_or_ends_the_connection(secured, connect, name, qos):
    login = {"user": "sensor", "password": "s\xe9cret"}
    client = connect(name, to=secured, **login)
    try:
        client.publish("forbidden/topic", b"x", qos)
        client.expect_nothing()
    except Closed:
        pass
    allowed = connect(name, to=secured, **login)
    allowed.publish("devices/topic", b"x", qos)
    allowed.expect_nothing()


@proves("MQTT-3.8.4-5", "MQTT-3.9.3-2", "MQTT-3.9.3-1")
@pytest.mark.needs("causeway")
def test_a_subscription_that_is_not_allowed_fails_with_0x80_and_the_others_are_granted(secured, connect, name):
    client = connect(name, to=secured, user="sensor", password="s\xe9cret")
    assert client.subscribe(("devices/a", 1), ("forbidden/#", 1), ("#", 0), ("devices/b", 2)).codes == [1, 0x80, 0x80, 2]


@proves("MQTT-7.1.1-1", "MQTT-7.0.0-2")
def test_a_client_that_knows_nothing_but_the_standard_has_all_it_needs(connect, name):
    listener, speaker = connect(f"{name}-l", clean=False, keep_alive=30), connect(f"{name}-s", keep_alive=30, will=wire.Will(name, b"gone", 1))
    assert listener.subscribe(name, qos=2).codes == [2]
    for qos in (0, 1, 2):
        speaker.publish(name, f"at {qos}", qos)
        listener.take(name, f"at {qos}", qos=qos, retain=False, dup=False)
    speaker.reset()
    listener.take(name, b"gone", qos=1)
    listener.unsubscribe(name)
    listener.disconnect()
