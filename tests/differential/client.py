"""One connection to a broker that says what it is told to, legal or not, and hands out what comes back."""

import collections
import select
import socket
import struct
import time

import wire

PATIENCE_S = 6.0  # for an answer that must come
CAPABILITIES = ("publisher_confirms", "exchange_exchange_bindings", "basic.nack", "consumer_cancel_notify", "connection.blocked",
                "authentication_failure_close")

Event = collections.namedtuple("Event", "channel name fields properties body")


class Client:
    def __init__(self, broker, heartbeat=0, frame_max=131072, channel_max=2047):
        self.socket = socket.create_connection((broker.host, broker.amqp_port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer, self.open, self.partial = b"", True, {}
        self.tune = (channel_max, frame_max, heartbeat)

    def login(self, vhost="/"):
        """To connection.open-ok."""
        self.send(wire.HEADER)
        self.expect("connection.start")
        self.method(0, "connection.start-ok", client_properties=client_properties(), mechanism="PLAIN", response="\0guest\0guest",
                    locale="en_US")
        self.expect("connection.tune")
        channel_max, frame_max, heartbeat = self.tune
        self.method(0, "connection.tune-ok", channel_max=channel_max, frame_max=frame_max, heartbeat=heartbeat)
        self.method(0, "connection.open", virtual_host=vhost)
        self.expect("connection.open-ok")
        return self

    def open_channel(self, number):
        self.method(number, "channel.open")
        self.expect("channel.open-ok")

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError:  # the server has gone; what it said is read all the same
            pass

    def method(self, channel, name, **fields):
        self.send(wire.frame(wire.METHOD, channel, wire.method(name, **fields)))

    def expect(self, name):
        for event in self.events():
            if event.name == name:
                return event
            if event.name in ("connection.close", "channel.close"):
                raise AssertionError(f"waited for {name}, but got {event}")
        raise AssertionError(f"waited in vain for {name}")

    def events(self, patience=PATIENCE_S):
        """Whole events as they come, until the server closes the socket or says nothing for so long."""
        while self.open:
            event = self.next_event(patience)
            if event is None:
                return
            yield event

    def next_event(self, patience):
        """The next event, or None: nothing came in time, or the socket is closed (see `open`)."""
        end = time.monotonic() + patience
        while True:
            while (got := self.take_frame()) is not None:
                if (event := self.assemble(got)) is not None:
                    return event
            left = end - time.monotonic()
            if left < 0 or not self.open or not select.select([self.socket], [], [], left)[0]:
                return None
            try:
                data = self.socket.recv(1 << 16)
            except OSError:
                data = b""
            self.buffer += data
            self.open = bool(data)

    def take_frame(self):
        if len(self.buffer) < 8:
            return None
        if self.buffer.startswith(b"AMQP"):  # the answer to a protocol header that the server does not speak
            header, self.buffer = self.buffer[:8], self.buffer[8:]
            return wire.Frame(0, 0, header)
        kind, channel, size = struct.unpack(">BHI", self.buffer[:7])
        if len(self.buffer) < size + 8:
            return None
        payload, end = self.buffer[7:7 + size], self.buffer[7 + size]
        assert end == wire.FRAME_END, "the server sent a frame without its end"
        self.buffer = self.buffer[8 + size:]
        return wire.Frame(kind, channel, payload)

    def assemble(self, got):
        if got.type == 0:
            return Event(0, "protocol header", {"bytes": got.payload.hex()}, None, None)
        if got.type == wire.HEARTBEAT:
            return None
        if got.type == wire.METHOD:
            name, fields = wire.decode_method(got.payload)
            if name not in wire.WITH_CONTENT:
                return Event(got.channel, name, fields, None, None)
            self.partial[got.channel] = [name, fields, None, 0, b""]
            return None
        partial = self.partial[got.channel]
        if got.type == wire.CONTENT_HEADER:
            partial[3], partial[2] = wire.decode_header(got.payload)
        else:
            partial[4] += got.payload
        if len(partial[4]) < partial[3]:
            return None
        del self.partial[got.channel]
        return Event(got.channel, partial[0], partial[1], partial[2], partial[4])

    def close(self):
        self.socket.close()


def client_properties():
    return [("capabilities", ("F", [(name, ("t", 1)) for name in CAPABILITIES]))]
