"""Random plays in which MQTT and AMQP meet, from a seed: of names and properties that RabbitMQ's plugin treats rightly. Left out, since it
does not: QoS 2 (it has none); `.`, `*`, `+` and `#` inside a level; names that begin with `$`; names of more than 255 bytes; keys that are
no topic; a client with subscriptions of both QoS 0 and QoS 1 (it has a queue for each, so that overlapping ones give two copies); QoS 0
subscriptions of persistent sessions (it forgets them), and the end of such a session's subscriptions once it has come back (they cannot be
ended any more)."""

import collections
import random

Step = collections.namedtuple("Step", "kind who what")

LEVELS = ("a", "b", "c", "room 7", "Grüße", "%2F", "x%", "-_", "")
QUEUES = ("q1", "q2")
DEVICES = {"quick": (0, True), "careful": (1, True), "lasting": (1, False)}  # QoS of its subscriptions, clean session
PUBLISHERS = ("v31", "v311")
STEPS = (10, 40)

HEADERS = ({}, {"room": "kitchen"}, {"n": 1, "yes": True, "list": [1, "a"], "table": {"k": "v"}})
PROPERTIES = {"content_type": "text/plain", "content_encoding": "gzip", "correlation_id": "42", "reply_to": "answers", "message_id": "m", "type": "t",
              "app_id": "a", "user_id": "guest", "priority": 3, "timestamp": 1_600_000_000, "expiration": "600000"}


class Generator:
    def __init__(self, seed):
        self.dice = random.Random(f"crossing {seed}")
        self.numbers = 0
        self.filters = {device: [] for device in DEVICES}
        self.keys = {queue: [] for queue in QUEUES}
        self.away = set()
        self.pool = [self.new_levels() for _ in range(4)]

    def play(self):
        """The consumers first, then whatever comes."""
        steps = [self.bind() for _ in QUEUES] + [self.subscribe() for _ in DEVICES]
        kinds = [self.publish_mqtt] * 8 + [self.publish_amqp] * 8
        kinds += [self.bind, self.unbind, self.subscribe, self.subscribe, self.unsubscribe, self.leave_or_return, self.leave_or_return, self.will]
        length = self.dice.randint(*STEPS)
        while len(steps) < length:
            if step := self.dice.choice(kinds)():
                steps.append(step)
        return steps

    # --- names ---

    def new_levels(self):
        chosen = [self.dice.choice(LEVELS) for _ in range(self.dice.randint(1, 4))]
        return chosen if any(chosen) else ["a"]

    def levels(self):
        """Mostly ones that the others use, too."""
        return list(self.dice.choice(self.pool)) if self.dice.random() < 0.85 else self.new_levels()

    def topic(self):
        return "/".join(self.levels())

    def filter(self):
        levels = [self.dice.choice((level, level, level, "+")) for level in self.levels()]
        if self.dice.random() < 0.4:
            levels[self.dice.randrange(len(levels)):] = ["#"]
        return "/".join(levels)

    def key(self):
        levels = [self.dice.choice((level, level, level, level, "*", "#")) for level in self.levels()]
        if self.dice.random() < 0.2:
            levels.insert(self.dice.randrange(len(levels) + 1), "#")
        return ".".join(levels)

    def payload(self):
        self.numbers += 1
        return b"%d:" % self.numbers + self.dice.randbytes(self.dice.choice((0, 3, 20)))

    # --- steps ---

    def bind(self):
        queue = self.dice.choice(QUEUES)
        self.keys[queue].append(self.key())
        return Step("bind", queue, self.keys[queue][-1])

    def unbind(self):
        queue = self.dice.choice(QUEUES)
        return Step("unbind", queue, self.taken(self.keys[queue])) if self.keys[queue] else None

    def subscribe(self):
        device = self.dice.choice(sorted(set(DEVICES) - self.away))
        self.filters[device].append(self.filter())
        return Step("subscribe", device, self.filters[device][-1])

    def unsubscribe(self):
        device = self.dice.choice(sorted(set(DEVICES) - self.away))
        return Step("unsubscribe", device, self.taken(self.filters[device])) if self.filters[device] else None

    def taken(self, given):
        """One of them, which are all gone then: asking twice for the same is one subscription."""
        one = self.dice.choice(given)
        given[:] = [each for each in given if each != one]
        return one

    def leave_or_return(self):
        self.away ^= {"lasting"}
        self.filters["lasting"] = []
        return Step("leave" if self.away else "return", "lasting", None)

    def publish_mqtt(self):
        retain = self.dice.random() < 0.2
        payload = b"" if retain and self.dice.random() < 0.2 else self.payload()
        return Step("publish", self.dice.choice(PUBLISHERS), {"topic": self.topic(), "payload": payload, "qos": self.dice.choice((0, 1)), "retain": retain})

    def publish_amqp(self):
        properties = {name: value for name, value in PROPERTIES.items() if self.dice.random() < 0.2}
        if headers := self.dice.choice(HEADERS):
            properties["headers"] = headers
        if mode := self.dice.choice((None, 1, 2)):
            properties["delivery_mode"] = mode
        return Step("publish", "amqp", {"key": ".".join(self.levels()), "body": self.payload(), "properties": properties,
                                        "mandatory": self.dice.random() < 0.3})

    def will(self):
        return Step("will", self.dice.choice(PUBLISHERS), {"topic": self.topic(), "payload": self.payload(), "qos": self.dice.choice((0, 1))})
