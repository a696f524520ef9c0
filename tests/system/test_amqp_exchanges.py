"""Exchanges and bindings, seen from an AMQP client."""

import pika.exceptions
import pytest
from support.amqp import refusal

pytestmark = pytest.mark.needs("amqp")


@pytest.fixture
def app(broker, application):
    return application(broker, confirms=True)


def bound_queue(app, exchange, *keys, **arguments):
    queue = app.declare(exclusive=True)
    for key in keys or ("",):
        app.channel.queue_bind(queue, exchange, key, arguments or None)
    return queue


def test_a_direct_exchange_compares_the_whole_key(app, name):
    app.channel.exchange_declare(name, "direct")
    queue, other = bound_queue(app, name, "a.b"), bound_queue(app, name, "a.c")
    app.publish("a.b", b"x", exchange=name)
    app.publish("a.*", b"y", exchange=name)
    assert app.drain(queue) == [b"x"] and app.drain(other) == []


def test_a_fanout_exchange_ignores_the_key(app, name):
    app.channel.exchange_declare(name, "fanout")
    queues = [bound_queue(app, name, "ignored") for _ in range(3)]
    app.publish("anything", b"x", exchange=name)
    assert [app.drain(queue) for queue in queues] == [[b"x"]] * 3


@pytest.mark.parametrize("pattern, key, matches", [
    ("a.*.c", "a.b.c", True), ("a.*.c", "a.b.b.c", False), ("a.#", "a", True), ("a.#", "a.b.c", True), ("#", "", True), ("#.c", "a.b.c", True),
    ("#.b.#", "a.b.c", True), ("a.#.c", "a.c", True), ("*", "", False), ("*", "a", True), ("*.*", "a", False), ("a", "a.b", False),
    ("#.a.#.b", "x.a.y.z.b", True), ("a.b", "a.b", True)])
def test_a_topic_exchange_matches_word_by_word(app, name, pattern, key, matches):
    app.channel.exchange_declare(name, "topic")
    queue = bound_queue(app, name, pattern)
    app.publish(key, b"x", exchange=name)
    assert app.drain(queue) == ([b"x"] if matches else [])


@pytest.mark.parametrize("match, headers, matches", [
    ("all", {"a": "1", "b": 2}, True), ("all", {"a": "1"}, False), ("any", {"a": "1"}, True), ("any", {"c": "1"}, False), ("all", {"a": "1", "b": 3}, False)])
def test_a_headers_exchange_compares_headers(app, name, match, headers, matches):
    app.channel.exchange_declare(name, "headers")
    queue = bound_queue(app, name, **{"x-match": match, "a": "1", "b": 2})
    app.publish("", b"x", exchange=name, headers=headers)
    assert app.drain(queue) == ([b"x"] if matches else [])


def test_the_default_exchange_knows_every_queue_by_name(app, name):
    queue = app.declare(name)
    app.publish(queue, b"x")
    assert app.drain(queue) == [b"x"]
    assert refusal(lambda: app.channel.queue_bind(queue, "", "other"))[0] == 403


@pytest.mark.parametrize("exchange", ["amq.direct", "amq.fanout", "amq.topic", "amq.headers", "amq.match"])
def test_the_standard_exchanges_are_there(app, exchange):
    app.channel.exchange_declare(exchange, passive=True)


def test_a_message_reaches_a_queue_once_however_many_bindings_match(app, name):
    app.channel.exchange_declare(name, "topic")
    queue = bound_queue(app, name, "a.*", "#", "a.b")
    app.publish("a.b", b"x", exchange=name)
    assert app.drain(queue) == [b"x"]


def test_unbinding_ends_delivery_and_a_missing_binding_is_no_error(app, name):
    app.channel.exchange_declare(name, "direct")
    queue = bound_queue(app, name, "k")
    app.channel.queue_unbind(queue, name, "k")
    app.channel.queue_unbind(queue, name, "k")
    app.publish("k", b"x", exchange=name)
    assert app.drain(queue) == []


def test_exchanges_can_be_bound_to_exchanges(app, name):
    app.channel.exchange_declare(f"{name}-in", "topic")
    app.channel.exchange_declare(f"{name}-out", "fanout")
    app.channel.exchange_bind(f"{name}-out", f"{name}-in", "a.#")
    queue = bound_queue(app, f"{name}-out")
    app.publish("a.b", b"x", exchange=f"{name}-in")
    app.channel.exchange_unbind(f"{name}-out", f"{name}-in", "a.#")
    app.publish("a.b", b"y", exchange=f"{name}-in")
    assert app.drain(queue) == [b"x"]


def test_an_alternate_exchange_takes_what_nothing_matched(app, name):
    app.channel.exchange_declare(f"{name}-rest", "fanout")
    app.channel.exchange_declare(name, "direct", arguments={"alternate-exchange": f"{name}-rest"})
    queue, rest = bound_queue(app, name, "k"), bound_queue(app, f"{name}-rest")
    app.publish("k", b"x", exchange=name)
    app.publish("other", b"y", exchange=name)
    assert app.drain(queue) == [b"x"] and app.drain(rest) == [b"y"]


def test_an_auto_delete_exchange_goes_with_its_last_binding(app, name):
    app.channel.exchange_declare(name, "fanout", auto_delete=True)
    queue = bound_queue(app, name)
    app.channel.queue_unbind(queue, name, "")
    assert refusal(lambda: app.channel.exchange_declare(name, passive=True))[0] == 404


def test_an_internal_exchange_takes_no_messages_from_clients(app, name):
    app.channel.exchange_declare(name, "fanout", internal=True)
    assert refusal(lambda: app.publish("k", b"x", exchange=name))[0] == 403


def test_cc_and_bcc_reach_further_queues(app, name):
    queues = [app.declare(f"{name}-{part}") for part in ("to", "cc", "bcc")]
    app.publish(queues[0], b"x", headers={"CC": [queues[1]], "BCC": [queues[2]]})
    got = [app.get(queue) for queue in queues]
    assert [body for _, _, body in got] == [b"x"] * 3
    assert all("BCC" not in properties.headers for _, properties, _ in got)


def test_an_unroutable_mandatory_message_comes_back_before_its_confirm(app, name):
    app.channel.exchange_declare(name, "direct")
    with pytest.raises(pika.exceptions.UnroutableError) as returned:
        app.publish("nowhere", b"x", exchange=name, mandatory=True, message_id="7")
    message = returned.value.messages[0]
    assert (message.method.reply_code, message.method.reply_text) == (312, "NO_ROUTE")
    assert (message.method.routing_key, message.properties.message_id, message.body) == ("nowhere", "7", b"x")


def test_deleting_an_exchange_ends_its_bindings(app, name):
    app.channel.exchange_declare(name, "fanout")
    queue = bound_queue(app, name)
    app.channel.exchange_delete(name)
    app.channel.exchange_delete(name)
    app.channel.exchange_declare(name, "fanout")
    app.publish("", b"x", exchange=name)
    assert app.drain(queue) == []
