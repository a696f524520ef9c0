"""Logins beyond the password: SCRAM-SHA-256 and client certificates; and what a server tells those who come and go."""

import base64
import re
import ssl
import subprocess

import pytest
from support.brokers import Causeway, causeway_program
from support.configs import password_hash, write_config
from support.mqtt import V5, V311, Refused
from support.packets import Wire
from test_node_clients import FOLDER

pytestmark = [pytest.mark.needs("causeway"), pytest.mark.io_threads(0, 1)]

RIGHTS = "rights: [{vhost: /, publish: ['#'], subscribe: ['#']}]"
SECRET = re.compile(r"SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/]+=*)\$([A-Za-z0-9+/]{43}=):([A-Za-z0-9+/]{43}=)")


def scram(password, *options):
    """As `causeway passwd --scram` prints it."""
    made = subprocess.run([causeway_program(), "passwd", "--scram", *options], input=password + b"\n", capture_output=True, check=False, timeout=30)
    return made.returncode, made.stdout.decode().strip()


def js_login(port, user, password):
    return subprocess.run(["node", FOLDER / "scram_scenario.js", f"mqtt://127.0.0.1:{port}", user, password], check=False, timeout=40,
                          capture_output=True).returncode


@pytest.fixture(scope="module")
def server(tmp_path_factory, certificates, io_threads):
    folder = tmp_path_factory.mktemp("authentication")
    certificate, key = certificates.server
    tls = f"certificate: {certificate}, key: {key}, client_ca: {certificates.authority}"
    listeners = f"""
listeners:
  - {{name: mqtt, protocol: mqtt, port: 0}}
  - {{name: named, protocol: mqtts, port: 0, tls: {{{tls}, certificate_user: common_name}}}}
  - {{name: subject, protocol: mqtts, port: 0, tls: {{{tls}, require_client_certificate: true, certificate_user: subject}}}}
  - {{name: ignored, protocol: mqtts, port: 0, tls: {{{tls}}}}}
"""
    users = f"""
io_threads: {io_threads}
users:
  - {{name: both, password_hash: "{password_hash('word')}", scram_sha_256: "{scram(b'secret')[1]}", {RIGHTS}}}
  - {{name: password, password_hash: "{password_hash('word')}", {RIGHTS}}}
  - {{name: device-7, {RIGHTS}}}
  - {{name: "CN=device-8", {RIGHTS}}}
mqtt: {{qos_max: 1, response_information: "answers/%u/%c", server_reference: "other.example.com:1883"}}
"""
    made = Causeway(folder, arguments=["run", "--config", write_config(folder, users, listeners)])
    made.start()
    yield made
    made.close()


# --- SCRAM-SHA-256 ---

def test_a_secret_holds_what_it_should_and_is_another_one_each_time():
    (_, first), (_, second) = scram(b"pencil"), scram(b"pencil", "--iterations", "10000")
    assert SECRET.fullmatch(first)[1] == "4096" and SECRET.fullmatch(second)[1] == "10000"
    assert len(base64.b64decode(SECRET.fullmatch(first)[2])) == 16
    assert SECRET.fullmatch(first)[2] != SECRET.fullmatch(second)[2]


@pytest.mark.parametrize("password, options", [(b"", ()), (b"\xff", ()), (b"a\tb", ()), (b"x", ("--iterations", "4095")), (b"x", ("--iterations", "many"))], ids=str)
def test_no_secret_is_made_of_what_is_none(password, options):
    assert scram(password, *options) == (1, "")


def test_iterations_are_for_secrets_only():
    assert subprocess.run([causeway_program(), "passwd", "--iterations", "5000"], input=b"x\n", capture_output=True, check=False, timeout=30).returncode == 1


def test_mqtt_js_logs_in_by_scram_and_again(server):
    assert js_login(server.mqtt_port, "both", "secret") == 0


@pytest.mark.parametrize("user, password", [("both", "word"), ("password", "word"), ("nobody", "secret"), ("device-7", "")])
def test_mqtt_js_is_refused_without_the_secret_s_password(server, user, password):
    assert js_login(server.mqtt_port, user, password) == 3


def test_guest_of_a_server_to_try_out_has_a_secret(broker):
    assert js_login(broker.mqtt_port, "guest", "guest") == 0


def test_the_password_still_works(server, device, name):
    assert device(server, name, version=V5, login=("both", "word")).connack
    with pytest.raises(Refused):
        device(server, name, version=V5, login=("both", "secret"))
    with pytest.raises(Refused):
        device(server, name, version=V311, login=("device-7", ""))


# --- certificates ---

@pytest.fixture
def certified(server, certificates, device, name):
    """Connects with a certificate for this common name."""

    def make(listener, common_name=None, subject=None, extension="subjectAltName=DNS:client", **options):
        context = ssl.create_default_context(cafile=certificates.authority)
        if common_name:
            context.load_cert_chain(*certificates.issue(common_name, extension, subject))
        return device(server, name, tls=context, port=server.listening[listener], **options)

    return make


@pytest.mark.parametrize("version", [V311, V5], ids=["v311", "v5"])
@pytest.mark.parametrize("listener, common_name", [("named", "device-7"), ("subject", "device-8")])
def test_a_certificate_stands_for_its_user(certified, name, version, listener, common_name):
    one = certified(listener, common_name, version=version)
    one.subscribe(name, 1)
    one.publish(name, b"x", 1)
    assert one.receive().payload == b"x"


def test_a_certificate_goes_with_the_name_of_its_user_and_any_password(certified):
    assert certified("named", "device-7", version=V5, login=("device-7", "whatever")).connack


@pytest.mark.parametrize("version, code", [(V311, 4), (V5, 0x86)], ids=["v311", "v5"])
def test_a_certificate_does_not_go_with_another_name(certified, version, code):
    with pytest.raises(Refused) as refused:
        certified("named", "device-7", version=version, login=("both", "word"))
    assert refused.value.code == code


@pytest.mark.parametrize("listener, common_name", [("named", "device-9"), ("subject", "device-7"), ("ignored", "device-7")])
@pytest.mark.parametrize("version, code", [(V311, 5), (V5, 0x87)], ids=["v311", "v5"])
def test_a_certificate_of_nobody_is_refused(certified, listener, common_name, version, code):
    with pytest.raises(Refused) as refused:
        certified(listener, common_name, version=version)
    assert refused.value.code == code


NO_OTHER_NAME = "basicConstraints=CA:FALSE"


@pytest.mark.parametrize("listener, subject, extension", [
    ("named", "/O=Example", NO_OTHER_NAME), ("named", "/O=Example", "subjectAltName=DNS:device-7"), ("named", "/CN=device-7/CN=both", NO_OTHER_NAME),
    ("named", "/", NO_OTHER_NAME), ("subject", "/", NO_OTHER_NAME)], ids=["no name", "another kind of name", "two names", "nothing", "no subject"])
@pytest.mark.parametrize("version, code", [(V311, 4), (V5, 0x86)], ids=["v311", "v5"])
def test_no_password_stands_in_for_a_certificate_without_a_name(server, certified, name, listener, subject, extension, version, code):
    other = certified("named", "device-7", version=version)
    with pytest.raises(Refused) as refused:  # with the other's client identifier: who is refused takes nothing over
        certified(listener, "nameless", subject, extension, version=version, login=("both", "word"))
    assert refused.value.code == code
    server.process.wait_for_line(rf"warn .*no user can be read from the client.s certificate.* listener={listener}\b")
    other.subscribe(name, 1)
    other.publish(name, b"x", 1)
    assert other.receive().payload == b"x"


def test_without_a_certificate_the_password_counts_where_none_is_required(certified):
    assert certified("named", version=V5, login=("both", "word")).connack
    with pytest.raises(Refused):
        certified("named", version=V5)


# --- what is told ---

def test_connack_tells_response_information_and_maximum_qos(server, device, name):
    one = device(server, name, version=V5, login=("both", "word"), connect={"RequestResponseInformation": 1})
    told = one.connack
    assert told.ResponseInformation == f"answers/both/{name}" and told.MaximumQoS == 1
    assert one.subscribe(name, 2) == 1


def test_a_server_that_stops_names_another_one(tmp_path_factory, io_threads):
    folder = tmp_path_factory.mktemp("stopping")
    text = f"io_threads: {io_threads}\nanonymous: {{mqtt: loopback, {RIGHTS}}}\nmqtt: {{server_reference: 'other.example.com:1883'}}\n"
    stopping = Causeway(folder, arguments=["run", "--config", write_config(folder, text)])
    stopping.start()
    with Wire(stopping.host, stopping.mqtt_port) as wire:
        wire.send(b"\x10\x0e\0\x04MQTT\x05\x02\0\0\0\0\x01a")
        assert wire.packet()[0] == 0x20
        assert stopping.stop() == 0
        first, body = wire.packet()
        assert first == 0xE0 and body[0] == 0x9C and b"\x1c\x00\x16other.example.com:1883" in body
        assert wire.closed()
