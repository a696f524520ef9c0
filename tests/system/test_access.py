"""Users, rights and TLS, as a configuration file grants them."""

import ssl
import time

import pika
import pika.exceptions
import pytest
from support.amqp import refusal
from support.brokers import Causeway
from support.configs import Certificates, password_hash, write_config
from support.mqtt import V5, V311, Refused
from support.packets import Wire, connect
from support.shell import MosquittoSub, mosquitto_pub

pytestmark = [pytest.mark.needs("causeway"), pytest.mark.io_threads(0, 1)]

USERS = """
users:
  - name: admin
    password_hash: "{hash}"
    rights: [{{vhost: /, configure: ["*"], write: ["*"], read: ["*"], publish: ["#"], subscribe: ["#"]}}]
  - name: sensor
    password_hash: "{hash}"
    rights: [{{vhost: /, publish: ["devices/%c/#"], subscribe: ["commands/%c/+"]}}]
  - name: reader
    password_hash: "{hash}"
    rights: [{{vhost: /, configure: ["reader.*"], write: ["reader.*"], read: ["reader.*", "amq.topic"]}}]
  - name: outsider
    password_hash: "{hash}"
    rights: [{{vhost: other}}]
vhosts: [{{name: /}}, {{name: other}}]
"""


@pytest.fixture(scope="module")
def secured(tmp_path_factory, io_threads):
    """A server with users, to which nobody may come without a name."""
    folder = tmp_path_factory.mktemp("secured")
    config = write_config(folder, f"io_threads: {io_threads}\n" + USERS.format(hash=password_hash("secret")))
    server = Causeway(folder, arguments=["run", "--config", config])
    server.start()
    yield server
    assert server.stop() == 0


# --- logging in ---

@pytest.mark.parametrize("login", [None, ("admin", "wrong"), ("nobody", "secret"), ("admin", ""), ("outsider", "secret")], ids=str)
@pytest.mark.parametrize("version, codes", [(V311, {4, 5}), (V5, {0x86, 0x87})], ids=["v311", "v5"])
def test_mqtt_without_a_valid_login_is_refused(secured, device, login, version, codes):
    with pytest.raises(Refused) as refused:
        device(secured, version=version, login=login)
    assert refused.value.code in codes


@pytest.mark.parametrize("version", [V311, V5], ids=["v311", "v5"])
def test_mqtt_with_a_valid_login_is_welcome(secured, name, device, version):
    one = device(secured, version=version, login=("admin", "secret"))
    one.subscribe(name, 1)
    one.publish(name, b"x", 1)
    assert one.receive().payload == b"x"


@pytest.mark.parametrize("login", [("admin", "wrong"), ("guest", "guest"), ("nobody", "secret")], ids=str)
def test_amqp_without_a_valid_login_is_refused(secured, application, login):
    with pytest.raises(pika.exceptions.ProbableAuthenticationError):
        application(secured, login=login)


def test_a_user_enters_only_vhosts_that_it_has_rights_in(secured, application):
    assert application(secured, login=("outsider", "secret"), vhost="other").connection.is_open
    with pytest.raises(pika.exceptions.ProbableAccessDeniedError):
        application(secured, login=("outsider", "secret"))


# --- rights ---

def test_a_device_publishes_only_where_it_may(secured, name, device):
    watcher = device(secured, login=("admin", "secret"))
    watcher.subscribe("#", 1)
    one = device(secured, name, version=V5, login=("sensor", "secret"))
    one.publish(f"devices/{name}/t", b"mine", 1)
    one.publish("devices/another/t", b"not mine", 1)
    one.publish(f"devices/{name}/u", b"mine too", 1)
    assert [message.payload for message in watcher.fence()] == [b"mine", b"mine too"]


def test_a_device_subscribes_only_where_it_may(secured, name, device):
    one = device(secured, name, version=V5, login=("sensor", "secret"))
    assert one.subscribe(f"commands/{name}/+", 1) == 1
    for filter in ("#", "commands/+/x", "commands/another/x", f"commands/{name}/#"):
        assert one.subscribe(filter, 1) == 0x87, filter
    old = device(secured, f"{name}-old", version=V311, login=("sensor", "secret"))
    assert old.subscribe("#", 1) == 0x80


def test_an_application_does_only_what_it_may(secured, name, application):
    app = application(secured, login=("reader", "secret"))
    queue = app.declare(f"reader.{name}")
    app.channel.queue_bind(queue, "amq.topic", "k")
    for action in (lambda channel: channel.queue_declare(name), lambda channel: channel.exchange_declare(name),
                   lambda channel: channel.queue_bind(queue, "amq.direct", "k"), lambda channel: channel.basic_get("another")):
        code, text = refusal(lambda: action(app.new_channel()))
        assert code in (403, 404) and text.split(" - ")[0] in ("ACCESS_REFUSED", "NOT_FOUND")
    channel = app.new_channel(confirms=True)
    assert refusal(lambda: channel.basic_publish("amq.topic", "k", b"x"))[0] == 403


# --- TLS ---

TLS_LISTENERS = """
listeners:
  - {{name: mqtts, protocol: mqtts, port: 0, tls: {{certificate: {certificate}, key: {key}}}}}
  - {{name: amqps, protocol: amqps, port: 0, tls: {{certificate: {certificate}, key: {key}}}}}
  - {{name: mutual, protocol: mqtts, port: 0, tls: {{certificate: {certificate}, key: {key}, client_ca: {authority}, require_client_certificate: true}}}}
  - {{name: mqtt, protocol: mqtt, port: 0, limits: {{connect_timeout: 1s, connections_max: 50}}}}
  - {{name: amqp, protocol: amqp, port: 0, limits: {{connect_timeout: 1s}}}}
"""


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("tls") / "certificates")


@pytest.fixture(scope="module")
def tls_server(tmp_path_factory, certificates, io_threads):
    folder = tmp_path_factory.mktemp("tls-server")
    certificate, key = certificates.server
    listeners = TLS_LISTENERS.format(certificate=certificate, key=key, authority=certificates.authority)
    text = f"io_threads: {io_threads}\nanonymous: {{mqtt: loopback, rights: [{{vhost: /, publish: ['#'], subscribe: ['#']}}]}}\n"
    text += USERS.format(hash=password_hash("secret"))
    server = Causeway(folder, arguments=["run", "--config", write_config(folder, text, listeners)])
    server.start()
    yield server
    assert server.stop() == 0


@pytest.mark.parametrize("version", ["mqttv311", "mqttv5"])
def test_mosquitto_clients_over_tls(tls_server, certificates, name, version):
    port = tls_server.listening["mqtts"]
    listener = MosquittoSub(tls_server, "-V", version, "--cafile", certificates.authority, "-t", name, "-q", 1, "-C", 1, port=port)
    mosquitto_pub(tls_server, name, "-V", version, "--cafile", certificates.authority, "-q", 1, payload="secret", port=port)
    assert listener.message(name) == f"{name} secret"
    assert listener.wait() == 0


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_large_messages_over_each_version_of_tls(tls_server, certificates, name, device, version):
    context = ssl.create_default_context(cafile=certificates.authority)
    context.minimum_version = context.maximum_version = version
    one = device(tls_server, port=tls_server.listening["mqtts"], tls=context)
    one.subscribe(name, 1)
    payload = bytes(range(256)) * 8000
    one.publish(name, payload, 1)
    assert one.receive().payload == payload


def test_pika_over_tls(tls_server, certificates, name, application):
    context = ssl.create_default_context(cafile=certificates.authority)
    app = application(tls_server, port=tls_server.listening["amqps"], ssl=pika.SSLOptions(context, "127.0.0.1"), login=("admin", "secret"))
    app.declare(name)
    app.publish(name, b"b" * 1_000_000)
    assert app.consume(name, 1)[0][2] == b"b" * 1_000_000


def test_a_client_certificate_is_asked_for_where_it_is_required(tls_server, certificates, name):
    port, (certificate, key) = tls_server.listening["mutual"], certificates.issue("device-7")
    without = mosquitto_pub(tls_server, name, "--cafile", certificates.authority, payload="x", port=port, check=False)
    assert without.returncode != 0
    mosquitto_pub(tls_server, name, "--cafile", certificates.authority, "--cert", certificate, "--key", key, "-u", "admin", "-P", "secret", "-q", 1,
                  payload="x", port=port)


def test_plain_bytes_on_a_tls_port_end_that_connection_only(tls_server, certificates, name):
    with Wire(tls_server.host, tls_server.listening["mqtts"]) as wire:
        wire.send(connect(name) * 10)
        assert wire.closed()
    mosquitto_pub(tls_server, name, "--cafile", certificates.authority, payload="x", port=tls_server.listening["mqtts"])


# --- limits of a listener ---

@pytest.mark.parametrize("listener", ["mqtt", "amqp"])
def test_a_connection_that_says_nothing_is_closed_in_time(tls_server, listener):
    with Wire(tls_server.host, tls_server.listening[listener], timeout=8) as silent:
        assert silent.closed()


def test_a_connection_that_stops_in_the_middle_of_its_first_packet_is_closed_in_time(tls_server, name):
    with Wire(tls_server.host, tls_server.listening["mqtt"], timeout=8) as stalled:
        stalled.send(connect(name)[:7])
        assert stalled.closed()


def test_more_connections_than_allowed_are_closed_and_the_others_stay(tls_server, name):
    def full_house():
        """50 accepted clients; None if the server still counts somebody who has just left."""
        wires = [Wire(tls_server.host, tls_server.listening["mqtt"]) for _ in range(50)]
        try:
            for number, wire in enumerate(wires):
                wire.send(connect(f"{name}-{number}"))
                assert wire.packet() == (0x20, b"\x00\x00")
            return wires
        except (EOFError, ConnectionError):
            for wire in wires:
                wire.socket.close()

    deadline = time.monotonic() + 20
    while not (wires := full_house()):
        assert time.monotonic() < deadline
    with Wire(tls_server.host, tls_server.listening["mqtt"]) as surplus:
        assert surplus.closed()
    for wire in wires:
        wire.send(b"\xc0\x00")
        assert wire.packet()[0] == 0xD0
        wire.socket.close()
