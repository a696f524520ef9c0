"""The cases of docs/amqp_errors.md. Most are a few steps on channel 1, the last of which is wrong; those of the handshake say what a
client says on a socket of its own."""

import collections

import mistakes
import wire
from client import client_properties
from steps import Step

Case = collections.namedtuple("Case", "what steps talk reason")


def case(what, *steps, reason=""):
    return Case(what, list(steps), None, reason)


def method(name, connection=0, channel=1, **fields):
    return Step(connection, channel, "method", name, fields)


def publish(**fields):
    properties = fields.pop("properties", {})
    return Step(0, 1, "publish", "", fields, properties, b"x")


def queue(**fields):
    return method("queue.declare", queue="~q0", **fields)


def exchange(**fields):
    return method("exchange.declare", **{"exchange": "~x0", "type": "direct", **fields})


def argument(name, letter, value):
    return queue(arguments=[(name, (letter, value))])


CASES = [
    # --- names and existence ---
    case("queue.declare, passive, of a missing queue", queue(passive=True)),
    case("queue.bind of a missing queue", exchange(), method("queue.bind", queue="~q0", exchange="~x0")),
    case("queue.bind to a missing exchange", queue(), method("queue.bind", queue="~q0", exchange="~x0")),
    case("queue.bind to the default exchange", queue(), method("queue.bind", queue="~q0", exchange="")),
    case("a binding to a headers exchange with an unknown x-match", queue(),
         method("queue.bind", queue="~q0", exchange="amq.headers", arguments=[("x-match", ("S", "some"))])),
    case("a binding to a headers exchange with an x-match that is no text", queue(),
         method("queue.bind", queue="~q0", exchange="amq.headers", arguments=[("x-match", ("I", 1))])),
    case("queue.purge of a missing queue", method("queue.purge", queue="~q0")),
    case("basic.get from a missing queue", method("basic.get", queue="~q0")),
    case("basic.consume from a missing queue", method("basic.consume", queue="~q0")),
    case("the empty queue name before any was declared", method("basic.get", queue="")),
    case("exchange.declare, passive, of a missing exchange", exchange(passive=True)),
    case("exchange.bind of a missing source", exchange(), method("exchange.bind", destination="~x0", source="~x1")),
    case("exchange.bind of a missing destination", exchange(), method("exchange.bind", destination="~x1", source="~x0")),
    case("exchange.bind to the default exchange", exchange(), method("exchange.bind", destination="", source="~x0")),
    case("queue.declare of a name of the server's", method("queue.declare", queue="amq.mine")),
    case("exchange.declare of a name of the server's", exchange(exchange="amq.mine")),
    case("exchange.declare of the default exchange", exchange(exchange="")),
    case("exchange.delete of the default exchange", method("exchange.delete", exchange="")),
    case("exchange.delete of a predeclared exchange", method("exchange.delete", exchange="amq.direct")),
    case("a name that is not UTF-8", Step(0, 1, "frame", bytes=wire.frame(
        wire.METHOD, 1, wire.method("queue.declare", queue=b"\xff", passive=True)))),

    # --- declared again, otherwise ---
    case("queue.declare again with another durable", queue(durable=True), queue()),
    case("queue.declare again with another auto-delete", queue(), queue(auto_delete=True)),
    case("queue.declare again with another exclusive", queue(), queue(exclusive=True)),
    case("queue.declare again with another x-max-length", argument("x-max-length", "I", 1), argument("x-max-length", "I", 2)),
    case("queue.declare again without its x-max-length", argument("x-max-length", "I", 1), queue()),
    case("exchange.declare again with another type", exchange(), exchange(type="fanout")),
    case("exchange.declare again with another durable", exchange(), exchange(durable=True)),
    case("exchange.declare again with another auto-delete", exchange(auto_delete=True), exchange()),
    case("exchange.declare again with another internal", exchange(), exchange(internal=True)),
    case("exchange.declare of an unknown type", exchange(type="no-such-type")),
    case("exchange.declare of the empty type", exchange(type=""), reason="exchange-type"),
    case("exchange.declare with an alternate exchange that is no text", exchange(arguments=[("alternate-exchange", ("I", 1))])),
    case("queue.declare with a dead-letter exchange that is no text", argument("x-dead-letter-exchange", "I", 1)),
    case("queue.declare with a negative x-max-length", argument("x-max-length", "I", -1)),
    case("queue.declare with an x-message-ttl that is no number", argument("x-message-ttl", "S", "soon")),
    case("queue.declare with x-expires 0", argument("x-expires", "I", 0)),
    case("queue.declare with an unknown x-overflow", argument("x-overflow", "S", "explode")),
    case("queue.declare with a dead-letter routing key alone", argument("x-dead-letter-routing-key", "S", "k")),
    case("queue.declare with an x-max-priority above 255", argument("x-max-priority", "I", 300)),
    case("queue.declare of an unknown queue type", argument("x-queue-type", "S", "odd")),
    case("queue.declare of a server-named queue whose type is no text", method("queue.declare", queue="", arguments=[("x-queue-type", ("I", 1))]),
         reason="server-named-type"),
    case("queue.declare again with a fraction for x-max-length", queue(), argument("x-max-length", "d", 1.0), reason="odd-values"),
    case("basic.consume with an x-priority that is no number", queue(),
         method("basic.consume", queue="~q0", arguments=[("x-priority", ("S", "high"))])),

    # --- in use, locked ---
    case("another connection's exclusive queue: declare", queue(exclusive=True), method("queue.declare", 1, queue="~q0", exclusive=True)),
    case("another connection's exclusive queue: passive", queue(exclusive=True), method("queue.declare", 1, queue="~q0", passive=True)),
    case("another connection's exclusive queue: get", queue(exclusive=True), method("basic.get", 1, queue="~q0")),
    case("another connection's exclusive queue: delete", queue(exclusive=True), method("queue.delete", 1, queue="~q0")),
    case("another connection's exclusive queue: bind", queue(exclusive=True), method("queue.bind", 1, queue="~q0", exchange="amq.direct")),
    case("queue.delete if-unused with a consumer", queue(), method("basic.consume", queue="~q0"),
         method("queue.delete", 1, queue="~q0", if_unused=True)),
    case("queue.delete if-empty with a message", queue(), publish(routing_key="~q0"), method("queue.delete", queue="~q0", if_empty=True)),
    case("exchange.delete if-unused with a binding", queue(), exchange(), method("queue.bind", queue="~q0", exchange="~x0"),
         method("exchange.delete", exchange="~x0", if_unused=True)),
    case("an exclusive consumer beside another", queue(), method("basic.consume", queue="~q0"),
         method("basic.consume", 1, queue="~q0", exclusive=True)),
    case("a consumer beside an exclusive one", queue(), method("basic.consume", queue="~q0", exclusive=True),
         method("basic.consume", 1, queue="~q0")),
    case("a consumer tag that is in use", queue(), method("basic.consume", queue="~q0", consumer_tag="t"),
         method("basic.consume", queue="~q0", consumer_tag="t")),

    case("a consumer tag that is in use, and no queue that was declared", method("queue.declare", channel=2, queue="~q0"),
         method("basic.consume", queue="~q0", consumer_tag="t"), method("basic.consume", queue="", consumer_tag="t")),
    case("a consumer of a quorum queue on a channel with basic.qos global",
         queue(durable=True, arguments=[("x-queue-type", ("S", "quorum"))]), method("basic.qos", prefetch_count=1, **{"global": True}),
         method("basic.consume", queue="~q0")),

    # --- publishing ---
    case("a publish to a missing exchange", publish(exchange="~x0")),
    case("a publish to an internal exchange", exchange(internal=True), publish(exchange="~x0")),
    case("a publish with immediate", publish(immediate=True)),
    case("a user_id that is not the login's", publish(properties={"user_id": "somebody"})),
    case("an expiration that is no number", publish(properties={"expiration": "soon"})),
    case("an expiration with something behind it", publish(properties={"expiration": "1.5"})),
    case("a negative expiration", publish(properties={"expiration": "-1"})),
    case("an expiration of more than ten years", publish(properties={"expiration": "999999999999"})),
    case("an unknown delivery mode", publish(properties={"delivery_mode": 7})),
    case("a CC header that is no array", publish(properties={"headers": [("CC", ("S", "a"))]})),
    case("a reply_to for a reply consumer that is not there", publish(properties={"reply_to": "amq.rabbitmq.reply-to"})),

    # --- settling, modes, the rest of basic and channel ---
    case("basic.ack of an unknown delivery tag", method("basic.ack", delivery_tag=82)),
    case("basic.nack of an unknown delivery tag", method("basic.nack", delivery_tag=82)),
    case("basic.reject of an unknown delivery tag", method("basic.reject", delivery_tag=82)),
    case("basic.ack a second time", queue(), publish(routing_key="~q0"), method("basic.get", queue="~q0"),
         method("basic.ack", delivery_tag=1), method("basic.ack", delivery_tag=1)),
    case("basic.qos with a prefetch size", method("basic.qos", prefetch_size=7)),
    case("basic.recover without requeue", method("basic.recover", requeue=False)),
    case("a reply consumer with acknowledgements", method("basic.consume", queue="amq.rabbitmq.reply-to")),
    case("a second reply consumer", method("basic.consume", queue="amq.rabbitmq.reply-to", no_ack=True),
         method("basic.consume", queue="amq.rabbitmq.reply-to", no_ack=True)),
    case("tx.commit without tx.select", method("tx.commit")),
    case("tx.rollback without tx.select", method("tx.rollback")),
    case("confirm.select after tx.select", method("tx.select"), method("confirm.select")),
    case("tx.select after confirm.select", method("confirm.select"), method("tx.select")),
    case("channel.flow with active=false", method("channel.flow", active=False)),
    case("channel.open a second time", method("channel.open")),
    case("a method on a channel that is not open", Step(0, 1, "method", "basic.qos", raw=True)),
    case("channel.close-ok on a channel that is not open", Step(0, 1, "method", "channel.close-ok", raw=True)),
]

# --- frames ---
CRASHES = {"a method of an unknown class": "unknown-method", "a table whose entry is cut off": "unknown-method",
           "a table with a field of an unknown type": "unknown-method", "an unknown method of the basic class": "unknown-method",
           "a body that is longer than announced": "long-body",
           "properties that are cut off": "malformed-properties", "properties with a malformed table": "malformed-properties"}
LISTED = {case.what for case in CASES} | {"a text that is not UTF-8"}
CASES += [case(what, Step(0, 1, "frame", what, bytes=make(1)), reason=CRASHES.get(what, "")) for what, make in mistakes.FRAMES
          if what not in LISTED and "is closing" not in what]


# --- the handshake ---

def spoken(what, reason=""):
    def enter(function):
        CASES.append(Case(what, [], function, reason))
        return function
    return enter


DROPS = "RabbitMQ drops the socket after three seconds; here the client is told what was wrong."


def start(client, **fields):
    client.send(wire.HEADER)
    client.expect("connection.start")
    client.method(0, "connection.start-ok", **{"client_properties": client_properties(), "mechanism": "PLAIN", "response": "\0guest\0guest",
                                               "locale": "en_US", **fields})


def tune(client, **fields):
    start(client)
    client.expect("connection.tune")
    client.method(0, "connection.tune-ok", **{"channel_max": 2047, "frame_max": 131072, **fields})


@spoken("a protocol header of another version")
def _(client):
    client.send(b"AMQP\0\0\x09\x02")


@spoken("no protocol header at all")
def _(client):
    client.send(b"GET / HTTP/1.1\r\n\r\n")


@spoken("a wrong password, of a client that wants to be told")
def _(client):
    start(client, response="\0guest\0wrong")


@spoken("a wrong password, of a client that does not want to be told")
def _(client):
    start(client, response="\0guest\0wrong", client_properties=[])


@spoken("an unknown mechanism", DROPS)
def _(client):
    start(client, mechanism="ODD")


@spoken("a PLAIN response that is malformed", DROPS)
def _(client):
    start(client, response="guest")


@spoken("connection.open before start-ok", DROPS)
def _(client):
    client.send(wire.HEADER)
    client.expect("connection.start")
    client.method(0, "connection.open", virtual_host="/")


@spoken("connection.open before tune-ok", DROPS)
def _(client):
    start(client)
    client.expect("connection.tune")
    client.method(0, "connection.open", virtual_host="/")


@spoken("a method on a channel before connection.open", DROPS)
def _(client):
    start(client)
    client.expect("connection.tune")
    client.method(1, "channel.open")


@spoken("a channel_max above the server's", DROPS)
def _(client):
    tune(client, channel_max=65535)


@spoken("a channel_max without limit", DROPS)
def _(client):
    tune(client, channel_max=0)


@spoken("a frame_max above the server's", DROPS)
def _(client):
    tune(client, frame_max=1 << 20)


@spoken("a frame_max below 4096", DROPS)
def _(client):
    tune(client, frame_max=1024)


@spoken("a vhost that does not exist")
def _(client):
    tune(client)
    client.method(0, "connection.open", virtual_host="nowhere")


@spoken("tune-ok a second time", DROPS)
def _(client):
    tune(client)
    client.method(0, "connection.tune-ok", channel_max=2047, frame_max=131072)


@spoken("more channels than channel_max")
def _(client):
    tune(client, channel_max=2)
    client.method(0, "connection.open", virtual_host="/")
    client.expect("connection.open-ok")
    for number in (1, 2, 3):
        client.method(number, "channel.open")
