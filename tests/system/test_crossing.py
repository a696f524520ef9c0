"""MQTT and AMQP meet: what is published with one protocol arrives with the other. docs/mapping.md has the rules."""

import pytest
from support.mqtt import V5
from support.packets import Wire, connect5, packet, text

pytestmark = pytest.mark.needs("mqtt", "amqp")


@pytest.fixture
def app(broker, application):
    return application(broker, confirms=True)


def bound(app, *keys, **flags):
    """A queue that gets what is published to MQTT topics with these keys."""
    queue = app.declare(**({"exclusive": True} | flags))
    for key in keys:
        app.channel.queue_bind(queue, "amq.topic", key)
    return queue


# --- names ---

NAMES = [("cities/london", "cities.london"), ("a.b/c", "a%2Eb.c"), ("192.168.0.1/up", "192%2E168%2E0%2E1.up"), ("/a", ".a"), ("a//b", "a..b"),
         ("a/*/b", "a.*.b"), ("100%/x", "100%.x"), ("ä/ö", "ä.ö"), ("sp ace/x", "sp ace.x"), ("50%252F/x", "50%2F.x")]


@pytest.mark.parametrize("topic, key", NAMES)
def test_a_topic_becomes_a_key_level_by_level(broker, app, name, device, topic, key):
    queue = bound(app, f"{name}.#")
    device(broker).publish(f"{name}/{topic}", b"x", 1)
    method, _, body = app.consume(queue, 1)[0]
    assert (method.exchange, method.routing_key, body) == ("amq.topic", f"{name}.{key}", b"x")


@pytest.mark.parametrize("topic, key", [*NAMES, ("a%2Fb", "a/b"), ("a/%23", "a.#"), ("a/%2B", "a.+")])
def test_a_key_becomes_a_topic_level_by_level(broker, app, name, device, topic, key):
    listener = device(broker)
    listener.subscribe(f"{name}/#", 1)
    app.publish(f"{name}.{key}", b"x", exchange="amq.topic", delivery_mode=2)
    message = listener.receive()
    assert (message.topic, message.payload) == (f"{name}/{topic}", b"x")


@pytest.mark.parametrize("pattern, topics", [("*.t", ["a/t"]), ("#.t", ["a/t", "a/b/t", "t"]), ("a.#", ["a", "a/t", "a/b/t"]), ("a.*.t", ["a/b/t"])])
def test_patterns_of_a_queue_match_topics(broker, app, name, device, pattern, topics):
    queue = bound(app, f"{name}.{pattern}")
    sensor = device(broker)
    for topic in ("a", "t", "a/t", "a/b/t", "b"):
        sensor.publish(f"{name}/{topic}", topic.encode(), 1)
    assert sorted(app.drain(queue)) == sorted(topic.encode() for topic in topics)


def test_a_message_that_stays_in_its_protocol_keeps_its_name(broker, name, device):
    listener = device(broker)
    listener.subscribe(f"{name}/#", 1)
    for topic in ("a.b", "a*b", "a%2Fb", "a%252Fb"):
        device(broker).publish(f"{name}/{topic}", b"", 1)
        assert listener.receive().topic == f"{name}/{topic}"


def test_topics_behind_a_dollar_do_not_match_a_leading_wildcard_of_a_queue(broker, app, name, device):
    queue = bound(app, "#")
    app.publish(f"$other.{name}", b"hidden", exchange="amq.topic")
    device(broker).publish(f"seen/{name}", b"seen", 1)
    assert app.drain(queue) == [b"seen"]


def test_a_topic_longer_than_a_key_may_be_is_kept_in_a_header(broker, app, name, device):
    queue = bound(app, f"{name}.#")
    topic = name + "/" + "/".join(["level"] * 60)
    device(broker).publish(topic, b"x", 1)
    method, properties, _ = app.consume(queue, 1)[0]
    assert len(method.routing_key) <= 255 and properties.headers["x-mqtt-topic"] == topic


# --- quality of service ---

@pytest.mark.parametrize("qos, mode", [(0, 1), (1, 2), (2, 2)])
def test_quality_of_service_becomes_the_delivery_mode(broker, app, name, device, qos, mode):
    queue = bound(app, name)
    device(broker).publish(name, b"x", qos)
    properties = app.consume(queue, 1)[0][1]
    assert properties.delivery_mode == mode
    assert (properties.headers or {}).get("x-mqtt-publish-qos") == (2 if qos == 2 else None)


@pytest.mark.parametrize("mode, granted, qos", [(None, 2, 0), (1, 2, 0), (2, 2, 1), (2, 1, 1), (2, 0, 0)])
def test_the_delivery_mode_becomes_a_quality_of_service(broker, app, name, device, mode, granted, qos):
    listener = device(broker)
    listener.subscribe(name, granted)
    app.publish(name, b"x", exchange="amq.topic", delivery_mode=mode)
    assert listener.receive().qos == qos


def test_exactly_once_survives_the_way_there_and_back(broker, app, name, device):
    """An application that forwards what it got, headers and all, does not lower the quality."""
    queue, listener = bound(app, f"{name}.in"), device(broker)
    listener.subscribe(f"{name}/out", 2)
    device(broker).publish(f"{name}/in", b"x", 2)
    _, properties, body = app.consume(queue, 1)[0]
    app.publish(f"{name}.out", body, exchange="amq.topic", headers=properties.headers, delivery_mode=properties.delivery_mode)
    assert listener.receive().qos == 2


# --- properties ---

def test_properties_of_a_device_reach_an_application(broker, app, name, device):
    queue = bound(app, name)
    device(broker, f"id-{name}", version=V5).publish(
        name, b"x", 1, ContentType="application/json", CorrelationData=b"42", ResponseTopic=f"{name}/answer", MessageExpiryInterval=60,
        UserProperty=[("room", "kitchen"), ("floor", "2")])
    properties = app.consume(queue, 1)[0][1]
    assert (properties.content_type, properties.correlation_id, properties.reply_to) == ("application/json", "42", f"mqtt:{name}/answer")
    assert 55_000 < int(properties.expiration) <= 60_000
    assert (properties.headers["room"], properties.headers["floor"], properties.headers["x-mqtt-client-id"]) == ("kitchen", "2", f"id-{name}")


def test_properties_of_an_application_reach_a_device(broker, app, name, device):
    listener = device(broker, version=V5)
    listener.subscribe(name, 1)
    app.publish(name, b"x", exchange="amq.topic", delivery_mode=2, content_type="application/json", correlation_id="42", expiration="60000",
                message_id="m1", headers={"room": "kitchen", "floor": 2, "list": [1, 2]})
    got = listener.receive().properties
    assert (got.ContentType, got.CorrelationData) == ("application/json", b"42")
    assert 55 < got.MessageExpiryInterval <= 60
    user = dict(got.UserProperty)
    assert (user["room"], user["floor"], user["amqp-message-id"]) == ("kitchen", "2", "m1")
    assert user["list;json"].replace(" ", "") == "[1,2]"


def test_user_properties_with_the_same_name_are_all_there(broker, app, name, device):
    queue = bound(app, name)
    device(broker, version=V5).publish(name, b"x", 1, UserProperty=[("a", "1"), ("a", "2"), ("b", "3")])
    headers = app.consume(queue, 1)[0][1].headers
    assert headers["x-mqtt-user-properties"] == [{"k": "a", "v": "1"}, {"k": "a", "v": "2"}, {"k": "b", "v": "3"}]


def test_binary_correlation_data_is_kept(broker, app, name, device):
    queue = bound(app, name)
    device(broker, version=V5).publish(name, b"x", 1, CorrelationData=b"\xff\x00\x01")
    assert app.consume(queue, 1)[0][1].headers["x-correlation-id"] == b"\xff\x00\x01"


def test_an_unmodified_amqp_server_answers_an_mqtt_request(broker, app, name, device):
    queue, asker = bound(app, f"{name}.question"), device(broker, version=V5)
    asker.subscribe(f"{name}/answer", 1)
    asker.publish(f"{name}/question", b"how warm?", 1, ResponseTopic=f"{name}/answer", CorrelationData=b"7")
    _, properties, _ = app.consume(queue, 1)[0]
    app.publish(properties.reply_to, b"21.5", correlation_id=properties.correlation_id, delivery_mode=2)
    answer = asker.receive()
    assert (answer.topic, answer.payload, answer.properties.CorrelationData) == (f"{name}/answer", b"21.5", b"7")


def test_an_mqtt_responder_answers_an_amqp_request(broker, app, name, device):
    responder = device(broker, version=V5)
    responder.subscribe(f"{name}/question", 1)
    answers = app.declare(exclusive=True)
    app.publish(f"{name}.question", b"how warm?", exchange="amq.topic", delivery_mode=2, reply_to=answers, correlation_id="7")
    question = responder.receive()
    responder.publish(question.properties.ResponseTopic, b"21.5", 1, CorrelationData=question.properties.CorrelationData)
    _, properties, body = app.consume(answers, 1)[0]
    assert (body, properties.correlation_id) == (b"21.5", "7")


# --- retained messages, wills, sessions ---

def test_an_application_can_store_and_clear_a_retained_message(broker, app, name, device):
    app.publish(name, b"on", exchange="amq.topic", delivery_mode=2, headers={"x-mqtt-retain": True})
    late = device(broker)
    late.subscribe(name, 1)
    message = late.receive()
    assert message.payload == b"on" and message.retain
    app.publish(name, b"", exchange="amq.topic", delivery_mode=2, headers={"x-mqtt-retain": True})
    later = device(broker)
    later.subscribe(name, 1)
    assert later.fence() == []


def test_a_binding_can_ask_for_retained_messages(broker, app, name, device):
    sensor = device(broker)
    for room in ("hall", "kitchen"):
        sensor.publish(f"{name}/{room}", room.encode(), 1, retain=True)
    queue = app.declare(exclusive=True)
    app.channel.queue_bind(queue, "amq.topic", f"{name}.*", {"x-mqtt-retained": True})
    assert sorted(app.drain(queue)) == [b"hall", b"kitchen"]


def test_a_will_reaches_an_application(broker, app, name, device):
    queue = bound(app, f"{name}.status")
    device(broker, will=(f"{name}/status", b"lost", 1, False)).vanish()
    assert app.consume(queue, 1)[0][2] == b"lost"


def test_an_application_publishes_to_an_absent_device(broker, app, name, device):
    absent = device(broker, name, clean=False)
    absent.subscribe(f"commands/{name}", 1)
    absent.disconnect()
    app.publish(f"commands.{name}", b"open", exchange="amq.topic", delivery_mode=2, mandatory=True)
    absent.connect()
    assert absent.receive().payload == b"open"


def test_the_queue_of_a_session_can_be_bound_by_an_application(broker, app, name, device):
    listener = device(broker, name, clean=False)
    listener.subscribe(f"{name}/unused", 1)
    queue = f"mqtt-subscription-{name}"
    assert app.channel.queue_declare(queue, passive=True).method.queue == queue
    app.channel.queue_bind(queue, "amq.topic", f"{name}.extra")
    app.publish(f"{name}.extra", b"x", exchange="amq.topic", delivery_mode=2)
    assert listener.receive().topic == f"{name}/extra"


def test_a_device_publishes_to_a_queue_and_to_an_exchange(broker, app, name, device):
    queue = app.declare(name)
    app.channel.exchange_declare(f"{name}-x", "direct")
    app.channel.queue_bind(queue, f"{name}-x", "k")
    sensor = device(broker)
    sensor.publish(f"$amqp/queue/{name}", b"1", 1)
    sensor.publish(f"$amqp/exchange/{name}-x/k", b"2", 1)
    assert app.drain(queue) == [b"1", b"2"]


def test_the_will_of_a_device_goes_to_a_queue(broker, app, name, device):
    queue = app.declare(name)
    device(broker, will=(f"$amqp/queue/{name}", b"lost", 1, False)).vanish()
    method, _, body = app.consume(queue, 1)[0]
    assert (method.exchange, method.routing_key, body) == ("", name, b"lost")


# --- acknowledgements ---

def test_a_message_that_a_queue_refuses_is_refused_to_the_device(broker, app, name, device):
    queue = bound(app, name, arguments={"x-max-length": 1, "x-overflow": "reject-publish"})
    with Wire(broker.host, broker.mqtt_port) as wire:
        wire.send(connect5(name))
        assert wire.packet()[0] == 0x20
        for packet_id, expected in ((1, 0), (2, 0x97)):
            wire.send(packet(0x32, text(name) + packet_id.to_bytes(2, "big") + b"\x00x"))
            kind, answer = wire.packet()
            assert kind == 0x40 and (answer[2] if len(answer) > 2 else 0) == expected
    assert app.count(queue)[0] == 1


def test_many_messages_both_ways_keep_their_order(broker, app, name, device):
    queue, listener = bound(app, f"{name}.up"), device(broker)
    listener.subscribe(f"{name}/down", 1)
    sensor = device(broker)
    waits = [sensor.publish_later(f"{name}/up", b"%d" % number, 1) for number in range(500)]
    for wait in waits:
        wait()
    for number in range(500):
        app.publish(f"{name}.down", b"%d" % number, exchange="amq.topic", delivery_mode=2)
    expected = [b"%d" % number for number in range(500)]
    assert [body for _, _, body in app.consume(queue, 500)] == expected
    assert listener.receive_payloads(500) == expected
