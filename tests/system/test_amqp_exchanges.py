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


# --- x-match, x-consistent-hash ---

@pytest.mark.parametrize("match, arguments, matches", [
    ("any-with-x", {"x-a": "1", "b": "0"}, True), ("any", {"x-a": "1", "b": "0"}, False), ("all-with-x", {"x-a": "0", "b": "2"}, False),
    ("all", {"x-a": "0", "b": "2"}, True)])
def test_headers_that_begin_with_x_count_where_x_match_says_so(app, name, match, arguments, matches):
    app.channel.exchange_declare(name, "headers", auto_delete=True)
    queue = bound_queue(app, name, **{"x-match": match, **arguments})
    app.publish("", b"x", exchange=name, headers={"x-a": "1", "b": "2"})
    assert app.drain(queue) == ([b"x"] if matches else [])


def test_a_header_of_another_type_of_number_is_the_same_number(app, name):
    app.channel.exchange_declare(name, "headers", auto_delete=True)
    queue = bound_queue(app, name, n=5)
    app.publish("", b"x", exchange=name, headers={"n": 5_000_000_000 - 4_999_999_995})
    app.publish("", b"y", exchange=name, headers={"n": "5"})
    assert app.drain(queue) == [b"x"]


def test_an_x_match_that_is_none_of_the_four_is_refused(app):
    queue = app.declare(exclusive=True)
    code, text = refusal(lambda: app.channel.queue_bind(queue, "amq.headers", "", {"x-match": "some"}))
    assert (code, text) == (406, 'PRECONDITION_FAILED - Invalid x-match field value <<"some">>; '
                                 "expected all, any, all-with-x, or any-with-x")


@pytest.mark.needs("causeway")
def test_a_consistent_hash_spreads_keys_over_queues_by_weight(app, name):
    app.channel.exchange_declare(name, "x-consistent-hash", auto_delete=True)
    light, heavy = bound_queue(app, name, "1"), bound_queue(app, name, "3")
    for number in range(400):
        app.publish(f"device-{number % 200}", str(number % 200).encode(), exchange=name)
    bodies = app.drain(light), app.drain(heavy)
    assert not set(bodies[0]) & set(bodies[1])  # the same key always goes the same way
    assert sum(map(len, bodies)) == 400 and 50 <= len(bodies[0]) <= 150


# --- x-delayed-message ---

def delaying(app, name, **flags):
    app.channel.exchange_declare(name, "x-delayed-message", arguments={"x-delayed-type": "direct"}, **flags)


@pytest.mark.needs("causeway")
def test_a_delayed_message_comes_when_it_is_time(app, name):
    delaying(app, name, auto_delete=True)
    queue = bound_queue(app, name, "k")
    for delay in (900, 300, 600):
        app.publish("k", str(delay).encode(), exchange=name, mandatory=True, headers={"x-delay": delay})
    app.publish("k", b"now", exchange=name)
    assert app.drain(queue) == [b"now"]
    got = app.consume(queue, 3)
    assert [body for _, _, body in got] == [b"300", b"600", b"900"]
    assert [properties.headers["x-delay"] for _, properties, _ in got] == [-300, -600, -900]


@pytest.mark.needs("causeway")
def test_delayed_messages_survive_a_crash(own_broker, application, name):
    app = application(own_broker, confirms=True)
    delaying(app, name, durable=True)
    queue = app.declare(name, durable=True)
    app.channel.queue_bind(queue, name, "k")
    app.publish("k", b"soon", exchange=name, delivery_mode=2, headers={"x-delay": 1_000})
    app.publish("k", b"later", exchange=name, delivery_mode=2, headers={"x-delay": 3_600_000})
    own_broker.kill_and_restart()
    app = application(own_broker, confirms=True)
    assert [body for _, _, body in app.consume(queue, 1)] == [b"soon"]
    assert app.drain(queue) == []
    app.publish(app.declare(f"{name}-other", durable=True), b"after", delivery_mode=2)  # stored, so all before it is, too
    own_broker.kill_and_restart()
    assert application(own_broker).drain(queue) == []  # gone for good, and the other one waits on


# --- CC and BCC, internal exchanges ---

def test_a_queue_that_cc_names_again_gets_one_copy(app, name):
    app.channel.exchange_declare(name, "topic", auto_delete=True)
    both, other = bound_queue(app, name, "a.*", "#.b"), bound_queue(app, name, "hidden")
    app.publish("a.b", b"x", exchange=name, headers={"CC": ["a.c", "x.b"], "BCC": ["hidden"]})
    assert app.drain(both) == [b"x"]
    method, properties, _ = app.get(other)
    assert method.routing_key == "a.b" and properties.headers == {"CC": ["a.c", "x.b"]}


def test_cc_has_to_be_an_array(app):
    queue = app.declare(exclusive=True)
    code, text = refusal(lambda: app.publish(queue, b"x", headers={"CC": "y"}))
    assert (code, text) == (406, 'PRECONDITION_FAILED - invalid message: {unacceptable_type_in_header,"CC",longstr}')


def test_system_exchanges_stay(app):
    assert refusal(lambda: app.channel.exchange_delete("amq.direct")) == (
        403, "ACCESS_REFUSED - deletion of system exchange 'amq.direct' in vhost '/' not allowed")


def test_unbinding_what_is_not_there_is_no_error(app, name):
    app.channel.queue_unbind(app.declare(exclusive=True), name, "k")
    app.channel.queue_unbind(name, "amq.direct", "k")
    app.channel.exchange_unbind(name, "amq.direct", "k")
