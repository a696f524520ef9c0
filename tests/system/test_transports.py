"""Real clients over secure WebSockets and TLS, compressed WebSockets, and handshakes that take too long."""

import ssl
import time
import zlib

import pika
import pytest
from support.brokers import Causeway
from support.configs import password_hash, write_config
from support.mqtt import V5, V311
from support.packets import Wire, answer_to_upgrade, connect, frame, packet, publish, read_frame, subscribe, text, upgrade
from support.shell import MosquittoSub, mosquitto_pub, run
from test_node_clients import FOLDER

pytestmark = [pytest.mark.needs("causeway"), pytest.mark.io_threads(0, 1)]

DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"


# --- real clients ---

@pytest.fixture
def trusting(certificates):
    return ssl.create_default_context(cafile=certificates.authority)


@pytest.mark.parametrize("version", [V311, V5], ids=["v311", "v5"])
@pytest.mark.parametrize("door", ["ws", "wss"])
def test_paho_over_websockets(everywhere, trusting, name, device, door, version):
    options = {"port": everywhere.listening[door], "transport": "websockets", "tls": trusting if door == "wss" else None, "version": version}
    one, other = device(everywhere, **options), device(everywhere, **options)
    one.subscribe(f"{name}/#", 2)
    large = bytes(range(256)) * 8000
    for qos, payload in enumerate((b"", b"small", large)):
        other.publish(f"{name}/{qos}", payload, qos)
    assert one.receive_payloads(3) == [b"", b"small", large]


@pytest.mark.parametrize("door", ["mqtts", "ws", "wss"])
@pytest.mark.parametrize("which", ["every-qos", "session"])
def test_mqtt_js_over_each_transport(everywhere, certificates, name, door, which):
    run(["node", FOLDER / "mqtt_scenarios.js", which, everywhere.url(door), name], timeout=40,
        env={"PATH": "/usr/bin:/bin:/usr/local/bin", "NODE_EXTRA_CA_CERTS": str(certificates.authority)})


def test_a_client_of_one_transport_hears_those_of_the_others(everywhere, certificates, trusting, name, device):
    listener = MosquittoSub(everywhere, "--cafile", certificates.authority, "-t", name, "-q", 1, "-C", 3, port=everywhere.listening["mqtts"])
    device(everywhere, port=everywhere.listening["wss"], transport="websockets", tls=trusting).publish(name, b"1", 1)
    device(everywhere, port=everywhere.listening["ws"], transport="websockets").publish(name, b"2", 1)
    mosquitto_pub(everywhere, name, "-q", 1, payload="3", port=everywhere.listening["mqtt"])
    assert listener.wait() == 0
    assert listener.messages() == [f"{name} {number}" for number in (1, 2, 3)]


@pytest.fixture
def mutual(tmp_path, certificates, io_threads):
    """Every listener wants a client certificate."""
    certificate, key = certificates.server
    tls = f"tls: {{certificate: {certificate}, key: {key}, client_ca: {certificates.authority}, require_client_certificate: true}}"
    listeners = "listeners:\n" + "".join(f"  - {{name: {p}, protocol: {p}, port: 0, {tls}}}\n" for p in ("mqtts", "wss", "amqps"))
    users = (f"io_threads: {io_threads}\nusers:\n  - name: app\n    password_hash: \"{password_hash('secret')}\"\n    rights: "
             "[{vhost: /, configure: ['*'], write: ['*'], read: ['*'], publish: ['#'], subscribe: ['#']}]\n")
    server = Causeway(tmp_path, arguments=["run", "--config", write_config(tmp_path, users, listeners)])
    server.start()
    yield server
    assert server.stop() == 0


def test_a_certificate_opens_every_transport_and_none_opens_none(mutual, certificates, name, device, application):
    certificate, key = certificates.issue(name)
    with_one = ssl.create_default_context(cafile=certificates.authority)
    with_one.load_cert_chain(certificate, key)
    without = ssl.create_default_context(cafile=certificates.authority)
    login = ("app", "secret")
    one = device(mutual, port=mutual.listening["wss"], transport="websockets", tls=with_one, login=login)
    one.subscribe(name, 1)
    device(mutual, port=mutual.listening["mqtts"], tls=with_one, login=login).publish(name, b"x", 1)
    assert one.receive().payload == b"x"
    app = application(mutual, port=mutual.listening["amqps"], ssl=pika.SSLOptions(with_one, "127.0.0.1"), login=login)
    assert app.declare(name) == name
    for protocol in ("mqtts", "wss", "amqps"):
        with Wire(mutual.host, mutual.listening[protocol]) as wire:
            try:
                wire.socket = without.wrap_socket(wire.socket, server_hostname="127.0.0.1")
                assert wire.socket.recv(1) == b""  # in TLS 1.3 the refusal comes behind the client's part of the handshake
            except (ssl.SSLError, ConnectionResetError):
                pass
    run(["node", FOLDER / "amqp_scenarios.js", "confirms", f"amqps://app:secret@127.0.0.1:{mutual.listening['amqps']}", f"{name}-js"], timeout=40,
        env={"PATH": "/usr/bin:/bin:/usr/local/bin", "NODE_EXTRA_CA_CERTS": str(certificates.authority), "CLIENT_CERT": str(certificate), "CLIENT_KEY": str(key)})


def test_an_end_of_tls_is_answered_by_one(everywhere, trusting, name):
    with Wire(everywhere.host, everywhere.listening["mqtts"]) as wire:
        secure = trusting.wrap_socket(wire.socket, server_hostname="127.0.0.1")
        secure.sendall(connect(name))
        assert secure.recv(4) == b"\x20\x02\x00\x00"
        wire.socket = secure.unwrap()  # waits for the server's close_notify
        assert wire.closed()


def test_tls_is_not_renegotiated(everywhere, certificates):
    done = run(["openssl", "s_client", "-connect", f"127.0.0.1:{everywhere.listening['mqtts']}", "-CAfile", certificates.authority, "-tls1_2"],
               stdin=b"R\n", check=False)
    assert b"no renegotiation" in done.stdout + done.stderr


# --- compressed WebSockets ---

@pytest.fixture
def compressing(listening):
    return listening("name: ws, protocol: ws, port: 0, websocket_compression: true", "name: plain, protocol: ws, port: 0",
                     "name: mqtt, protocol: mqtt, port: 0, limits: {packet_bytes_max: 1MiB}")


def deflated(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return (packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]


def inflated(data):
    return zlib.decompress(data + b"\x00\x00\xff\xff\x01\x00\x00\xff\xff", -15)


def extension(server, listener, more=DEFLATE):
    wire = Wire(server.host, server.listening[listener])
    wire.send(upgrade(more=more))
    return wire, [line.partition(": ")[2] for line in answer_to_upgrade(wire) if line.startswith("Sec-WebSocket-Extensions")]


def test_compression_is_agreed_where_it_is_wanted(compressing):
    assert extension(compressing, "ws")[1] == ["permessage-deflate; server_no_context_takeover; client_no_context_takeover"]
    assert extension(compressing, "plain")[1] == []
    assert extension(compressing, "ws", more="")[1] == []


def test_compressed_messages_go_both_ways(compressing, name):
    payload = b"the same again and again, " * 4000
    wire, _ = extension(compressing, "ws")
    with wire:
        stream = deflated(connect(name) + subscribe(name, 0))
        wire.send(frame(stream[:5], final=False, compressed=True) + frame(stream[5:], opcode=0))
        packed = deflated(publish(name, payload))
        assert len(packed) < 1000
        wire.send(frame(packed, compressed=True))
        got, on_the_wire = b"", 0
        while not got.endswith(payload):
            first, data = read_frame(wire)
            on_the_wire += len(data)
            got += inflated(data) if first & 0x40 else data
        assert on_the_wire < 2000


def test_a_compressed_message_that_unfolds_without_end_is_cut_off(compressing, name):
    """128 MiB in 128 KiB: MQTT refuses the packet at its header, and nothing of it is kept."""
    before = memory_of(compressing)
    for _ in range(3):
        wire, _ = extension(compressing, "ws")
        with wire:
            wire.send(frame(deflated(connect(name)), compressed=True))
            assert read_frame(wire)[1] == b"\x20\x02\x00\x00"
            try:
                wire.send(frame(deflated(packet(0x30, text(name) + bytes(100_000_000))), compressed=True))
                assert wire.closed()
            except ConnectionError:
                pass
    assert memory_of(compressing) - before < 32 << 20


def memory_of(server):
    with open(f"/proc/{server.process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) << 10


@pytest.mark.parametrize("data, code", [(frame(b"\xff\xff\xff\xff", compressed=True), 1007), (frame(b"", opcode=9, compressed=True), 1002),
                                        (frame(b"x", opcode=1, compressed=True), 1003)], ids=["not deflated", "a control frame", "text"])
def test_what_is_not_properly_compressed_is_refused(compressing, data, code):
    wire, _ = extension(compressing, "ws")
    with wire:
        wire.send(data)
        assert read_frame(wire) == (0x88, code.to_bytes(2, "big"))
        assert wire.closed()


def test_mqtt_js_with_compression(compressing, name):
    run(["node", FOLDER / "mqtt_scenarios.js", "compressed", f"ws://127.0.0.1:{compressing.listening['ws']}/mqtt", name], timeout=40)


# --- refusals of a handshake ---

@pytest.mark.parametrize("request_bytes, status", [(upgrade(protocol=None), "400"), (upgrade(protocol="amqp"), "400"), (upgrade(path="/other"), "404"),
                                                   (upgrade(more="Origin: https://evil.example\r\n"), "403")], ids=["none", "other", "path", "origin"])
def test_a_handshake_is_refused_with_the_reason(listening, request_bytes, status):
    server = listening("name: ws, protocol: ws, port: 0, websocket_origins: ['https://good.example']")
    with Wire(server.host, server.listening["ws"]) as wire:
        wire.send(request_bytes)
        assert answer_to_upgrade(wire)[0].split()[1] == status
        assert wire.closed()


@pytest.mark.parametrize("door, beginning", [("mqtt", connect("slow", keepalive=60)), ("mqtts", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64),
                                             ("ws", upgrade()), ("amqp", b"AMQP\x00\x00\x09\x01")])
def test_a_beginning_that_comes_byte_by_byte_is_dropped_in_time(listening, certificates, door, beginning):
    """However often something comes: the time runs from the connection's start."""
    certificate, key = certificates.server
    tls = f", tls: {{certificate: {certificate}, key: {key}}}" if door == "mqtts" else ""
    server = listening(f"name: door, protocol: {door}, port: 0, limits: {{connect_timeout: 1s}}{tls}")
    with Wire(server.host, server.listening["door"], timeout=0.2) as wire:
        start = time.monotonic()
        while time.monotonic() < start + 15:
            try:
                wire.send(beginning[:1])
                beginning = beginning[1:] if len(beginning) > 1 else beginning[:0]
                if wire.socket.recv(1) == b"":
                    break
            except TimeoutError:
                continue
            except ConnectionError:
                break
        assert 0.9 < time.monotonic() - start < 10
