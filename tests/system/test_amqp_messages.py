"""Properties, bodies, confirms, transactions and the connection, seen from an AMQP client."""

import datetime
import decimal

import pika
import pika.exceptions
import pytest

pytestmark = pytest.mark.needs("amqp")


@pytest.fixture
def app(broker, application):
    return application(broker, confirms=True)


def test_every_property_arrives_as_it_was_sent(app, name):
    sent = dict(content_type="text/plain", content_encoding="utf-8", delivery_mode=1, priority=3, correlation_id="c", reply_to="r", expiration="60000",
                message_id="m", timestamp=1_700_000_000, type="t", user_id="guest", app_id="a", cluster_id="x")
    app.declare(name)
    app.publish(name, b"x", **sent)
    _, properties, _ = app.get(name)
    assert {key: getattr(properties, key) for key in sent} == sent


def test_headers_of_every_type_arrive_as_they_were_sent(app, name):
    headers = {"text": "täxt", "bool": True, "small": 1, "large": 2**40, "negative": -5, "decimal": decimal.Decimal("1.25"), "none": None,
               "time": datetime.datetime(2023, 11, 14, 22, 13, 20), "table": {"inner": {"deep": [1, "two", {"three": 3}]}}, "list": [1, 2, 3],
               "bytes": b"\xff\x00"}
    app.declare(name)
    app.publish(name, b"x", headers=headers)
    assert app.get(name)[1].headers == headers


def test_absent_properties_stay_absent(app, name):
    app.declare(name)
    app.publish(name, b"x")
    properties = app.get(name)[1]
    assert properties.content_type is None and properties.delivery_mode is None and properties.headers is None


@pytest.mark.parametrize("size", [0, 1, 4095, 131064, 131072, 131073, 5_000_000])
def test_bodies_of_every_size_arrive(app, name, size):
    body = bytes(range(251)) * (size // 251 + 1)
    app.declare(name)
    app.publish(name, body[:size])
    assert app.get(name)[2] == body[:size]


def test_small_frames_carry_large_bodies(broker, application, name):
    app = application(broker, frame_max=4096)
    app.declare(name)
    app.publish(name, b"b" * 100_000)
    assert app.consume(name, 1)[0][2] == b"b" * 100_000


def test_thousands_of_confirms(broker, application, name):
    """Published without waiting for each confirm, as pika's own confirm mode would."""
    app = application(broker)
    app.declare(name)
    selected, confirmed = [], []
    channel = app.channel._impl
    channel.confirm_delivery(lambda frame: confirmed.append(frame.method), callback=selected.append)
    app.pump_until(lambda: selected)
    for number in range(3000):
        channel.basic_publish("", name, b"%d" % number)
    app.pump_until(lambda: covered(confirmed) == set(range(1, 3001)), "all confirms")
    assert app.count(name)[0] == 3000


def covered(acks):
    tags = set()
    for ack in acks:
        assert isinstance(ack, pika.spec.Basic.Ack)
        tags |= set(range(max(tags, default=0) + 1, ack.delivery_tag + 1)) if ack.multiple else {ack.delivery_tag}
    return tags


def test_a_transaction_is_all_or_nothing(broker, application, name):
    app = application(broker)
    app.declare(name)
    app.channel.tx_select()
    app.publish(name, b"dropped")
    app.channel.tx_rollback()
    app.publish(name, b"kept")
    assert app.count(name)[0] == 0
    app.channel.tx_commit()
    assert app.drain(name) == [b"kept"]


def test_request_and_reply_without_a_queue_of_ones_own(broker, app, application, name):
    """Direct reply-to: the requester's pseudo-queue."""
    app.declare(name)
    asker = application(broker)
    answers = asker.subscribe("amq.rabbitmq.reply-to")
    asker.publish(name, b"how warm?", reply_to="amq.rabbitmq.reply-to", correlation_id="1")
    _, properties, body = app.consume(name, 1)[0]
    assert body == b"how warm?" and properties.reply_to != "amq.rabbitmq.reply-to"
    app.publish(properties.reply_to, b"21.5", correlation_id=properties.correlation_id)
    asker.pump_until(lambda: answers, "the answer")
    assert answers[0][1].correlation_id == "1" and answers[0][2] == b"21.5"


def test_heartbeats_are_agreed_and_sent(broker, application):
    app = application(broker, heartbeat=1)
    connection = app.connection._impl
    assert connection.params.heartbeat == 1
    checker = connection._heartbeat_checker
    before = checker._heartbeat_frames_received
    app.pump_until(lambda: checker._heartbeat_frames_received > before + 1, "heartbeats", 6)


def test_a_client_that_misses_its_heartbeats_is_disconnected(broker, application, name):
    app = application(broker)
    dead = application(broker, heartbeat=1)
    dead.declare(name, exclusive=True)
    app.pump_until(lambda: _is_free(app, name), "the exclusive queue to be freed", 10)


def _is_free(app, name):
    try:
        app.new_channel().queue_declare(name, passive=True)
        return True
    except pika.exceptions.ChannelClosedByBroker as closed:
        return closed.reply_code == 404


def test_the_server_says_what_it_is_and_can(app):
    properties = app.connection._impl.server_properties
    assert properties["product"] and properties["version"]
    for capability in ("publisher_confirms", "exchange_exchange_bindings", "basic.nack", "consumer_cancel_notify", "connection.blocked",
                       "consumer_priorities", "authentication_failure_close", "per_consumer_qos", "direct_reply_to"):
        assert properties["capabilities"][capability] is True


def test_many_channels_on_one_connection(broker, application, name):
    app = application(broker)
    app.declare(name)
    channels = [app.new_channel() for _ in range(200)]
    for channel in channels:
        channel.basic_publish("", name, b"x")
    for channel in channels:
        channel.close()
    assert len(app.drain(name)) == 200


def test_closing_properly_is_answered(broker, application):
    app = application(broker)
    app.connection.close()
    assert app.connection.is_closed
