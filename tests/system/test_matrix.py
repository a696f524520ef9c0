"""Every publisher (MQTT 3.1, 3.1.1, 5, AMQP) to every consumer, durable and not, with every quality of service and every property: what
arrives is what docs/mapping.md says. The rules are in support/mapping_rules.py, what is published in support/matrix_rows.py. All of it is
published once; each test looks at one cell."""

import itertools

import pytest
from support.configs import password_hash, write_config
from support.mapping_rules import RESERVED, comparable, for_consumer
from support.matrix import BURST, CONSUMERS, LIVES, PUBLISHERS, QOS, VERSIONS, Matrix
from support.matrix_rows import rows
from support.mqtt import V5
from support.packets import Published, Wire, mqtt_session, packet, subscribe, text

pytestmark = [pytest.mark.needs("causeway"), pytest.mark.io_threads(0)]


# The wildcard of a right does not cover topics behind a dollar either.
CONFIG = """
users:
  - {{name: guest, password_hash: "{hash}", rights: [{{vhost: /, configure: ["*"], write: ["*"], read: ["*"]}}]}}
anonymous: {{mqtt: loopback, rights: [{{vhost: /, publish: ["#", "$other/#"], subscribe: ["#"]}}]}}
"""


@pytest.fixture(scope="module")
def matrix(new_broker, folder):
    (folder / "matrix").mkdir()
    broker = new_broker(arguments=["run", "--config", write_config(folder / "matrix", CONFIG.format(hash=password_hash("guest")))])
    yield Matrix(broker)
    broker.close()


def survives(life, qos):
    """QoS 0 and transient messages end with the server, and are not kept for who is away."""
    return life != "restarted" or qos > 0


def cells():
    for publisher, consumer, life in itertools.product(PUBLISHERS, CONSUMERS, LIVES):
        for row in rows(publisher):
            yield pytest.param(publisher, consumer, life, row, id=f"{publisher}-{consumer}-{life}-{row.replace(' ', '_')}")


@pytest.mark.parametrize("publisher, consumer, life, row", cells())
def test_a_message_arrives_as_the_page_says(matrix, publisher, consumer, life, row):
    for qos in QOS:
        # What the server finds in its store may have been delivered before.
        expected = for_consumer(consumer, matrix.messages[publisher, row, qos], again=life == "restarted")
        wanted = [comparable(expected)] if expected is not None and survives(life, qos) else []
        got = [comparable(view) for view in matrix.seen[consumer, life].get((publisher, row, qos), [])]
        assert got == wanted, f"QoS {qos}"
        assert list(map(user_headers, got)) == list(map(user_headers, wanted)), f"QoS {qos}: the order of headers"


def user_headers(view):
    return [name for name in view.get("headers", {}) if name not in RESERVED]


@pytest.mark.parametrize("publisher, consumer, life", itertools.product(PUBLISHERS, CONSUMERS, LIVES))
def test_the_order_of_a_publisher_is_kept_across_qualities_of_service(matrix, publisher, consumer, life):
    got = matrix.bursts[consumer, life][publisher]
    for together in [QOS] if consumer == "amqp" else [(0, 1), (2,)]:  # paho hands on QoS 2 later
        expected = [number for number in range(BURST) if number % 3 in together and survives(life, number % 3)]
        assert [number for number in got if number % 3 in together] == expected


def test_nothing_arrives_that_was_not_published(matrix):
    assert matrix.strangers == []


# --- flags of one hop ---

def publish_once(publisher, broker, name, application):
    """With every flag that says: this may have come before."""
    if publisher == "amqp":
        return application(broker, confirms=True).publish(name, b"x", exchange="amq.topic", delivery_mode=2)
    level = {"v31": text("MQIsdp") + b"\3", "v311": text("MQTT") + b"\4", "v5": text("MQTT") + b"\5"}[publisher]
    no_properties = b"\0" if publisher == "v5" else b""
    with Wire(broker.host, broker.mqtt_port) as wire:
        wire.send(packet(0x10, level + b"\2\0\0" + no_properties + text(f"p-{publisher}")))
        assert wire.packet()[0] == 0x20
        wire.send(packet(0x3A, text(name) + b"\0\1" + no_properties + b"x"))  # QoS 1, DUP
        assert wire.packet()[0] == 0x40


@pytest.mark.parametrize("publisher", PUBLISHERS)
def test_nothing_is_a_duplicate_because_its_publisher_sent_it_again(broker, name, device, application, publisher):
    """DUP is about one hop [MQTT-3.3.1-3], and so is `redelivered`."""
    app, listeners = application(broker), [device(broker, version=version) for version in VERSIONS.values()]
    queue = app.declare(exclusive=True)
    app.channel.queue_bind(queue, "amq.topic", name)
    for listener in listeners:
        listener.subscribe(name, 1)
    publish_once(publisher, broker, name, application)
    assert [bool(listener.receive().dup) for listener in listeners] == [False] * 3
    assert not app.consume(queue, 1)[0][0].redelivered


@pytest.mark.parametrize("publisher", PUBLISHERS)
def test_a_second_delivery_is_flagged_to_who_gets_it_and_to_nobody_else(broker, name, device, application, publisher):
    app, other = application(broker), device(broker, version=V5)
    queue = app.declare(exclusive=True)
    app.channel.queue_bind(queue, "amq.topic", name)
    other.subscribe(name, 1)
    wire, _ = mqtt_session(broker, name)
    with wire:
        wire.send(subscribe(name, 1))
        assert wire.packet()[0] == 0x90
        publish_once(publisher, broker, name, application)
        assert not Published(*wire.packet()).dup
    again, present = mqtt_session(broker, name)
    with again:
        assert present and Published(*again.packet()).dup
    method = app.get(queue, auto_ack=False)[0]
    app.channel.basic_nack(method.delivery_tag, requeue=True)
    assert not method.redelivered and app.get(queue)[0].redelivered
    assert not other.receive().dup and other.fence() == []
