"""What an AMQP client is refused, and in which words: programs compare them."""

import pika.exceptions
import pytest
from support.amqp import refusal

pytestmark = pytest.mark.needs("amqp")


@pytest.fixture
def app(broker, application):
    return application(broker)


def test_a_missing_queue(app, name):
    for action in (lambda channel: channel.queue_declare(name, passive=True), lambda channel: channel.basic_get(name),
                   lambda channel: channel.basic_consume(name, print), lambda channel: channel.queue_bind(name, "amq.direct", "k"),
                   lambda channel: channel.queue_purge(name)):
        assert refusal(lambda: action(app.new_channel())) == (404, f"NOT_FOUND - no queue '{name}' in vhost '/'")


def test_a_missing_exchange(app, name):
    queue = app.declare(exclusive=True)
    for action in (lambda channel: channel.exchange_declare(name, passive=True), lambda channel: channel.queue_bind(queue, name, "k")):
        assert refusal(lambda: action(app.new_channel())) == (404, f"NOT_FOUND - no exchange '{name}' in vhost '/'")


def test_publishing_to_a_missing_exchange(app, name):
    channel = app.new_channel(confirms=True)
    assert refusal(lambda: channel.basic_publish(name, "k", b"x")) == (404, f"NOT_FOUND - no exchange '{name}' in vhost '/'")


def test_a_closed_channel_leaves_the_connection_and_its_number_usable(app, name):
    channel = app.new_channel()
    number = channel.channel_number
    assert refusal(lambda: channel.queue_declare(name, passive=True))[0] == 404
    again = app.connection.channel(number)
    again.queue_declare(name, exclusive=True)


@pytest.mark.parametrize("first, second, text", [
    ({"durable": True}, {}, "inequivalent arg 'durable' for queue '{}' in vhost '/': received 'false' but current is 'true'"),
    ({}, {"auto_delete": True}, "inequivalent arg 'auto_delete' for queue '{}' in vhost '/': received 'true' but current is 'false'"),
], ids=["durable", "auto-delete"])
def test_declaring_a_queue_again_otherwise(app, name, first, second, text):
    app.declare(name, **first)
    assert refusal(lambda: app.declare(name, **second)) == (406, "PRECONDITION_FAILED - " + text.format(name))


def test_declaring_a_queue_again_with_another_argument(app, name):
    """RabbitMQ tells the values, since 3.11 with their types."""
    app.declare(name, arguments={"x-max-length": 1})
    code, text = refusal(lambda: app.declare(name, arguments={"x-max-length": 2}))
    assert code == 406 and text.startswith(f"PRECONDITION_FAILED - inequivalent arg 'x-max-length' for queue '{name}' in vhost '/': received")


def test_declaring_an_exchange_again_otherwise(app, name):
    app.channel.exchange_declare(name, "direct")
    assert refusal(lambda: app.channel.exchange_declare(name, "fanout")) == (
        406, f"PRECONDITION_FAILED - inequivalent arg 'type' for exchange '{name}' in vhost '/': received 'fanout' but current is 'direct'")


def test_the_exclusive_queue_of_another_connection(broker, app, application, name):
    app.declare(name, exclusive=True)
    other = application(broker)
    for action in (lambda channel: channel.queue_declare(name, passive=True), lambda channel: channel.queue_declare(name, exclusive=True),
                   lambda channel: channel.basic_get(name), lambda channel: channel.queue_delete(name)):
        code, text = refusal(lambda: action(other.new_channel()))
        assert code == 405 and text.startswith("RESOURCE_LOCKED - cannot obtain exclusive access to locked queue")


@pytest.mark.parametrize("queue", ["amq.mine", "amq."])
def test_names_that_belong_to_the_server(app, queue):
    assert refusal(lambda: app.new_channel().queue_declare(queue))[0] == 403
    assert refusal(lambda: app.new_channel().exchange_declare(queue, "direct"))[0] == 403


def test_an_unknown_delivery_tag(app, name):
    assert refusal(lambda: (app.channel.basic_ack(82), app.declare(name))) == (406, "PRECONDITION_FAILED - unknown delivery tag 82")


def test_acknowledging_twice(app, name):
    app.declare(name)
    app.publish(name, b"x")
    tag = app.get(name, auto_ack=False)[0].delivery_tag
    app.channel.basic_ack(tag)
    assert refusal(lambda: (app.channel.basic_ack(tag), app.declare(name)))[0] == 406


def test_deleting_a_queue_in_use_or_not_empty(app, name):
    app.declare(name)
    app.channel.confirm_delivery()
    app.publish(name, b"x")
    assert refusal(lambda: app.new_channel().queue_delete(name, if_empty=True)) == (406, f"PRECONDITION_FAILED - queue '{name}' in vhost '/' not empty")
    app.subscribe(name)
    assert refusal(lambda: app.new_channel().queue_delete(name, if_unused=True)) == (406, f"PRECONDITION_FAILED - queue '{name}' in vhost '/' in use")


def test_an_unknown_exchange_type_ends_the_connection(broker, application, name):
    code, text = refusal(lambda: application(broker).channel.exchange_declare(name, "no-such-type"))
    assert code == 503 and "unknown exchange type 'no-such-type'" in text


@pytest.mark.parametrize("arguments", [{"x-message-ttl": -1}, {"x-message-ttl": "soon"}, {"x-max-length": -1},
                                       {"x-overflow": "explode"}, {"x-dead-letter-routing-key": "k"}], ids=str)
def test_arguments_that_make_no_sense(app, name, arguments):
    code, text = refusal(lambda: app.declare(name, arguments=arguments))
    assert code == 406 and text.startswith(f"PRECONDITION_FAILED - invalid arg '{next(iter(arguments))}' for queue '{name}' in vhost '/'")


def test_an_expiration_that_is_no_number(app, name):
    app.declare(name)
    app.channel.confirm_delivery()
    assert refusal(lambda: app.publish(name, b"x", expiration="soon"))[0] == 406


def test_a_user_id_that_is_not_ones_own(app, name):
    app.declare(name)
    app.channel.confirm_delivery()
    app.publish(name, b"x", user_id="guest")
    code, text = refusal(lambda: app.publish(name, b"x", user_id="somebody"))
    assert code == 406 and "user_id" in text


def test_recovering_without_requeue_is_not_implemented(broker, application):
    app = application(broker)
    code, text = refusal(lambda: app.channel.basic_recover(requeue=False))
    assert code == 540 and text.startswith("NOT_IMPLEMENTED")


def test_transactions_and_confirms_exclude_each_other(app):
    app.channel.tx_select()
    assert refusal(app.channel.confirm_delivery)[0] == 406


def test_a_consumer_tag_in_use_ends_the_connection(broker, application, name):
    app = application(broker)
    app.declare(name, exclusive=True)
    app.channel.basic_consume(name, print, consumer_tag="t")
    app.channel._consumer_infos.clear()  # pika itself would refuse
    app.channel._impl._consumers.clear()
    code, text = refusal(lambda: app.channel.basic_consume(name, print, consumer_tag="t"))
    assert code == 530 and "attempt to reuse consumer tag 't'" in text


def test_a_wrong_password(broker, application):
    with pytest.raises(pika.exceptions.ProbableAuthenticationError) as refused:
        application(broker, login=("guest", "wrong"))
    assert "ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN" in str(refused.value)


def test_an_unknown_vhost(broker, application):
    with pytest.raises(pika.exceptions.ProbableAccessDeniedError) as refused:
        application(broker, vhost="nowhere")
    assert "(530) 'NOT_ALLOWED - vhost nowhere not found'" in str(refused.value)


def test_a_channel_number_above_the_maximum(broker, application):
    app = application(broker, channel_max=5)
    app.connection._impl.params.channel_max = 5
    with pytest.raises((pika.exceptions.ConnectionClosed, pika.exceptions.NoFreeChannels)):
        for number in range(2, 8):
            app.connection.channel(number)
