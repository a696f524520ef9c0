"""py-amqp, the client below kombu and Celery. It logs in with AMQPLAIN."""

import socket

import amqp
import pytest

pytestmark = pytest.mark.needs("amqp")


@pytest.fixture
def connect(broker):
    made = []

    def make(**options):
        made.append(amqp.Connection(f"{broker.host}:{broker.amqp_port}", connect_timeout=10, read_timeout=10, write_timeout=10, **options))
        made[-1].connect()
        return made[-1]

    yield make
    for connection in made:
        connection.collect()


@pytest.mark.parametrize("method", ["AMQPLAIN", "PLAIN"])
def test_logging_in_with_either_mechanism(connect, method):
    assert connect(login_method=method).connected


@pytest.mark.parametrize("method", ["AMQPLAIN", "PLAIN"])
def test_a_wrong_password_is_refused_in_words(connect, method):
    with pytest.raises(amqp.AccessRefused) as refused:
        connect(login_method=method, password="wrong")
    assert f"Login was refused using authentication mechanism {method}" in str(refused.value)


def test_publishing_with_confirms_and_consuming(connect, name):
    channel = connect(confirm_publish=True).channel()
    channel.queue_declare(name, auto_delete=False, durable=True)
    channel.basic_publish_confirm(amqp.Message("hällo", content_type="text/plain", application_headers={"n": 1}, delivery_mode=2), "", name)
    message = channel.basic_get(name)
    assert message.body == "hällo" and message.properties["delivery_mode"] == 2 and message.headers == {"n": 1}
    message.channel.basic_ack(message.delivery_tag)
    assert channel.queue_delete(name) == 0


def test_consuming_with_a_callback(connect, name):
    connection = connect()
    channel, got = connection.channel(), []
    channel.queue_declare(name, exclusive=True)
    channel.basic_qos(0, 2, False)

    def take(message):  # also runs inside basic_publish, which looks for what has come meanwhile
        got.append(message)
        message.channel.basic_ack(message.delivery_tag)

    channel.basic_consume(name, callback=take)
    for number in range(5):
        channel.basic_publish(amqp.Message(str(number)), "", name)
    while len(got) < 5:
        connection.drain_events(timeout=10)
    assert [message.body for message in got] == ["0", "1", "2", "3", "4"]


def test_immediate_is_not_implemented(connect, name):
    connection = connect()
    channel = connection.channel()
    channel.basic_publish(amqp.Message("x"), "", name, immediate=True)
    with pytest.raises(amqp.AMQPNotImplementedError) as refused:
        connection.drain_events(timeout=10)
    assert refused.value.reply_text == "NOT_IMPLEMENTED - immediate=true"


def test_heartbeats_in_both_directions(connect):
    connection = connect(heartbeat=2)
    assert connection.heartbeat == 2
    for _ in range(6):
        try:
            connection.drain_events(timeout=0.6)
        except socket.timeout:
            pass
        connection.heartbeat_tick()  # raises once the server has been silent for too long
    assert connection.bytes_recv > 0 and connection.connected
