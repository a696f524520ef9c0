"""docs/mapping.md as rules that can be computed (mapping `levels`): what a message becomes for a consumer of each protocol. Written from the
page. Names are bytes here; properties go by the names of paho (MQTT 5) and pika (AMQP)."""

import base64
import dataclasses
import datetime
import decimal
import json
import re

import pika

LIVES_ON_S = 90  # a message's remaining time may be so much less than it was
SHORT, KEY_PREFIX = 255, 220  # bytes of AMQP's short strings; of a shortened key, before its hash
TOPIC_MAX = 65_535
EXPIRATION_MAX_MS = 10 * 365 * 24 * 3600 * 1000


@dataclasses.dataclass
class Message:
    """As it was published. `qos` of an AMQP message is what its properties say."""

    publisher: str  # v31, v311, v5 or amqp
    name: bytes
    payload: bytes
    qos: int
    properties: dict = dataclasses.field(default_factory=dict)
    retain: bool = False
    client_id: str = ""


# --- names ---

class Syntax:
    def __init__(self, separator, coded):
        codes = b"|".join(b"%02X" % character for character in coded)
        self.separator = separator
        self.code = re.compile(rb"%((?:25)*)(" + codes + rb")")
        self.special = re.compile(rb"%(?=(?:25)*(?:" + codes + rb"))|[" + re.escape(coded) + rb"]")

    def levels(self, text):
        return [self.code.sub(lambda m: b"%" + m[1][2:] + m[2] if m[1] else bytes.fromhex(m[2].decode()), level) for level in text.split(self.separator)]

    def text(self, levels):
        return self.separator.join(
            self.special.sub(lambda m: b"%25" if m[0] == b"%" else b"%%%02X" % m[0][0], level) for level in levels)


TOPIC, KEY = Syntax(b"/", b"/+#"), Syntax(b".", b".")


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def key_of(topic):
    key = KEY.text(TOPIC.levels(topic))
    if len(key) <= SHORT:
        return key
    levels = key.split(b".")
    while len(b".".join(levels)) > KEY_PREFIX:
        levels.pop()
    return b".".join(levels) + b".%~" + b"%016x" % fnv1a(key)


def topic_of(key):
    """None: it is no topic."""
    topic = TOPIC.text(KEY.levels(key))
    return topic if key and len(topic) <= TOPIC_MAX and is_text(topic) else None


def is_text(value):
    """As MQTT has it: UTF-8 without U+0000."""
    try:
        return "\0" not in value.decode()
    except UnicodeDecodeError:
        return False


# --- what consumers see ---

def for_consumer(consumer, message, again=False):
    """As view_of_delivery() or view_of_publish() shows it. None: it never comes. `again`: flagged as delivered before."""
    from_mqtt = message.publisher != "amqp"
    if message.name.startswith(b"$"):
        return None  # the consumers' patterns begin with a wildcard
    if consumer == "amqp":
        key = key_of(message.name) if from_mqtt else message.name
        properties = amqp_properties(message) if from_mqtt else message.properties
        return {"name": key, "payload": message.payload, "again": again, **as_pika_reads(properties)}
    topic = message.name if from_mqtt else topic_of(message.name)
    if topic is None:
        return None
    seen = {"name": topic, "payload": message.payload, "again": again, "retain": False, "qos": message.qos}
    if consumer != "v5" or message.publisher in ("v31", "v311"):
        return seen
    return seen | (message.properties if from_mqtt else mqtt_properties(message.properties))


# --- from MQTT to AMQP ---

NAMED = {"amqp-message-id": "message_id", "amqp-type": "type", "amqp-app-id": "app_id", "amqp-content-encoding": "content_encoding",
         "amqp-cluster-id": "cluster_id"}
NUMBERS = {"amqp-timestamp": ("timestamp", 2**64), "amqp-priority": ("priority", 2**8)}
PLACES = ["amqp-message-id", "amqp-type", "amqp-app-id", "amqp-cluster-id", "amqp-content-encoding", "amqp-timestamp", "amqp-priority"]
RESERVED = {"x-mqtt-content-type", "x-correlation-id", "x-reply-to-topic", "x-mqtt-payload-format", "x-mqtt-user-properties", "x-mqtt-retain",
            "x-mqtt-client-id", "x-mqtt-publish-qos", "x-mqtt-topic", "x-mqtt-will", "x-mqtt-reason-code", "x-mqtt-dup"}
FURTHER_KEYS = {"CC", "BCC"}  # where AMQP publishers and dead letters would follow them
FOR_AMQP_ONLY = RESERVED - {"x-mqtt-will", "x-mqtt-reason-code"}


def amqp_properties(message):
    given, basic, headers = message.properties, {"delivery_mode": 1 if message.qos == 0 else 2}, {}
    user_properties(given.get("UserProperty", []), basic, headers)
    if (text := given.get("ContentType")) is not None:
        place = (basic, "content_type") if len(text.encode()) <= SHORT else (headers, "x-mqtt-content-type")
        place[0][place[1]] = text
    if (data := given.get("CorrelationData")) is not None:
        if len(data) <= SHORT and is_utf8(data):
            basic["correlation_id"] = data.decode()
        else:
            headers["x-correlation-id"] = data
    if (topic := given.get("ResponseTopic")) is not None:
        response_topic(topic, basic, headers)
    if (seconds := given.get("MessageExpiryInterval")) is not None:
        basic["expiration"] = str(min(1000 * seconds, EXPIRATION_MAX_MS))
    if (indicator := given.get("PayloadFormatIndicator")) is not None:
        headers["x-mqtt-payload-format"] = indicator
    if message.qos == 2:
        headers["x-mqtt-publish-qos"] = 2
    if message.retain:
        headers["x-mqtt-retain"] = True
    if len(KEY.text(TOPIC.levels(message.name))) > SHORT:
        headers["x-mqtt-topic"] = message.name.decode()
    return basic | {"headers": headers | {"x-mqtt-client-id": message.client_id}}


def is_utf8(data):
    try:
        data.decode()
        return True
    except UnicodeDecodeError:
        return False


def response_topic(topic, basic, headers):
    if topic.startswith("$amqp/queue/"):
        basic["reply_to"] = topic.removeprefix("$amqp/queue/")
        return
    if len(f"mqtt:{topic}".encode()) <= SHORT:
        basic["reply_to"] = f"mqtt:{topic}"
    headers["x-reply-to-topic"] = topic


def user_properties(pairs, basic, headers):
    told, last = True, -1
    for name, value in pairs:
        if named_property(name, value, basic):
            told, last = told and not headers and last < PLACES.index(name), PLACES.index(name)
            continue
        header, read = as_header(name, value)
        if header in headers or header in RESERVED | FURTHER_KEYS or len(header.encode()) > SHORT:
            told = False
        else:
            headers[header] = read
    if not told:
        headers["x-mqtt-user-properties"] = [{"k": name, "v": value} for name, value in pairs]


def named_property(name, value, basic):
    """amqp-message-id and its like: whether a basic property holds it. (user_id holds verified names only.)"""
    property_name = NUMBERS[name][0] if name in NUMBERS else NAMED.get(name)
    if property_name is None or property_name in basic:
        return False
    if name not in NUMBERS and 0 < len(value.encode()) <= SHORT:
        basic[property_name] = value
    elif name in NUMBERS and value.isascii() and value.isdigit() and str(int(value)) == value and int(value) < NUMBERS[name][1]:
        basic[property_name] = int(value)
    return property_name in basic


def as_header(name, value):
    """A suffix counts only if the value is written as Causeway writes it."""
    if name.endswith(";json"):
        try:
            read = json.loads(value)
        except ValueError:
            return name, value
        return (name.removesuffix(";json"), read) if isinstance(read, (list, dict)) and json_of(read) == value else (name, value)
    if name.endswith(";b64"):
        try:
            read = base64.b64decode(value, validate=True)
        except ValueError:
            return name, value
        return (name.removesuffix(";b64"), read) if base64.b64encode(read).decode() == value else (name, value)
    return name, value


def json_of(value):
    """Without blanks; control characters by their number."""
    written = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return re.sub(r"\\(.)", lambda m: m[0] if m[1] in '"\\u' else f"\\u{ord(CONTROLS[m[1]]):04x}", written)


CONTROLS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


# --- from AMQP to MQTT 5 ---

def mqtt_properties(given):
    headers, seen, pairs = dict(given.get("headers", {})), {}, []
    content_type = headers.get("x-mqtt-content-type", given.get("content_type"))
    if content_type:
        seen["ContentType"] = content_type
    correlation = given.get("correlation_id", headers.get("x-correlation-id"))
    if correlation is not None:
        seen["CorrelationData"] = as_bytes(correlation)
    reply_to = given.get("reply_to")
    if reply_to is not None:
        seen["ResponseTopic"] = reply_to.removeprefix("mqtt:") if reply_to.startswith("mqtt:") else f"$amqp/queue/{reply_to}"
    elif "x-reply-to-topic" in headers:
        seen["ResponseTopic"] = headers["x-reply-to-topic"]
    if "expiration" in given:
        seen["MessageExpiryInterval"] = -(-int(given["expiration"]) // 1000)
    if headers.get("x-mqtt-payload-format") in (0, 1):
        seen["PayloadFormatIndicator"] = headers["x-mqtt-payload-format"]
    for user_property, name in {**NAMED, "amqp-user-id": "user_id", "amqp-timestamp": "timestamp", "amqp-priority": "priority"}.items():
        if given.get(name) not in (None, ""):
            pairs.append(as_user_property(user_property, given[name]))
    original = headers.get("x-mqtt-user-properties")
    original = [(pair["k"], pair["v"]) for pair in original] if isinstance(original, list) else []
    told = {name for name, _ in original} | {as_header(*pair)[0] for pair in original}
    pairs = [pair for pair in pairs if pair[0] not in told] + original
    pairs += [as_user_property(name, value) for name, value in headers.items() if name not in told | FOR_AMQP_ONLY]
    return seen | ({"UserProperty": pairs} if pairs else {})


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode()


def as_user_property(name, value):
    if isinstance(value, (list, dict)):
        return f"{name};json", json_of(value)
    if isinstance(value, bytes) or not is_text(data := as_bytes(scalar_text(value))):
        return f"{name};b64", base64.b64encode(value if isinstance(value, bytes) else data).decode()
    return name, data.decode()


def scalar_text(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        return str(int(value.replace(tzinfo=datetime.timezone.utc).timestamp()))
    if isinstance(value, (int, float, decimal.Decimal)):
        return str(value)
    return value


# --- what was seen, in the same form ---

def as_pika_reads(properties):
    """As pika shows them once they have gone over the wire: it makes whole numbers of floats, for instance."""
    wire = pika.BasicProperties(**properties).encode()
    return known_properties(pika.BasicProperties().decode(b"".join(wire)))


def known_properties(read):
    return {name: value for name, value in vars(read).items() if value not in (None, "", {}) or name == "correlation_id" and value == ""}


def view_of_delivery(method, properties, body):
    """pika's."""
    return {"name": as_bytes(method.routing_key), "payload": body, "again": method.redelivered, **known_properties(properties)}


def view_of_publish(message):
    """paho's."""
    seen = {"name": message.topic.encode(), "payload": message.payload, "again": message.dup, "retain": message.retain, "qos": message.qos}
    properties = getattr(message, "properties", None)  # version 5 only
    return seen | ({name: value for name, value in vars(properties).items() if name in PAHO_NAMES} if properties else {})


PAHO_NAMES = {"ContentType", "CorrelationData", "ResponseTopic", "MessageExpiryInterval", "PayloadFormatIndicator", "UserProperty"}


def comparable(view):
    """Where the page lays no order down there is none: User Properties that were basic properties come in any."""
    if view and "UserProperty" in view:
        view = view | {"UserProperty": sorted(map(tuple, view["UserProperty"]), key=lambda pair: pair[0] if pair[0].startswith("amqp-") else "")}
    return view


def still_alive(expected, seen):
    """`seen`, with the time that remains taken back to what it was if it is only a little less."""
    for name, unit in (("expiration", 1000), ("MessageExpiryInterval", 1)):
        if name in expected and name in seen and 0 <= int(expected[name]) - int(seen[name]) < LIVES_ON_S * unit:
            seen = seen | {name: expected[name]}
    return seen
