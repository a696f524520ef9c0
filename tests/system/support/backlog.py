"""Fills a durable AMQP queue and empties it again, as fast as Python can: raw frames, a thousand messages per write, and
deliveries that are told apart by their size alone, because all of them have the same."""

import pathlib
import re
import socket
import struct
import time

CHUNK = 1000          # messages per write
UNCONFIRMED_MAX = 20  # chunks
FRAME_END = b"\xce"


def anonymous_mib(pid):
    rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Anonymous:\s+(\d+) kB", rollup, re.M).group(1)) / 1024


def _short(text):
    return bytes([len(text)]) + text


def _frame(kind, channel, payload):
    return struct.pack(">BHI", kind, channel, len(payload)) + payload + FRAME_END


def _method(channel, class_id, method_id, arguments=b""):
    return _frame(1, channel, struct.pack(">HH", class_id, method_id) + arguments)


class Backlog:
    """One connection, one channel, one queue. Bodies begin with their number."""

    def __init__(self, port, queue, body_bytes=200):
        self.queue, self.body_bytes = queue.encode(), body_bytes
        self.sent = self.confirmed = self.received = 0
        self._unread = bytearray()
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.settimeout(60)
        login = b"\0guest\0guest"
        self._ask(b"AMQP\0\0\x09\x01")
        self._ask(_method(0, 10, 11, struct.pack(">I", 0) + _short(b"PLAIN") + struct.pack(">I", len(login)) + login + _short(b"en_US")))
        self._socket.sendall(_method(0, 10, 31, struct.pack(">HIH", 2047, 131072, 0)))
        self._ask(_method(0, 10, 40, _short(b"/") + b"\0\0"))
        self._ask(_method(1, 20, 10, b"\0"))

    def close(self):
        self._socket.close()

    def declare(self):
        """Durable; returns how many messages wait in it."""
        answer = self._ask(_method(1, 50, 10, b"\0\0" + _short(self.queue) + b"\x02" + struct.pack(">I", 0)))
        return struct.unpack_from(">I", answer, 7 + 4 + 1 + len(self.queue))[0]

    def purge(self):
        answer = self._ask(_method(1, 50, 30, b"\0\0" + _short(self.queue) + b"\0"))
        return struct.unpack_from(">I", answer, 7 + 4)[0]

    def publish(self, count):
        """Persistent messages, each confirmed on return. Returns messages per second."""
        if self.sent == 0:
            self._ask(_method(1, 85, 10, b"\0"))
        head = (_method(1, 60, 40, b"\0\0" + _short(b"") + _short(self.queue) + b"\0") +
                _frame(2, 1, struct.pack(">HHQHB", 60, 0, self.body_bytes, 0x1000, 2)) + struct.pack(">BHI", 3, 1, self.body_bytes))
        rest = b"x" * (self.body_bytes - 12) + FRAME_END
        began, end = time.monotonic(), self.sent + count
        while self.sent < end:
            chunk = min(CHUNK, end - self.sent)
            self._socket.sendall(b"".join(head + b"%012d" % n + rest for n in range(self.sent, self.sent + chunk)))
            self.sent += chunk
            self._confirm(self.sent - UNCONFIRMED_MAX * CHUNK)
        self._confirm(self.sent)
        return count / (time.monotonic() - began)

    def consume(self, count):
        """With automatic acknowledgement. The bodies' numbers must follow each other. Returns seconds up to the first one, and
        messages per second."""
        began = time.monotonic()
        self._ask(_method(1, 60, 20, b"\0\0" + _short(self.queue) + _short(b"c") + b"\x02" + struct.pack(">I", 0)))
        size, first = 0, None
        while self.received < count:
            if len(self._unread) < max(size, 1):
                self._read()
            first = first or time.monotonic()
            size = size or self._delivery_bytes()
            whole = len(self._unread) // size if size else 0
            at = size - 1 - self.body_bytes
            for start in range(0, whole * size, size):
                got = int(self._unread[start + at:start + at + 12])
                assert got == self.received, f"message {got} came where {self.received} was due"
                self.received += 1
            del self._unread[:whole * size]
        return first - began, count / (time.monotonic() - first)

    def hold(self, quiet_s):
        """Consumes without acknowledging, until nothing has come for so long. Returns how many messages came."""
        self._ask(_method(1, 60, 20, b"\0\0" + _short(self.queue) + _short(b"c") + b"\0" + struct.pack(">I", 0)))
        self._socket.settimeout(quiet_s)
        try:
            while True:
                self.received += self._next_frame()[0] == 2  # a content header
        except TimeoutError:
            return self.received

    def _delivery_bytes(self):
        """Of a delivery's three frames, once they are there."""
        size = 0
        for _ in range(3):
            if len(self._unread) < size + 7:
                return 0
            size += 8 + struct.unpack_from(">I", self._unread, size + 3)[0]
        return size if len(self._unread) >= size else 0

    def _confirm(self, upto):
        while self.confirmed < upto:
            class_id, method_id, tag, _ = struct.unpack_from(">HHQB", self._next_frame(), 7)
            assert (class_id, method_id) == (60, 80), "a message was not confirmed"
            self.confirmed = max(self.confirmed, tag)

    def _ask(self, request):
        self._socket.sendall(request)
        return self._next_frame()

    def _next_frame(self):
        while len(self._unread) < 7 or len(self._unread) < (size := 8 + struct.unpack_from(">I", self._unread, 3)[0]):
            self._read()
        taken = bytes(self._unread[:size])
        del self._unread[:size]
        return taken

    def _read(self):
        got = self._socket.recv(1 << 20)
        if not got:
            raise EOFError("the server has closed the connection")
        self._unread += got
