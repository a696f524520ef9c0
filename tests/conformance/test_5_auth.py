"""AUTH and enhanced authentication of MQTT 5.0, with SCRAM-SHA-256 (3.15, 4.12)."""

import subprocess

import pytest
import wire
import wire5
from scram import METHOD, Scram
from statements import proves5 as proves
from support.brokers import causeway_program


@pytest.fixture(scope="module")
def scram_broker(module_broker):
    """A server with the users `owner` and `other`, whose password is "secret"."""
    secret = subprocess.run([causeway_program(), "passwd", "--scram"], input="secret\n", capture_output=True, text=True, check=True,
                            timeout=30).stdout.strip()
    rights = "rights: [{vhost: /, publish: ['#'], subscribe: ['#']}]"
    users = "\n".join(f"  - {{name: {user}, scram_sha_256: '{secret}', {rights}}}" for user in ("owner", "other"))
    return module_broker(f"users:\n{users}\n")


def asking(data=None, method=METHOD):
    return {"authentication_method": method} | ({} if data is None else {"authentication_data": data})


@pytest.fixture
def begin(scram_broker, dial5, name):
    """Sends CONNECT and returns (client, exchange, the server's challenge)."""

    def make(user="owner", password="secret", client_id=None, properties=(), **fields):
        exchange, client = Scram(user, password), dial5(to=scram_broker)
        client.send(wire5.connect(client_id or name, properties=asking(exchange.first()) | dict(properties), **fields))
        challenge = client.expect("AUTH", code=0x18)
        assert challenge.properties["authentication_method"] == METHOD
        return client, exchange, challenge.properties["authentication_data"]

    return make


@pytest.fixture
def authenticated(begin):
    """A client whose CONNECT has been accepted."""

    def make(**more):
        client, exchange, challenge = begin(**more)
        client.send(wire5.auth(0x18, asking(exchange.final(challenge))))
        client.connack = client.expect("CONNACK", code=0)
        assert exchange.proves(client.connack.properties["authentication_data"])
        return client

    return make


@proves("MQTT-4.12.0-2", "MQTT-4.12.0-5", "MQTT-3.2.0-1", "MQTT-3.15.2-1")
def test_a_client_that_proves_who_it_is_is_welcome(authenticated):
    """All of the server's packets name the method, and its last one proves that it knows the secret."""
    client = authenticated()
    assert client.connack.properties["authentication_method"] == METHOD
    client.subscribe("a", qos=1)
    client.publish("a", b"m", qos=1)
    client.take("a", b"m")


@proves("MQTT-4.12.0-2", "MQTT-4.12.0-5")
@pytest.mark.parametrize("data", (None, b""))
def test_a_client_that_sends_no_data_at_first_is_asked_for_them(scram_broker, dial5, name, data):
    """Where its method begins with the client (4.12)."""
    client, exchange = dial5(to=scram_broker), Scram("owner", "secret")
    client.send(wire5.connect(name, properties=asking(data)))
    assert client.expect("AUTH", code=0x18).properties["authentication_method"] == METHOD
    client.send(wire5.auth(0x18, asking(exchange.first())))
    challenge = client.expect("AUTH", code=0x18).properties
    client.send(wire5.auth(0x18, asking(exchange.final(challenge["authentication_data"]))))
    assert exchange.proves(client.expect("CONNACK", code=0).properties["authentication_data"])


@proves("MQTT-4.12.0-1")
@pytest.mark.parametrize("method", ("", "PLAIN", "SCRAM-SHA-1", "scram-sha-256", "SCRAM-SHA-256-PLUS",
                                    pytest.param("x" * 1_000, id="long")))
def test_a_method_that_the_server_does_not_have_is_refused(scram_broker, dial5, name, method):
    dial5(to=scram_broker).send(wire5.connect(name, properties=asking(b"data", method))).expect_refused(0x8C)
    dial5(to=scram_broker).send(wire5.connect(name, user="owner", password="secret", properties=asking(method=method))).expect_refused(0x8C)


@proves("MQTT-4.12.0-1")
@pytest.mark.parametrize("method", ("", "PLAIN", METHOD.lower()))
def test_a_server_without_enhanced_authentication_refuses_all_methods(dial5, name, method):
    """Even where it would take a client that comes without one."""
    client = dial5().send(wire5.connect(name, properties=asking(method=method)))
    assert client.expect("CONNACK").code in (0x8C, 0x87)
    client.expect_closed()


@proves("MQTT-4.12.0-4", "MQTT-4.13.2-1", "MQTT-3.1.4-2")
@pytest.mark.parametrize("user, password", (("owner", "wrong"), ("nobody", "secret"), ("owner", "")))
def test_a_client_that_proves_nothing_is_refused(begin, user, password):
    """Not before its proof: who does not know the password learns nothing about the users."""
    client, exchange, challenge = begin(user, password)
    client.send(wire5.auth(0x18, asking(exchange.final(challenge))))
    refusal = client.expect("CONNACK", session_present=False)
    assert refusal.code in (0x86, 0x87)
    client.expect_closed()


@proves("MQTT-4.12.0-4", "MQTT-3.1.4-2")
@pytest.mark.parametrize("data", (b"n,,", b"garbage", b"n,,n=owner", b"n,,r=abc", b"y", b"p=tls-unique,,n=owner,r=abc",
                                  b"n,,n=owner,r=\xff", pytest.param(b"\0" * 60_000, id="long")))
def test_first_data_that_are_no_scram_are_refused(scram_broker, dial5, name, data):
    client = dial5(to=scram_broker).send(wire5.connect(name, properties=asking(data)))
    assert client.expect("CONNACK").code >= 0x80
    client.expect_closed()


SPOILT = {
    "nothing": lambda data: b"",
    "a byte less": lambda data: data[:-1],
    "five bytes less": lambda data: data[:-5],
    "a byte more": lambda data: data + b"x",
    "no proof": lambda data: data.replace(b",p=", b",q="),
    "another binding": lambda data: b"c=eSws" + data[6:],
    "another nonce": lambda data: data.replace(b"r=", b"r=x"),
}


@proves("MQTT-4.12.0-4", "MQTT-3.1.4-2")
@pytest.mark.parametrize("spoil", SPOILT)
def test_final_data_that_are_spoilt_are_refused(begin, spoil):
    client, exchange, challenge = begin()
    client.send(wire5.auth(0x18, asking(SPOILT[spoil](exchange.final(challenge)))))
    assert client.expect("CONNACK").code >= 0x80
    client.expect_closed()


@proves("MQTT-4.12.0-4", "MQTT-4.12.0-5")
def test_a_recorded_exchange_is_worth_nothing(begin, scram_broker, dial5, name):
    client, exchange, challenge = begin()
    proof = exchange.final(challenge)
    client.send(wire5.auth(0x18, asking(proof))).expect("CONNACK", code=0)
    again = dial5(to=scram_broker).send(wire5.connect(name, properties=asking(exchange.first())))
    assert again.expect("AUTH").properties["authentication_data"] != challenge
    again.send(wire5.auth(0x18, asking(proof)))
    assert again.expect("CONNACK").code >= 0x80
    again.expect_closed()


@proves("MQTT-4.12.0-6")
@pytest.mark.parametrize("login", ({}, {"user": "limited", "password": "secret"}))
def test_without_a_method_there_is_no_auth_and_no_method_in_connack(secured_broker, broker, connect5, name, login):
    client = connect5(name, to=secured_broker if login else broker, **login)
    assert "authentication_method" not in client.connack.properties and "authentication_data" not in client.connack.properties
    client.expect_nothing()


@proves("MQTT-4.12.0-6", "MQTT-4.12.0-7", "MQTT-4.13.1-1")
@pytest.mark.parametrize("packet", (wire5.auth(0x19, asking(b"data")), wire5.auth(0x18, asking(b"data")), wire5.auth(0, asking()),
                                    wire5.auth()), ids=("again", "continue", "success", "empty"))
def test_auth_without_a_method_in_connect_is_a_protocol_error(expect_end, packet):
    expect_end(packet, 0x82)


@proves("MQTT-3.1.2-30", "MQTT-3.1.4-6")
@pytest.mark.parametrize("kind", [kind for kind in wire5.PLAIN if kind != "DISCONNECT"])
def test_before_connack_only_auth_and_disconnect_may_follow(begin, kind):
    client, _, _ = begin()
    client.send(wire5.PLAIN[kind]).expect_refused(0x82)


@proves("MQTT-3.1.2-30", "MQTT-4.12.0-4")
def test_a_client_may_give_up_during_authentication(begin):
    client, _, _ = begin()
    client.send(wire5.disconnect()).expect_closed()


@proves("MQTT-4.12.0-3", "MQTT-3.15.2-1", "MQTT-4.13.1-1")
def test_the_client_s_answers_have_code_0x18(begin):
    for code in (0x00, 0x19):
        client, exchange, challenge = begin()
        client.send(wire5.auth(code, asking(exchange.final(challenge)))).expect_refused(0x82)


@proves("MQTT-3.15.2-1", "MQTT-4.13.1-1")
def test_unlisted_codes_are_protocol_errors(authenticated, name):
    for code in set(range(256)) - {0x18, 0x19}:
        client = authenticated(client_id=f"{name}-{code}")
        client.send(wire5.auth(code, asking(b"data"))).expect_closed(disconnect=0x82)


@proves("MQTT-3.15.1-1", "MQTT-2.1.3-1")
@pytest.mark.parametrize("flags", range(1, 16))
def test_reserved_flags_of_auth_are_malformed(begin, authenticated, expect_end, name, flags):
    begin(client_id=name + "-1")[0].send(wire5.auth(0x18, asking(b"x"), flags=flags)).expect_refused(0x81)
    authenticated(client_id=name + "-2").send(wire5.auth(0x19, asking(b"x"), flags=flags)).expect_closed(disconnect=0x81)
    expect_end(wire5.auth(0x19, asking(b"x"), flags=flags), 0x81)


WRONG = {
    "no properties": ({}, 0x82),  # 3.15.2.2.2
    "no method": ({"authentication_data": b"x"}, 0x82),
    "method twice": ([("authentication_method", METHOD)] * 2, 0x82),
    "data twice": ([*asking(b"x").items(), ("authentication_data", b"x")], 0x82),
    "reason string twice": ([*asking(b"x").items(), *[("reason_string", "why")] * 2], 0x82),
    "ill-formed reason string": (asking(b"x") | {"reason_string": b"\xff"}, 0x81),
    "ill-formed user property": (asking(b"x") | {"user_property": ("\0", "")}, 0x81),
    "ill-formed method": (asking(b"x", b"\xed\xa0\x80"), 0x81),
    "a length that lies": (b"\x7f", 0x81),
    "a method that is cut": (b"\x03\x15\x00\x05", 0x81),
    **{name: (asking(b"x") | {name: wire5.some(name)}, 0x81) for name, *_ in wire.PROPERTIES.values()
       if name not in ("authentication_method", "authentication_data", "reason_string", "user_property")},
}


@proves("MQTT-4.12.0-5", "MQTT-4.13.1-1", "MQTT-1.5.7-1", "MQTT-1.5.4-1")
@pytest.mark.parametrize("case", WRONG)
def test_auth_with_wrong_properties_ends_the_connection(authenticated, case):
    properties, code = WRONG[case]
    authenticated().send(wire5.auth(0x19, properties)).expect_closed(disconnect=code)


@proves("MQTT-3.15.2-2", "MQTT-3.15.2-3", "MQTT-3.1.2-24", "MQTT-3.1.2-29")
def test_the_server_s_auth_fits_into_the_packet_size_of_the_client(begin, scram_broker, dial5, name):
    """It has no words to leave out; where not even the challenge fits, there is none."""
    for properties in ({}, {"request_problem_information": 0}):
        client, exchange, challenge = begin(client_id=name, properties=properties)
        client.send(wire5.auth(0x18, asking(exchange.final(challenge)))).expect("CONNACK", code=0)
    size = len(wire5.auth(0x18, asking(challenge)))
    for most in (size - 10, size + 10):
        client = dial5(to=scram_broker)
        client.send(wire5.connect(name, properties=asking(Scram("owner", "secret").first()) | {"maximum_packet_size": most}))
        answer = client.next()
        assert len(answer.raw) + 2 <= most and answer.kind == ("AUTH" if most > size else "CONNACK")
        assert set(answer.properties) <= {"authentication_method", "authentication_data"} or answer.kind == "CONNACK"


# --- again ---------------------------------------------------------------------------------------------------------------------

@proves("MQTT-4.12.1-1", "MQTT-4.12.0-5", "MQTT-4.12.0-2", "MQTT-3.15.2-1")
def test_a_client_may_authenticate_again_and_again(authenticated):
    """Other packets flow meanwhile."""
    client = authenticated()
    client.subscribe("again", qos=1)
    for _ in range(3):
        exchange = Scram("owner", "secret")
        client.send(wire5.auth(0x19, asking(exchange.first())))
        challenge = client.expect("AUTH", code=0x18).properties
        assert challenge["authentication_method"] == METHOD
        client.publish("again", b"m", qos=1)
        client.take("again", b"m")
        client.send(wire5.pingreq()).expect("PINGRESP")
        client.send(wire5.auth(0x18, asking(exchange.final(challenge["authentication_data"]))))
        done = client.expect("AUTH", code=0x00).properties
        assert done["authentication_method"] == METHOD and exchange.proves(done["authentication_data"])
        client.publish("again", b"m", qos=1)
        client.take("again", b"m")


@proves("MQTT-4.12.1-2", "MQTT-4.13.2-1", "MQTT-3.1.2-8")
def test_a_failed_re_authentication_ends_the_connection(authenticated, name):
    """With its will."""
    watcher = authenticated(client_id=name + "-watcher")
    watcher.subscribe(name)
    for user, password in (("owner", "wrong"), ("nobody", "secret"), ("other", "secret")):
        client, exchange = authenticated(will=wire5.Will(name, b"gone")), Scram(user, password)
        client.send(wire5.auth(0x19, asking(exchange.first())))
        challenge = client.next()
        if challenge.kind == "AUTH":
            proof = exchange.final(challenge.properties["authentication_data"])
            client.send(wire5.auth(0x18, asking(proof))).expect_closed(disconnect=0x87)
        else:
            assert challenge.kind == "DISCONNECT" and challenge.code == 0x87
        watcher.take(name, b"gone")


@proves("MQTT-4.12.1-2", "MQTT-4.13.1-1")
@pytest.mark.parametrize("data", (b"garbage", b"n,,n=owner"))
def test_a_re_authentication_that_cannot_be_read_ends_the_connection(authenticated, data):
    goodbye = authenticated().send(wire5.auth(0x19, asking(data))).expect_closed(disconnect=any)
    assert goodbye.code in (0x81, 0x82, 0x87)


@proves("MQTT-4.12.1-1", "MQTT-4.13.1-1")
@pytest.mark.parametrize("method", ("SCRAM-SHA-1", "scram-sha-256", ""))
def test_a_re_authentication_with_another_method_ends_the_connection(authenticated, method):
    goodbye = authenticated().send(wire5.auth(0x19, asking(b"data", method))).expect_closed(disconnect=any)
    assert goodbye.code in (0x82, 0x8C)  # 3.15 calls it a protocol error, table 2-6 has a code of its own


@proves("MQTT-4.12.1-1", "MQTT-4.13.1-1")
def test_an_answer_without_a_question_is_a_protocol_error(authenticated):
    authenticated().send(wire5.auth(0x18, asking(b"data"))).expect_closed(disconnect=0x82)


@proves("MQTT-3.1.2-4", "MQTT-3.1.4-3", "MQTT-3.1.4-2")
def test_nothing_is_taken_over_before_the_proof(authenticated, begin):
    client = authenticated()
    begin()
    client.expect_nothing()
    other, exchange, challenge = begin()
    other.send(wire5.auth(0x18, asking(exchange.final(challenge)))).expect("CONNACK", code=0)
    client.expect_closed(disconnect=0x8E)
