"""What the matrix publishes: for every row of docs/mapping.md's tables a value that is ordinary, and some that are hostile."""

import datetime
import decimal

LONG, UNICODE = "long" * 75, "Grüße/日本/🌍"  # 300 bytes: more than AMQP's short strings hold


class NoUtf8(str):
    """A long string that is not UTF-8, which pika would not write by itself."""

    def encode(self, *_):
        return b"\xff\xfe"


def user(*pairs):
    return {"UserProperty": list(pairs)}


# {row: the topic}; the payload says which message it is.
TOPICS = {"topic": "city/london", "dot in a topic": "a.b/c", "address as a topic": "192.168.0.1/up", "slash first": "/a", "slash last": "a/",
          "two slashes": "a//b", "only a slash": "/", "star in a topic": "a/*/b", "percent": "100%/x", "code in a topic": "a%2Fb/%2E/%2e",
          "guarded code": "a%252Fb",
          "code of a hash": "a/%23/%2B", "unicode topic": UNICODE, "long topic": "/".join([LONG[:9]] * 60), "long level": LONG, "spaces": " / ",
          "dollar topic": "$other/x", "dollar further on": "a/$b"}
KEYS = {"key": "city.london",
        "slash in a key": "a/b.c", "dot first": ".a", "dot last": "a.", "two dots": "a..b", "star in a key": "a.*.b", "hash in a key": "a.#.b",
        "plus in a key": "a.+.b", "code in a key": "a%2Eb.%2F", "guarded code": "a%252Fb", "unicode key": UNICODE,
        "long key": ".".join(["level"] * 42),
        "empty key": "", "nul in a key": "a.\0", "key that is no text": b"a.\xff", "dollar key": "$other.x", "dollar further on": "a.$b"}
PAYLOADS = {"no payload": b"", "bytes": bytes(range(256)), "many frames": b"\xc3" * 300_000}

MQTT5 = {
    "content type": {"ContentType": "application/json"}, "long content type": {"ContentType": LONG}, "unicode content type": {"ContentType": UNICODE},
    "empty content type": {"ContentType": ""},
    "correlation": {"CorrelationData": b"42"}, "empty correlation": {"CorrelationData": b""},
    "correlation that is no text": {"CorrelationData": b"\xff\0"},
    "long correlation": {"CorrelationData": LONG.encode()}, "unicode correlation": {"CorrelationData": UNICODE.encode()},
    "response topic": {"ResponseTopic": "answers/here"}, "long response topic": {"ResponseTopic": LONG},
    "unicode response topic": {"ResponseTopic": UNICODE},
    "response to a queue": {"ResponseTopic": "$amqp/queue/answers.here"},
    "response to an exchange": {"ResponseTopic": "$amqp/exchange/amq.topic/a.b"},
    "expiry": {"MessageExpiryInterval": 600}, "longest expiry": {"MessageExpiryInterval": 2**32 - 1},
    "payload format": {"PayloadFormatIndicator": 1}, "payload format of bytes": {"PayloadFormatIndicator": 0},
    "user property": user(("room", "kitchen")), "several user properties": user(("z", "1"), ("a", "2"), ("m", "3")),
    "user properties of one name": user(("a", "1"), ("b", "2"), ("a", "3")), "user property twice the same": user(("a", "1"), ("a", "1")),
    "user property without a name": user(("", "x")), "user property without a value": user(("x", "")),
    "user property of a long name": user((LONG, "x"), ("y", "z")),
    "user property of a long value": user(("x", "y" * 60_000)), "unicode user property": user((UNICODE, UNICODE)),
    "reserved user property": user(("x-mqtt-client-id", "forged"), ("x-mqtt-retain", "true"), ("x-mqtt-dup", "1"), ("a", "b")),
    "reserved user property alone": user(("x-correlation-id", "forged")),
    "user property like a header of RabbitMQ": user(("x-death", "forged"), ("CC", "elsewhere")),
    **{f"{name} as a user property": user((name, "42")) for name in
       ("amqp-message-id", "amqp-timestamp", "amqp-type", "amqp-app-id", "amqp-content-encoding", "amqp-cluster-id", "amqp-priority", "amqp-user-id")},
    **{f"{name}, long": user((name, LONG)) for name in ("amqp-message-id", "amqp-type", "amqp-timestamp", "amqp-priority")},
    "amqp-type in unicode": user(("amqp-type", UNICODE)), "amqp-priority that is none": user(("amqp-priority", "256")),
    "amqp-timestamp that is none": user(("amqp-timestamp", "-1")), "amqp-timestamp that is empty": user(("amqp-timestamp", "")),
    "amqp-timestamp written otherwise": user(("amqp-timestamp", "007")), "amqp-type that is empty": user(("amqp-type", "")),
    "amqp-type twice": user(("amqp-type", "a"), ("amqp-type", "b")),
    "amqp-type thrice, first long": user(("amqp-type", LONG), ("amqp-type", "b"), ("amqp-type", "c")),
    "amqp-user-id twice": user(("amqp-user-id", "a"), ("amqp-user-id", "b")),
    "amqp-priority twice": user(("amqp-priority", "1"), ("amqp-priority", "2")),
    "array": user(("list;json", '[1,"a",true,null,{"b":[]}]')), "table": user(("t;json", '{"a":1,"ü":{}}')),
    "array with blanks": user(("list;json", "[1, 2]")),
    "no json": user(("t;json", "{")), "number as json": user(("t;json", "1")), "bytes": user(("b;b64", "AAH/")), "no bytes": user(("b;b64", "AAH")),
    "empty bytes": user(("b;b64", "")), "suffix alone": user((";json", "[]")),
    "everything": {"ContentType": "a", "CorrelationData": b"b", "ResponseTopic": "c", "MessageExpiryInterval": 9000, "PayloadFormatIndicator": 1,
                   "UserProperty": [("d", "e"), ("amqp-type", "f"), ("g;json", "[]")]},
}

AMQP = {
    "content type": {"content_type": "application/json"}, "longest content type": {"content_type": LONG[:255]},
    "unicode content type": {"content_type": UNICODE},
    "content type in its header": {"headers": {"x-mqtt-content-type": LONG}}, "content encoding": {"content_encoding": "gzip"},
    "correlation": {"correlation_id": "42"}, "empty correlation": {"correlation_id": ""},
    "correlation that is no text": {"correlation_id": b"\xff\0"},
    "unicode correlation": {"correlation_id": UNICODE}, "correlation in its header": {"headers": {"x-correlation-id": b"\xff"}},
    "reply to": {"reply_to": "amq.gen-1"}, "reply to a topic": {"reply_to": "mqtt:a/b"}, "unicode reply to": {"reply_to": UNICODE},
    "reply topic in its header": {"headers": {"x-reply-to-topic": LONG}},
    "expiration": {"expiration": "600000"}, "expiration of odd milliseconds": {"expiration": "600001"},
    "longest expiration": {"expiration": "315360000000"},
    "message id": {"message_id": "m-1"}, "timestamp": {"timestamp": 1582977600}, "type": {"type": "reading"}, "application": {"app_id": "office"},
    "cluster": {"cluster_id": "c"}, "user": {"user_id": "guest"}, "priority": {"priority": 7}, "priority 0": {"priority": 0},
    "highest priority": {"priority": 255},
    "long type": {"type": LONG[:255]}, "unicode type": {"type": UNICODE}, "type with nul": {"type": "a\0"}, "timestamp 0": {"timestamp": 0},
    "far timestamp": {"timestamp": 2**64 - 1},
    "header": {"headers": {"room": "kitchen"}}, "several headers": {"headers": {"z": "1", "a": "2", "m": "3"}},
    "header without a name": {"headers": {"": "x"}},
    "header without a value": {"headers": {"x": ""}}, "header of a long name": {"headers": {LONG[:255]: "x"}},
    "header of a long value": {"headers": {"x": "y" * 60_000}},
    "unicode header": {"headers": {UNICODE: UNICODE}}, "header with nul": {"headers": {"x": "a\0"}},
    "header that is no text": {"headers": {"x": NoUtf8("?")}},
    "number": {"headers": {"x": 42}}, "large number": {"headers": {"x": 2**40}}, "negative number": {"headers": {"x": -7}},
    "decimal": {"headers": {"x": decimal.Decimal("-3.25")}}, "yes and no": {"headers": {"y": True, "n": False}}, "nothing": {"headers": {"x": None}},
    "time": {"headers": {"x": datetime.datetime(2020, 2, 29, 12)}}, "bytes": {"headers": {"x": b"\0\1\xff"}}, "no bytes": {"headers": {"x": b""}},
    "array": {"headers": {"x": [1, "a", True, None, {"b": []}]}}, "empty array": {"headers": {"x": []}},
    "table": {"headers": {"x": {"a": 1, "ü": {"q": '"\\\n'}}}},
    "payload format": {"headers": {"x-mqtt-payload-format": 1}}, "payload format that is none": {"headers": {"x-mqtt-payload-format": 2}},
    "user properties in their header": {"headers": {"a": "1", "x-mqtt-user-properties": [{"k": "a", "v": "1"}, {"k": "a", "v": "2"}]}},
    "everything": {"content_type": "a", "correlation_id": "b", "reply_to": "c", "expiration": "9000000", "type": "d", "message_id": "e", "priority": 1,
                   "headers": {"f": "g", "h": [1]}},
}


def rows(publisher):
    """{row: (name or None, payload or None, properties, retained)}; None: something that says which message it is."""
    names = KEYS if publisher == "amqp" else TOPICS
    properties = {"amqp": AMQP, "v5": MQTT5}.get(publisher, {})
    return {"plain": (None, None, {}, False), "retained": (None, None, {}, True),
            **{row: (name, None, {}, False) for row, name in names.items()},
            **{row: (None, payload, {}, False) for row, payload in PAYLOADS.items()},
            **{row if row not in names and row not in PAYLOADS else f"{row} in a property": (None, None, value, False) for row, value in properties.items()}}
