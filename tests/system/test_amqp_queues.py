"""Queues, seen from an AMQP client: declaring, consuming, acknowledging, limits, dead letters."""

import pika.exceptions
import pytest
from support.amqp import refusal
from support.process import wait_until

pytestmark = pytest.mark.needs("amqp")


@pytest.fixture
def app(broker, application):
    return application(broker, confirms=True)


# --- declaring ---

def test_a_declared_queue_is_empty_and_has_no_consumers(app, name):
    declared = app.channel.queue_declare(name).method
    assert (declared.queue, declared.message_count, declared.consumer_count) == (name, 0, 0)


def test_a_queue_without_a_name_gets_one(app):
    first, second = app.declare(exclusive=True), app.declare(exclusive=True)
    assert first.startswith("amq.gen-") and len(first) == 30 and first != second


@pytest.mark.parametrize("flags", [{"durable": d, "auto_delete": a, "exclusive": e} for d in (0, 1) for a in (0, 1) for e in (0, 1)],
                         ids=lambda flags: "-".join(flag for flag, set in flags.items() if set) or "plain")
def test_declaring_again_with_the_same_flags_finds_the_queue(app, name, flags):
    flags = {flag: bool(value) for flag, value in flags.items()}
    app.declare(name, **flags)
    app.publish(name, b"x")
    assert app.channel.queue_declare(name, **flags).method.message_count == 1


def test_a_passive_declaration_counts_messages_and_consumers(app, name):
    app.declare(name)
    app.publish(name, b"1")
    app.publish(name, b"2")
    assert app.count(name) == (2, 0)
    app.subscribe(name, auto_ack=False)
    assert app.count(name)[1] == 1


def test_an_exclusive_queue_goes_with_its_connection(broker, app, application, name):
    other = application(broker)
    other.declare(name, exclusive=True)
    other.close()
    wait_until(lambda: refusal(lambda: app.new_channel().queue_declare(name, passive=True))[0] == 404, "the queue to go")


def test_an_auto_delete_queue_goes_with_its_last_consumer(app, name):
    app.declare(name, auto_delete=True)
    first, second = (app.channel.basic_consume(name, lambda *_: None) for _ in range(2))
    app.channel.basic_cancel(first)
    assert app.count(name) == (0, 1)
    app.channel.basic_cancel(second)
    wait_until(lambda: refusal(lambda: app.new_channel().queue_declare(name, passive=True))[0] == 404, "the queue to go")


def test_deleting_counts_messages_and_a_missing_queue_is_no_error(app, name):
    app.declare(name)
    app.publish(name, b"x")
    assert app.channel.queue_delete(name).method.message_count == 1
    assert app.channel.queue_delete(name).method.message_count == 0


def test_purging_counts_what_it_took(app, name):
    app.declare(name)
    for _ in range(3):
        app.publish(name, b"x")
    assert app.channel.queue_purge(name).method.message_count == 3
    assert app.count(name) == (0, 0)


# --- consuming ---

def test_messages_come_in_the_order_they_were_published(app, name):
    app.declare(name)
    for number in range(300):
        app.publish(name, b"%d" % number)
    deliveries = app.consume(name, 300)
    assert [body for _, _, body in deliveries] == [b"%d" % number for number in range(300)]
    assert [method.delivery_tag for method, _, _ in deliveries] == list(range(1, 301))


def test_getting_tells_what_is_left(app, name):
    app.declare(name)
    for body in (b"1", b"2"):
        app.publish(name, body)
    method, _, body = app.get(name)
    assert (body, method.message_count, method.redelivered, method.routing_key, method.exchange) == (b"1", 1, False, name, "")
    assert app.get(name)[2] == b"2"
    assert app.get(name) == (None, None, None)


def test_prefetch_bounds_what_is_unacknowledged(app, name):
    app.declare(name)
    for number in range(10):
        app.publish(name, b"%d" % number)
    app.channel.basic_qos(prefetch_count=3)
    arrived = app.subscribe(name, auto_ack=False)
    app.pump_until(lambda: len(arrived) == 3)
    assert app.count(name) == (7, 1)
    app.channel.basic_ack(arrived[1][0].delivery_tag, multiple=True)
    app.pump_until(lambda: len(arrived) == 5)
    assert [body for _, _, body in arrived] == [b"0", b"1", b"2", b"3", b"4"]
    assert app.count(name) == (5, 1)


def test_consumers_take_turns(app, name):
    app.declare(name)
    first, second = app.subscribe(name), app.subscribe(name)
    for number in range(10):
        app.publish(name, b"%d" % number)
    app.pump_until(lambda: len(first) + len(second) == 10)
    assert len(first) == len(second) == 5


def test_what_was_not_acknowledged_comes_again_flagged_and_in_place(broker, app, application, name):
    app.declare(name)
    for number in range(5):
        app.publish(name, b"%d" % number)
    other = application(broker)
    assert [other.get(name, auto_ack=False)[2] for _ in range(3)] == [b"0", b"1", b"2"]
    other.close()
    wait_until(lambda: app.count(name)[0] == 5, "the messages to come back")
    got = app.consume(name, 5)
    assert [body for _, _, body in got] == [b"0", b"1", b"2", b"3", b"4"]
    assert got[0][0].redelivered and not got[4][0].redelivered


def test_a_nack_with_requeue_puts_it_back_in_place(app, name):
    app.declare(name)
    for body in (b"1", b"2", b"3"):
        app.publish(name, body)
    first = app.get(name, auto_ack=False)[0]
    app.channel.basic_nack(first.delivery_tag, requeue=True)
    method, _, body = app.get(name)
    assert (body, method.redelivered) == (b"1", True)
    assert app.drain(name) == [b"2", b"3"]


def test_multiple_covers_all_up_to_the_tag(app, name):
    app.declare(name)
    for number in range(4):
        app.publish(name, b"%d" % number)
    tags = [app.get(name, auto_ack=False)[0].delivery_tag for _ in range(4)]
    app.channel.basic_ack(tags[1], multiple=True)
    app.channel.basic_nack(tags[3], multiple=True, requeue=True)
    assert app.drain(name) == [b"2", b"3"]


def test_recover_redelivers_everything_unacknowledged(app, name):
    app.declare(name)
    for body in (b"1", b"2"):
        app.publish(name, body)
    app.get(name, auto_ack=False)
    app.get(name, auto_ack=False)
    app.channel.basic_recover(requeue=True)
    method, _, body = app.get(name)
    assert (body, method.redelivered) == (b"1", True)


def test_cancelling_stops_deliveries_but_keeps_what_is_unacknowledged(app, name):
    app.declare(name)
    app.publish(name, b"1")
    arrived = []
    tag = app.channel.basic_consume(name, lambda _channel, *delivery: arrived.append(delivery))
    app.pump_until(lambda: arrived)
    app.channel.basic_cancel(tag)
    app.publish(name, b"2")
    assert app.count(name) == (1, 0)
    app.channel.basic_ack(arrived[0][0].delivery_tag)
    assert app.drain(name) == [b"2"]


def test_a_consumer_is_told_when_its_queue_is_deleted(broker, app, application, name):
    app.declare(name)
    app.subscribe(name)
    cancelled = []
    app.channel.add_on_cancel_callback(cancelled.append)
    application(broker).channel.queue_delete(name)
    app.pump_until(lambda: cancelled, "basic.cancel")


def test_an_exclusive_consumer_is_alone(broker, app, application, name):
    app.declare(name)
    app.subscribe(name, exclusive=True)
    assert refusal(lambda: application(broker).subscribe(name))[0] == 403


# --- arguments ---

def test_messages_expire_by_the_queue_and_by_themselves(app, name):
    app.declare(name, arguments={"x-message-ttl": 200})
    app.declare(f"{name}-own")
    app.publish(name, b"x")
    app.publish(f"{name}-own", b"x", expiration="100")
    app.publish(f"{name}-own", b"y")
    wait_until(lambda: app.count(name)[0] == 0, "the queue's limit")
    wait_until(lambda: app.get(f"{name}-own")[2] != b"x", "the message's own limit")


@pytest.mark.parametrize("how", ["rejected", "expired", "maxlen"])
def test_dead_letters_go_to_the_exchange_with_their_history(app, name, how):
    dead = app.declare(f"{name}-dead")
    arguments = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": dead}
    arguments |= {"rejected": {}, "expired": {"x-message-ttl": 50}, "maxlen": {"x-max-length": 0}}[how]
    app.declare(name, arguments=arguments)
    app.publish(name, b"x", headers={"mine": 1})
    if how == "rejected":
        app.channel.basic_reject(app.get(name, auto_ack=False)[0].delivery_tag, requeue=False)
    _, properties, body = app.consume(dead, 1)[0]
    death = properties.headers["x-death"][0]
    assert body == b"x" and properties.headers["mine"] == 1
    assert (death["reason"], death["queue"], death["count"], death["exchange"], death["routing-keys"]) == (how, name, 1, "", [name])
    assert properties.headers["x-first-death-reason"] == how and properties.headers["x-first-death-queue"] == name


def test_a_full_queue_drops_its_head(app, name):
    app.declare(name, arguments={"x-max-length": 2})
    for body in (b"1", b"2", b"3"):
        app.publish(name, body)
    assert app.drain(name) == [b"2", b"3"]


def test_a_full_queue_may_refuse_instead(app, name):
    app.declare(name, arguments={"x-max-length": 1, "x-overflow": "reject-publish"})
    app.publish(name, b"1")
    with pytest.raises(pika.exceptions.NackError):
        app.publish(name, b"2")
    assert app.drain(name) == [b"1"]


def test_a_queue_may_be_bounded_in_bytes(app, name):
    app.declare(name, durable=True, arguments={"x-queue-type": "classic", "x-max-length-bytes": 10_000})
    app.publish(name, b"1" * 7_000)
    app.publish(name, b"2" * 7_000)
    assert app.drain(name) == [b"2" * 7_000]
