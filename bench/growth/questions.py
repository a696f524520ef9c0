"""What is asked, how it is measured, and what the answer was. A measurement yields (series, x, microseconds)."""

from typing import Callable, NamedTuple

from backlog import Queue
from crowd import Crowd


class Question(NamedTuple):
    name: str   # of its plot's file, too
    title: str
    asks: str   # what is measured
    shows: str  # one sentence
    x: str
    measure: Callable
    once: bool = False  # too long for more than one round
    log_x: bool = True


def exact(run):
    for count in run.sizes(10, 1_000, 100_000, 1_000_000):
        pairs = f"pairs -c 10 --filters {count // 10}"
        yield "one topic again and again", count, run.flow(f"{pairs} --topics 1")
        yield "all topics in turns", count, run.flow(pairs)


def wildcards(run):
    for count in run.sizes(10, 1_000, 100_000, 1_000_000):
        pairs = f"pairs -c 10 --wildcards --filters {count // 10}"
        yield "one matches, one topic again and again", count, run.flow(f"{pairs} --topics 1")
        yield "one matches, all topics in turns", count, run.flow(pairs)
    for count in run.sizes(100, 1_000, 100_000, 1_000_000):
        yield "100 match, all topics in turns", count, run.flow(f"fan-out -c 100 --window 100 --wildcards --filters {count // 100}")


def retained(run):
    names = {"store": "stored", "fetch": "sent to one subscriber of all", "exact": "looked up by its topic", "wildcard": "looked up by a filter with wildcards"}
    for count in run.sizes(100, 1_000, 10_000, 100_000, 1_000_000):
        found = run.phases(f"retained -n {count} --lookups {min(count, 10_000)} --wildcards")
        for phase, name in names.items():
            yield name, count, found[phase]


BODY_BYTES = 24
BATCH_MAX = 10_000


def backlog(run):
    queue = Queue(run.server().amqp_port, "growth", BODY_BYTES)
    queue.declare()
    for depth in run.sizes(1_000, 10_000, 100_000, 1_000_000, 10_000_000):
        queue.publish(depth - (queue.sent - queue.received))
        batch = min(depth, BATCH_MAX)
        used = {"published and confirmed": 0, "consumed and acknowledged": 0, "got and acknowledged": 0}
        batches = (2 if run.quick else 60_000 // batch)
        for _ in range(batches):
            for ways in (("published and confirmed", queue.publish), ("consumed and acknowledged", queue.consume),
                         ("published and confirmed", queue.publish), ("got and acknowledged", queue.get)):
                before = run.cpu_seconds()
                ways[1](batch)
                used[ways[0]] += run.cpu_seconds() - before
        for name, seconds in used.items():
            each = batches * batch * (2 if name.startswith("published") else 1)
            yield name, depth, seconds * 1e6 / each
    queue.close()


def connections(run):
    rate = 2_000 if run.quick else 20_000
    for count in run.sizes(100, 1_000, 10_000, 15_000):
        idle = Crowd(run.server().mqtt_port, count)
        yield "these idle, 50 pairs busy", count, run.flow("pairs -c 50")
        idle.close()
        slow_stream = f"pairs -c {count // 2} --rate {rate}"
        yield f"these in pairs, {rate:,} messages a second in all", count, run.flow(slow_stream)
        yield "the same through a bare relay", count, run.flow(slow_stream, server=run.relay())


def threads(run):
    for count in (0, 1, 2):
        yield "QoS 0, 50 pairs", count, run.flow("pairs -c 50", io_threads=count)
        yield "QoS 1, 50 pairs", count, run.flow("pairs -c 50 --qos 1", io_threads=count)
        yield "QoS 0, 1 → 100", count, run.flow("fan-out -c 100 --window 100", io_threads=count)
        yield "AMQP, durable, confirms, manual acks", count, run.flow("pairs -c 1 --durable --confirms --manual-acks", protocol="amqp", io_threads=count)


QUESTIONS = (
    Question("subscriptions", "Subscriptions, each to one topic",
             "10 pairs; the subscriptions belong to the 10 subscribers, and each message matches one of them.",
             "Flat while routes are remembered (65,536 at most): a publisher that stays with its topic costs the same among any number of subscriptions. Beyond, each message is looked up, and what still grows is the time for memory that the processor's caches do not hold.",
             "subscriptions", exact),
    Question("wildcards", "Subscriptions with wildcards",
             "Topics of six levels; a quarter each of the filters are `a/b/c/d/+/f`, `+/b/c/d/e/+`, `a/b/c/d/#` and `a/+/c/d/#`.",
             "A lookup follows the levels of the topic and the wildcards beside them, not the filters: the curves are those of exact filters, a little higher.",
             "subscriptions", wildcards),
    Question("retained", "Retained messages",
             "So many are stored on a topic each; one subscriber gets all of them; another one asks for 10,000 of them one by one.",
             "Nothing grows with what is stored. Where little is done, at the left, what is done only once weighs most.",
             "retained messages", retained),
    Question("backlog", "A backlog in a durable AMQP queue",
             f"Persistent messages of {BODY_BYTES} bytes; in batches of at most {BATCH_MAX:,} some are published with confirms, and as many taken from the front.",
             "Flat: the memory holds the front of the queue, and the store finds the rest by position.",
             "messages in the queue", backlog, once=True),
    Question("connections", "Connections",
             "MQTT, QoS 0: connections that are only open, beside 50 pairs as fast as they can; and the same slow stream over more and more pairs.",
             "Idle connections cost the busy ones nothing. A slow stream is dear because nearly each message wakes the server and has a read and a write of its own, and that is the kernel's time, as the relay shows; over how many connections it comes matters little.",
             "connections", connections),
    Question("threads", "Threads for sockets",
             "`io_threads`, which by default are none on one or two cores.",
             "On two cores, which the load generator shares, they change little.",
             "I/O threads", threads, log_x=False),
)
