"""MQTT 3.1.1 over TCP, TLS and WebSocket (4.2, 6, 7)."""

import pytest
import wire
from client import Closed, Tcp, Tls, WebSocket
from statements import proves311 as proves
from support.configs import Certificates
from wire import V311

pytestmark = pytest.mark.needs("causeway")
KINDS = ["mqtt", "mqtts", "ws", "wss"]
LISTENERS = """
listeners:
  - {{name: mqtt, protocol: mqtt, port: 0}}
  - {{name: ws, protocol: ws, port: 0}}
  - {{name: mqtts, protocol: mqtts, port: 0, tls: {{certificate: {certificate}, key: {key}}}}}
  - {{name: wss, protocol: wss, port: 0, tls: {{certificate: {certificate}, key: {key}}}}}
"""


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("transports") / "certificates")


@pytest.fixture(scope="module")
def everywhere(module_broker, certificates):
    """A server that listens in all ways."""
    certificate, key = certificates.server
    return module_broker(listeners=LISTENERS.format(certificate=certificate, key=key))


@pytest.fixture
def transport(everywhere, certificates):
    """transport("wss"): a connection of this kind."""

    def make(kind, **options):
        port = everywhere.listening[kind]
        inner = Tls(everywhere.host, port, certificates.authority) if kind.endswith("s") and kind != "ws" else Tcp(everywhere.host, port)
        return WebSocket(inner, **options) if kind.startswith("ws") else inner

    return make


@proves("MQTT-7.1.1-1", "MQTT-7.0.0-2")
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_protocol_runs_over_every_transport(connect, transport, name, kind):
    listener = connect(f"{name}-l", transport=transport(kind), clean=False)
    speaker = connect(f"{name}-s", transport=transport(kind), will=wire.Will(name, b"gone", 1))
    listener.subscribe(name, qos=2)
    for qos in (0, 1, 2):
        for payload in (b"", b"x", bytes(range(256)) * 800):
            speaker.publish(name, payload, qos)
            assert listener.take(name, qos=qos).payload == payload
    speaker.reset()
    listener.take(name, b"gone", qos=1)
    listener.disconnect()
    again = connect(f"{name}-l", transport=transport("mqtt"), clean=False)
    assert again.connack.session_present


@proves("MQTT-7.1.1-1")
@pytest.mark.parametrize("kind", ["mqtt", "mqtts"])
def test_packets_may_come_byte_by_byte_and_all_at_once(dial, transport, name, kind):
    stream = wire.connect(V311, name) + wire.subscribe(V311, 1, [(name, 0)]) + wire.publish(V311, name, b"x", 1, 7) + wire.pingreq()
    slow, fast = dial(transport=transport(kind)), dial(transport=transport(kind))
    for at in range(len(stream)):
        slow.send(stream[at:at + 1])
    assert answers(slow) == ["CONNACK", "SUBACK", "PUBACK", "PUBLISH", "PINGRESP"]
    fast.send(stream.replace(name.encode(), name[::-1].encode()))
    assert answers(fast) == ["CONNACK", "SUBACK", "PUBACK", "PUBLISH", "PINGRESP"]


def answers(client):
    """Kinds of five packets; the last three may come in any order."""
    kinds = [client.next().kind for _ in range(5)]
    return kinds[:2] + sorted(kinds[2:], key=["PUBACK", "PUBLISH", "PINGRESP"].index)


# --- WebSocket ---------------------------------------------------------------------------------------------------------------

@proves("MQTT-6.0.0-4", "MQTT-6.0.0-3")
@pytest.mark.parametrize("kind", ["ws", "wss"])
@pytest.mark.parametrize("offered", [["mqtt"], ["mqtt", "other"], ["other", "mqtt"], ["MQTT-x", "mqttv3.1", "mqtt"]], ids="+".join)
def test_the_subprotocol_mqtt_is_selected_where_it_is_offered(connect, transport, name, kind, offered):
    socket = transport(kind, protocols=offered)
    assert (socket.status, socket.headers["sec-websocket-protocol"]) == (101, "mqtt")
    connect(name, transport=socket).expect_nothing()


@proves("MQTT-6.0.0-1")
@pytest.mark.parametrize("kind", ["ws", "wss"])
def test_a_text_frame_ends_the_connection(connect, dial, transport, name, kind):
    greeted = connect(name, transport=transport(kind))
    greeted.transport.frame(WebSocket.TEXT, wire.pingreq())
    greeted.expect_closed()
    stranger = dial(transport=transport(kind))
    stranger.transport.frame(WebSocket.TEXT, wire.connect(V311, name))
    stranger.expect_closed()
    parted = connect(name, transport=transport(kind))
    parted.transport.frame(WebSocket.TEXT, b"\xc0", final=False)
    parted.transport.frame(WebSocket.CONTINUATION, b"\x00")
    parted.expect_closed()


@proves("MQTT-6.0.0-1")
def test_the_server_sends_binary_frames(transport, name):
    socket = transport("ws")
    socket.send(wire.connect(V311, name))
    assert socket.next_frame()[0] == WebSocket.BINARY


@proves("MQTT-6.0.0-2")
@pytest.mark.parametrize("kind", ["ws", "wss"])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 10_000])
def test_frames_and_packets_need_not_align(dial, transport, name, kind, size):
    stream = wire.connect(V311, name) + wire.subscribe(V311, 1, [(name, 0)]) + wire.publish(V311, name, b"x" * 200, 1, 7) + wire.pingreq()
    client = dial(transport=transport(kind))
    for at in range(0, len(stream), size):
        client.send(stream[at:at + size])
    assert answers(client) == ["CONNACK", "SUBACK", "PUBACK", "PUBLISH", "PINGRESP"]


@proves("MQTT-6.0.0-2")
def test_packets_may_be_spread_over_the_fragments_of_a_message(connect, transport, name):
    client = connect(name, transport=transport("ws"))
    client.subscribe(name)
    data = wire.publish(V311, name, b"x" * 100) + wire.pingreq()
    for at in range(0, len(data), 10):
        opcode = WebSocket.CONTINUATION if at else WebSocket.BINARY
        client.transport.frame(opcode, data[at:at + 10], final=at + 10 >= len(data))
        client.transport.frame(WebSocket.PING, b"between")
    assert {client.next().kind, client.next().kind} == {"PUBLISH", "PINGRESP"}


@proves("MQTT-3.1.2-8")
@pytest.mark.parametrize("kind", ["mqtts", "ws", "wss"])
def test_the_end_of_a_transport_without_disconnect_publishes_the_will(connect, everywhere, transport, name, kind):
    watcher = connect(to=everywhere)
    watcher.subscribe(name, qos=1)
    client = connect(name, transport=transport(kind), will=wire.Will(name, b"gone", 1))
    if kind.startswith("ws"):
        client.transport.frame(WebSocket.CLOSE, b"\x03\xe8")
    else:
        client.reset()
    watcher.take(name, b"gone")


@proves("MQTT-3.1.4-2")
def test_a_client_takes_its_place_from_any_listener(connect, everywhere, transport, name):
    before = connect(name, to=everywhere, clean=False)
    before.subscribe(name, qos=1)
    for kind in ("ws", "mqtts", "wss", "mqtt"):
        client = connect(name, transport=transport(kind), clean=False)
        before.expect_closed()
        client.publish(f"{name}/x", kind, 1)
        before = client
    before.expect_nothing()


@proves("MQTT-4.8.0-1")
@pytest.mark.parametrize("kind", ["mqtts", "ws", "wss"])
def test_a_violation_ends_the_connection_on_every_transport(connect, transport, name, kind):
    client = connect(name, transport=transport(kind))
    client.send(b"\x36\0")
    with pytest.raises(Closed):
        client.next()
