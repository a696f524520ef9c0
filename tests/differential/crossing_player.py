"""Plays the steps of crossing_steps against one broker, with stock clients, and notes what each consumer got after each step.

After each step a fence is published, by who has just published and in the same way: what a consumer gets before it belongs to the step."""

import itertools

import pika
import pika.exceptions
from support.amqp import Application
from support.mqtt import Device
from support.process import PATIENCE_S

from crossing_steps import DEVICES, PUBLISHERS, QUEUES

VERSIONS = {"v31": 3, "v311": 4}
_plays = itertools.count(1)


class Player:
    def __init__(self, broker):
        self.broker, self.number = broker, next(_plays)
        self.fence_levels = ["fence", str(self.number)]
        self.fences = itertools.count()
        self.app = Application(broker, confirms=True)
        self.inboxes = {queue: self.make_queue(queue) for queue in QUEUES}
        self.devices = {name: self.make_device(name, qos, clean) for name, (qos, clean) in DEVICES.items()}
        self.publishers = {name: Device(broker, f"p{self.number}{name}", VERSIONS[name]) for name in PUBLISHERS}
        self.away, self.retained = set(), set()

    def make_queue(self, name):
        self.app.declare(self.own(name), exclusive=True)
        self.app.channel.queue_bind(self.own(name), "amq.topic", ".".join([*self.fence_levels, "#"]))
        return self.app.subscribe(self.own(name))

    def make_device(self, name, qos, clean):
        device = Device(self.broker, self.own(name), clean=clean)
        device.subscribe("/".join([*self.fence_levels, "#"]), qos)
        return device

    def own(self, name):
        return f"{name}-{self.number}"

    def play(self, steps):
        """One {(consumer, payload): what was seen, a list} for each step, and what its publisher was told."""
        try:
            return [self.perform(step) for step in steps]
        finally:
            self.clean_up()

    def perform(self, step):
        told = getattr(self, "do_" + step.kind)(step.who, step.what) if self.possible(step) else None
        if step.kind != "publish" or step.who == "amqp":
            fence = ".".join([*self.fence_levels, str(next(self.fences))])
            self.app.publish(fence, b"", exchange="amq.topic", delivery_mode=2)
        else:
            fence = "/".join([*self.fence_levels, str(next(self.fences))])
            self.publishers[step.who].publish(fence, b"", step.what["qos"])
        return {"told": told} | self.collect(fence.replace("/", "."))

    def possible(self, step):
        """A play that was cut down may ask absent devices."""
        return step.kind == "publish" or (step.kind == "return") == (step.who in self.away)

    # --- steps ---

    def do_bind(self, queue, key):
        self.app.channel.queue_bind(self.own(queue), "amq.topic", key)

    def do_unbind(self, queue, key):
        self.app.channel.queue_unbind(self.own(queue), "amq.topic", key)

    def do_subscribe(self, name, filter):
        return self.devices[name].subscribe(filter, DEVICES[name][0])

    def do_unsubscribe(self, name, filter):
        self.devices[name].unsubscribe(filter)

    def do_leave(self, name, _):
        self.devices[name].disconnect()
        self.away.add(name)

    def do_return(self, name, _):
        self.devices[name].connect()
        self.away.discard(name)
        return self.devices[name].session_present

    def do_publish(self, who, what):
        if who != "amqp":
            self.publishers[who].publish(**what)
            if what["retain"]:
                self.retained.add(what["topic"])
            return None
        try:
            self.app.publish(what["key"], what["body"], exchange="amq.topic", mandatory=what["mandatory"], **what["properties"])
        except pika.exceptions.UnroutableError as returned:
            return [message.method.reply_code for message in returned.messages]
        return "confirmed"

    def do_will(self, who, what):
        """It is published at some time after the connection has broken: a queue of its own tells when."""
        watcher = self.app.new_channel()
        queue = watcher.queue_declare("", exclusive=True).method.queue
        watcher.queue_bind(queue, "amq.topic", "#")
        Device(self.broker, self.own("doomed"), VERSIONS[who], will=(what["topic"], what["payload"], what["qos"], False)).vanish()
        self.app.consume(queue, 1, channel=watcher)
        watcher.queue_delete(queue)

    # --- what comes ---

    def collect(self, fence):
        seen = {}
        for name, device in self.devices.items():
            while name not in self.away and (message := device.receive()).topic.replace("/", ".") != fence:
                if not message.topic.startswith("fence/"):
                    note(seen, name, message.payload, {"topic": message.topic, "qos": message.qos, "retain": bool(message.retain), "dup": bool(message.dup)})
        for name, inbox in self.inboxes.items():
            self.app.pump_until(lambda: any(method.routing_key == fence for method, _, _ in inbox), "a fence", PATIENCE_S)
            for method, properties, body in inbox:
                if not method.routing_key.startswith("fence."):
                    said = {key: value for key, value in vars(properties).items() if value not in (None, {})}
                    note(seen, name, body, {"exchange": method.exchange, "key": method.routing_key, "again": method.redelivered, **said})
            inbox.clear()
        return seen

    def clean_up(self):
        cleaner = self.publishers["v311"]
        for topic in self.retained:
            cleaner.publish(topic, b"", 1, True)
        for name, device in self.devices.items():
            if name not in self.away:
                device.disconnect()
            if not DEVICES[name][1]:
                Device(self.broker, self.own(name)).disconnect()  # a clean session ends the one that was kept
        for publisher in self.publishers.values():
            publisher.disconnect()
        self.app.close()


def note(seen, consumer, payload, what):
    seen.setdefault((consumer, payload), []).append(what)
