"""A RabbitMQ that moves messages to and from the server, as a client of it: shovels and federation."""

import json

import pytest
from support.brokers import why_missing
from support.process import wait_until

pytestmark = [pytest.mark.needs("amqp"), pytest.mark.io_threads(1), pytest.mark.skipif(why_missing("rabbitmq") is not None, reason="no rabbitmq-server")]

START_S = 60


def definitions(far):
    """Two shovels, a federated queue and a federated exchange; the other side of each is `far`."""
    here, there = "amqp://", f"amqp://guest:guest@{far.host}:{far.amqp_port}"

    def shovel(name, source, source_queue, destination, destination_queue):
        return {"vhost": "/", "component": "shovel", "name": name, "value": {
            "src-protocol": "amqp091", "src-uri": source, "src-queue": source_queue, "dest-protocol": "amqp091", "dest-uri": destination,
            "dest-queue": destination_queue, "ack-mode": "on-confirm", "reconnect-delay": 1}}

    def policy(name, what):
        return {"vhost": "/", "name": name, "pattern": f"^{name}$", "apply-to": what, "priority": 0, "definition": {"federation-upstream-set": "all"}}

    return json.dumps({
        "users": [{"name": "guest", "password": "guest", "tags": "administrator"}], "vhosts": [{"name": "/"}],
        "permissions": [{"user": "guest", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}],
        "parameters": [shovel("out", here, "out", there, "out"), shovel("in", there, "in", here, "in"),
                       {"vhost": "/", "component": "federation-upstream", "name": "far", "value": {"uri": there, "reconnect-delay": 1}}],
        "policies": [policy("federated-queue", "queues"), policy("federated-exchange", "exchanges")],
        "exchanges": [{"name": "federated-exchange", "vhost": "/", "type": "topic", "durable": True, "auto_delete": False, "internal": False, "arguments": {}}],
        "queues": [{"name": name, "vhost": "/", "durable": True, "auto_delete": False, "arguments": {}}
                   for name in ("in", "out", "federated-queue", "from-exchange")],
        "bindings": [{"source": "federated-exchange", "vhost": "/", "destination": "from-exchange", "destination_type": "queue", "routing_key": "a.*",
                      "arguments": {}}]})


@pytest.fixture(scope="session")
def shovelled(new_broker, io_threads):
    """(the server, a RabbitMQ that shovels)"""
    far = new_broker(io_threads)
    near = new_broker(kind="rabbitmq", plugins=("rabbitmq_shovel", "rabbitmq_federation"), definitions=definitions(far))
    yield far, near
    near.close()
    far.close()


def bodies(app, queue, count):
    return [body for _, _, body in app.consume(queue, count)]


def send(app, queue, *texts):
    for text in texts:
        app.publish(queue, text, delivery_mode=2, headers={"n": 1})


def test_shovels_carry_messages_both_ways(shovelled, application):
    far, near = (application(broker, confirms=True) for broker in shovelled)
    far.declare("in", durable=True)
    far.declare("out", durable=True)
    send(near, "out", *(b"%d" % number for number in range(50)))
    send(far, "in", *(b"%d" % number for number in range(50)))
    assert bodies(far, "out", 50) == bodies(near, "in", 50) == [b"%d" % number for number in range(50)]


def test_a_federated_queue_fetches_what_its_consumers_can_take(shovelled, application):
    far, near = (application(broker, confirms=True) for broker in shovelled)
    far.declare("federated-queue", durable=True)
    send(far, "federated-queue", b"fetched")
    (_, properties, body), = near.consume("federated-queue", 1)
    assert (body, properties.headers["n"]) == (b"fetched", 1)
    assert far.count("federated-queue")[0] == 0


def test_a_federated_exchange_repeats_what_was_published_there(shovelled, application):
    """Its link falls back to a fanout exchange when 503 says that the other side does not know the type x-federation-upstream."""
    far, near = (application(broker, confirms=True) for broker in shovelled)
    far.channel.exchange_declare("federated-exchange", "topic", durable=True)

    def arrived():  # the link binds when it likes
        far.publish("a.b", b"repeated", exchange="federated-exchange")
        return near.get("from-exchange")[2] == b"repeated"

    wait_until(arrived, "a message from the exchange there", START_S)


def test_a_shovel_loses_nothing_when_the_server_crashes(shovelled, application):
    server, rabbitmq = shovelled
    far, near = application(server, confirms=True), application(rabbitmq, confirms=True)
    far.declare("out", durable=True)
    send(near, "out", *(b"%d" % number for number in range(100)))
    server.kill_and_restart()
    send(near, "out", b"last")
    far, got = application(server), []
    wait_until(lambda: got.extend(far.drain("out")) or b"last" in got, "the last message", START_S)
    assert set(got) == {b"%d" % number for number in range(100)} | {b"last"}
