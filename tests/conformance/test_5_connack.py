"""CONNACK of MQTT 5.0: what a server says about itself, and what that costs those who do not listen (3.2)."""

import signal

import pytest
import wire5
from statements import proves5 as proves
from wire5 import Will

KEPT = {"session_expiry_interval": 60}


@proves("MQTT-3.2.0-1", "MQTT-3.2.0-2", "MQTT-3.1.4-5")
def test_connack_comes_before_everything_else_and_once(connect5, publisher5, dial5, name):
    """Also where messages and PUBREL have been waiting."""
    client = connect5(name, properties=KEPT)
    client.subscribe(name, qos=2)
    publisher5.publish(name, b"half", qos=2)
    half = client.expect_publish(name, b"half")
    client.acknowledge("PUBREC", half.packet_id).expect("PUBREL")
    client.disconnect()
    publisher5.publish(name, b"waiting", qos=1)
    again = dial5().send(wire5.connect(name, clean=False, properties=KEPT), wire5.pingreq())
    assert again.next().kind == "CONNACK"
    assert sorted(one.kind for one in (again.next(), again.next(), again.next())) == ["PINGRESP", "PUBLISH", "PUBREL"]


@proves("MQTT-3.2.2-1", "MQTT-3.2.2-2", "MQTT-3.2.2-3")
@pytest.mark.parametrize("expiry", (0, 60))
def test_session_present_tells_whether_there_was_a_session(connect5, name, expiry):
    """The other bits of the flags are 0, which parsing checks."""
    properties = {"session_expiry_interval": expiry}
    for clean, present in ((False, False), (False, expiry > 0), (True, False), (False, expiry > 0)):
        client = connect5(name, clean=clean, properties=properties)
        assert client.connack.session_present == present
        client.disconnect()


# What CONNECT says besides, and how that is refused.
REFUSED = {
    "protocol version": (dict(level=9), {0x84}),
    "reserved flag": (dict(connect_flags=0x03), {0x81}),
    "Receive Maximum 0": (dict(properties={"receive_maximum": 0}), {0x82}),
    "unknown user": (dict(user="nobody", password="secret"), {0x86, 0x87}),
    "wrong password": (dict(user="owner", password="wrong"), {0x86, 0x87}),
    "no user": (dict(), {0x86, 0x87}),
    "will that is not allowed": (dict(user="limited", password="secret", will=Will("forbidden")), {0x87}),
    "will topic with wildcards": (dict(will=Will("#")), {0x90}),
    "unknown method": (dict(properties={"authentication_method": "unheard of"}), {0x8C}),
}


@proves("MQTT-3.2.2-6", "MQTT-3.2.2-7", "MQTT-3.2.2-8", "MQTT-4.13.2-1")
@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_has_a_listed_code_and_no_session_and_is_the_end(secured_broker, connect5, dial5, name, case):
    """Even where there is a session."""
    refused, codes = REFUSED[case]
    connect5(name, to=secured_broker, user="owner", password="secret", properties=KEPT).disconnect()
    client = dial5(to=secured_broker).send(wire5.connect(name, clean="connect_flags" in refused, **refused))
    refusal = client.expect("CONNACK", session_present=False)
    assert refusal.code in codes
    client.expect_closed()
    assert connect5(name, clean=False, to=secured_broker, user="owner", password="secret").connack.session_present


@proves("MQTT-3.2.2-8")
def test_a_will_for_a_topic_that_is_not_allowed_is_refused_as_not_authorized(secured_broker, dial5, name):
    dial5(to=secured_broker).send(wire5.connect(name, user="limited", password="secret", will=Will("forbidden/x"))).expect_refused(0x87)


# --- what a server may not be able to do -------------------------------------------------------------------------------------

@pytest.fixture(scope="module", params=(0, 1))
def limited_quality(module_broker, request):
    """A server with this Maximum QoS."""
    made = module_broker(f"mqtt: {{qos_max: {request.param}}}")
    made.maximum = request.param
    return made


@proves("MQTT-3.2.2-9", "MQTT-3.2.2-11")
def test_a_lower_maximum_qos_is_announced_and_enforced(limited_quality, connect5, name):
    maximum = limited_quality.maximum
    for quality in range(3):
        client = connect5(name, to=limited_quality)
        assert client.connack.properties["maximum_qos"] == maximum
        if quality <= maximum:
            client.publish(name, qos=quality)
            client.expect_nothing()
        else:
            client.send(wire5.publish(name, b"", quality, 1)).expect_closed(disconnect=0x9B)


@proves("MQTT-3.2.2-10", "MQTT-3.8.4-7")
def test_a_server_with_a_lower_maximum_qos_takes_all_subscriptions(limited_quality, connect5, name):
    client, maximum = connect5(name, to=limited_quality), limited_quality.maximum
    assert client.subscribe((f"{name}/0", 0), (f"{name}/1", 1), (f"{name}/2", 2)).codes == [min(quality, maximum) for quality in range(3)]
    publisher = connect5(name + "-publisher", to=limited_quality)
    publisher.publish(f"{name}/2", qos=maximum)
    client.take(f"{name}/2", qos=maximum)


@proves("MQTT-3.2.2-12")
def test_a_will_above_the_maximum_qos_is_refused(limited_quality, dial5, name):
    for quality in range(3):
        client = dial5(to=limited_quality).send(wire5.connect(name, will=Will(name, qos=quality)))
        if quality <= limited_quality.maximum:
            client.expect("CONNACK", code=0)
        else:
            client.expect_refused(0x9B)


@proves("MQTT-3.2.2-9")
def test_without_a_lower_maximum_qos_none_is_announced(connect5, name):
    assert "maximum_qos" not in connect5(name).connack.properties


@pytest.fixture(scope="module")
def without_retained(module_broker):
    return module_broker("mqtt: {retain_available: false}")


@proves("MQTT-3.2.2-13")
def test_a_retained_will_is_refused_where_nothing_is_retained(without_retained, connect5, dial5, name):
    dial5(to=without_retained).send(wire5.connect(name, will=Will(name, retain=True))).expect_refused(0x9A)
    assert connect5(name, to=without_retained, will=Will(name)).connack.properties["retain_available"] == 0


@proves("MQTT-3.2.2-14")
@pytest.mark.parametrize("quality", (0, 1, 2))
def test_a_retained_message_ends_the_connection_where_nothing_is_retained(without_retained, connect5, name, quality):
    client = connect5(name, to=without_retained)
    client.publish(name, qos=quality)
    client.send(wire5.publish(name, b"", quality, 1 if quality else None, retain=True)).expect_closed(disconnect=0x9A)


# --- limits that are announced -----------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def narrow(module_broker):
    """A server with small limits."""
    return module_broker("mqtt: {receive_max: 3, packet_bytes_max: 2KiB, topic_alias_max: 4}")


@proves("MQTT-3.2.2-15")
def test_a_packet_above_the_server_s_maximum_size_ends_the_connection(narrow, connect5, name):
    maximum = connect5(name, to=narrow).connack.properties["maximum_packet_size"]
    assert maximum == 2048
    exact = maximum - (len(wire5.publish(name, bytes(1500), 1, 1)) - 1500)
    client = connect5(name, to=narrow)
    client.subscribe(name)
    client.publish(name, bytes(exact), qos=1)
    client.expect_publish(name, bytes(exact))
    client.send(wire5.publish(name, bytes(exact + 1), 1, 1)).expect_closed(disconnect=0x95)


@proves("MQTT-3.2.2-15", "MQTT-4.13.1-1")
def test_a_packet_that_only_says_it_is_too_large_ends_the_connection_too(narrow, connect5, name):
    """Nothing is waited for, or allocated, that would be refused."""
    for size in (2_047, 65_536, 268_435_455):
        connect5(name, to=narrow).send(wire5.packet("PUBLISH", wire5.text(name), length=size)).expect_closed(disconnect=0x95)


@proves("MQTT-3.2.2-17", "MQTT-3.3.2-9", "MQTT-3.3.2-12")
def test_topic_aliases_are_taken_up_to_the_server_s_maximum(narrow, connect5, name):
    client = connect5(name, to=narrow)
    assert client.connack.properties["topic_alias_maximum"] == 4
    client.subscribe(f"{name}/#")
    for alias in range(1, 5):
        client.publish(f"{name}/{alias}", b"", properties={"topic_alias": alias})
        client.expect_publish(f"{name}/{alias}")
    for alias in (2, 4, 1, 3):
        client.publish("", str(alias), properties={"topic_alias": alias})
        client.expect_publish(f"{name}/{alias}", str(alias))
    client.send(wire5.publish(name, properties={"topic_alias": 5})).expect_closed(disconnect=0x94)


@proves("MQTT-3.2.2-18", "MQTT-3.3.2-9")
def test_where_no_aliases_are_announced_none_are_taken(configured_broker, connect5, name):
    client = connect5(name, to=configured_broker("mqtt: {topic_alias_max: 0}"))
    assert client.connack.properties.get("topic_alias_maximum", 0) == 0
    client.send(wire5.publish(name, properties={"topic_alias": 1})).expect_closed(disconnect=0x94)


@proves("MQTT-4.1.0-2", "MQTT-3.1.2-23")
def test_the_operator_s_session_expiry_is_announced_and_used(configured_broker, connect5, name):
    """3.2.2.3.2"""
    strict = configured_broker("sessions: {expiry_max: 1s}")
    for asked, told in ((0, None), (1, None), (2, 1), (0xFFFFFFFF, 1)):
        client = connect5(f"{name}-{asked}", to=strict, properties={"session_expiry_interval": asked})
        assert client.connack.properties.get("session_expiry_interval") == told


# --- words -------------------------------------------------------------------------------------------------------------------

@proves("MQTT-3.2.2-19", "MQTT-3.2.2-20", "MQTT-3.1.2-24")
def test_a_refusal_leaves_its_words_out_where_they_would_be_too_large(dial5, name):
    """With every size up to the one at which there is room."""
    unknown = {"authentication_method": "PLAIN"}
    worded = dial5().send(wire5.connect(name, properties=unknown)).expect("CONNACK", code=0x8C)
    whole = len(worded.raw) + 2
    assert worded.properties.get("reason_string"), "nothing to leave out"
    for size in range(5, whole + 1):
        client = dial5().send(wire5.connect(name, properties=unknown | {"maximum_packet_size": size}))
        refusal = client.expect("CONNACK", code=0x8C)
        assert len(refusal.raw) + 2 <= size and ("reason_string" in refusal.properties) == (size == whole)
        client.expect_closed()


@proves("MQTT-3.1.2-28", "MQTT-3.1.3-7")
def test_response_information_is_given_to_those_who_ask(configured_broker, connect5, name):
    informed = configured_broker("mqtt: {response_information: 'responses/%c'}")
    asks, does_not = {"request_response_information": 1}, {"request_response_information": 0}
    for asked, given in ((asks, f"responses/{name}"), (does_not, None), ({}, None)):
        assert connect5(name, to=informed, properties=asked).connack.properties.get("response_information") == given


@proves("MQTT-3.2.2-8", "MQTT-3.14.2-1", "MQTT-3.14.2-2")
@pytest.mark.parametrize("reference, code", (("", 0x8B), ("other.example:1883 third.example", 0x9C)))
def test_a_server_that_stops_says_so_and_where_to_go(configured_broker, connect5, name, reference, code):
    """4.11"""
    stopping = configured_broker(f"mqtt: {{server_reference: '{reference}'}}")
    client = connect5(name, to=stopping, properties=KEPT)
    stopping.process.send(signal.SIGTERM)
    goodbye = client.expect_closed(disconnect=code)
    client.close()
    assert goodbye.properties.get("server_reference", "") == reference
