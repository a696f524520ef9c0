"""What one AMQP client can make the server do for little: it must cost little there as well, because everybody else waits meanwhile.
Measured in the server's processor time, which other work on this machine does not change much."""

import os
import pathlib
import socket

import pika.frame
import pika.spec as spec
import pytest
from support.backlog import anonymous_mib

pytestmark = [pytest.mark.needs("amqp"), pytest.mark.io_threads(0)]


class Flood:
    """A connection that says what it likes, many methods to a write, and waits only where it wants to."""

    def __init__(self, broker):
        self.socket = socket.create_connection((broker.host, broker.amqp_port), timeout=60)
        self.buffer = b""
        self.socket.sendall(b"AMQP\0\0\x09\x01")
        self.wait_for(spec.Connection.Start)
        self.say(0, spec.Connection.StartOk({}, "PLAIN", "\0guest\0guest", "en_US"))
        tune = self.wait_for(spec.Connection.Tune)
        self.say(0, spec.Connection.TuneOk(tune.channel_max, tune.frame_max, 0), spec.Connection.Open("/"))
        self.wait_for(spec.Connection.OpenOk)
        self.say(1, spec.Channel.Open())
        self.wait_for(spec.Channel.OpenOk)

    def say(self, channel, *methods):
        self.socket.sendall(b"".join(pika.frame.Method(channel, method).marshal() for method in methods))

    def publish(self, key, body=b"", exchange="", channel=1, headers=None):
        frames = [pika.frame.Method(channel, spec.Basic.Publish(exchange=exchange, routing_key=key)),
                  pika.frame.Header(channel, len(body), spec.BasicProperties(headers=headers))]
        frames += [pika.frame.Body(channel, body[at:at + 131064]) for at in range(0, len(body), 131064)]
        self.socket.sendall(b"".join(frame.marshal() for frame in frames))

    def wait_for(self, kind, count=1):
        """The last of so many methods of this kind; what comes before is passed over."""
        while True:
            used, frame = pika.frame.decode_frame(self.buffer)
            self.buffer = self.buffer[used:]
            if frame is None:
                data = self.socket.recv(1 << 16)
                assert data, "the server has closed the connection"
                self.buffer += data
            elif isinstance(getattr(frame, "method", None), kind):
                count -= 1
                if count == 0:
                    return frame.method
            else:
                assert not isinstance(getattr(frame, "method", None), (spec.Connection.Close, spec.Channel.Close)), frame

    def settle(self):
        """All that was said before has been handled."""
        self.say(1, spec.Basic.Qos())
        self.wait_for(spec.Basic.QosOk)

    def close(self):
        self.socket.close()


@pytest.fixture
def flood(own_broker):
    made = Flood(own_broker)
    yield made
    made.close()


def pid(broker):
    return broker.process.pid


def processor_s(broker):
    fields = pathlib.Path(f"/proc/{pid(broker)}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_transaction_of_many_acknowledgements_is_rolled_back_at_once(own_broker, flood):
    deliveries = 30_000
    flood.say(1, spec.Queue.Declare(queue="q"), spec.Tx.Select(), spec.Basic.Consume(queue="q"))
    publisher = Flood(own_broker)
    for _ in range(deliveries):
        publisher.publish("q")
    publisher.settle()
    flood.wait_for(spec.Basic.Deliver, deliveries)
    flood.say(1, *(spec.Basic.Ack(tag) for tag in range(1, deliveries + 1)))
    flood.settle()
    before = processor_s(own_broker)
    flood.say(1, spec.Tx.Rollback())
    flood.wait_for(spec.Tx.RollbackOk)
    assert processor_s(own_broker) - before < 1
    publisher.close()


def test_channels_keep_no_large_buffers(own_broker, flood):
    channels = 1_000
    before = anonymous_mib(pid(own_broker))
    for channel in range(2, channels):
        flood.say(channel, spec.Channel.Open())
        flood.publish("nowhere", b"x" * 250_000, channel=channel)
        flood.publish("nowhere", channel=channel, headers={"h": "x" * 100_000})
    flood.settle()
    assert anonymous_mib(pid(own_broker)) - before < 100


def test_thousands_of_exclusive_queues_with_one_key_go_at_once(own_broker, flood):
    queues = 100_000
    for number in range(queues):
        name = f"q{number}"
        flood.say(1, spec.Queue.Declare(queue=name, exclusive=True, nowait=True),
                  spec.Queue.Bind(queue=name, exchange="amq.direct", routing_key="key", nowait=True))
    flood.settle()
    other = Flood(own_broker)
    before = processor_s(own_broker)
    flood.say(0, spec.Connection.Close(200, "", 0, 0))
    flood.wait_for(spec.Connection.CloseOk)
    other.settle()
    assert processor_s(own_broker) - before < 1
    other.close()


def test_many_headers_meet_many_arguments(own_broker, flood):
    headers = {f"h{number:05}": True for number in range(9_000)}
    flood.say(1, spec.Queue.Declare(queue="q"))
    for number in range(50):
        flood.say(1, spec.Queue.Bind(queue="q", exchange="amq.headers", routing_key=str(number), arguments={**headers, "x-match": "all"}))
    flood.settle()
    before = processor_s(own_broker)
    flood.publish("key", exchange="amq.headers", headers=dict(reversed(headers.items())))
    flood.settle()
    assert processor_s(own_broker) - before < 1
    flood.say(1, spec.Basic.Get(queue="q", no_ack=True))
    flood.wait_for(spec.Basic.GetOk)
