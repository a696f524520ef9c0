"""Publishes every row of matrix_rows with every protocol and quality of service, to consumers of every protocol, and collects what each
got. Consumers: `online` ones live no longer than their connection, `kept` ones are durable and there all the time, `restarted` ones are
durable and take what was kept for them when the server has been stopped and started."""

import re

from .amqp import Application
from .mapping_rules import Message, still_alive, view_of_delivery, view_of_publish
from .matrix_rows import rows
from .mqtt import V5, V311, Device

V31 = 3
VERSIONS = {"v31": V31, "v311": V311, "v5": V5}
PUBLISHERS = CONSUMERS = (*VERSIONS, "amqp")
LIVES = ("online", "kept", "restarted")
QOS = (0, 1, 2)
BURST = 60  # messages that a publisher sends without waiting, with each quality of service in turn


class MqttConsumer:
    def __init__(self, broker, version, life):
        self.broker = broker
        durable = life != "online"
        connect = {"SessionExpiryInterval": 3600} if durable and version == "v5" else None
        self.device = Device(broker, f"c-{version}-{life}", VERSIONS[version], clean=not durable, connect=connect)
        self.device.subscribe("#", 2)
        if life == "restarted":
            self.device.disconnect()

    def come_back(self):
        self.device._address = self.broker.host, self.broker.mqtt_port, 60
        self.device.connect()

    def next(self):
        return view_of_publish(self.device.receive())

    def close(self):
        self.device.close()


class AmqpConsumer:
    def __init__(self, broker, life):
        self.broker, self.app = broker, Application(broker)
        self.queue = self.app.declare(f"c-amqp-{life}", durable=life != "online", exclusive=life == "online")
        self.app.channel.queue_bind(self.queue, "amq.topic", "#")
        if life == "restarted":
            self.app.close()
        self.arrived = None

    def come_back(self):
        self.app = Application(self.broker)

    def next(self):
        if self.arrived is None:
            self.arrived = self.app.channel.consume(self.queue, auto_ack=True, inactivity_timeout=20)
        method, properties, body = next(self.arrived)
        assert method is not None, "no delivery in time"
        return view_of_delivery(method, properties, body)

    def close(self):
        self.app.close()


class MqttPublisher:
    def __init__(self, broker, version):
        self.client_id = f"p-{version}"
        self.device = Device(broker, self.client_id, VERSIONS[version], max_inflight=500)

    def publish(self, message):
        self.later(message)()

    def later(self, message):
        return self.device.publish_later(message.name.decode(), message.payload, message.qos, message.retain, **message.properties)

    def close(self):
        self.device.close()


class AmqpPublisher:
    client_id = ""

    def __init__(self, broker, _version):
        self.app = Application(broker)

    def publish(self, message):
        self.app.publish(message.name, message.payload, exchange="amq.topic", **message.properties)

    def later(self, message):
        self.publish(message)
        return lambda: None

    def close(self):
        self.app.close()


def message_of(publisher, qos, row, what, client_id, number):
    name, payload, properties, retained = what
    if name is None:
        name = f"cell.{number}" if publisher == "amqp" else f"cell/{number}"
    name = name if isinstance(name, bytes) else name.encode()
    payload = payload if payload is not None else b"cell %d" % number
    if publisher != "amqp":
        return Message(publisher, name, payload, qos, properties, retained, client_id)
    headers = dict(properties.get("headers", {}))
    if qos == 2:
        headers["x-mqtt-publish-qos"] = 2
    if retained:
        headers["x-mqtt-retain"] = True
    mode = 1 if qos == 0 else 2
    return Message(publisher, name, payload, qos, properties | {"delivery_mode": mode} | ({"headers": headers} if headers else {}), retained)


class Matrix:
    """`messages`: {(publisher, row, qos): message}; `seen[consumer, life]`: {(publisher, row, qos): [views]}; `bursts[consumer, life]`:
    {publisher: numbers as they came}."""

    def __init__(self, broker):
        self.broker, self.messages, self.cells = broker, {}, []
        self.seen, self.bursts, self.strangers = {}, {}, []
        self.consumers = {(kind, life): AmqpConsumer(broker, life) if kind == "amqp" else MqttConsumer(broker, kind, life)
                          for kind in CONSUMERS for life in LIVES}
        publishers = {kind: (AmqpPublisher if kind == "amqp" else MqttPublisher)(broker, kind) for kind in PUBLISHERS}
        for kind, publisher in publishers.items():
            self.publish_all(kind, publisher)
            self.publish_burst(kind, publisher)
        for life in ("online", "kept"):
            self.collect_all(life)
        for each in (*publishers.values(), *(consumer for (_, life), consumer in self.consumers.items() if life != "restarted")):
            each.close()
        broker.restart()
        for kind in CONSUMERS:
            self.consumers[kind, "restarted"].come_back()
        self.collect_all("restarted")
        for kind in CONSUMERS:
            self.consumers[kind, "restarted"].close()

    def publish_all(self, kind, publisher):
        waits = []
        for row, what in rows(kind).items():
            for qos in QOS:
                message = message_of(kind, qos, row, what, publisher.client_id, len(self.cells))
                self.messages[kind, row, qos] = message
                self.cells.append((kind, row, qos))
                waits.append(publisher.later(message))
        for wait in waits:
            wait()

    def publish_burst(self, kind, publisher):
        separator = "." if kind == "amqp" else "/"
        waits = []
        for number in range(BURST):
            name = separator.join(("burst", kind, str(number)))
            waits.append(publisher.later(message_of(kind, number % 3, "", (name, None, {}, False), "", 0)))
        for wait in waits:
            wait()
        publisher.publish(message_of(kind, 2, "", (f"end{separator}{kind}", None, {}, False), "", 0))

    def collect_all(self, life):
        for kind in CONSUMERS:
            self.collect(kind, life)

    def collect(self, kind, life):
        """Until each publisher's last message has come. It has QoS 2, since paho hands those on only after the second handshake: they
        come later than what was sent behind them."""
        seen, bursts, missing = {}, {}, set(PUBLISHERS)
        while missing:
            view = self.consumers[kind, life].next()
            name = re.split("[./]", view["name"].decode(errors="replace"))
            if name[0] == "end":
                missing.discard(name[1])
            elif name[0] == "burst":
                bursts.setdefault(name[1], []).append(int(name[2]))
            elif (cell := self.cell_of(view, name)) is not None:
                seen.setdefault(cell, []).append(still_alive(self.expiry_of(kind, cell), view))
            else:
                self.strangers.append((kind, life, view))
        self.seen[kind, life], self.bursts[kind, life] = seen, bursts

    def cell_of(self, view, name):
        """By its payload, else by its name."""
        if found := re.fullmatch(rb"cell (\d+)", view["payload"]):
            return self.cells[int(found[1])]
        return self.cells[int(name[1])] if name[0] == "cell" else None

    def expiry_of(self, kind, cell):
        """What the time that remains is compared with."""
        given = self.messages[cell].properties
        if (ms := given.get("expiration")) is not None:
            return {"MessageExpiryInterval": -(-int(ms) // 1000)}  # AMQP's consumers see it as it was written
        if (seconds := given.get("MessageExpiryInterval")) is not None:
            return {"expiration": str(1000 * seconds), "MessageExpiryInterval": seconds}
        return {}
