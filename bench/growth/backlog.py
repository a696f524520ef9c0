"""Operations on a durable AMQP queue in which many messages wait: raw frames, because a client would cost more than the server."""

import struct

from support import backlog
from support.backlog import _method, _short


class Queue(backlog.Backlog):
    """What is taken must come in the order in which it was published. Everything has been done when a call returns."""

    def __init__(self, port, name, body_bytes):
        super().__init__(port, name, body_bytes)
        self._tag = 0

    def consume(self, count):
        """So many from the front, by a consumer that then leaves; each acknowledged."""
        self._ask(_method(1, 60, 10, struct.pack(">IHB", 0, count, 0)))  # basic.qos: no more come than these
        self._ask(_method(1, 60, 20, b"\0\0" + _short(self.queue) + _short(b"c") + b"\0" + struct.pack(">I", 0)))
        self._take(count)
        self._ask(_method(1, 60, 30, _short(b"c") + b"\0"))
        self._acknowledge(count)

    def get(self, count):
        """So many from the front, each by a basic.get; each acknowledged."""
        self._socket.sendall(_method(1, 60, 70, b"\0\0" + _short(self.queue) + b"\0") * count)
        self._take(count)
        self._acknowledge(count)

    def _take(self, count):
        """All deliveries have the same size but for get-ok's count, which has a fixed one."""
        left = count
        while left:
            size = self._delivery_bytes()
            whole = min(left, len(self._unread) // size) if size else 0
            if not whole:
                self._read()
                continue
            at = size - 1 - self.body_bytes
            for start in range(0, whole * size, size):
                number = int(self._unread[start + at:start + at + 12])
                assert number == self.received, f"message {number} came where {self.received} was due"
                self.received += 1
            del self._unread[:whole * size]
            left -= whole

    def _acknowledge(self, count):
        self._socket.sendall(b"".join(_method(1, 60, 80, struct.pack(">QB", tag, 0)) for tag in range(self._tag + 1, self._tag + count + 1)))
        self._tag += count
        self.declare()  # its answer comes after all of them
