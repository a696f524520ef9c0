"""Bytes on a socket, for what well-behaved clients never send. Enough MQTT 3.1.1 to keep packets unacknowledged."""

import socket

from .process import PATIENCE_S


def text(value):
    return len(value).to_bytes(2, "big") + value.encode()


def packet(first_byte, body):
    length, rest = b"", len(body)
    while True:
        rest, digit = divmod(rest, 128)
        length += bytes([digit | (0x80 if rest else 0)])
        if not rest:
            return bytes([first_byte]) + length + body


def connect(client_id, clean=True, keepalive=0):
    return packet(0x10, text("MQTT") + bytes([4, 2 if clean else 0]) + keepalive.to_bytes(2, "big") + text(client_id))


def connect5(client_id, clean=True, properties=b""):
    return packet(0x10, text("MQTT") + bytes([5, 2 if clean else 0, 0, 0, len(properties)]) + properties + text(client_id))


def publish(topic, payload, qos=0, packet_id=0, dup=False):
    return packet(0x30 | qos << 1 | dup << 3, text(topic) + (packet_id.to_bytes(2, "big") if qos else b"") + payload)


def subscribe(topic, qos, packet_id=1):
    return packet(0x82, packet_id.to_bytes(2, "big") + text(topic) + bytes([qos]))


def acknowledgement(first_byte, packet_id):
    """PUBACK 0x40, PUBREC 0x50, PUBREL 0x62, PUBCOMP 0x70."""
    return packet(first_byte, packet_id.to_bytes(2, "big"))


class Published:
    """A PUBLISH, taken apart."""

    def __init__(self, first_byte, body):
        length = int.from_bytes(body[:2], "big")
        self.qos, self.dup, self.retain = first_byte >> 1 & 3, bool(first_byte & 8), bool(first_byte & 1)
        self.topic, rest = body[2:2 + length].decode(), body[2 + length:]
        self.packet_id, self.payload = (int.from_bytes(rest[:2], "big"), rest[2:]) if self.qos else (0, rest)


class Wire:
    """A connection; every read has an end."""

    def __init__(self, host, port, timeout=PATIENCE_S):
        """`port`: or the path of a Unix-domain socket."""
        if isinstance(port, int):
            self.socket = socket.create_connection((host, port), timeout)
        else:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(timeout)
            self.socket.connect(str(port))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def read(self, count):
        data = b""
        while len(data) < count:
            if not (part := self.socket.recv(count - len(data))):
                raise EOFError(f"closed after {len(data)} of {count} bytes: {data!r}")
            data += part
        return data

    def packet(self):
        """(first byte, body) of an MQTT packet."""
        first, length, shift = self.read(1)[0], 0, 0
        while True:
            digit = self.read(1)[0]
            length |= (digit & 0x7F) << shift
            shift += 7
            if digit < 0x80:
                return first, self.read(length)

    def answered(self, beginning):
        """The server's answer begins so; False if it closes instead."""
        try:
            return self.read(len(beginning)) == beginning
        except (EOFError, ConnectionResetError):
            return False

    def closed(self):
        """The server closes now; whatever it says before that is read over."""
        try:
            while self.socket.recv(65536):
                pass
            return True
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False


def mqtt_session(broker, client_id, clean=False):
    """A connection whose CONNACK has come; the second value is its session-present flag."""
    wire = Wire(broker.host, broker.mqtt_port)
    wire.send(connect(client_id, clean))
    kind, body = wire.packet()
    assert kind == 0x20 and body[1] == 0, body
    return wire, bool(body[0] & 1)


# --- WebSocket, as a client that may do anything ---

def upgrade(protocol="mqtt", path="/mqtt", more=""):
    """The request; `more`: header lines."""
    offered = f"Sec-WebSocket-Protocol: {protocol}\r\n" if protocol else ""
    return (f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{offered}{more}\r\n").encode()


def answer_to_upgrade(wire):
    """The lines of the server's answer."""
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += wire.read(1)
    return answer.decode().split("\r\n")


def frame(payload, opcode=2, final=True, compressed=False):
    """A client's frame; its mask is zero."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else bytes([0xFE]) + size.to_bytes(2, "big") if size < 65536 else bytes([0xFF]) + size.to_bytes(8, "big")
    return bytes([0x80 * final | 0x40 * compressed | opcode]) + length + bytes(4) + payload


def read_frame(wire):
    """(first byte, payload) of a server's frame."""
    first, size = wire.read(2)
    if size >= 126:
        size = int.from_bytes(wire.read(2 if size == 126 else 8), "big")
    return first, wire.read(size)
