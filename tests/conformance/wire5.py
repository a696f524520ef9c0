"""The packets of wire as MQTT 5.0 has them, for tests that speak nothing else."""

from functools import partial

import wire

V5 = wire.V5
connect = partial(wire.connect, V5)
publish = partial(wire.publish, V5)
subscribe = partial(wire.subscribe, V5)
unsubscribe = partial(wire.unsubscribe, V5)
disconnect = partial(wire.disconnect, V5)
puback, pubrec, pubrel, pubcomp = (partial(wire.acknowledgement, kind, V5) for kind in ("PUBACK", "PUBREC", "PUBREL", "PUBCOMP"))
auth, options, packet, pingreq, properties, text, varint, Will = (
    wire.auth, wire.options, wire.packet, wire.pingreq, wire.properties, wire.text, wire.varint, wire.Will)

# What a client may send after CONNECT, each in its plainest form.
PLAIN = {
    "PUBLISH": publish("plain", b"p", qos=1, packet_id=1),
    "PUBACK": puback(1),
    "PUBREC": pubrec(1, 0x80),  # nothing answers it
    "PUBREL": pubrel(1),
    "PUBCOMP": pubcomp(1),
    "SUBSCRIBE": subscribe(1, [("plain", 0)]),
    "UNSUBSCRIBE": unsubscribe(1, ["plain"]),
    "PINGREQ": pingreq(),
    "DISCONNECT": disconnect(),
}


def carrying(kind, block):
    """A packet of this kind, right but for its property block (bytes with their length, or what wire.properties takes)."""
    return {
        "CONNECT": lambda: connect("carrying", properties=block),
        "WILL": lambda: connect("carrying", will=Will("will", b"w", properties=block)),
        "PUBLISH": lambda: publish("carrying", b"p", properties=block),
        "PUBACK": lambda: puback(1, 0, block),
        "PUBREC": lambda: pubrec(1, 0x80, block),
        "PUBREL": lambda: pubrel(1, 0, block),
        "PUBCOMP": lambda: pubcomp(1, 0, block),
        "SUBSCRIBE": lambda: subscribe(1, [("carrying", 0)], block),
        "UNSUBSCRIBE": lambda: unsubscribe(1, ["carrying"], block),
        "DISCONNECT": lambda: disconnect(0, block),
    }[kind]()


# Kinds for `carrying`, and which properties each may have (table 2-4).
PLACES = {
    "CONNECT": {"session_expiry_interval", "authentication_method", "authentication_data", "request_problem_information",
                "request_response_information", "receive_maximum", "topic_alias_maximum", "user_property", "maximum_packet_size"},
    "WILL": {"payload_format_indicator", "message_expiry_interval", "content_type", "response_topic", "correlation_data",
             "will_delay_interval", "user_property"},
    "PUBLISH": {"payload_format_indicator", "message_expiry_interval", "content_type", "response_topic", "correlation_data",
                "subscription_identifier", "topic_alias", "user_property"},
    **{kind: {"reason_string", "user_property"} for kind in ("PUBACK", "PUBREC", "PUBREL", "PUBCOMP")},
    "SUBSCRIBE": {"subscription_identifier", "user_property"},
    "UNSUBSCRIBE": {"user_property"},
    "DISCONNECT": {"session_expiry_interval", "reason_string", "user_property", "server_reference"},
}


def some(name):
    """A value that this property may have, and that asks for nothing strange."""
    return {"byte": 1, "u16": 5, "u32": 5_000, "varint": 5, "text": "some", "binary": b"some",
            "pair": ("some", "pair")}[wire.PROPERTIES[wire.PROPERTY_NUMBERS[name]][1]]
