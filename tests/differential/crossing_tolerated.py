"""What differs where MQTT and AMQP meet, even with the mapping `rabbitmq`, each with its reason. An entry takes what one consumer saw of one
message on both (the step, the step that published it, theirs, ours) and returns both without what it explains."""

import collections

Known = collections.namedtuple("Known", "name reason explain")


def without_header(seen, *names):
    if "headers" not in seen:
        return seen
    headers = {name: value for name, value in seen["headers"].items() if name not in names}
    rest = {name: value for name, value in seen.items() if name != "headers"}
    return rest | ({"headers": headers} if headers else {})


def no_own_headers(step, published, theirs, ours):
    if not isinstance(ours, list):
        return theirs, ours
    return theirs, [without_header(seen, "x-mqtt-client-id", "x-mqtt-retain", "x-mqtt-will") if isinstance(seen, dict) else seen for seen in ours]


def quality_by_delivery_mode(step, published, theirs, ours):
    """Only where that is why: an AMQP message that is not persistent, for a subscription of QoS 1."""
    if not isinstance(theirs, list) or not published or published.who != "amqp" or published.what["properties"].get("delivery_mode") == 2:
        return theirs, ours
    return [seen | {"qos": 0} if isinstance(seen, dict) and seen.get("qos") == 1 else seen for seen in theirs], ours


def retained_for_wildcards(step, published, theirs, ours):
    if step.kind != "subscribe" or not {"+", "#"} & set(step.what) or not isinstance(ours, list):
        return theirs, ours
    return theirs, [seen for seen in ours if not seen["retain"]] or None


KNOWN = [
    Known("own-headers", "They tell more, and disturb nobody.", no_own_headers),
    Known("transient", "QoS 1 would promise what is not kept.", quality_by_delivery_mode),
    Known("retained-for-wildcards",
          "MQTT 3.1.1, 3.3.1.3: a new subscription gets the retained messages of every topic that its filter matches.", retained_for_wildcards),
]
