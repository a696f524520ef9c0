"""Requests and their answers across the protocols: MQTT 5's Response Topic and Correlation Data (MQTT 5, 4.10) beside AMQP's reply_to and
correlation_id. Neither side knows that the other one speaks another protocol. docs/mapping.md, "Requests and replies"."""

import random
import threading

import pika
import pika.exceptions
import pytest
from support.mqtt import V5
from support.packets import Wire, connect5, packet, text
from support.process import wait_until
from support.shell import run

pytestmark = pytest.mark.needs("mqtt", "amqp")
ASKERS, EACH = 5, 10  # requests in flight: their product
DIRECT = "amq.rabbitmq.reply-to"


class Server:
    """An ordinary server of remote procedure calls, in a thread. It answers in upper case once it has `at_once` questions, and not in
    their order."""

    def __init__(self, broker, key, queue="", at_once=1):
        self.connection = pika.BlockingConnection(pika.ConnectionParameters(broker.host, broker.amqp_port))
        self.channel = self.connection.channel()
        self.queue = self.channel.queue_declare(queue, exclusive=not queue, durable=bool(queue)).method.queue
        self.channel.queue_bind(self.queue, "amq.topic", key)
        self.at_once, self.questions, self.returned = at_once, [], []
        self.channel.add_on_return_callback(lambda _c, method, _p, _b: self.returned.append(method.reply_code))
        self.channel.basic_consume(self.queue, self.take)
        self.thread = threading.Thread(target=self.channel.start_consuming)
        self.thread.start()

    def take(self, channel, method, properties, body):
        self.questions.append((properties, body))
        channel.basic_ack(method.delivery_tag)
        if len(self.questions) == self.at_once:
            self.answer_all()

    def answer_all(self):
        random.shuffle(self.questions)
        for asked, body in self.questions:
            properties = pika.BasicProperties(correlation_id=asked.correlation_id, delivery_mode=2)
            self.channel.basic_publish("", asked.reply_to, body.upper(), properties, mandatory=True)
        self.questions = []

    def close(self):
        self.connection.add_callback_threadsafe(self.channel.stop_consuming)
        self.thread.join()
        self.connection.close()


@pytest.fixture
def server():
    made = []

    def make(*arguments, **options):
        made.append(Server(*arguments, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


def answers_to(asker, count):
    """{Correlation Data: payload} of so many answers."""
    return {message.properties.CorrelationData: message.payload for message in (asker.receive() for _ in range(count))}


def responder(device, broker, name, at_once=1):
    """A device that answers in upper case, as MQTT 5 has it."""
    made = device(broker, version=V5)
    made.subscribe(name, 1)

    def answer_all():
        questions = [made.receive() for _ in range(at_once)]
        random.shuffle(questions)
        waits = [made.publish_later(each.properties.ResponseTopic, each.payload.upper(), 1, CorrelationData=each.properties.CorrelationData)
                 for each in questions]
        for wait in waits:
            wait()

    return answer_all


def asker_of(application, broker, direct):
    """(application, its reply_to, the list of what comes there as (method, properties, body))"""
    app = application(broker)
    reply_to = DIRECT if direct else app.declare(exclusive=True)
    arrived = app.subscribe(reply_to)
    return app, reply_to, arrived


ways = pytest.mark.parametrize("direct", [False, True], ids=["queue", "direct"])


# --- MQTT asks ---

def test_fifty_questions_of_devices_are_answered_each_to_its_asker(broker, name, device, server):
    server(broker, f"{name}.ask", at_once=ASKERS * EACH)
    askers = [device(broker, version=V5) for _ in range(ASKERS)]
    for place, asker in enumerate(askers):
        asker.subscribe(f"{name}/answers/{place}", 1)
    for number in range(EACH):
        for place, asker in enumerate(askers):  # the same Correlation Data everywhere: the topics alone tell the askers apart
            asker.publish(f"{name}/ask", f"question {number} of {place}".encode(), 1, ResponseTopic=f"{name}/answers/{place}",
                          CorrelationData=b"%d" % number)
    for place, asker in enumerate(askers):
        assert answers_to(asker, EACH) == {b"%d" % number: f"QUESTION {number} OF {place}".encode() for number in range(EACH)}
        assert asker.fence() == []


def test_a_stock_client_asks_a_stock_server(broker, name, server):
    server(broker, f"{name}.ask")
    said = run(["mosquitto_rr", "-h", broker.host, "-p", broker.mqtt_port, "-V", "5", "-q", "1", "-t", f"{name}/ask", "-e", f"{name}/answer",
                "-m", "how warm?", "-D", "publish", "correlation-data", "7", "-W", "10", "-F", "%t %p %D"]).stdout.decode()
    assert said == f"{name}/answer HOW WARM? 7\n"


def test_an_answer_waits_for_an_asker_that_went_away_and_comes_back(broker, name, device, server):
    asker = device(broker, name, version=V5, clean=False, connect={"SessionExpiryInterval": 600})
    asker.subscribe(f"{name}/answer", 1)
    asker.publish(f"{name}/ask", b"still there?", 1, ResponseTopic=f"{name}/answer", CorrelationData=b"7")  # nobody is there yet
    answering = server(broker, f"{name}.ask")
    asker.publish(f"{name}/ask", b"and now?", 1, ResponseTopic=f"{name}/answer", CorrelationData=b"8")
    assert asker.receive().payload == b"AND NOW?"
    answering.at_once = 2
    asker.publish(f"{name}/ask", b"one", 1, ResponseTopic=f"{name}/answer", CorrelationData=b"9")
    asker.vanish()
    device(broker, version=V5).publish(f"{name}/ask", b"two", 1, ResponseTopic=f"{name}/answer", CorrelationData=b"10")
    asker.connect()
    assert asker.session_present and answers_to(asker, 2) == {b"9": b"ONE", b"10": b"TWO"}


def test_a_server_is_told_that_the_asker_is_gone_for_good(broker, name, device, server):
    answering = server(broker, f"{name}.ask", at_once=2)
    gone, there = device(broker, version=V5), device(broker, version=V5)
    for place, asker in enumerate((gone, there)):
        asker.subscribe(f"{name}/answers/{place}", 1)
    gone.publish(f"{name}/ask", b"lost", 1, ResponseTopic=f"{name}/answers/0")
    gone.disconnect()
    there.publish(f"{name}/ask", b"kept", 1, ResponseTopic=f"{name}/answers/1")
    assert there.receive().payload == b"KEPT"
    wait_until(lambda: answering.returned == [312], "the answer to nobody coming back")


def test_a_device_is_told_that_no_server_is_there(broker, name):
    """PUBACK 0x10: no matching subscribers (MQTT 5, 3.4.2.1)."""
    assert puback_of(broker, f"{name}/ask", response_topic=f"{name}/answer") == 0x10


def test_a_question_waits_for_a_server_in_a_durable_queue(broker, name, device, application, server):
    app = application(broker)
    app.channel.queue_bind(app.declare(name, durable=True), "amq.topic", f"{name}.ask")
    asker = device(broker, version=V5)
    asker.subscribe(f"{name}/answer", 1)
    asker.publish(f"{name}/ask", b"anybody?", 1, ResponseTopic=f"{name}/answer", CorrelationData=b"1")
    server(broker, f"{name}.ask", queue=name)
    assert asker.receive().payload == b"ANYBODY?"


def test_a_response_topic_too_long_for_reply_to_is_in_a_header(broker, name, device, application):
    app, asker = application(broker), device(broker, version=V5)
    queue = app.declare(exclusive=True)
    app.channel.queue_bind(queue, "amq.topic", f"{name}.ask")
    topic = f"{name}/" + "/".join(["answer"] * 40)
    asker.subscribe(topic, 1)
    asker.publish(f"{name}/ask", b"?", 1, ResponseTopic=topic)
    properties = app.consume(queue, 1)[0][1]
    assert properties.reply_to is None and properties.headers["x-reply-to-topic"] == topic


# --- AMQP asks ---

@ways
def test_fifty_questions_of_applications_are_answered_each_to_its_asker(broker, name, device, application, direct):
    answer_all = responder(device, broker, f"{name}/ask", ASKERS * EACH)
    askers = [asker_of(application, broker, direct) for _ in range(ASKERS)]
    for number in range(EACH):
        for place, (app, reply_to, _) in enumerate(askers):
            app.publish(f"{name}.ask", f"question {number} of {place}".encode(), exchange="amq.topic", delivery_mode=2, reply_to=reply_to,
                        correlation_id=str(number))
    answer_all()
    for place, (app, _, arrived) in enumerate(askers):
        app.pump_until(lambda: len(arrived) == EACH, "ten answers")
        assert {properties.correlation_id: body for _, properties, body in arrived} == {
            str(number): f"QUESTION {number} OF {place}".encode() for number in range(EACH)}


@ways
def test_a_device_that_is_away_is_asked_when_it_comes_back(broker, name, device, application, direct):
    asked = device(broker, name, version=V5, clean=False, connect={"SessionExpiryInterval": 600})
    asked.subscribe(f"{name}/ask", 1)
    asked.disconnect()
    app, reply_to, arrived = asker_of(application, broker, direct)
    app.publish(f"{name}.ask", b"hello", exchange="amq.topic", delivery_mode=2, reply_to=reply_to, correlation_id="1")
    asked.connect()
    question = asked.receive()
    asked.publish(question.properties.ResponseTopic, b"HELLO", 1, CorrelationData=question.properties.CorrelationData)
    app.pump_until(lambda: arrived, "the answer")
    assert [(properties.correlation_id, body) for _, properties, body in arrived] == [("1", b"HELLO")]


@ways
def test_a_device_is_told_that_the_asker_is_gone(broker, name, device, application, direct):
    """PUBACK 0x10, and the device stays connected."""
    asked = device(broker, version=V5)
    asked.subscribe(f"{name}/ask", 1)
    app, reply_to, _ = asker_of(application, broker, direct)
    app.publish(f"{name}.ask", b"?", exchange="amq.topic", delivery_mode=2, reply_to=reply_to)
    topic = asked.receive().properties.ResponseTopic
    assert topic.startswith("$amqp/queue/")
    assert puback_of(broker, topic) == 0
    app.close()
    wait_until(lambda: puback_of(broker, topic) == 0x10, "the asker being gone")
    asked.publish(topic, b"too late", 1)
    assert asked.fence() == []


@ways
def test_an_application_is_told_that_the_device_is_not_there(broker, name, application, direct):
    app, reply_to, arrived = asker_of(application, broker, direct)
    app.channel.confirm_delivery()
    with pytest.raises(pika.exceptions.UnroutableError):
        app.publish(f"{name}.ask", b"?", exchange="amq.topic", delivery_mode=2, reply_to=reply_to, mandatory=True)
    assert arrived == []


def test_a_question_that_has_expired_is_not_asked(broker, name, device, application):
    asked = device(broker, name, version=V5, clean=False, connect={"SessionExpiryInterval": 600})
    asked.subscribe(f"{name}/ask", 1)
    asked.disconnect()
    app, reply_to, _ = asker_of(application, broker, False)
    for expiration in ("1", "60000"):
        app.publish(f"{name}.ask", expiration.encode(), exchange="amq.topic", delivery_mode=2, reply_to=reply_to, expiration=expiration)
    app.pump_until(lambda: app.count(f"mqtt-subscription-{name}")[0] == 1, "the first one's end")
    asked.connect()
    assert asked.receive().payload == b"60000"


@pytest.mark.needs("causeway")
@pytest.mark.parametrize("right, code", [("", 0x87), (', write: ["amq.default"]', 0x10)], ids=["without", "with"])
def test_a_device_may_answer_only_with_the_right_to_write_to_queues(listening, right, code):
    """The right to AMQP's default exchange, `amq.default`; without it PUBACK says 0x87 (MQTT 5, 3.4.2.1)."""
    rights = f'anonymous: {{mqtt: loopback, rights: [{{vhost: /, publish: ["#"]{right}}}]}}\n'
    assert puback_of(listening("name: mqtt, protocol: mqtt, port: 0", rest=rights), "$amqp/queue/of-nobody") == code


def puback_of(broker, topic, response_topic=None):
    """The reason code of the PUBACK."""
    properties = b"\x08" + text(response_topic) if response_topic else b""
    with Wire(broker.host, broker.mqtt_port) as wire:
        wire.send(connect5(""))
        assert wire.packet()[0] == 0x20
        wire.send(packet(0x32, text(topic) + b"\x00\x01" + bytes([len(properties)]) + properties + b"?"))
        kind, answer = wire.packet()
        assert kind == 0x40
        return answer[2] if len(answer) > 2 else 0
