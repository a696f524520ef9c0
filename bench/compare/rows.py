"""What is compared: one row for each work, with what is measured in it and how low (or high) it is to be."""

from typing import NamedTuple

ALL_MQTT = ("relay", "causeway", "mosquitto")
WITHOUT_RELAY = ("causeway", "mosquitto")
AMQP = ("causeway", "rabbitmq")


class Measure(NamedTuple):
    """One number of one phase of `causeway bench --json`."""

    key: str  # with dots into objects
    unit: str
    target: float | None = None
    phase: int = 0
    scale: float = 1.0
    digits: int = 2
    more_is_better: bool = False
    label: str = ""
    relay: float | None = None  # what the relay cost on the machine where the target was set

    def of(self, result):
        value = result["phases"][self.phase]
        for part in self.key.split("/"):
            value = value[part]
        return value * self.scale

    def text(self, value):
        return f"{value:,.{self.digits}f}"

    def met(self, value):
        return value >= self.target if self.more_is_better else value <= self.target

    def target_text(self):
        return "" if self.target is None else f"{self.sign()} {self.target:,g}"

    def sign(self):
        return "≥" if self.more_is_better else "≤"


class Row(NamedTuple):
    name: str
    arguments: str  # of `causeway bench`
    servers: tuple[str, ...]
    measures: tuple[Measure, ...]
    source: str = "mqtt"  # the protocol of publishers
    sink: str = "mqtt"    # the protocol of receivers
    timed: bool = True    # runs for as long as the comparison wants
    fresh: bool = False   # in a server that has just started
    below: str = ""       # a server that Causeway is not to be above of, instead of a number


def cpu(target=None, phase=0, label="", relay=None):
    return Measure("server_cpu_us_each", "µs", target, phase, label=label, relay=relay)


def rate(target, relay=None):
    return Measure("per_second", "k/s", target, scale=1e-3, digits=0, more_is_better=True, relay=relay)


def latency(kind, percentile, target=None, unit="µs"):
    scale = {"µs": 1e-3, "ms": 1e-6}[unit]
    return Measure(f"{kind}_ns/{percentile}", unit, target, scale=scale, digits=0 if unit == "µs" else 2, label=percentile)


ROWS = (
    Row("10,000 idle connections, resident bytes each", "connect -c 10000 --logins 500", ALL_MQTT,
        (Measure("server_bytes_each", "bytes", 800, digits=0),), timed=False, fresh=True),
    Row("connections per second", "connect -c 10000 --logins 500", ALL_MQTT, (rate(40, relay=48),), timed=False),
    Row("QoS 0, one pair", "pairs -c 1 --window 200", ALL_MQTT, (cpu(0.2, relay=0.045),)),
    Row("QoS 0, 50 pairs", "pairs -c 50", ALL_MQTT, (cpu(0.36, relay=0.18),)),
    Row("QoS 0, 100 → 1", "fan-in -c 100", ALL_MQTT, (cpu(0.3, relay=0.15),)),
    Row("QoS 0, 1 → 100", "fan-out -c 100 --window 100", ALL_MQTT, (cpu(0.18, relay=0.08),)),
    Row("QoS 1, 50 pairs", "pairs -c 50 --qos 1", ALL_MQTT, (cpu(0.65, relay=0.37),)),
    Row("QoS 1, 50 pairs, persistent sessions", "pairs -c 50 --qos 1 --durable", WITHOUT_RELAY, (cpu(1.4),)),
    Row("QoS 2, 50 pairs", "pairs -c 50 --qos 2", WITHOUT_RELAY, (cpu(1.2),)),
    Row("QoS 1, 1 → 100", "fan-out -c 100 --qos 1 --window 100", ALL_MQTT, (cpu(0.3, relay=0.11),)),
    Row("QoS 1, 50 pairs, one in flight per publisher", "pairs -c 50 --qos 1 --window 1", ALL_MQTT, (cpu(8, relay=6.7),)),
    Row("QoS 1, one pair, one in flight: from publisher to subscriber", "pairs -c 1 --qos 1 --window 1", ALL_MQTT, (latency("delivery", "p50"),)),
    Row("QoS 1 at 5,000/s over 100 pairs", "pairs -c 100 --qos 1 --rate 5000", ALL_MQTT,
        (latency("delivery", "p50"), latency("delivery", "p99")), below="mosquitto"),
    Row("20,000 retained to one wildcard subscriber", "retained -n 20000", WITHOUT_RELAY, (cpu(0.7, phase=1),), timed=False),
    Row("50,000 messages to 100 absent sessions, then collected", "offline -c 100 -n 50000 --qos 1", WITHOUT_RELAY,
        (cpu(2, phase=0, label="in"), cpu(1, phase=1, label="out")), timed=False),
    Row("AMQP, one queue, transient, automatic acks", "pairs -c 1", AMQP, (cpu(0.9),), "amqp", "amqp"),
    Row("AMQP, durable, confirms, manual acks", "pairs -c 1 --durable --confirms --manual-acks", AMQP, (cpu(3),), "amqp", "amqp"),
    Row("AMQP, durable publish with confirms, nobody consumes", "publish -c 1 --durable --confirms", AMQP, (cpu(2.5), rate(250)), "amqp", "amqp"),
    Row("AMQP, durable, one unconfirmed at a time", "publish -c 1 --durable --confirms --window 1", AMQP,
        (latency("confirmation", "p50", 0.35, "ms"),), "amqp", "amqp"),
    Row("MQTT QoS 0 → AMQP", "pairs -c 1", AMQP, (cpu(0.8),), "mqtt", "amqp"),
    Row("MQTT QoS 1 → durable AMQP queue", "pairs -c 1 --qos 1 --durable --manual-acks", AMQP, (cpu(3),), "mqtt", "amqp"),
    Row("AMQP → MQTT QoS 0", "pairs -c 1", AMQP, (cpu(0.8),), "amqp", "mqtt"),
)


def quick(arguments):
    """The same work, small enough to be over at once."""
    smaller = {"10000": "300", "20000": "1000", "50000": "2000"}
    return " ".join(smaller.get(word, word) for word in arguments.split())
