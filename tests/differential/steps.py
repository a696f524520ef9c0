"""What a sequence is made of. A step is done by one channel of one connection; names in it that start with "~" get the play's own
prefix, so that plays do not meet. Everything in a step is plain data: a sequence can be printed, cut and played again."""

import dataclasses
import typing


@dataclasses.dataclass(frozen=True)
class Step:
    connection: int
    channel: int
    kind: str  # method, publish, settle, frame
    name: str = ""  # of the method; of a publish what is wrong with it; of a frame why it is sent
    fields: dict = dataclasses.field(default_factory=dict)
    properties: dict = dataclasses.field(default_factory=dict)
    body: bytes = b""
    bytes: typing.Optional[bytes] = None  # of a frame step, whole
    raw: bool = False  # the channel is taken as it is, closed or not; otherwise it is opened first

    def __str__(self):
        parts = [f"{self.connection}.{self.channel}", self.kind, self.name]
        parts += [f"{key}={value!r}" for key, value in {**self.fields, **self.properties}.items()]
        if self.body:
            parts.append(f"body={self.body!r}" if len(self.body) < 40 else f"body of {len(self.body)}")
        if self.bytes is not None:
            parts.append(self.bytes.hex() if len(self.bytes) < 60 else f"{self.bytes[:60].hex()}… ({len(self.bytes)} bytes)")
        if self.raw:
            parts.append("(raw)")
        return " ".join(part for part in parts if part)


# What a method is answered with, unless it says no-wait.
ANSWERS = {
    "channel.open": {"channel.open-ok"}, "channel.flow": {"channel.flow-ok"}, "channel.close": {"channel.close-ok"},
    "access.request": {"access.request-ok"},
    # Out of turn it ends the connection. RabbitMQ says so a little later, and must not be asked anything on that channel meanwhile.
    "channel.close-ok": {"connection.close"},
    "exchange.declare": {"exchange.declare-ok"}, "exchange.delete": {"exchange.delete-ok"}, "exchange.bind": {"exchange.bind-ok"},
    "exchange.unbind": {"exchange.unbind-ok"}, "queue.declare": {"queue.declare-ok"}, "queue.bind": {"queue.bind-ok"},
    "queue.unbind": {"queue.unbind-ok"}, "queue.purge": {"queue.purge-ok"}, "queue.delete": {"queue.delete-ok"},
    "basic.qos": {"basic.qos-ok"}, "basic.consume": {"basic.consume-ok"}, "basic.cancel": {"basic.cancel-ok"},
    "basic.get": {"basic.get-ok", "basic.get-empty"}, "basic.recover": {"basic.recover-ok"}, "confirm.select": {"confirm.select-ok"},
    "tx.select": {"tx.select-ok"}, "tx.commit": {"tx.commit-ok"}, "tx.rollback": {"tx.rollback-ok"},
    "connection.close": {"connection.close-ok"}, "connection.update-secret": {"connection.update-secret-ok"},
}
