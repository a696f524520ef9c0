"""A durable queue may be as long as the disk is large: what waits in it costs no memory, and is handed out in order."""

import time

import pytest
from support.backlog import Backlog, anonymous_mib

pytestmark = [pytest.mark.needs("amqp", "causeway"), pytest.mark.io_threads(0)]

MESSAGES = 300_000
ALL_IN_MEMORY_MIB = 130  # what they would cost at the least


def test_a_long_queue_costs_little_memory_and_survives_and_is_drained_in_order(own_broker, name):
    before = anonymous_mib(own_broker.process.pid)
    publisher = Backlog(own_broker.amqp_port, name)
    publisher.declare()
    publisher.publish(MESSAGES)
    assert anonymous_mib(own_broker.process.pid) - before < ALL_IN_MEMORY_MIB / 2
    publisher.close()

    began = time.monotonic()
    own_broker.kill_and_restart()
    consumer = Backlog(own_broker.amqp_port, name)
    assert consumer.declare() == MESSAGES
    assert time.monotonic() - began < 15
    assert anonymous_mib(own_broker.process.pid) - before < ALL_IN_MEMORY_MIB / 2
    consumer.consume(MESSAGES)
    assert consumer.declare() == 0
    consumer.close()


def test_a_long_queue_is_purged_at_once_and_what_comes_later_stays(own_broker, name):
    client = Backlog(own_broker.amqp_port, name)
    client.declare()
    client.publish(100_000)
    assert client.purge() == 100_000
    assert client.declare() == 0
    client.publish(1_000)
    client.close()
    own_broker.kill_and_restart()
    client = Backlog(own_broker.amqp_port, name)
    assert client.declare() == 1_000
    client.received = 100_000
    client.consume(101_000)
    client.close()


def test_basic_get_waits_for_what_is_in_the_store_only(own_broker, application, name):
    filler = Backlog(own_broker.amqp_port, name)
    filler.declare()
    filler.publish(50_000)
    filler.close()
    app = application(own_broker)
    for number in range(30_000):
        method, _, body = app.channel.basic_get(name, auto_ack=True)
        assert method is not None and int(body[:12]) == number
    assert app.channel.queue_declare(name, passive=True).method.message_count == 20_000
