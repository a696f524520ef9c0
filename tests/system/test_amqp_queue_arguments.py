"""Arguments of queues and consumers, as RabbitMQ 3.10 takes them."""

import pika.exceptions
import pytest
from support.amqp import refusal
from support.process import wait_until

pytestmark = pytest.mark.needs("amqp")

QUORUM = {"x-queue-type": "quorum"}


@pytest.fixture
def app(broker, application):
    return application(broker, confirms=True)


def exists(app, queue):
    return refusal(lambda: app.new_channel().queue_declare(queue, passive=True))[0] is None


# --- declaring ---

@pytest.mark.parametrize("arguments, why", [
    ({"x-message-ttl": -1}, ": {value_negative,-1}"),
    ({"x-message-ttl": "a"}, ': "expected integer, got longstr"'),
    ({"x-message-ttl": 2 ** 40}, ": {value_too_large,1099511627776}"),
    ({"x-expires": 0}, ": {value_zero,0}"),
    ({"x-max-length": -1}, ": {value_negative,-1}"),
    ({"x-max-length-bytes": True}, ': "expected integer, got bool"'),
    ({"x-max-priority": 256}, ": {max_value_exceeded,256}"),
    ({"x-overflow": "foo"}, ": invalid_overflow"),
    ({"x-overflow": 1}, ": {unacceptable_type,signedint}"),
    ({"x-dead-letter-routing-key": "k"}, ": routing_key_but_no_dlx_defined"),
    ({"x-single-active-consumer": 1}, ": {unacceptable_type,signedint}"),
    ({"x-queue-type": "foo"}, ": \"unsupported queue type 'foo'\""),
    ({"x-queue-mode": "foo"}, ": \"unsupported queue mode 'foo'\""),
    ({"x-queue-version": 3}, ": \"unsupported queue version '3'\""),
    ({"x-delivery-limit": 3}, " of queue type rabbit_classic_queue"),
    ({**QUORUM, "x-max-priority": 3}, " of queue type rabbit_quorum_queue"),
    ({**QUORUM, "x-queue-mode": "lazy"}, " of queue type rabbit_quorum_queue"),
], ids=lambda value: ",".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else "")
def test_an_argument_that_makes_no_sense_is_refused(app, name, arguments, why):
    argument = list(arguments)[-1]
    assert refusal(lambda: app.declare(name, durable=True, arguments=arguments)) == (
        406, f"PRECONDITION_FAILED - invalid arg '{argument}' for queue '{name}' in vhost '/'{why}")


@pytest.mark.parametrize("arguments", [
    {"x-queue-mode": "lazy"}, {"x-queue-version": 2}, {"x-queue-type": "classic"}, {"x-queue-master-locator": "min-masters"},
    {"x-consumer-timeout": 1000}, {"mine": "x"}, {"x-message-ttl": 315_360_000_000}, {"x-overflow": "reject-publish-dlx"},
    {**QUORUM, "x-delivery-limit": 5}, {**QUORUM, "x-dead-letter-strategy": "at-least-once"}, {**QUORUM, "x-quorum-initial-group-size": 3},
], ids=lambda arguments: ",".join(f"{k}={v}" for k, v in arguments.items()))
def test_these_are_accepted_and_found_again(app, name, arguments):
    app.declare(name, durable=True, arguments=arguments)
    assert app.declare(name, durable=True, arguments=arguments) == name


@pytest.mark.parametrize("flags, property", [({}, "non-durable"), ({"durable": True, "exclusive": True}, "exclusive-owner"),
                                             ({"durable": True, "auto_delete": True}, "auto-delete")])
def test_a_quorum_queue_is_durable_shared_and_stays(app, name, flags, property):
    assert refusal(lambda: app.declare(name, arguments=QUORUM, **flags)) == (
        406, f"PRECONDITION_FAILED - invalid property '{property}' for queue '{name}' in vhost '/'")


@pytest.mark.parametrize("received, current, text", [
    ({"x-message-ttl": 200}, {"x-message-ttl": 100}, "received '200' but current is '100'"),
    ({}, {"x-message-ttl": 100}, "received none but current is the value '100' of type 'signedint'"),
    ({"x-max-length": 7}, {}, "received the value '7' of type 'signedint' but current is none"),
    ({"x-overflow": "reject-publish"}, {"x-overflow": "drop-head"}, "received 'reject-publish' but current is 'drop-head'"),
    ({}, {"x-dead-letter-exchange": "x"}, "received none but current is the value 'x' of type 'longstr'"),
    ({"x-single-active-consumer": False}, {"x-single-active-consumer": True}, "received 'false' but current is 'true'"),
    (QUORUM, {}, "received the value 'quorum' of type 'longstr' but current is none"),
    ({"x-queue-mode": "lazy"}, {"x-queue-mode": "default"}, "received 'lazy' but current is 'default'"),
    ({**QUORUM, "x-delivery-limit": 2}, {**QUORUM, "x-delivery-limit": 1}, "received '2' but current is '1'"),
], ids=lambda value: "" if isinstance(value, str) else ",".join(f"{k}={v}" for k, v in value.items()) or "none")
def test_declaring_again_with_other_arguments_is_refused_with_both(app, name, received, current, text):
    argument = list(received | current)[-1]
    app.declare(name, durable=True, arguments=current)
    assert refusal(lambda: app.declare(name, durable=True, arguments=received)) == (
        406, f"PRECONDITION_FAILED - inequivalent arg '{argument}' for queue '{name}' in vhost '/': {text}")


@pytest.mark.parametrize("received, current", [({"x-queue-type": "classic"}, {}), ({}, {"x-queue-type": "classic"}), ({"mine": 1}, {}),
                                               ({"x-consumer-timeout": 1}, {"x-consumer-timeout": 2})])
def test_what_makes_no_difference_may_differ(app, name, received, current):
    app.declare(name, durable=True, arguments=current)
    assert app.declare(name, durable=True, arguments=received) == name


@pytest.mark.parametrize("received, text", [({"alternate-exchange": "b"}, "received 'b' but current is 'a'"),
                                            ({}, "received none but current is the value 'a' of type 'longstr'")])
def test_an_exchange_with_another_alternate_is_refused(app, name, received, text):
    app.channel.exchange_declare(name, "topic", arguments={"alternate-exchange": "a"})
    assert refusal(lambda: app.channel.exchange_declare(name, "topic", arguments=received)) == (
        406, f"PRECONDITION_FAILED - inequivalent arg 'alternate-exchange' for exchange '{name}' in vhost '/': {text}")


def test_an_alternate_exchange_is_named_by_a_string(app, name):
    assert refusal(lambda: app.channel.exchange_declare(name, "topic", arguments={"alternate-exchange": 1})) == (
        406, f"PRECONDITION_FAILED - invalid type 'signedint' for arg 'alternate-exchange' in exchange '{name}' in vhost '/'")


# --- consumers ---

def test_the_consumer_of_highest_priority_gets_what_it_can_take(app, name):
    app.declare(name)
    app.channel.basic_qos(prefetch_count=2)
    low = app.subscribe(name, auto_ack=False)
    high = app.subscribe(name, auto_ack=False, arguments={"x-priority": 10})
    for body in (b"1", b"2", b"3"):
        app.publish(name, body)
    app.pump_until(lambda: len(low) + len(high) == 3)
    assert ([body for _, _, body in high], [body for _, _, body in low]) == ([b"1", b"2"], [b"3"])


def test_a_priority_that_is_no_number_is_refused(app, name):
    app.declare(name)
    assert refusal(lambda: app.subscribe(name, arguments={"x-priority": "a"})) == (
        406, f"PRECONDITION_FAILED - invalid arg 'x-priority' for queue '{name}' in vhost '/': \"expected integer, got longstr\"")


def test_one_consumer_is_active_and_the_next_takes_over_with_what_it_left(broker, app, application, name):
    app.declare(name, arguments={"x-single-active-consumer": True})
    active = application(broker)
    first, second = active.subscribe(name, auto_ack=False), app.subscribe(name, auto_ack=False)
    app.publish(name, b"1")
    active.pump_until(lambda: first)
    assert app.count(name) == (0, 2) and not second
    active.close()
    app.pump_until(lambda: second)
    assert (second[0][2], second[0][0].redelivered) == (b"1", True)


def test_where_one_is_active_none_is_exclusive(app, name):
    app.declare(name, arguments={"x-single-active-consumer": True})
    assert refusal(lambda: app.subscribe(name, exclusive=True)) == (
        403, f"ACCESS_REFUSED - queue '{name}' in vhost '/' in exclusive use")


# --- lives of queues and messages ---

def test_a_queue_that_nobody_uses_expires(app, name):
    app.declare(name, arguments={"x-expires": 300})
    tag = app.channel.basic_consume(name, lambda *_: None)
    app.declare(f"{name}-other", arguments={"x-expires": 100})
    wait_until(lambda: not exists_untouched(app, f"{name}-other"), "the other queue to expire")
    assert exists(app, name)
    app.channel.basic_cancel(tag)
    wait_until(lambda: not exists_untouched(app, name), "the queue to expire")


def exists_untouched(app, queue):
    """Without renewing its lease: binding is no use of a queue."""
    return refusal(lambda: app.new_channel().queue_bind(queue, "amq.fanout", "probe"))[0] is None


def test_a_ttl_of_0_is_for_who_is_ready(app, name):
    app.declare(name, arguments={"x-message-ttl": 0})
    app.publish(name, b"nobody")
    assert app.count(name) == (0, 0)
    arrived = app.subscribe(name)
    app.publish(name, b"somebody")
    app.pump_until(lambda: arrived)
    assert [body for _, _, body in arrived] == [b"somebody"]


def test_a_quorum_queue_counts_and_gives_up(app, name):
    dead = app.declare(f"{name}-dead")
    app.declare(name, durable=True, arguments={**QUORUM, "x-delivery-limit": 2, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": dead})
    app.publish(name, b"poison", delivery_mode=2)
    for returned in range(3):
        method, properties, _ = get_soon(app, name)
        assert (properties.headers["x-delivery-count"], method.redelivered) == (returned, returned > 0)
        app.channel.basic_nack(method.delivery_tag, requeue=True)
    _, properties, body = app.consume(dead, 1)[0]
    assert body == b"poison" and properties.headers["x-death"][0]["reason"] == "delivery_limit"


def get_soon(app, queue):
    got = []
    wait_until(lambda: got.append(app.get(queue, auto_ack=False)) or got[-1][0] is not None, "a message")
    return got[-1]


@pytest.mark.needs("causeway")
def test_the_count_survives_the_server(own_broker, application, name):
    app = application(own_broker, confirms=True)
    app.declare(name, durable=True, arguments=QUORUM)
    app.publish(name, b"x", delivery_mode=2)
    app.channel.basic_nack(app.get(name, auto_ack=False)[0].delivery_tag, requeue=True)
    assert app.count(name) == (1, 0)
    app.declare(f"{name}-later", durable=True)  # stored behind it
    own_broker.kill_and_restart()
    method, properties, _ = application(own_broker).get(name)
    assert (properties.headers["x-delivery-count"], method.redelivered) == (1, True)


# --- dead letters ---

def test_a_dead_letter_goes_by_all_its_keys_and_says_so(app, name):
    app.channel.exchange_declare(name, "direct", auto_delete=True)
    queues = {key: app.declare(f"{name}-by-{key}") for key in ("cc", "name")}
    source = app.declare(f"{name}-source", arguments={"x-dead-letter-exchange": name})
    app.channel.queue_bind(queues["cc"], name, "cc")
    app.channel.queue_bind(queues["name"], name, source)
    app.publish(source, b"x", expiration="50", headers={"CC": ["cc"]})
    for queue in queues.values():
        method, properties, _ = app.consume(queue, 1)[0]
        death = properties.headers["x-death"][0]
        assert (method.exchange, method.routing_key, properties.expiration) == (name, source, None)
        assert (death["reason"], death["routing-keys"], death["original-expiration"], death["count"]) == ("expired", [source, "cc"], "50", 1)


def test_a_dead_letter_with_a_new_key_loses_cc(app, name):
    dead, other = app.declare(f"{name}-dead"), app.declare(f"{name}-cc")
    app.declare(name, arguments={"x-dead-letter-exchange": "", "x-dead-letter-routing-key": dead})
    app.publish(name, b"x", headers={"CC": [other]})
    assert app.get(other)[2] == b"x"
    app.channel.basic_reject(app.get(name, auto_ack=False)[0].delivery_tag, requeue=False)
    _, properties, _ = app.consume(dead, 1)[0]
    assert "CC" not in properties.headers and app.count(other) == (0, 0)


def test_deaths_are_counted_the_latest_first(app, name):
    a, b = f"{name}-a", f"{name}-b"
    for queue, to in ((a, b), (b, a)):
        app.declare(queue, arguments={"x-dead-letter-exchange": "", "x-dead-letter-routing-key": to})
    app.publish(a, b"x")
    for queue in (a, b, a):
        app.channel.basic_reject(get_soon(app, queue)[0].delivery_tag, requeue=False)
    headers = get_soon(app, b)[1].headers
    assert [(death["queue"], death["count"]) for death in headers["x-death"]] == [(a, 2), (b, 1)]
    assert (headers["x-first-death-queue"], headers["x-first-death-reason"]) == (a, "rejected")


def test_cc_that_leads_to_the_same_queue_gives_one_message(app, name):
    app.declare(name)
    app.publish(name, b"x", headers={"CC": [name]})
    assert app.drain(name) == [b"x"]


@pytest.mark.parametrize("how, dead", [("reject-publish", []), ("reject-publish-dlx", [b"2"])])
def test_what_a_full_queue_refuses_is_dead_lettered_if_asked_for(app, name, how, dead):
    to = app.declare(f"{name}-dead")
    app.declare(name, arguments={"x-max-length": 1, "x-overflow": how, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": to})
    app.publish(name, b"1")
    with pytest.raises(pika.exceptions.NackError):
        app.publish(name, b"2")
    assert app.drain(name) == [b"1"]
    wait_until(lambda: app.count(to)[0] == len(dead), "the dead letters")
    assert app.drain(to) == dead
