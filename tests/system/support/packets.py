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
        self.socket = socket.create_connection((host, port), timeout)

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
