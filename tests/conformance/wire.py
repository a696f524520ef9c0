"""MQTT 3.1, 3.1.1 and 5.0 on the wire, written from the specifications and sharing nothing with the program under test.

Building is permissive: every field can be given a value that no client should send. Texts may be bytes (ill-formed UTF-8),
properties a list of pairs (doubled, unknown) or raw bytes, `flags` and `length` replace what the fixed header should say.
Parsing is strict: `parse` takes packets that a server sends and raises Violation at the first thing that a server must not do.
"""

import re

V31, V311, V5 = 3, 4, 5
PROTOCOL_NAMES = {V31: "MQIsdp", V311: "MQTT", V5: "MQTT"}

KINDS = ("RESERVED", "CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBSCRIBE", "SUBACK", "UNSUBSCRIBE",
         "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH")
NUMBERS = {kind: number for number, kind in enumerate(KINDS)}
FLAGS = {kind: 2 if kind in ("PUBREL", "SUBSCRIBE", "UNSUBSCRIBE") else 0 for kind in KINDS}  # table 2.2


class Violation(AssertionError):
    """The server sent what the specification forbids."""


def require(condition, what):
    if not condition:
        raise Violation(what)


# --- properties: one table (5.0, table 2-4) ----------------------------------------------------------------------------------

ACKNOWLEDGED = ("PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBACK", "UNSUBACK")
ANY = lambda value: True
BIT = lambda value: value in (0, 1)
POSITIVE = lambda value: value > 0

# identifier: (name, type, packets that a server may put it in, what it may be)
PROPERTIES = {
    0x01: ("payload_format_indicator", "byte", ("PUBLISH",), BIT),
    0x02: ("message_expiry_interval", "u32", ("PUBLISH",), ANY),
    0x03: ("content_type", "text", ("PUBLISH",), ANY),
    0x08: ("response_topic", "text", ("PUBLISH",), lambda value: value and not re.search("[#+]", value)),
    0x09: ("correlation_data", "binary", ("PUBLISH",), ANY),
    0x0B: ("subscription_identifier", "varint", ("PUBLISH",), POSITIVE),
    0x11: ("session_expiry_interval", "u32", ("CONNACK",), ANY),
    0x12: ("assigned_client_identifier", "text", ("CONNACK",), ANY),
    0x13: ("server_keep_alive", "u16", ("CONNACK",), ANY),
    0x15: ("authentication_method", "text", ("CONNACK", "AUTH"), ANY),
    0x16: ("authentication_data", "binary", ("CONNACK", "AUTH"), ANY),
    0x17: ("request_problem_information", "byte", (), BIT),
    0x18: ("will_delay_interval", "u32", (), ANY),
    0x19: ("request_response_information", "byte", (), BIT),
    0x1A: ("response_information", "text", ("CONNACK",), ANY),
    0x1C: ("server_reference", "text", ("CONNACK", "DISCONNECT"), ANY),
    0x1F: ("reason_string", "text", ("CONNACK", *ACKNOWLEDGED, "DISCONNECT", "AUTH"), ANY),
    0x21: ("receive_maximum", "u16", ("CONNACK",), POSITIVE),
    0x22: ("topic_alias_maximum", "u16", ("CONNACK",), ANY),
    0x23: ("topic_alias", "u16", ("PUBLISH",), POSITIVE),
    0x24: ("maximum_qos", "byte", ("CONNACK",), BIT),
    0x25: ("retain_available", "byte", ("CONNACK",), BIT),
    0x26: ("user_property", "pair", ("CONNACK", "PUBLISH", *ACKNOWLEDGED, "DISCONNECT", "AUTH"), ANY),
    0x27: ("maximum_packet_size", "u32", ("CONNACK",), POSITIVE),
    0x28: ("wildcard_subscription_available", "byte", ("CONNACK",), BIT),
    0x29: ("subscription_identifiers_available", "byte", ("CONNACK",), BIT),
    0x2A: ("shared_subscription_available", "byte", ("CONNACK",), BIT),
}
PROPERTY_NUMBERS = {row[0]: number for number, row in PROPERTIES.items()}
REPEATED = ("user_property", "subscription_identifier")  # read as lists

# What a server may say in each packet (5.0, the tables of 3.2.2.2, 3.4.2.1, …).
REASONS = {
    "CONNACK": {0x00, *range(0x80, 0x8B), 0x8C, 0x90, 0x95, 0x97, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9F},
    "PUBACK": {0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99},
    "PUBREC": {0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99},
    "PUBREL": {0x00, 0x92},
    "PUBCOMP": {0x00, 0x92},
    "SUBACK": {0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2},
    "UNSUBACK": {0x00, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91},
    "DISCONNECT": {0x00, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8C, 0x8D, 0x8E, 0x8F, *range(0x90, 0xA3)} - {0x91, 0x92},
    "AUTH": {0x00, 0x18},
}
RETURN_CODES = {"CONNACK": range(6), "SUBACK": (0, 1, 2, 0x80)}  # 3.1.1


# --- building ----------------------------------------------------------------------------------------------------------------

def u16(value):
    return value.to_bytes(2, "big")


def u32(value):
    return value.to_bytes(4, "big")


def varint(value):
    """A variable byte integer, as short as it can be."""
    out = b""
    while True:
        value, digit = divmod(value, 128)
        out += bytes([digit | (0x80 if value else 0)])
        if not value:
            return out


def encoded(value):
    return value.encode() if isinstance(value, str) else value


def binary(value):
    """Two bytes of length, then the bytes."""
    return u16(len(encoded(value))) + encoded(value)


text = binary

WRITERS = {"byte": lambda value: bytes([value]), "u16": u16, "u32": u32, "varint": varint, "text": text, "binary": binary,
           "pair": lambda value: text(value[0]) + text(value[1])}


def one_property(name, value):
    """An identifier and its value; `name` may be a number, then the value is raw bytes."""
    if isinstance(name, int):
        return varint(name) + value
    return bytes([PROPERTY_NUMBERS[name]]) + WRITERS[PROPERTIES[PROPERTY_NUMBERS[name]][1]](value)


def properties(values=()):
    """A block with its length. A dict (a list as value repeats the property), a list of pairs, or bytes that are taken as they are."""
    if isinstance(values, bytes):
        return values
    if isinstance(values, dict):
        values = [(name, one) for name, value in values.items() for one in (value if isinstance(value, list) else [value])]
    block = b"".join(one_property(name, value) for name, value in values)
    return varint(len(block)) + block


def block(version, values):
    """The properties' place in a packet: nothing before 5.0."""
    return properties(values) if version == V5 else b""


def packet(kind, body=b"", flags=None, length=None):
    """Fixed header and body. `length`: bytes, or a number that lies about the body."""
    first = NUMBERS[kind] << 4 | (FLAGS[kind] if flags is None else flags)
    if not isinstance(length, bytes):
        length = varint(len(body) if length is None else length)
    return bytes([first]) + length + body


class Will:
    def __init__(self, topic, payload=b"", qos=0, retain=False, properties=()):
        self.topic, self.payload, self.qos, self.retain, self.properties = topic, payload, qos, retain, properties


def connect(version, client_id="", clean=True, keep_alive=0, will=None, user=None, password=None, properties=(), *,
            protocol_name=None, level=None, connect_flags=None, flags=None, length=None, extra=b""):
    """`connect_flags` replaces the byte of flags; the payload still follows from the other arguments, then `extra`."""
    marks = 2 * clean | 64 * (password is not None) | 128 * (user is not None)
    marks |= 0 if will is None else 4 | will.qos << 3 | will.retain << 5
    body = text(PROTOCOL_NAMES[version] if protocol_name is None else protocol_name)
    body += bytes([version if level is None else level, marks if connect_flags is None else connect_flags])
    body += u16(keep_alive) + block(version, properties) + text(client_id)
    if will is not None:
        body += block(version, will.properties) + text(will.topic) + binary(will.payload)
    for value in (user, password):
        body += b"" if value is None else binary(value)
    return packet("CONNECT", body + extra, flags, length)


def publish(version, topic, payload=b"", qos=0, packet_id=None, retain=False, dup=False, properties=(), *, flags=None, length=None):
    """`packet_id` is written if there is one, whatever the QoS."""
    flags = retain | qos << 1 | dup << 3 if flags is None else flags
    identifier = b"" if packet_id is None else u16(packet_id)
    return packet("PUBLISH", text(topic) + identifier + block(version, properties) + encoded(payload), flags, length)


def acknowledgement(kind, version, packet_id, reason=None, properties=None, *, flags=None, length=None):
    """PUBACK, PUBREC, PUBREL, PUBCOMP. Without a reason the short form, without properties the middle one (5.0)."""
    body = u16(packet_id) + (b"" if reason is None else bytes([reason]))
    return packet(kind, body + (b"" if properties is None else block(version, properties)), flags, length)


def subscribe(version, packet_id, filters, properties=(), *, flags=None, length=None):
    """`filters`: (filter, options byte) pairs."""
    body = u16(packet_id) + block(version, properties) + b"".join(text(name) + bytes([options]) for name, options in filters)
    return packet("SUBSCRIBE", body, flags, length)


def options(qos=0, no_local=False, retain_as_published=False, retain_handling=0):
    """The subscription options of 5.0 as a byte."""
    return qos | no_local << 2 | retain_as_published << 3 | retain_handling << 4


def unsubscribe(version, packet_id, filters, properties=(), *, flags=None, length=None):
    return packet("UNSUBSCRIBE", u16(packet_id) + block(version, properties) + b"".join(map(text, filters)), flags, length)


def pingreq():
    return packet("PINGREQ")


def disconnect(version, reason=None, properties=None, *, flags=None, length=None):
    body = b"" if reason is None else bytes([reason])
    return packet("DISCONNECT", body + (b"" if properties is None else block(version, properties)), flags, length)


def auth(reason=None, properties=None, *, flags=None, length=None):
    body = b"" if reason is None else bytes([reason])
    return packet("AUTH", body + (b"" if properties is None else block(V5, properties)), flags, length)


# --- parsing -----------------------------------------------------------------------------------------------------------------

class Packet:
    """What a server sent. `kind` is its name; the fields depend on it, and are None where it has none."""

    def __init__(self, kind, flags, raw):
        self.kind, self.flags, self.raw = kind, flags, raw
        self.packet_id = self.code = self.topic = self.payload = self.qos = None
        self.codes, self.properties = [], {}

    def __getattr__(self, name):
        raise AttributeError(f"{self.kind} has no {name}")

    def __repr__(self):
        return f"{self.kind} " + " ".join(f"{key}={value!r}" for key, value in self.__dict__.items()
                                          if key not in ("kind", "raw") and value not in (None, [], {}))


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def left(self):
        return len(self.data) - self.at

    def take(self, count):
        require(count <= self.left(), f"a field of {count} bytes where {self.left()} are left in {self.data!r}")
        self.at += count
        return self.data[self.at - count:self.at]

    def byte(self):
        return self.take(1)[0]

    def u16(self):
        return int.from_bytes(self.take(2), "big")

    def u32(self):
        return int.from_bytes(self.take(4), "big")

    def varint(self):
        value, start = 0, self.at
        for shift in (0, 7, 14, 21):
            digit = self.byte()
            value |= (digit & 0x7F) << shift
            if digit < 0x80:
                require(self.at - start == len(varint(value)), "a variable byte integer longer than it has to be")
                return value
        raise Violation("a variable byte integer of more than four bytes")

    def binary(self):
        return self.take(self.u16())

    def text(self):
        value = self.binary()
        try:
            decoded = value.decode()  # strict: no surrogates, no overlong forms
        except UnicodeDecodeError as why:
            raise Violation(f"ill-formed UTF-8: {value!r}") from why
        require("\0" not in decoded, "U+0000 in a text")
        return decoded

    def pair(self):
        return self.text(), self.text()

    def properties(self, kind):
        inside, found = Reader(self.take(self.varint())), {}
        while inside.left():
            number = inside.varint()
            require(number in PROPERTIES, f"unknown property {number:#x}")
            name, type_, places, allowed = PROPERTIES[number]
            require(kind in places, f"{name} in a server's {kind}")
            value = getattr(inside, type_)()
            require(allowed(value), f"{name} is {value!r}")
            if name in REPEATED:
                found.setdefault(name, []).append(value)
            else:
                require(name not in found, f"{name} twice")
                found[name] = value
        return found

    def end(self):
        require(not self.left(), f"{self.left()} bytes too many in {self.data!r}")


def parse(first, body, version):
    """A packet from a server, strictly."""
    kind = KINDS[first >> 4]
    found, reader = Packet(kind, first & 15, body), Reader(body)
    parser = PARSERS.get(kind)
    require(parser and not (version != V5 and kind in ("DISCONNECT", "AUTH")), f"a server does not send {kind} in version {version}")
    require(kind == "PUBLISH" or found.flags == FLAGS[kind], f"{kind} with flags {found.flags:04b}")
    parser(found, reader, version)
    reader.end()
    return found


def parse_connack(found, reader, version):
    acknowledge_flags, found.code = reader.byte(), reader.byte()
    require(acknowledge_flags in ((0,) if version == V31 else (0, 1)), f"CONNACK flags {acknowledge_flags:08b}")
    found.session_present = bool(acknowledge_flags)
    require(not (found.code and found.session_present), "session present beside a failure")
    require_code(found, version)
    if version == V5:
        found.properties = reader.properties("CONNACK")


def require_code(found, version, code=None):
    code = found.code if code is None else code
    allowed = REASONS[found.kind] if version == V5 else RETURN_CODES[found.kind]
    require(code in allowed, f"{found.kind} with code {code:#04x}")


def parse_publish(found, reader, version):
    found.qos, found.dup, found.retain = found.flags >> 1 & 3, bool(found.flags & 8), bool(found.flags & 1)
    require(found.qos != 3, "both QoS bits are set")
    require(found.qos or not found.dup, "DUP with QoS 0")
    found.topic = reader.text()
    require(not re.search("[#+]", found.topic), f"wildcards in the topic {found.topic!r}")
    if found.qos:
        read_packet_id(found, reader)
    if version == V5:
        found.properties = reader.properties("PUBLISH")
    require(found.topic or "topic_alias" in found.properties, "PUBLISH without a topic")
    found.payload = reader.take(reader.left())
    if found.properties.get("payload_format_indicator"):
        Reader(u16(0) if len(found.payload) > 65535 else binary(found.payload)).binary()


def read_packet_id(found, reader):
    found.packet_id = reader.u16()
    require(found.packet_id, f"{found.kind} with packet identifier 0")


def parse_acknowledgement(found, reader, version):
    read_packet_id(found, reader)
    found.code = reader.byte() if version == V5 and reader.left() else 0
    if version == V5:
        require_code(found, version)
        found.properties = reader.properties(found.kind) if reader.left() else {}


def parse_suback(found, reader, version):
    read_packet_id(found, reader)
    if version == V5:
        found.properties = reader.properties(found.kind)
    if found.kind == "SUBACK" or version == V5:
        found.codes = list(reader.take(reader.left()))
        require(found.codes, f"{found.kind} without codes")
    for code in found.codes:
        require_code(found, version, code)


def parse_disconnect(found, reader, version):
    found.code = reader.byte() if reader.left() else 0
    require_code(found, version)
    found.properties = reader.properties(found.kind) if reader.left() else {}


def parse_nothing(found, reader, version):
    pass


PARSERS = {"CONNACK": parse_connack, "PUBLISH": parse_publish, "PUBACK": parse_acknowledgement, "PUBREC": parse_acknowledgement,
           "PUBREL": parse_acknowledgement, "PUBCOMP": parse_acknowledgement, "SUBACK": parse_suback, "UNSUBACK": parse_suback,
           "PINGRESP": parse_nothing, "DISCONNECT": parse_disconnect, "AUTH": parse_disconnect}
