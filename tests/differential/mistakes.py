"""The values and frames that sequences are salted with: every argument and property with values that are right and wrong, and frames
that no client library sends."""

import struct

import wire


def number(value, letter="I"):
    return (letter, value)


DEEP = ("F", [("a", ("F", [("b", ("A", [("S", "c"), ("F", [("d", ("V", None))]), ("A", [])]))]))])
EVERY_TYPE = [("t", ("t", 1)), ("b", ("b", -5)), ("B", ("B", 200)), ("s", ("s", -300)), ("u", ("u", 60000)), ("I", ("I", -70000)),
              ("i", ("i", 4000000000)), ("l", ("l", -5000000000)), ("L", ("L", 5000000000)), ("f", ("f", 1.5)), ("d", ("d", 2.25)),
              ("D", ("D", (2, 314))), ("S", ("S", "text")), ("T", ("T", 1700000000)), ("F", ("F", [("in", ("S", "side"))])),
              ("A", ("A", [("I", 1), ("S", "two")])), ("V", ("V", None)), ("x", ("x", b"\x00\xff"))]

QUEUE_ARGUMENTS = [
    ("x-max-length", number(1)), ("x-max-length", number(2, "l")), ("x-max-length", number(1, "b")), ("x-max-length", number(-1)),
    ("x-max-length", ("S", "one")), ("x-max-length", ("d", 1.0)), ("x-max-length", number(0, "B")),
    ("x-max-length-bytes", number(3)), ("x-max-length-bytes", number(-3)), ("x-message-ttl", number(60000)),
    ("x-message-ttl", number(60000, "l")), ("x-message-ttl", number(-1)), ("x-message-ttl", ("S", "60000")),
    ("x-message-ttl", number(2 ** 40, "l")), ("x-expires", number(600000)), ("x-expires", number(0)), ("x-expires", ("t", 1)),
    ("x-dead-letter-exchange", ("S", "")), ("x-dead-letter-exchange", ("S", "~x0")), ("x-dead-letter-exchange", number(1)),
    ("x-dead-letter-routing-key", ("S", "~q1")), ("x-dead-letter-routing-key", number(1)), ("x-overflow", ("S", "drop-head")),
    ("x-overflow", ("S", "reject-publish")), ("x-overflow", ("S", "explode")), ("x-overflow", ("t", 1)),
    ("x-max-priority", number(3)), ("x-max-priority", number(0, "B")), ("x-max-priority", number(-2)), ("x-max-priority", number(300)),
    ("x-single-active-consumer", ("t", 1)), ("x-single-active-consumer", ("S", "yes")), ("x-queue-mode", ("S", "lazy")),
    ("x-queue-mode", ("S", "quick")), ("x-queue-type", ("S", "classic")), ("x-queue-type", ("S", "odd")), ("x-queue-type", number(1)),
    ("x-own", ("S", "anything")), ("x-own", DEEP)]

EXCHANGE_ARGUMENTS = [("alternate-exchange", ("S", "~x1")), ("alternate-exchange", ("S", "~x2")), ("alternate-exchange", number(1)),
                      ("x-own", ("S", "anything"))]

BINDING_ARGUMENTS = [[("x-match", ("S", "all")), ("k", ("S", "v"))], [("x-match", ("S", "any")), ("k", ("S", "v")), ("n", number(1))],
                     [("k", ("S", "v"))], [("k", ("V", None))], EVERY_TYPE,
                     [("x-match", ("S", "some"))], [("x-match", number(1))]]

CONSUMER_ARGUMENTS = [("x-priority", number(5)), ("x-priority", number(-5)), ("x-priority", ("S", "high")),
                      ("x-cancel-on-ha-failover", ("t", 1)), ("x-own", ("S", "anything"))]

PROPERTIES = [
    ("headers", [[], [("k", ("S", "v"))], [("k", ("S", "v")), ("n", number(1))], EVERY_TYPE, [("deep", DEEP)],
                 [("CC", ("A", [("S", "~q1"), ("S", "a")]))], [("BCC", ("A", [("S", "~q1")]))], [("CC", ("S", "~q1"))],
                 [("CC", ("A", [("I", 1)]))], [("x", ("S", "v")), ("x", ("S", "again"))]]),
    ("expiration", ["60000", "0x", "-1", "", "soon", "1.5", "99999999999999", "4294967296", "+60000", " 60000"]),
    ("priority", [0, 1, 2, 3, 255]),
    ("user_id", ["guest", "somebody", ""]),
    ("correlation_id", ["c"]), ("reply_to", ["~q1", "amq.rabbitmq.reply-to"]), ("message_id", ["id", ""]), ("timestamp", [0, 1700000000]),
    ("type", ["kind"]), ("app_id", ["app"]), ("cluster_id", ["cluster"]), ("content_type", ["text/plain", "ü"]), ("content_encoding", ["gzip"]),
]


def method_frame(channel, payload):
    return wire.frame(wire.METHOD, channel, payload)


def publish(channel, *frames):
    """basic.publish to the default exchange, and what follows it."""
    return method_frame(channel, wire.method("basic.publish", routing_key="nobody")) + b"".join(frames)


def header(channel, body_bytes, block=b"\0\0", **options):
    return wire.frame(wire.CONTENT_HEADER, channel, wire.content_header(block, body_bytes, **options))


def body(channel, data):
    return wire.frame(wire.BODY, channel, data)


def table(entries):
    return struct.pack(">I", len(entries)) + entries


# What is wrong, and the bytes for a channel.
FRAMES = [
    ("a header without a method", lambda ch: header(ch, 2)),
    ("a body without a method", lambda ch: body(ch, b"x")),
    ("a method where a header is due", lambda ch: publish(ch, method_frame(ch, wire.method("basic.qos")))),
    ("a body where a header is due", lambda ch: publish(ch, body(ch, b"x"))),
    ("a body that is longer than announced", lambda ch: publish(ch, header(ch, 2), body(ch, b"xxx"))),
    ("a method where a body is due", lambda ch: publish(ch, header(ch, 2), method_frame(ch, wire.method("basic.qos")))),
    ("channel.close where a body is due", lambda ch: publish(ch, header(ch, 2), method_frame(ch, wire.method("channel.close")))),
    ("a header where a body is due", lambda ch: publish(ch, header(ch, 2), header(ch, 2))),
    ("a header of another class", lambda ch: publish(ch, header(ch, 2, class_id=50))),
    ("a header with a weight", lambda ch: publish(ch, header(ch, 2, weight=1))),
    ("a header that is cut off", lambda ch: publish(ch, wire.frame(wire.CONTENT_HEADER, ch, b"\0\x3c\0\0"))),
    ("a header on channel 0", lambda ch: header(0, 2)),
    ("a body on channel 0", lambda ch: body(0, b"x")),
    ("a heartbeat on a channel", lambda ch: wire.frame(wire.HEARTBEAT, ch, b"")),
    ("a heartbeat with a payload", lambda ch: wire.frame(wire.HEARTBEAT, 0, b"x")),
    ("a frame of type 4", lambda ch: wire.frame(4, ch, b"")),
    ("a frame of type 0 on channel 0", lambda ch: wire.frame(0, 0, b"\1\2")),
    ("a frame without its end", lambda ch: wire.frame(wire.METHOD, ch, wire.method("basic.qos"), end=0)),
    ("a frame over frame_max", lambda ch: wire.frame(wire.BODY, ch, b"x" * 131073)),
    ("arguments that are cut off", lambda ch: method_frame(ch, wire.method("queue.declare", queue="q")[:-3])),
    ("arguments with something behind them", lambda ch: method_frame(ch, wire.method("basic.ack", delivery_tag=1) + b"x")),
    ("a method of an unknown class", lambda ch: method_frame(ch, b"\0\x63\0\x0a")),
    ("an unknown method of the basic class", lambda ch: method_frame(ch, b"\0\x3c\0\xd2")),
    ("a method frame of two bytes", lambda ch: method_frame(ch, b"\0\x3c")),
    ("a method of the server's: declare-ok", lambda ch: method_frame(ch, wire.method("queue.declare-ok", queue="q"))),
    ("a method of the server's: deliver", lambda ch: method_frame(ch, wire.method("basic.deliver", consumer_tag="t"))
     + header(ch, 0)),
    ("a method of the server's: flow-ok", lambda ch: method_frame(ch, wire.method("channel.flow-ok", active=True))),
    ("a method of the connection class on a channel", lambda ch: method_frame(ch, wire.method("connection.tune-ok"))),
    ("connection.close on a channel", lambda ch: method_frame(ch, wire.method("connection.close"))),
    ("a method of the queue class on channel 0", lambda ch: method_frame(0, wire.method("queue.declare", queue="q"))),
    ("channel.open on channel 0", lambda ch: method_frame(0, wire.method("channel.open"))),
    ("connection.open a second time", lambda ch: method_frame(0, wire.method("connection.open", virtual_host="/"))),
    ("connection.start-ok a second time", lambda ch: method_frame(0, wire.method("connection.start-ok", mechanism="PLAIN", response="x"))),
    ("connection.close-ok out of turn", lambda ch: method_frame(0, wire.method("connection.close-ok"))),
    ("a table whose entry is cut off", lambda ch: method_frame(ch, wire.method("queue.declare", queue="q", arguments=table(b"\x05ab")))),
    ("a table with a field of an unknown type", lambda ch: method_frame(ch, wire.method("queue.declare", queue="q", arguments=[("a", ("?", b"x"))]))),
    ("properties that are cut off", lambda ch: publish(ch, header(ch, 0, block=b"\x80\0\x09ab"))),
    ("properties with a malformed table", lambda ch: publish(ch, header(ch, 0, block=b"\x20\0" + table(b"\x01a?")))),
    ("methods on a channel that is closing", lambda ch: b"".join(method_frame(ch, wire.method(name, **fields)) for name, fields in (
        ("basic.ack", {"delivery_tag": 4711}), ("basic.qos", {}), ("queue.declare", {"queue": "missing", "passive": True}), ("basic.get", {"queue": "missing"})))),
    ("channel.close on a channel that is closing", lambda ch: method_frame(ch, wire.method("basic.ack", delivery_tag=4711))
     + method_frame(ch, wire.method("channel.close"))),
    ("a publish on a channel that is closing", lambda ch: method_frame(ch, wire.method("basic.ack", delivery_tag=4711))
     + publish(ch, header(ch, 2), body(ch, b"xx"))),
    ("a text that is not UTF-8", lambda ch: method_frame(ch, wire.method("queue.declare", queue=b"\xff\xfe", passive=True))),
]
