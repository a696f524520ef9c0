"""What a client leaves unacknowledged: not for ever, and not as much as it likes."""

import pytest
from support.amqp import Application, refusal
from support.backlog import Backlog, anonymous_mib
from support.brokers import Causeway
from support.configs import password_hash, write_config
from support.process import PATIENCE_S

pytestmark = [pytest.mark.needs("causeway"), pytest.mark.io_threads(0, 1)]

CONFIG = """
io_threads: {io_threads}
users:
  - name: guest
    password_hash: "{hash}"
    rights: [{{vhost: /, configure: ["*"], write: ["*"], read: ["*"]}}]
amqp: {amqp}
"""


@pytest.fixture
def server_with(tmp_path, io_threads):
    """Starts a server with these settings of its section amqp."""
    started = []

    def start(amqp):
        text = CONFIG.format(io_threads=io_threads, hash=password_hash("guest"), amqp=amqp)
        started.append(Causeway(tmp_path, arguments=["run", "--config", write_config(tmp_path, text)]))
        started[0].start()
        return started[0]

    yield start
    assert started[0].stop() == 0


def held(app, queue):
    """A consumer that acknowledges nothing; what it is given."""
    return app.subscribe(queue, auto_ack=False)


@pytest.mark.parametrize("amqp, arguments", [("{consumer_timeout: 400ms}", {}), ("{consumer_timeout: never}", {"x-consumer-timeout": 400})])
def test_a_delivery_that_is_not_acknowledged_in_time_closes_its_channel(server_with, amqp, arguments):
    app = Application(server_with(amqp), confirms=True)
    queue = app.declare("q", durable=True, arguments=arguments)
    app.publish(queue, b"x", delivery_mode=2)
    deliveries = app.channel.consume(queue, inactivity_timeout=PATIENCE_S)
    assert next(deliveries)[2] == b"x"
    assert refusal(lambda: next(deliveries)) == (406, "PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out. Timeout value used: 400 ms. "
                                        "This timeout value can be configured, see consumers doc guide to learn more")
    app.channel = app.new_channel()
    method, _, body = app.get(queue)
    assert (method.redelivered, body) == (True, b"x")
    app.close()


def test_a_connection_is_given_more_when_it_acknowledges_and_basic_get_says_why_not(server_with):
    app = Application(server_with("{unacknowledged_messages_max: 3}"), confirms=True)
    app.declare("q")
    for number in range(5):
        app.publish("q", b"%d" % number)
    arrived = held(app, "q")
    app.pump_until(lambda: len(arrived) == 3)
    assert app.count("q") == (2, 1)
    app.channel.basic_ack(arrived[0][0].delivery_tag)
    app.pump_until(lambda: len(arrived) == 4)
    code, text = refusal(lambda: app.get("q", auto_ack=False))
    assert code == 506 and text.startswith("RESOURCE_ERROR - connection has 3 unacknowledged messages")
    app.channel = app.new_channel()
    assert sorted(app.drain("q")) == [b"1", b"2", b"3", b"4"]
    app.close()


@pytest.mark.io_threads(0)
def test_a_consumer_that_never_acknowledges_does_not_fill_the_memory(server_with):
    server = server_with("{unacknowledged_bytes_max: 4MiB}")
    publisher = Backlog(server.amqp_port, "q", body_bytes=1000)
    publisher.declare()
    publisher.publish(60_000)
    before = anonymous_mib(server.process.pid)
    consumer = Backlog(server.amqp_port, "q", body_bytes=1000)
    taken = consumer.hold(quiet_s=1)
    assert 2_000 < taken < 5_000  # names and properties count, too
    assert anonymous_mib(server.process.pid) - before < 20
    assert publisher.declare() == 60_000 - taken
    consumer.close()
    publisher.close()
