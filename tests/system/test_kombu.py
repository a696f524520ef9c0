"""kombu, which Celery and OpenStack build on: consumers as mixins, queues with its own names for their limits, reconnection."""

import itertools
import threading

import kombu
import kombu.common
import kombu.mixins
import pytest
from support.process import PATIENCE_S

pytestmark = [pytest.mark.needs("amqp"), pytest.mark.io_threads(0)]


def connection_to(broker, **options):
    return kombu.Connection(hostname=broker.host, port=broker.amqp_port, userid="guest", password="guest", transport="pyamqp", connect_timeout=PATIENCE_S,
                            **options)


@pytest.fixture
def connect(broker):
    made = []

    def make(**options):
        made.append(connection_to(broker, **options))
        return made[-1]

    yield make
    for one in made:
        one.release()


class Service(kombu.mixins.ConsumerProducerMixin):
    """Doubles numbers, in a thread of its own."""

    def __init__(self, connection, queue):
        self.connection, self.queue, self.ready, self.rounds = connection, queue, threading.Semaphore(0), 0
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        assert self.ready.acquire(timeout=PATIENCE_S)

    def get_consumers(self, Consumer, channel):
        return [Consumer(queues=[self.queue], on_message=self.answer, accept=["json"], prefetch_count=10)]

    def on_consume_ready(self, connection, channel, consumers, **_):
        self.rounds += 1
        self.ready.release()

    def answer(self, message):
        self.producer.publish({"answer": message.payload["number"] * 2}, exchange="", routing_key=message.properties["reply_to"],
                              correlation_id=message.properties["correlation_id"], serializer="json", retry=True)
        message.ack()

    def end(self):
        self.should_stop = True
        self.thread.join(PATIENCE_S)
        assert not self.thread.is_alive()


def ask(connection, queue, number):
    """A request with a queue of its own for the answer, and some patience for one that is lost in a crash."""
    answers = kombu.Queue(exclusive=True, auto_delete=True)
    with connection.channel() as channel:
        answers = answers(channel)
        answers.declare()
        kombu.Producer(channel).publish({"number": number}, routing_key=queue.name, reply_to=answers.name, correlation_id=str(number), serializer="json")
        got = []
        with kombu.Consumer(channel, [answers], on_message=got.append, accept=["json"], no_ack=True, auto_declare=False):
            connection.drain_events(timeout=PATIENCE_S)
    assert got[0].properties["correlation_id"] == str(number)
    return got[0].payload["answer"]


def test_a_service_made_of_a_consumer_and_a_producer(connect, name):
    queue = kombu.Queue(name, auto_delete=True)
    service = Service(connect(), queue)
    client = connect()
    assert [ask(client, queue, number) for number in range(20)] == list(range(0, 40, 2))
    service.end()


def test_a_service_comes_back_after_the_crash_of_the_broker(own_broker, name):
    queue = kombu.Queue(name, durable=True)
    service = Service(connection_to(own_broker, heartbeat=4), queue)
    with connection_to(own_broker) as client:
        assert ask(client, queue, 4) == 8
    own_broker.kill_and_restart()
    assert service.ready.acquire(timeout=PATIENCE_S)
    with connection_to(own_broker) as client:
        assert ask(client, queue, 5) == 10
    service.end()
    assert service.rounds == 2


def test_publishing_is_tried_again_after_the_crash_of_the_broker(own_broker, name):
    queue = kombu.Queue(name, kombu.Exchange(name, "topic", durable=True), "a.#", durable=True)
    with connection_to(own_broker, transport_options={"confirm_publish": True}) as connection:
        producer = kombu.Producer(connection)
        send = connection.ensure(producer, producer.publish, max_retries=50, interval_start=0.1, interval_step=0, interval_max=0.1)
        send("before", exchange=queue.exchange, routing_key="a.b", declare=[queue], delivery_mode="persistent")
        own_broker.kill_and_restart()
        send("after", exchange=queue.exchange, routing_key="a.c", delivery_mode="persistent")
        assert [queue(connection.default_channel).get(no_ack=True).payload for _ in range(2)] == ["before", "after"]


def test_queues_with_limits_in_kombus_words(connect, name):
    connection = connect()
    queue = kombu.Queue(name, message_ttl=60, expires=60, max_length=3, max_priority=5)
    queue = queue(connection.default_channel)
    queue.declare()
    producer = kombu.Producer(connection.default_channel)
    for number, priority in enumerate((3, 3, 3, 3)):
        producer.publish({"n": number}, routing_key=name, priority=priority, expiration=30)
    got = list(itertools.takewhile(bool, iter(lambda: queue.get(no_ack=True, accept=["json"]), None)))
    assert [message.payload["n"] for message in got] == [1, 2, 3]
    assert got[0].properties["expiration"] == "30000"
    queue.delete()


def test_a_broadcast_reaches_every_listener(connect, name):
    connection, got = connect(), []
    consumers = []
    for number in range(3):
        queue = kombu.common.Broadcast(name, unique=True)
        consumers.append(kombu.Consumer(connection.channel(), [queue], callbacks=[lambda body, message, number=number: got.append((number, body))]))
        consumers[-1].consume(no_ack=True)
    kombu.Producer(connection.default_channel).publish("all", exchange=name)
    while len(got) < 3:
        connection.drain_events(timeout=PATIENCE_S)
    assert sorted(got) == [(0, "all"), (1, "all"), (2, "all")]


def test_a_simple_queue(connect, name):
    queue = connect(transport_options={"confirm_publish": True}).SimpleQueue(name, queue_opts={"auto_delete": True})
    for number in range(5):
        queue.put({"n": number}, compression="zlib")
    assert queue.qsize() == 5
    first = queue.get(timeout=PATIENCE_S)
    first.requeue()
    messages = [queue.get(timeout=PATIENCE_S) for _ in range(5)]
    assert [message.payload["n"] for message in messages] == [1, 2, 3, 4, 0]  # the others had been sent already
    assert messages[4].delivery_info["redelivered"]
    for message in messages:
        message.ack()
    with pytest.raises(queue.Empty):
        queue.get(block=False)
    queue.close()


def test_what_a_consumer_rejects_goes_to_the_dead_letters(connect, name):
    connection = connect()
    dead = kombu.Queue(f"{name}-dead", kombu.Exchange(f"{name}-dlx", "fanout", auto_delete=True), auto_delete=True)
    queue = kombu.Queue(name, auto_delete=True, queue_arguments={"x-dead-letter-exchange": f"{name}-dlx"})
    got = []
    with connection.Consumer([dead], on_message=got.append, no_ack=True), connection.channel() as channel:
        with kombu.Consumer(channel, [queue], on_message=lambda message: message.reject()):
            kombu.Producer(channel).publish("bad", routing_key=name)
            while not got:
                connection.drain_events(timeout=PATIENCE_S)
    assert (got[0].payload, got[0].headers["x-death"][0]["reason"], got[0].headers["x-first-death-queue"]) == ("bad", "rejected", name)
