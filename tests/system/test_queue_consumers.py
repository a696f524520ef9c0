"""MQTT clients consume AMQP queues, "$queue/<name>", in competition with each other and with AMQP programs (docs/mapping.md)."""

import collections
import threading

import pytest
from support.mqtt import V5, V311
from support.process import wait_until
from support.shell import MosquittoSub

pytestmark = pytest.mark.needs("mqtt", "causeway")

COUNT = 1_000
HOUR = {"SessionExpiryInterval": 3600}


@pytest.fixture
def app(broker, application):
    return application(broker)


@pytest.fixture
def work(app, name):
    """A durable queue with slashes in its name."""
    queue = f"{name}/work"
    yield app.declare(queue, durable=True)
    app.new_channel().queue_delete(queue)


def fill(app, queue, numbers=range(COUNT)):
    for number in numbers:
        app.publish(queue, b"%d" % number, delivery_mode=2)


def all_acknowledged(app, queue, devices):
    """Nothing comes back when they go."""
    for each in devices:
        each.disconnect()
    wait_until(lambda: app.count(queue)[1] == 0, "the end of all consumers")
    return app.count(queue)[0] == 0


class Worker(threading.Thread):
    """An AMQP program that acknowledges one message after the other."""

    def __init__(self, make, broker, queue):
        super().__init__(daemon=True)
        self.got, self._done = [], threading.Event()
        self._app = make(broker)
        self._app.channel.basic_qos(prefetch_count=10)
        self._app.channel.basic_consume(queue, self._take)
        self.start()

    def _take(self, channel, method, _properties, body):
        self.got.append(int(body))
        channel.basic_ack(method.delivery_tag)

    def run(self):
        while not self._done.is_set():
            self._app.connection.process_data_events(time_limit=0.05)

    def finish(self):
        self._done.set()
        self.join()
        self._app.close()
        return self.got


def collected(devices):
    """The numbers that paho has received, and acknowledged, so far."""
    return [int(message.payload) for device in devices for message in list(device.messages.queue)]


@pytest.mark.parametrize("qos", [1, 2])
def test_every_message_is_one_consumers(broker, app, application, device, work, qos):
    devices = [device(broker, version=version, connect=connect)
               for version, connect in ((V311, None), (V5, {"ReceiveMaximum": 10}), (V5, None))]
    for each in devices:
        assert each.subscribe(f"$queue/{work}", qos) == qos
    worker = Worker(application, broker, work)
    assert app.count(work) == (0, 4)
    fill(app, work)
    wait_until(lambda: len(collected(devices)) + len(worker.got) >= COUNT, "all messages")
    assert sorted(collected(devices) + worker.finish()) == list(range(COUNT))
    assert all(each.messages.qsize() > 0 for each in devices)  # how many is a matter of how fast each of them is
    assert all_acknowledged(app, work, devices)


def test_the_share_of_clients_that_go_is_others(broker, app, application, device, work):
    killed = MosquittoSub(broker, "-V", "mqttv5", "-q", "1", "-t", f"$queue/{work}")
    stuck = application(broker)
    stuck.channel.basic_qos(prefetch_count=50)
    taken = stuck.subscribe(work, auto_ack=False)
    devices = [device(broker, version=version) for version in (V311, V5)]
    for each in devices:
        each.subscribe(f"$queue/{work}", 1)
    fill(app, work, range(COUNT // 2))
    stuck.pump_until(lambda: len(taken) == 50, "a full prefetch")
    killed.wait_for_line("^got ")
    killed.kill()
    stuck.connection.close()
    fill(app, work, range(COUNT // 2, COUNT))
    by_killed = {int(message.split()[-1]) for message in killed.messages()}
    wait_until(lambda: by_killed | set(collected(devices)) == set(range(COUNT)), "all messages")
    assert max(collections.Counter(collected(devices)).values()) == 1
    assert all_acknowledged(app, work, devices)


@pytest.mark.parametrize("version", ["mqttv31", "mqttv311", "mqttv5"])
def test_mosquitto_sub_consumes_a_queue(broker, app, work, version):
    listener = MosquittoSub(broker, "-V", version, "-q", "1", "-t", f"$queue/{work}", "-C", "3")
    for body in (b"1", b"2", b"3"):
        app.publish(work, body, delivery_mode=2)
    assert listener.wait() == 0
    assert [message.split()[-1] for message in listener.messages()] == ["1", "2", "3"]


def test_a_session_goes_on_consuming_when_its_client_comes_back(own_broker, application, device, name):
    app = application(own_broker, confirms=True)
    app.declare(name, durable=True)
    worker = device(own_broker, f"{name}-worker", version=V5, clean=False, connect=HOUR)
    assert worker.subscribe(f"$queue/{name}", 2) == 2
    worker.disconnect()
    app.publish(name, b"x", delivery_mode=2)
    assert app.count(name) == (1, 0)
    own_broker.kill_and_restart()
    worker.connect()
    assert worker.session_present
    assert worker.receive().payload == b"x"
    app = application(own_broker)
    wait_until(lambda: app.count(name) == (0, 1), "the acknowledgement")


def test_refusals(broker, app, application, device, name):
    exclusive = app.declare(exclusive=True)
    client = device(broker, version=V5)
    old = device(broker)
    for filter, code in ((f"$queue/{name}-none", 0x83), (f"$queue/{exclusive}", 0x87), ("$queue/", 0x8F), ("$queue/#", 0x8F),
                         (f"$share/g/$queue/{exclusive}", 0x8F)):
        assert client.subscribe(filter, 1) == code
        assert old.subscribe(filter, 1) == 0x80


def test_a_subscription_consumes_the_next_queue_of_that_name(broker, app, device, name):
    app.declare(name)
    client = device(broker, version=V5)
    client.subscribe(f"$queue/{name}", 1)
    app.channel.queue_delete(name)
    app.declare(name, auto_delete=True)
    app.publish(name, b"x", delivery_mode=2)
    assert client.receive().payload == b"x"
    client.unsubscribe(f"$queue/{name}")
