"""MQTT 5.0 over WebSocket (6)."""

import pytest
import wire5
from client import Tcp, WebSocket
from statements import proves5 as proves

TEXT, BINARY, CONTINUATION, PING, PONG = WebSocket.TEXT, WebSocket.BINARY, WebSocket.CONTINUATION, WebSocket.PING, WebSocket.PONG


@pytest.fixture(scope="module")
def ws_broker(module_broker):
    return module_broker(listeners="listeners: [{name: ws, protocol: ws, port: 0}]")


@pytest.fixture
def open_websocket(ws_broker, dial5):
    """A connection after the WebSocket's handshake; its client is for MQTT."""

    def make(protocols=("mqtt",), path="/mqtt"):
        websocket = WebSocket(Tcp(ws_broker.host, ws_broker.listening["ws"]), path, protocols)
        return dial5(transport=websocket)

    return make


@pytest.fixture
def connect_websocket(open_websocket):
    def make(client_id):
        client = open_websocket()
        client.send(wire5.connect(client_id)).expect("CONNACK", code=0)
        return client

    return make


@proves("MQTT-6.0.0-4", "MQTT-6.0.0-3")
@pytest.mark.parametrize("offered", (("mqtt",), ("chat", "mqtt"), ("mqtt", "superchat")))
def test_the_server_selects_the_subprotocol_mqtt(open_websocket, name, offered):
    client = open_websocket(offered)
    assert client.transport.status == 101 and client.transport.headers["sec-websocket-protocol"] == "mqtt"
    client.send(wire5.connect(name)).expect("CONNACK", code=0)


@proves("MQTT-6.0.0-4", "MQTT-6.0.0-3")
@pytest.mark.parametrize("offered", (("chat",), ("MQTT", "mqtt5"), ("mqtts",)))
def test_the_server_selects_nothing_else(open_websocket, offered):
    """It refuses, or opens without a subprotocol."""
    websocket = open_websocket(offered).transport
    assert websocket.status >= 400 or "sec-websocket-protocol" not in websocket.headers


@proves("MQTT-6.0.0-1")
@pytest.mark.parametrize("text", (wire5.pingreq(), b"", b"hello"))
def test_text_frames_end_the_connection(connect_websocket, name, text):
    client = connect_websocket(name)
    client.transport.frame(TEXT, text)
    client.expect_closed(disconnect=any)


@proves("MQTT-6.0.0-1")
def test_connect_in_a_text_frame_ends_the_connection(open_websocket, name):
    client = open_websocket()
    client.transport.frame(TEXT, wire5.connect(name))
    client.expect_closed()


@proves("MQTT-6.0.0-1")
def test_a_text_frame_in_pieces_ends_the_connection(connect_websocket, name):
    client = connect_websocket(name)
    client.transport.frame(TEXT, b"\xc0", final=False)
    try:
        client.transport.frame(CONTINUATION, b"\x00")
    except OSError:
        pass  # closed already
    client.expect_closed(disconnect=any)


@proves("MQTT-6.0.0-1", "MQTT-6.0.0-2")
def test_the_server_sends_binary_frames(open_websocket, name):
    """Of the packets that answer this, whatever frames they come in."""
    websocket, payload, got = open_websocket().transport, bytes(200_000), b""
    websocket.send(wire5.connect(name) + wire5.subscribe(1, [(name, 0)]) + wire5.publish(name, payload))
    whole = len(wire5.publish(name, payload))
    while len(got) < whole:
        opcode, data = websocket.next_frame()
        assert opcode in (BINARY, CONTINUATION)
        got += data
    assert got.startswith(b"\x20") and wire5.publish(name, payload)[:20] in got


@proves("MQTT-6.0.0-2")
@pytest.mark.parametrize("size", (1, 2, 3, 7, 50, 100_000))
def test_packets_may_be_cut_into_frames_anyhow(open_websocket, name, size):
    """Within a packet, and several packets in one frame."""
    client = open_websocket()
    stream = wire5.connect(name) + wire5.subscribe(1, [(name, 0)]) + b"".join(wire5.publish(name, str(number)) for number in range(10))
    for at in range(0, len(stream), size):
        client.send(stream[at:at + size])
    client.expect("CONNACK", code=0)
    client.expect("SUBACK", packet_id=1)
    for number in range(10):
        client.expect_publish(name, str(number))


@proves("MQTT-6.0.0-2")
def test_a_message_of_several_frames_may_hold_parts_of_packets(open_websocket, name):
    """Fragmentation, empty frames, and PING between them."""
    client = open_websocket()
    websocket, stream = client.transport, wire5.connect(name) + wire5.pingreq() + wire5.publish(name, bytes(1_000), 1, 5)
    websocket.frame(BINARY, stream[:3], final=False)
    websocket.frame(CONTINUATION, b"", final=False)
    websocket.frame(PING, b"are you there?")
    websocket.frame(CONTINUATION, stream[3:40], final=False)
    websocket.frame(CONTINUATION, stream[40:900], final=True)
    websocket.frame(BINARY, b"")
    websocket.frame(PONG, b"unasked")
    websocket.frame(BINARY, stream[900:])
    client.expect("CONNACK", code=0)
    client.expect("PINGRESP")
    client.expect("PUBACK", packet_id=5)


@proves("MQTT-6.0.0-2", "MQTT-4.2-1")
def test_large_packets_pass_in_both_directions(connect_websocket, name):
    client = connect_websocket(name)
    client.subscribe(name, qos=1)
    payload = bytes(range(256)) * 8_000
    client.publish(name, payload)
    client.take(name, payload)


@proves("MQTT-4.13.1-1")
def test_errors_end_the_connection_over_websocket_as_well(connect_websocket, name):
    connect_websocket(name).send(b"\x00\x00").expect_closed(disconnect=0x81)
    connect_websocket(name).send(wire5.connect(name)).expect_closed(disconnect=0x82)
