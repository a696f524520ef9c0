"""A client that does exactly what a test says: it sends bytes, and expects packets, silence or the end of the connection.
It acknowledges nothing by itself. Whatever the server sends is parsed strictly (see wire)."""

import base64
import hashlib
import itertools
import os
import re
import select
import socket
import ssl
import struct

import wire
from support.process import PATIENCE_S

_identifiers = itertools.count(1)
SEED_BYTES_MAX = 400


class Closed(AssertionError):
    """The connection ended where a packet was expected."""


class Tcp:
    """A socket; the other transports wrap one. Every read has an end."""

    def __init__(self, host, port, timeout=PATIENCE_S):
        self.socket = socket.create_connection((host, port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, data):
        self.socket.sendall(data)

    def receive(self):
        """Some bytes; b"" at the end of the connection."""
        return self.socket.recv(65536)

    def close(self):
        self.socket.close()

    def reset(self):
        """Ends the connection as a crash would: with RST, and without what has been sent last."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


class Tls(Tcp):
    """`authority`: the file with the certificate that the server's is checked against."""

    def __init__(self, host, port, authority, minimum=ssl.TLSVersion.TLSv1_2, maximum=ssl.TLSVersion.TLSv1_3):
        super().__init__(host, port)
        context = ssl.create_default_context(cafile=str(authority))
        context.minimum_version, context.maximum_version = minimum, maximum
        self.socket = context.wrap_socket(self.socket, server_hostname=host)


class WebSocket:
    """RFC 6455 over another transport. `send` makes one binary frame of what it is given; `frame` sends any."""

    CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10

    def __init__(self, transport, path="/mqtt", protocols=("mqtt",)):
        self.transport, self.buffer, self.end = transport, b"", False
        offered = f"Sec-WebSocket-Protocol: {', '.join(protocols)}\r\n" if protocols else ""
        transport.send((f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\nSec-WebSocket-Version: 13\r\n{offered}\r\n").encode())
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split()[1])
        self.headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:])}

    @property
    def socket(self):
        return self.transport.socket

    def _more(self):
        data = self.transport.receive()
        if not data:
            raise Closed("the connection ended within the WebSocket's handshake or a frame")
        self.buffer += data

    def _take(self, count):
        while len(self.buffer) < count:
            self._more()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def frame(self, opcode, data, final=True):
        """One frame, masked as clients have to."""
        mask = os.urandom(4)
        size = (bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack("!H", len(data)) if len(data) < 65536
                else b"\xff" + struct.pack("!Q", len(data)))
        masked = (int.from_bytes(data, "big") ^ int.from_bytes((mask * (len(data) // 4 + 1))[:len(data)], "big")).to_bytes(len(data), "big")
        self.transport.send(bytes([0x80 * final | opcode]) + size + mask + masked)

    def send(self, data):
        self.frame(self.BINARY, data)

    def next_frame(self):
        """(opcode, data) of a frame from the server, which must not be masked."""
        first, second = self._take(2)
        wire.require(not first & 0x70 and second < 0x80, "a frame with reserved bits or a mask from the server")
        size = second if second < 126 else int.from_bytes(self._take(2 if second == 126 else 8), "big")
        return first & 15, self._take(size)

    def receive(self):
        """The data of the next frame that carries any; b"" at the end."""
        while not self.end:
            if not self.buffer:
                data = self.transport.receive()
                if not data:
                    break
                self.buffer = data
            opcode, data = self.next_frame()
            if opcode == self.CLOSE:
                self.end = True
            elif opcode in (self.BINARY, self.CONTINUATION):
                if data:
                    return data
            else:
                wire.require(opcode in (self.PING, self.PONG), f"a frame with opcode {opcode} from the server")
        return b""

    def close(self):
        self.transport.close()

    def reset(self):
        self.transport.reset()


class Client:
    """One connection. Methods that send have the packet's name, those that wait begin with `expect`."""

    def __init__(self, transport, version=wire.V311, client_id=""):
        self.transport, self.version, self.client_id = transport, version, client_id
        self.buffer, self.at, self.connack = b"", 0, None  # the buffer has been read up to `at`

    # --- sending: each takes what the function of the same name in wire takes

    seeds = None  # a folder: what all clients send is kept in it, for the fuzzers to start from

    def send(self, *packets):
        """Bytes, as they are."""
        data = b"".join(packets)
        if self.seeds and len(data) <= SEED_BYTES_MAX:
            alike = re.sub(rb"[0-9]+", b"", data)  # names are numbered
            (self.seeds / hashlib.sha1(alike).hexdigest()).write_bytes(data)
        self.transport.send(data)
        return self

    def try_send(self, *packets):
        """As send; that the server has closed already is fine."""
        try:
            self.send(*packets)
        except OSError:
            pass
        return self

    def publish(self, topic, payload=b"", qos=0, packet_id=None, **more):
        """Sends a PUBLISH, and waits until the server has taken it: for PUBACK, or PUBREC and PUBCOMP. Returns PUBACK or PUBREC."""
        identifier = (packet_id or next_identifier()) if qos else packet_id
        self.send(wire.publish(self.version, topic, payload, qos, identifier, **more))
        if qos == 0:
            return None
        answer = self.expect("PUBACK" if qos == 1 else "PUBREC", packet_id=identifier)
        if qos == 2 and answer.code < 0x80:
            self.acknowledge("PUBREL", identifier)
            self.expect("PUBCOMP", packet_id=identifier)
        return answer

    def acknowledge(self, kind, packet_id, *more, **others):
        """Sends PUBACK, PUBREC, PUBREL or PUBCOMP."""
        return self.send(wire.acknowledgement(kind, self.version, packet_id, *more, **others))

    def subscribe(self, *filters, qos=0, packet_id=None, properties=()):
        """Subscribes and returns the SUBACK. Filters are names, or (name, options byte) pairs."""
        identifier = packet_id or next_identifier()
        pairs = [(one, qos) if isinstance(one, (str, bytes)) else one for one in filters]
        self.send(wire.subscribe(self.version, identifier, pairs, properties))
        return self.expect("SUBACK", packet_id=identifier)

    def unsubscribe(self, *filters, packet_id=None, properties=()):
        """Unsubscribes and returns the UNSUBACK."""
        identifier = packet_id or next_identifier()
        self.send(wire.unsubscribe(self.version, identifier, filters, properties))
        return self.expect("UNSUBACK", packet_id=identifier)

    def disconnect(self, *more, **others):
        """Says goodbye and waits for the server's end of the connection."""
        self.send(wire.disconnect(self.version, *more, **others))
        self.expect_closed()

    # --- waiting

    def _fill(self):
        try:
            data = self.transport.receive()
        except ConnectionError:
            data = b""
        if not data:
            raise Closed(f"the server closed the connection; before that it sent {self.buffer[self.at:]!r}")
        self.buffer = self.buffer[self.at:] + data
        self.at = 0

    def next(self):
        """The next packet, whatever it is; Closed if the connection ends first."""
        while (split := self._split()) is None:
            self._fill()
        return wire.parse(*split, self.version)

    def read(self, count):
        """So many bytes, unseen: for tests that count in tens of thousands."""
        while len(self.buffer) - self.at < count:
            self._fill()
        self.at += count
        return self.buffer[self.at - count:self.at]

    def _split(self):
        """(first byte, body) of the next packet if it is there as a whole."""
        start = self.at
        end = next((at for at in range(start + 1, min(start + 5, len(self.buffer))) if self.buffer[at] < 0x80), None)
        if end is None:
            wire.require(len(self.buffer) - start < 5, f"a remaining length of more than four bytes: {self.buffer[start:start + 5]!r}")
            return None
        length = wire.Reader(self.buffer[start + 1:end + 1]).varint()
        if len(self.buffer) - end - 1 < length:
            return None
        self.at = end + 1 + length
        return self.buffer[start], self.buffer[end + 1:self.at]

    def expect(self, kind, **fields):
        """The next packet, which is of this kind and has these fields."""
        return self.check(self.next(), kind, fields)

    @staticmethod
    def check(packet, kind, fields):
        payload = fields.get("payload")
        if isinstance(payload, str):
            fields["payload"] = payload.encode()
        found = {name: getattr(packet, name) for name in fields} if packet.kind == kind else {}
        assert packet.kind == kind and found == fields, f"expected {kind} {fields}, got {packet}"
        return packet

    def expect_publish(self, topic=None, payload=None, **fields):
        """The next packet, a PUBLISH. It is not acknowledged (see take)."""
        fields |= {name: value for name, value in (("topic", topic), ("payload", payload)) if value is not None}
        return self.expect("PUBLISH", **fields)

    def finish(self, message):
        """Acknowledges a PUBLISH to its end."""
        if message.qos == 1:
            self.acknowledge("PUBACK", message.packet_id)
        if message.qos == 2:
            self.acknowledge("PUBREC", message.packet_id)
            self.expect("PUBREL", packet_id=message.packet_id)
            self.acknowledge("PUBCOMP", message.packet_id)
        return message

    def take(self, topic=None, payload=None, **fields):
        """The next packet, a PUBLISH, acknowledged to its end."""
        return self.finish(self.expect_publish(topic, payload, **fields))

    def readable(self, timeout):
        """Whether something, or the end, comes within this time (in seconds)."""
        return len(self.buffer) > self.at or bool(select.select([self.transport.socket], [], [], timeout)[0])

    def arrived(self):
        """All packets up to here, with PINGREQ as a fence: what the server did before has been sent before its PINGRESP. Twice, because
        what comes together is answered together, and messages may follow the first PINGRESP."""
        packets = []
        for _ in range(2):
            self.send(wire.pingreq())
            while (packet := self.next()).kind != "PINGRESP":
                packets.append(packet)
        return packets

    def settle(self):
        """Returns once all that was said here has been stored: so has the subscription that comes last. For persistent sessions, and
        to be read as `arrived`."""
        identifier, packets = next_identifier(), []
        self.send(wire.subscribe(self.version, identifier, [(f"settled/{identifier}", 0)]))
        while (packet := self.next()).kind != "SUBACK" or packet.packet_id != identifier:
            packets.append(packet)
        return packets

    def expect_nothing(self):
        """Nothing has come, and the connection is alive."""
        packets = self.arrived()
        assert not packets, f"expected nothing, got {packets}"
        return self

    def expect_closed(self, disconnect=None):
        """The server closes the connection now, without another packet. `disconnect`: reason code of the DISCONNECT
        that comes first (5.0); `any` allows one with any code, or none."""
        try:
            packet = self.next()
        except Closed:
            assert len(self.buffer) == self.at, f"closed within a packet: {self.buffer[self.at:]!r}"
            assert disconnect in (None, any), f"closed without DISCONNECT {disconnect:#04x}"
            return None
        except TimeoutError:
            raise AssertionError(f"the connection was not closed within {PATIENCE_S} s") from None
        assert packet.kind == "DISCONNECT" and disconnect is not None, f"expected the end of the connection, got {packet}"
        assert disconnect is any or packet.code == disconnect, f"expected DISCONNECT {disconnect:#04x}, got {packet}"
        self.expect_closed()
        return packet

    def expect_refused(self, code):
        """CONNACK with this code, and nothing after it but the end."""
        refusal = self.expect("CONNACK", code=code)
        self.expect_closed()
        return refusal

    def reset(self):
        """Gone without DISCONNECT."""
        self.transport.reset()

    def close(self):
        self.transport.close()


def next_identifier():
    return next(_identifiers) % 65535 + 1
