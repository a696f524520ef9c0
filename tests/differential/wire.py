"""AMQP 0-9-1 on the wire, and nothing else: methods, field tables, content and frames to bytes and back. Whatever is asked for is
encoded, also what no client would send. Written from the specification, not from the broker's table: that is what it checks."""

import collections
import struct

HEADER = b"AMQP\0\0\x09\x01"
METHOD, CONTENT_HEADER, BODY, HEARTBEAT = 1, 2, 3, 8
FRAME_END = 0xCE

Frame = collections.namedtuple("Frame", "type channel payload")

# name: class id, method id, fields in wire order. Kinds: o octet, h short, l long, L longlong, s shortstr, S longstr, b bit, t table.
METHODS = {}
for _line in """
connection.start 10 10 o:version_major o:version_minor t:server_properties S:mechanisms S:locales
connection.start-ok 10 11 t:client_properties s:mechanism S:response s:locale
connection.secure 10 20 S:challenge
connection.secure-ok 10 21 S:response
connection.tune 10 30 h:channel_max l:frame_max h:heartbeat
connection.tune-ok 10 31 h:channel_max l:frame_max h:heartbeat
connection.open 10 40 s:virtual_host s:reserved_1 b:reserved_2
connection.open-ok 10 41 s:reserved_1
connection.close 10 50 h:reply_code s:reply_text h:class_id h:method_id
connection.close-ok 10 51
connection.blocked 10 60 s:reason
connection.unblocked 10 61
connection.update-secret 10 70 S:new_secret s:reason
connection.update-secret-ok 10 71
channel.open 20 10 s:reserved_1
channel.open-ok 20 11 S:reserved_1
channel.flow 20 20 b:active
channel.flow-ok 20 21 b:active
channel.close 20 40 h:reply_code s:reply_text h:class_id h:method_id
channel.close-ok 20 41
access.request 30 10 s:realm b:exclusive b:passive b:active b:write b:read
access.request-ok 30 11 h:ticket
exchange.declare 40 10 h:reserved_1 s:exchange s:type b:passive b:durable b:auto_delete b:internal b:no_wait t:arguments
exchange.declare-ok 40 11
exchange.delete 40 20 h:reserved_1 s:exchange b:if_unused b:no_wait
exchange.delete-ok 40 21
exchange.bind 40 30 h:reserved_1 s:destination s:source s:routing_key b:no_wait t:arguments
exchange.bind-ok 40 31
exchange.unbind 40 40 h:reserved_1 s:destination s:source s:routing_key b:no_wait t:arguments
exchange.unbind-ok 40 51
queue.declare 50 10 h:reserved_1 s:queue b:passive b:durable b:exclusive b:auto_delete b:no_wait t:arguments
queue.declare-ok 50 11 s:queue l:message_count l:consumer_count
queue.bind 50 20 h:reserved_1 s:queue s:exchange s:routing_key b:no_wait t:arguments
queue.bind-ok 50 21
queue.purge 50 30 h:reserved_1 s:queue b:no_wait
queue.purge-ok 50 31 l:message_count
queue.delete 50 40 h:reserved_1 s:queue b:if_unused b:if_empty b:no_wait
queue.delete-ok 50 41 l:message_count
queue.unbind 50 50 h:reserved_1 s:queue s:exchange s:routing_key t:arguments
queue.unbind-ok 50 51
basic.qos 60 10 l:prefetch_size h:prefetch_count b:global
basic.qos-ok 60 11
basic.consume 60 20 h:reserved_1 s:queue s:consumer_tag b:no_local b:no_ack b:exclusive b:no_wait t:arguments
basic.consume-ok 60 21 s:consumer_tag
basic.cancel 60 30 s:consumer_tag b:no_wait
basic.cancel-ok 60 31 s:consumer_tag
basic.publish 60 40 h:reserved_1 s:exchange s:routing_key b:mandatory b:immediate
basic.return 60 50 h:reply_code s:reply_text s:exchange s:routing_key
basic.deliver 60 60 s:consumer_tag L:delivery_tag b:redelivered s:exchange s:routing_key
basic.get 60 70 h:reserved_1 s:queue b:no_ack
basic.get-ok 60 71 L:delivery_tag b:redelivered s:exchange s:routing_key l:message_count
basic.get-empty 60 72 s:reserved_1
basic.ack 60 80 L:delivery_tag b:multiple
basic.reject 60 90 L:delivery_tag b:requeue
basic.recover-async 60 100 b:requeue
basic.recover 60 110 b:requeue
basic.recover-ok 60 111
basic.nack 60 120 L:delivery_tag b:multiple b:requeue
confirm.select 85 10 b:no_wait
confirm.select-ok 85 11
tx.select 90 10
tx.select-ok 90 11
tx.commit 90 20
tx.commit-ok 90 21
tx.rollback 90 30
tx.rollback-ok 90 31
""".split("\n"):
    if _line:
        _name, _class, _method, *_fields = _line.split()
        METHODS[_name] = (int(_class), int(_method), [tuple(field.split(":")) for field in _fields])

BY_IDS = {(class_id, method_id): (name, fields) for name, (class_id, method_id, fields) in METHODS.items()}
WITH_CONTENT = {"basic.publish", "basic.return", "basic.deliver", "basic.get-ok"}

# The basic class's properties in wire order, the first one at the highest flag.
PROPERTIES = [("content_type", "s"), ("content_encoding", "s"), ("headers", "t"), ("delivery_mode", "o"), ("priority", "o"),
              ("correlation_id", "s"), ("reply_to", "s"), ("expiration", "s"), ("message_id", "s"), ("timestamp", "L"), ("type", "s"),
              ("user_id", "s"), ("app_id", "s"), ("cluster_id", "s")]

SCALARS = {"b": ">b", "B": ">B", "s": ">h", "u": ">H", "I": ">i", "i": ">I", "l": ">q", "L": ">q", "f": ">f", "d": ">d", "T": ">Q", "D": ">BI"}
FIXED = {"o": ">B", "h": ">H", "l": ">I", "L": ">Q"}


def as_bytes(value):
    return value.encode() if isinstance(value, str) else value


def encode_value(value):
    """A field value is (letter, value): tables are lists of (name, value), arrays are lists of values, raw bytes stay what they are."""
    letter, what = value
    head = letter.encode()
    if letter in SCALARS:
        return head + struct.pack(SCALARS[letter], *(what if isinstance(what, (tuple, list)) else (what,)))
    if letter == "t":
        return head + bytes([what])
    if letter == "V":
        return head
    if letter in "Sx":
        return head + struct.pack(">I", len(as_bytes(what))) + as_bytes(what)
    if letter == "F":
        return head + encode_table(what)
    if letter == "A":
        inner = b"".join(encode_value(each) for each in what)
        return head + struct.pack(">I", len(inner)) + inner
    return head + as_bytes(what)  # a letter that nobody knows


def encode_table(table):
    if isinstance(table, bytes):  # already encoded, perhaps wrongly
        return table
    inner = b"".join(bytes([len(as_bytes(name))]) + as_bytes(name) + encode_value(value) for name, value in table)
    return struct.pack(">I", len(inner)) + inner


def encode_fields(fields, values):
    out, bits, used = b"", 0, 0
    for kind, name in fields:
        value = values.get(name)
        if kind == "b":
            bits |= int(bool(value)) << used
            used += 1
            continue
        if used:
            out, bits, used = out + bytes([bits]), 0, 0
        if kind in FIXED:
            out += struct.pack(FIXED[kind], value or 0)
        elif kind == "t":
            out += encode_table(value or [])
        else:
            text = as_bytes(value or b"")
            out += struct.pack(">B" if kind == "s" else ">I", len(text)) + text
    return out + bytes([bits]) if used else out


def method(name, **values):
    class_id, method_id, fields = METHODS[name]
    return struct.pack(">HH", class_id, method_id) + encode_fields(fields, values)


def property_block(properties):
    """Flags and values; a property that is None is left out."""
    flags, values = 0, b""
    for place, (name, kind) in enumerate(PROPERTIES):
        if properties.get(name) is not None:
            flags |= 1 << (15 - place)
            values += encode_fields([(kind, name)], properties)
    return struct.pack(">H", flags) + values


def content_header(properties, body_bytes, class_id=60, weight=0):
    block = properties if isinstance(properties, bytes) else property_block(properties)
    return struct.pack(">HHQ", class_id, weight, body_bytes) + block


def frame(kind, channel, payload, end=FRAME_END):
    return struct.pack(">BHI", kind, channel, len(payload)) + payload + bytes([end])


class Reader:
    def __init__(self, data):
        self.data, self.at, self.bit = data, 0, 8

    def take(self, size):
        self.bit = 8
        if self.at + size > len(self.data):
            raise ValueError("the server sent a field that is cut off")
        self.at += size
        return self.data[self.at - size:self.at]

    def number(self, layout):
        return struct.unpack(layout, self.take(struct.calcsize(layout)))

    def field(self, kind):
        if kind == "b":
            if self.bit == 8:
                self.bits = self.take(1)[0]
                self.bit = 0
            self.bit += 1
            return bool(self.bits >> (self.bit - 1) & 1)
        if kind in FIXED:
            return self.number(FIXED[kind])[0]
        if kind == "t":
            return self.table()
        return self.take(self.number(">B" if kind == "s" else ">I")[0]).decode("utf-8", "backslashreplace")

    def table(self):
        inner, found = Reader(self.take(self.number(">I")[0])), []
        while inner.at < len(inner.data):
            found.append((inner.field("s"), inner.value()))
        return found

    def value(self):
        letter = self.take(1).decode("latin-1")
        if letter in SCALARS:
            number = self.number(SCALARS[letter])
            return letter, number if len(number) > 1 else number[0]
        if letter == "t":
            return letter, bool(self.take(1)[0])
        if letter == "V":
            return letter, None
        if letter in "Sx":
            return letter, self.take(self.number(">I")[0]).decode("utf-8", "backslashreplace")
        if letter == "F":
            return letter, self.table()
        if letter == "A":
            inner, found = Reader(self.take(self.number(">I")[0])), []
            while inner.at < len(inner.data):
                found.append(inner.value())
            return letter, found
        raise ValueError(f"the server sent a field of the unknown type {letter!r}")


def decode_method(payload):
    """(name, {field: value})"""
    class_id, method_id = struct.unpack(">HH", payload[:4])
    name, fields = BY_IDS[class_id, method_id]
    reader = Reader(payload[4:])
    return name, {field: reader.field(kind) for kind, field in fields}


def decode_header(payload):
    """(body bytes, {property: value})"""
    body_bytes, flags = struct.unpack(">QH", payload[4:14])
    reader = Reader(payload[14:])
    return body_bytes, {name: reader.field(kind) for place, (name, kind) in enumerate(PROPERTIES) if flags >> (15 - place) & 1}
