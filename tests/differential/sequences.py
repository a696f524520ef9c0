"""Random sequences from a seed. Most steps are what a program would do; every few is one that no client library lets through, and
names, flags and arguments are few, so that steps meet: a queue is declared twice, otherwise, by somebody else, deleted in between."""

import random

import mistakes
from steps import Step

QUEUES = ["~q0", "~q0", "~q1", "~q1", "~q2", "", "~q3"]
EXCHANGES = ["~x0", "~x0", "~x1", "~x2", "amq.direct", "amq.topic", "amq.fanout", "amq.headers", ""]
KEYS = ["a", "a.b", "a.b.c", "", "~q0", "~q1", "#", "a.*", "x"]
TAGS = ["t0", "t1", "", "t0"]
ODD_NAMES = ["amq.mine", "amq.gen-fixed", "~missing", "~" + "n" * 247, "~ü\t'", "~line\nend"]


class Generator:
    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.serial = 0

    def sequence(self):
        steps = self.prologue()
        for _ in range(self.dice.randint(6, 22)):
            steps.append(self.step())
        return steps

    def prologue(self):
        """Something to work on, since most steps need it."""
        dice, steps = self.dice, []
        for queue in dice.sample(["~q0", "~q1", "~q2"], dice.randint(1, 3)):
            steps.append(self.method("queue.declare", queue=queue, **self.flags("durable auto_delete exclusive", 0.15),
                                     arguments=self.queue_arguments() if dice.random() < 0.35 else []))
        if dice.random() < 0.6:
            steps.append(self.method("exchange.declare", exchange="~x0", type=dice.choice(["direct", "topic", "fanout", "headers"]),
                                     arguments=[("alternate-exchange", ("S", "~x1"))] if dice.random() < 0.2 else []))
            steps.append(self.method("queue.bind", queue="~q0", exchange="~x0", routing_key="a"))
        if dice.random() < 0.35:
            steps.append(self.method(dice.choice(["confirm.select", "tx.select"])))
        for _ in range(dice.randint(0, 3)):
            steps.append(self.publish(exchange="", routing_key="~q0"))
        return steps

    def step(self):
        makers, weights = zip(*MAKERS)
        return self.dice.choices(makers, weights)[0](self)

    # --- parts ---

    def place(self):
        """Two connections with two channels each, mostly the first."""
        return self.dice.choice([0, 0, 0, 1]), self.dice.choice([1, 1, 2])

    def method(self, name, raw=False, **fields):
        connection, channel = self.place()
        return Step(connection, channel, "method", name, fields, raw=raw)

    def flags(self, names, chance):
        return {name: True for name in names.split() if self.dice.random() < chance}

    def queue(self):
        return self.dice.choice(ODD_NAMES) if self.dice.random() < 0.06 else self.dice.choice(QUEUES)

    def exchange(self):
        return self.dice.choice(ODD_NAMES) if self.dice.random() < 0.06 else self.dice.choice(EXCHANGES)

    def queue_arguments(self):
        return self.dice.sample(mistakes.QUEUE_ARGUMENTS, self.dice.choice([0, 1, 1, 2]))

    def properties(self):
        dice, given = self.dice, {}
        if dice.random() < 0.3:
            given["delivery_mode"] = dice.choice([1, 2, 2, 0, 7])
        if dice.random() < 0.4:
            name, values = dice.choice(mistakes.PROPERTIES)
            given[name] = dice.choice(values)
        return given

    # --- steps ---

    def publish(self, **fields):
        dice = self.dice
        connection, channel = self.place()
        if not fields:
            fields = {"exchange": self.exchange(), "routing_key": dice.choice(KEYS), **self.flags("mandatory", 0.3), **self.flags("immediate", 0.01)}
        self.serial += 1
        body = b"m%d" % self.serial
        size = dice.random()
        if size < 0.05:
            body = b""
        elif size < 0.1:
            body = (body * 9000)[:9000]
            fields["chunk"] = dice.choice([4096, 1, 8999]) if size < 0.07 else 8000
            if fields["chunk"] == 1:
                body = body[:20]
        return Step(connection, channel, "publish", "", fields, self.properties(), body)

    def declare_queue(self):
        flags = self.flags("durable auto_delete exclusive", 0.15) | self.flags("passive", 0.25) | self.flags("no_wait", 0.08)
        return self.method("queue.declare", queue=self.queue(), **flags, arguments=self.queue_arguments() if self.dice.random() < 0.4 else [])

    def declare_exchange(self):
        flags = self.flags("durable auto_delete internal", 0.15) | self.flags("passive", 0.25) | self.flags("no_wait", 0.08)
        kind = self.dice.choice(["direct", "topic", "fanout", "headers"]) if self.dice.random() < 0.97 else self.dice.choice(["", "odd"])
        arguments = [self.dice.choice(mistakes.EXCHANGE_ARGUMENTS)] if self.dice.random() < 0.2 else []
        return self.method("exchange.declare", exchange=self.exchange(), type=kind, **flags, arguments=arguments)

    def bind(self):
        name = self.dice.choice(["queue.bind", "queue.bind", "queue.unbind"])
        arguments = self.dice.choice(mistakes.BINDING_ARGUMENTS) if self.dice.random() < 0.3 else []
        return self.method(name, queue=self.queue(), exchange=self.exchange(), routing_key=self.dice.choice(KEYS), arguments=arguments)

    def bind_exchange(self):
        return self.method(self.dice.choice(["exchange.bind", "exchange.bind", "exchange.unbind"]), destination=self.exchange(),
                           source=self.exchange(), routing_key=self.dice.choice(KEYS), **self.flags("no_wait", 0.1))

    def delete(self):
        if self.dice.random() < 0.3:
            return self.method("exchange.delete", exchange=self.exchange(), **self.flags("if_unused", 0.4), **self.flags("no_wait", 0.1))
        return self.method("queue.delete", queue=self.queue(), **self.flags("if_unused if_empty", 0.3), **self.flags("no_wait", 0.1))

    def purge(self):
        return self.method("queue.purge", queue=self.queue(), **self.flags("no_wait", 0.1))

    def consume(self):
        arguments = [self.dice.choice(mistakes.CONSUMER_ARGUMENTS)] if self.dice.random() < 0.1 else []
        return self.method("basic.consume", queue=self.queue(), consumer_tag=self.dice.choice(TAGS), arguments=arguments,
                           **self.flags("no_ack", 0.3), **self.flags("exclusive no_wait no_local", 0.08))

    def cancel(self):
        return self.method("basic.cancel", consumer_tag=self.dice.choice(TAGS), **self.flags("no_wait", 0.1))

    def get(self):
        return self.method("basic.get", queue=self.queue(), **self.flags("no_ack", 0.3))

    def settle(self):
        name = self.dice.choice(["basic.ack", "basic.ack", "basic.nack", "basic.reject"])
        fields = {"pick": self.dice.choice([0, 0, 0, 1, 2, -1])}
        if name != "basic.reject":
            fields |= self.flags("multiple", 0.3)
        if name != "basic.ack":
            fields |= self.flags("requeue", 0.6)
        connection, channel = self.place()
        return Step(connection, channel, "settle", name, fields)

    def settle_blindly(self):
        """Tags that may never have been there, and 0."""
        name = self.dice.choice(["basic.ack", "basic.nack", "basic.reject"])
        flags = {} if name == "basic.reject" else self.flags("multiple", 0.6)
        return self.method(name, delivery_tag=self.dice.choice([0, 0, 1, 2, 82, 2 ** 64 - 1]), **flags)

    def qos(self):
        return self.method("basic.qos", prefetch_count=self.dice.choice([0, 1, 1, 2, 10]), **self.flags("global", 0.4),
                           prefetch_size=7 if self.dice.random() < 0.03 else 0)

    def recover(self):
        return self.method(self.dice.choice(["basic.recover", "basic.recover", "basic.recover-async"]), requeue=self.dice.random() < 0.93)

    def mode(self):
        return self.method(self.dice.choice(["confirm.select", "tx.select", "tx.commit", "tx.commit", "tx.rollback"]))

    def channel_step(self):
        name, fields = self.dice.choice([("channel.flow", {"active": True}), ("channel.close", {"reply_code": 200}),
                                         ("channel.close", {"reply_code": 200}), ("channel.open", {}), ("access.request", {"realm": "/data"}),
                                         ("channel.flow", {"active": False})])
        return self.method(name, **fields)

    def closed_channel(self):
        """Whatever the channel is in, it is not opened first."""
        name, fields = self.dice.choice([("channel.close", {"reply_code": 200}), ("channel.close-ok", {}), ("channel.open", {}),
                                         ("basic.get", {"queue": "~q0"}), ("queue.declare", {"queue": "~q3"})])
        return self.method(name, raw=True, **fields)

    def connection_step(self):
        name, fields = self.dice.choice([("connection.close", {"reply_code": 200, "reply_text": "bye"}),
                                         ("connection.update-secret", {"new_secret": "guest", "reason": "time"})])
        return Step(self.place()[0], 0, "method", name, fields)

    def mistake(self):
        connection, channel = self.place()
        name, make = self.dice.choice(mistakes.FRAMES)
        return Step(connection, channel, "frame", name, bytes=make(channel))


MAKERS = [(Generator.publish, 24), (Generator.declare_queue, 10), (Generator.declare_exchange, 6), (Generator.bind, 10),
          (Generator.bind_exchange, 3), (Generator.delete, 5), (Generator.purge, 2), (Generator.consume, 9), (Generator.cancel, 3),
          (Generator.get, 9), (Generator.settle, 12), (Generator.settle_blindly, 1.5), (Generator.qos, 3), (Generator.recover, 2),
          (Generator.mode, 6), (Generator.channel_step, 2.5), (Generator.closed_channel, 1), (Generator.connection_step, 1),
          (Generator.mistake, 2)]
