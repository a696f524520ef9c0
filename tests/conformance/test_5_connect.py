"""CONNECT of MQTT 5.0: its format, and what follows from it (3.1)."""

import time

import pytest
import wire
import wire5
from client import Closed
from statements import proves5 as proves
from wire5 import Will

FULL = wire5.connect("full", keep_alive=30, will=Will("will", b"payload", 1, False, {"will_delay_interval": 5, "content_type": "t"}),
                     user="owner", password=b"secret", properties={"receive_maximum": 5, "user_property": ("a", "b")})


# --- format ------------------------------------------------------------------------------------------------------------------

@proves("MQTT-3.1.0-1")
@pytest.mark.parametrize("kind", wire5.PLAIN)
def test_a_connection_begins_with_connect(dial5, kind):
    dial5().send(wire5.PLAIN[kind]).expect_closed()


@proves("MQTT-3.1.0-2")
@pytest.mark.parametrize("clean", (True, False))
def test_a_second_connect_ends_the_connection(connect5, name, clean):
    connect5(name).send(wire5.connect(name, clean=clean)).expect_closed(disconnect=0x82)


@proves("MQTT-3.1.2-1")
@pytest.mark.parametrize("protocol", ("", "M", "mqtt", "MQTt", "MQTT5", "MQIsdp", "HTTP", "MQ\ufeffTT"))
def test_another_protocol_name_is_refused(dial5, name, protocol):
    dial5().send(wire5.connect(name, protocol_name=protocol)).expect_refused(0x84)


@proves("MQTT-3.1.2-2")
@pytest.mark.parametrize("level", (6, 7, 127, 128, 130, 133, 255))
def test_an_unknown_protocol_version_is_refused(dial5, name, level):
    dial5().send(wire5.connect(name, level=level)).expect_refused(0x84)


@proves("MQTT-3.1.2-2")
@pytest.mark.parametrize("level", (0, 1, 2, 3))
def test_an_older_protocol_version_is_refused_in_its_own_words(dial, name, level):
    """Return code 1 of 3.1 and 3.1.1, as such a client expects."""
    dial(wire.V31).send(wire5.connect(name, level=level)).expect("CONNACK", code=1)


@proves("MQTT-3.1.2-1", "MQTT-3.1.4-5")
def test_mqtt_with_version_5_is_accepted(connect5, name):
    assert not connect5(name).connack.session_present


@proves("MQTT-3.1.2-3", "MQTT-3.1.4-1")
@pytest.mark.parametrize("flags", (0x01, 0x03))
def test_the_reserved_connect_flag_is_malformed(expect_end, name, flags):
    expect_end(wire5.connect(name, connect_flags=flags), 0x81)


@proves("MQTT-3.1.2-11", "MQTT-3.1.2-12", "MQTT-3.1.2-13", "MQTT-3.1.4-1")
@pytest.mark.parametrize("will", (None, Will("will")))
def test_the_will_flags_fit_together(dial5, name, will):
    for quality in range(4):
        for retain in (0, 1):
            flags = 2 | (will is not None) << 2 | quality << 3 | retain << 5
            client = dial5().send(wire5.connect(name, will=will, connect_flags=flags))
            if quality == 3 or (will is None and flags != 2):
                client.expect_refused(0x81)
            else:
                client.expect("CONNACK", code=0)


@proves("MQTT-3.1.2-9", "MQTT-3.1.2-17", "MQTT-3.1.2-19", "MQTT-3.1.3-3", "MQTT-3.1.4-1")
def test_a_connect_that_ends_too_early_is_malformed(secured_broker, dial5):
    body = FULL[2:]
    dial5(to=secured_broker).send(FULL).expect("CONNACK", code=0)
    for end in range(7, len(body)):  # from the version on
        dial5().send(wire5.packet("CONNECT", body[:end])).expect_refused(0x81)


@proves("MQTT-3.1.2-16", "MQTT-3.1.2-18", "MQTT-3.1.4-1")
@pytest.mark.parametrize("extra", (b"\0", b"\0\0", wire5.text("user"), wire5.text("user") + wire5.text("password")))
def test_a_connect_with_more_than_its_flags_say_is_malformed(expect_end, name, extra):
    expect_end(wire5.connect(name, extra=extra), 0x81)


@proves("MQTT-3.1.2-18", "MQTT-3.1.2-19", "MQTT-3.1.2-16")
def test_a_password_may_come_without_a_user_name(dial5, name):
    answer = dial5().send(wire5.connect(name, password=b"\0\xff token")).next()
    assert answer.kind == "CONNACK" and answer.code in (0, 0x86, 0x87)  # understood: accepted, or the password is wrong


@proves("MQTT-3.1.3-1")
def test_the_payload_is_read_in_its_order(connect5, publisher5, name):
    publisher5.subscribe(f"{name}/will")
    client = connect5(name, will=Will(f"{name}/will", b"payload", properties={"content_type": "properties"}))
    client.reset()
    assert publisher5.take(f"{name}/will", b"payload").properties == {"content_type": "properties"}
    assert connect5(name, clean=False).connack.code == 0


@proves("MQTT-3.1.4-1")
def test_a_connect_may_come_byte_by_byte(secured_broker, dial5):
    client = dial5(to=secured_broker)
    for byte in FULL:
        client.send(bytes([byte]))
    client.expect("CONNACK", code=0)


@proves("MQTT-3.1.4-1")
def test_a_connect_that_never_ends_is_dropped_at_the_connect_timeout(configured_broker, dial):
    """3.1.4: bytes that keep coming do not extend it."""
    slow = configured_broker(listeners="listeners: [{name: mqtt, protocol: mqtt, port: 0, limits: {connect_timeout: 1s}}]")
    silent, dripping = dial(wire.V5, to=slow), dial(wire.V5, to=slow)
    patience = 0.05
    dripping.transport.socket.settimeout(patience)
    for byte in FULL[:-1] * 2:
        try:
            dripping.send(bytes([byte]))
            if not dripping.transport.receive():
                break
        except TimeoutError:
            continue
        except OSError:
            break
    else:
        raise AssertionError("still open after twice the connect timeout")
    silent.expect_closed()


# --- client identifiers ------------------------------------------------------------------------------------------------------

@proves("MQTT-3.1.3-5")
@pytest.mark.parametrize("client_id", ("0", "Z", "0123456789abcdefghijklm", "nopqrstuvwxyzABCDEFGHIJ", "KLMNOPQRSTUVWXYZ0123456"))
def test_client_identifiers_of_1_to_23_letters_and_digits_are_accepted(connect5, client_id):
    assert "assigned_client_identifier" not in connect5(client_id).connack.properties


@proves("MQTT-3.1.3-5")
@pytest.mark.parametrize("size", (24, 255, 256, 65_534, 65_535))
def test_longer_client_identifiers_are_accepted_up_to_65535_bytes(connect5, name, size):
    client_id = (name + "/+#$ \u20ac" + "x" * size).encode()[:size]
    connect5(client_id, properties={"session_expiry_interval": 30})
    assert connect5(client_id, clean=False).connack.session_present


@proves("MQTT-3.1.3-6", "MQTT-3.1.3-7", "MQTT-3.2.2-16")
def test_an_empty_client_identifier_gets_one_that_nobody_else_has(connect5):
    assigned = [connect5("", clean=clean, properties={"session_expiry_interval": 30}).connack.properties["assigned_client_identifier"]
                for clean in (True, False) * 5]
    assert len(set(assigned)) == 10 and all(assigned)


@proves("MQTT-3.1.3-7", "MQTT-3.2.2-16")
def test_the_assigned_client_identifier_is_as_good_as_a_chosen_one(connect5, publisher5, name):
    first = connect5("", clean=False, properties={"session_expiry_interval": 30})
    assert not first.connack.session_present
    assigned = first.connack.properties["assigned_client_identifier"]
    first.subscribe(name, qos=1)
    first.disconnect()
    publisher5.publish(name, b"waiting", qos=1)
    again = connect5(assigned, clean=False)
    assert again.connack.session_present and "assigned_client_identifier" not in again.connack.properties
    again.take(name, b"waiting")


@proves("MQTT-3.1.3-2")
def test_the_client_identifier_is_what_a_session_belongs_to(connect5, name):
    """Compared character by character: neither case nor normalization nor a common beginning count."""
    ids = (name, name.upper(), name + "x", name[:-1], name + "\u00e9", name + "e\u0301")
    for client_id in ids:
        connect5(client_id, properties={"session_expiry_interval": 30}).subscribe(f"{name}/{client_id}")
    for client_id in ids:
        client = connect5(client_id, clean=False)
        assert client.connack.session_present
        for other in ids:
            client.publish(f"{name}/{other}")
        client.expect_publish(f"{name}/{client_id}")
        client.expect_nothing()


@proves("MQTT-3.1.3-8", "MQTT-3.2.2-6", "MQTT-3.2.2-7")
def test_the_client_identifier_of_another_user_is_refused(secured_broker, connect5, dial5, name):
    connect5(name, to=secured_broker, user="owner", password="secret", properties={"session_expiry_interval": 30}).disconnect()
    refusal = dial5(to=secured_broker).send(wire5.connect(name, user="limited", password="secret", clean=False)).next()
    assert refusal.kind == "CONNACK" and refusal.code in (0x85, 0x87) and not refusal.session_present


# --- what CONNECT does -------------------------------------------------------------------------------------------------------

@proves("MQTT-3.1.4-2", "MQTT-4.13.2-1", "MQTT-3.2.2-7")
@pytest.mark.parametrize("login", ({}, {"user": "owner"}, {"user": "owner", "password": "wrong"}, {"user": "nobody", "password": "secret"},
                                   {"password": "secret"}))
def test_a_failed_login_ends_the_connection(secured_broker, dial5, name, login):
    client = dial5(to=secured_broker).send(wire5.connect(name, **login))
    assert client.expect("CONNACK").code in (0x86, 0x87)
    client.expect_closed()


@proves("MQTT-3.1.4-6", "MQTT-3.2.0-2")
def test_what_comes_after_a_refused_connect_is_not_processed(secured_broker, connect5, dial5, name):
    watcher = connect5(name, to=secured_broker, user="owner", password="secret")
    watcher.subscribe("#")
    rest = (wire5.publish(name, b"no"), wire5.publish(name, b"no", retain=True),
            wire5.connect(name + "-2", user="owner", password="secret"), wire5.subscribe(1, [(name, 0)]), wire5.pingreq())
    for refused in (wire5.connect(name, user="owner", password="wrong"), wire5.connect(name, level=9, user="owner", password="secret"),
                    wire5.connect(name, user="owner", password="secret", connect_flags=0xC3)):
        client = dial5(to=secured_broker).send(refused, *rest)
        assert client.expect("CONNACK").code >= 0x80
        client.expect_closed()
    watcher.subscribe(name)
    watcher.expect_nothing()


@proves("MQTT-3.1.4-5", "MQTT-3.2.0-1", "MQTT-3.2.0-2")
def test_what_comes_with_connect_is_processed_after_it(dial5, name):
    client = dial5().send(wire5.connect(name), wire5.subscribe(1, [(name, 1)]), wire5.publish(name, b"p", 1, 2), wire5.pingreq())
    client.expect("CONNACK", code=0)
    client.expect("SUBACK", packet_id=1)
    assert sorted(client.next().kind for _ in range(3)) == ["PINGRESP", "PUBACK", "PUBLISH"]


@proves("MQTT-3.1.4-3", "MQTT-4.13.2-1", "MQTT-3.14.4-1", "MQTT-3.14.4-2")
@pytest.mark.parametrize("clean", (True, False))
@pytest.mark.parametrize("expiry", (0, 30))
def test_the_same_client_identifier_again_ends_the_first_connection(connect5, name, clean, expiry):
    old = connect5(name, properties={"session_expiry_interval": expiry})
    new = connect5(name, clean=clean, properties={"session_expiry_interval": expiry})
    old.expect_closed(disconnect=0x8E)
    assert new.connack.session_present == (not clean and expiry > 0)
    new.expect_nothing()


@proves("MQTT-3.1.4-3")
def test_a_session_is_taken_over_from_another_listener(configured_broker, connect, name):
    """And from a client that speaks another version."""
    two = configured_broker(listeners="listeners: [{name: mqtt, protocol: mqtt, port: 0}, {name: other, protocol: mqtt, port: 0}]")
    old = connect(name, wire.V5, to=two)
    connect(name, wire.V311, to=two, port=two.listening["other"])
    old.expect_closed(disconnect=0x8E)


@proves("MQTT-3.1.4-2", "MQTT-3.1.4-3")
def test_a_connect_that_is_refused_takes_nothing_over(secured_broker, connect5, dial5, name):
    client = connect5(name, to=secured_broker, user="owner", password="secret")
    for refused in (wire5.connect(name, user="owner", password="wrong"), wire5.connect(name, connect_flags=1)):
        assert dial5(to=secured_broker).send(refused).expect("CONNACK").code >= 0x80
    client.expect_nothing()


@proves("MQTT-3.1.2-4", "MQTT-3.1.4-4", "MQTT-3.2.2-2")
def test_clean_start_discards_the_session(connect5, publisher5, name):
    connect5(name, properties={"session_expiry_interval": 30}).subscribe(name, qos=1)
    publisher5.publish(name, b"before", qos=1)
    client = connect5(name, clean=True, properties={"session_expiry_interval": 30})
    assert not client.connack.session_present
    publisher5.publish(name, b"after", qos=1)
    client.expect_nothing()
    client.disconnect()
    again = connect5(name, clean=False)
    assert again.connack.session_present  # the new one
    again.expect_nothing()


@proves("MQTT-3.1.2-4")
def test_clean_start_forgets_half_received_messages(connect5, publisher5, name):
    publisher5.subscribe(name, qos=0)
    session = {"session_expiry_interval": 30}
    connect5(name, properties=session).send(wire5.publish(name, b"1", 2, 7)).expect("PUBREC", code=0)
    publisher5.expect_publish(name, b"1")
    connect5(name, clean=True, properties=session).send(wire5.publish(name, b"2", 2, 7)).expect("PUBREC", code=0)
    publisher5.expect_publish(name, b"2")


@proves("MQTT-3.1.2-5", "MQTT-3.1.4-4", "MQTT-3.2.2-3", "MQTT-3.1.2-23")
def test_a_session_goes_on_without_clean_start(connect5, publisher5, name):
    """Subscriptions with their options and identifiers, waiting messages, both sides' half of QoS 2."""
    session = {"session_expiry_interval": 30}
    client = connect5(name, properties=session)
    client.subscribe((f"{name}/#", wire5.options(2, no_local=True, retain_as_published=True)), properties={"subscription_identifier": 7})
    publisher5.publish(f"{name}/half", b"half", qos=2)
    half = client.expect_publish(f"{name}/half", qos=2)
    client.acknowledge("PUBREC", half.packet_id).expect("PUBREL")
    client.send(wire5.publish("elsewhere", b"", 2, 9)).expect("PUBREC")
    client.reset()
    publisher5.publish(f"{name}/waiting", b"waiting", qos=1, retain=True)

    client = connect5(name, clean=False, properties=session)
    assert client.connack.session_present
    client.expect("PUBREL", packet_id=half.packet_id)
    client.acknowledge("PUBCOMP", half.packet_id)
    waiting = client.take(f"{name}/waiting", b"waiting", qos=1, retain=True)
    assert waiting.properties == {"subscription_identifier": [7]}
    client.acknowledge("PUBREL", 9).expect("PUBCOMP", code=0)
    client.publish(f"{name}/own", qos=1)
    client.expect_nothing()
    publisher5.publish(f"{name}/waiting", b"", retain=True)


@proves("MQTT-3.1.2-6", "MQTT-3.2.2-3")
def test_without_a_session_a_new_one_is_created(connect5, name):
    session = {"session_expiry_interval": 30}
    assert not connect5(name, clean=False, properties=session).connack.session_present
    assert connect5(name, clean=False, properties=session).connack.session_present


# --- keep alive --------------------------------------------------------------------------------------------------------------

@proves("MQTT-3.1.2-22", "MQTT-3.2.2-22", "MQTT-3.1.2-8", "MQTT-3.12.4-1", "MQTT-3.1.2-20")
def test_a_client_that_is_silent_for_one_and_a_half_keep_alives_is_cut_off(connect5, name):
    watcher = connect5(name + "-watcher")
    watcher.subscribe(f"{name}/#")
    silent = connect5(name + "-silent", keep_alive=1, will=Will(f"{name}/will", b"silent"))
    half = connect5(name + "-half", keep_alive=1, will=Will(f"{name}/will", b"half"))
    half.send(b"\xc0")  # half a packet is none
    since = time.monotonic()
    unlimited, pinging = connect5(name + "-unlimited", keep_alive=0), connect5(name + "-pinging", keep_alive=1)
    while not watcher.readable(0.7):
        pinging.expect_nothing()  # PINGREQ, PINGRESP
    assert 1.4 <= time.monotonic() - since < 4
    assert {watcher.take().payload, watcher.take().payload} == {b"silent", b"half"}
    silent.expect_closed(disconnect=0x8D)
    half.expect_closed(disconnect=0x8D)
    pinging.expect_nothing()
    unlimited.expect_nothing()


@proves("MQTT-3.1.2-22", "MQTT-3.2.2-21")
def test_the_server_keep_alive_counts_where_there_is_one(configured_broker, connect5, name):
    strict = configured_broker("mqtt: {keep_alive_max: 1s}")
    for asked in (0, 2, 65_535):
        assert connect5(f"{name}-{asked}", to=strict, keep_alive=asked).connack.properties["server_keep_alive"] == 1
    assert "server_keep_alive" not in connect5(name + "-1", to=strict, keep_alive=1).connack.properties
    since, silent = time.monotonic(), connect5(name, to=strict, keep_alive=100)
    silent.expect_closed(disconnect=0x8D)
    assert 1.4 <= time.monotonic() - since < 4


# --- what the client asks for ------------------------------------------------------------------------------------------------

@proves("MQTT-3.1.2-24", "MQTT-3.1.2-25")
@pytest.mark.parametrize("quality", (0, 1, 2))
def test_a_message_that_is_too_large_for_the_client_counts_as_delivered(connect5, publisher5, name, quality):
    head = len(wire5.publish(name, bytes(60), quality, 1 if quality else None)) - 60
    session = {"session_expiry_interval": 30, "maximum_packet_size": 100, "receive_maximum": 1}
    client = connect5(name, properties=session)
    client.subscribe(name, qos=2)
    publisher5.publish(name, bytes(100 - head), qos=quality)
    client.take(name, bytes(100 - head))  # exactly
    publisher5.publish(name, bytes(101 - head), qos=quality)
    publisher5.publish(name, bytes(5000), qos=quality)
    publisher5.publish(name, b"small", qos=quality)
    client.take(name, b"small")
    client.disconnect()
    again = connect5(name, clean=False)  # without the limit
    again.expect_nothing()


@proves("MQTT-3.1.2-24")
def test_properties_count_for_the_packet_size(connect5, publisher5, name):
    client = connect5(name, properties={"maximum_packet_size": 100})
    client.subscribe(name, properties={"subscription_identifier": 5})
    publisher5.publish(name, b"", properties={"user_property": ("n", "v" * 100)})
    publisher5.publish(name, b"", properties={"correlation_data": bytes(100)})
    publisher5.publish(name, b"small")
    client.take(name, b"small")


def sizes(client):
    """Of all packets, until the one that answers PINGREQ or the end."""
    found = []
    try:
        while (packet := client.next()).kind != "PINGRESP":
            found.append(1 + len(wire5.varint(len(packet.raw))) + len(packet.raw))
    except Closed:
        pass
    return found


@proves("MQTT-3.1.2-24", "MQTT-3.2.2-19", "MQTT-3.2.2-20")
@pytest.mark.parametrize("size", (1, 2, 5, 10))
def test_not_even_connack_is_larger_than_the_client_takes(dial5, name, size):
    client = dial5().send(wire5.connect(name, properties={"maximum_packet_size": size}), wire5.pingreq())
    assert all(one <= size for one in sizes(client))


@proves("MQTT-3.1.2-24", "MQTT-3.2.2-19", "MQTT-3.2.2-20")
def test_a_refusal_is_not_larger_than_the_client_takes_either(dial5, name):
    for size in range(1, 40):
        client = dial5().send(wire5.connect(name, properties={"authentication_method": "PLAIN", "maximum_packet_size": size}))
        assert all(one <= size for one in sizes(client))


@proves("MQTT-3.1.2-24", "MQTT-3.9.2-1", "MQTT-3.9.2-2")
def test_no_suback_is_larger_than_the_client_takes(connect5, name):
    client = connect5(name, properties={"maximum_packet_size": 50})
    client.send(wire5.subscribe(1, [(f"{name}/{number}", 0) for number in range(100)]), wire5.pingreq())
    assert all(one <= 50 for one in sizes(client))


@proves("MQTT-3.1.2-26", "MQTT-3.3.2-11", "MQTT-3.3.2-8")
def test_aliases_are_used_towards_clients_that_allow_them_and_never_above_their_maximum(connect5, publisher5, name):
    client = connect5(name, properties={"topic_alias_maximum": 2})
    client.subscribe(f"{name}/#")
    known, short = {}, 0
    for turn in range(3):
        for number in range(4):
            publisher5.publish(f"{name}/{number}", str(number))
            message = client.expect_publish(payload=str(number))
            alias = message.properties.get("topic_alias")
            assert alias in (None, 1, 2)
            if message.topic:
                known[alias] = message.topic
            short += not message.topic
            assert (message.topic or known[alias]) == f"{name}/{number}"
    assert short >= 4, "aliases are allowed, but hardly used"


@proves("MQTT-3.1.2-27", "MQTT-3.3.2-11")
@pytest.mark.parametrize("asked", ({}, {"topic_alias_maximum": 0}))
def test_no_aliases_are_used_towards_clients_that_do_not_allow_them(connect5, publisher5, name, asked):
    client = connect5(name, properties=asked)
    client.subscribe(name)
    for _ in range(3):
        publisher5.publish(name)
        assert client.expect_publish(name).properties == {}


@proves("MQTT-3.1.2-28")
@pytest.mark.parametrize("asked", ({}, {"request_response_information": 0}))
def test_response_information_is_only_for_those_who_ask(connect5, name, asked):
    assert "response_information" not in connect5(name, properties=asked).connack.properties


@proves("MQTT-3.1.2-29")
def test_without_problem_information_only_three_packets_explain_themselves(secured_broker, connect5, name):
    """PUBLISH, CONNACK and DISCONNECT; all that is refused here comes without a reason string."""
    login = {"user": "limited", "password": "secret"}
    client = connect5(name, to=secured_broker, properties={"request_problem_information": 0}, **login)
    answers = [client.publish("forbidden", qos=1), client.send(wire5.publish("forbidden", qos=2, packet_id=1)).expect("PUBREC"),
               client.subscribe("forbidden/#", "allowed/#"), client.unsubscribe("never/subscribed"),
               client.send(wire5.pubrel(77)).expect("PUBCOMP", code=0x92), client.send(wire5.pubrec(78)).expect("PUBREL", code=0x92)]
    assert answers[0].code == answers[1].code == 0x87 and answers[2].codes == [0x87, 0]
    assert all(answer.properties == {} for answer in answers)
    client.publish("allowed", properties={"user_property": ("of the message", "is its own")})
    assert client.expect_publish("allowed").properties == {"user_property": [("of the message", "is its own")]}
