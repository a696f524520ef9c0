"""QoS 2 from end to end while the server is killed again and again (4.3.3, 4.4): both clients keep what the standard has them keep,
and send it again; each message arrives once, in order."""

import itertools

import wire
from statements import proves311 as proves
from wire import V311


class Sender:
    """A client's half of what it sends (4.3.3). Message number n has packet identifier n."""

    def __init__(self, topic):
        self.topic, self.last = topic, 0
        self.unanswered, self.released = {}, []  # messages before PUBREC, identifiers before PUBCOMP

    def publish(self, client, count):
        for self.last in range(self.last + 1, self.last + count + 1):
            self.unanswered[self.last] = str(self.last)
            client.send(wire.publish(V311, self.topic, self.unanswered[self.last], 2, self.last))

    def take_answer(self, client):
        answer = client.next()
        if answer.kind == "PUBREC":
            self.unanswered.pop(answer.packet_id, None)
            self.released.append(answer.packet_id)
            client.acknowledge("PUBREL", answer.packet_id)
        else:
            assert answer.kind == "PUBCOMP"
            self.released.remove(answer.packet_id)

    def send_again(self, client):
        client.send(*(wire.acknowledgement("PUBREL", V311, each) for each in self.released),
                    *(wire.publish(V311, self.topic, payload, 2, each, dup=True) for each, payload in sorted(self.unanswered.items())))


class Receiver:
    """A client's half of what it receives."""

    def __init__(self):
        self.received, self.begun = [], set()  # numbers; identifiers before PUBREL

    def read(self, client, answered):
        """Takes what has come, also what had to be stored first, and returns how much that was; PUBREC goes to those messages for which `answered` says so."""
        packets = client.settle()
        for packet in packets:
            if packet.kind == "PUBREL":
                self.begun.discard(packet.packet_id)
                client.acknowledge("PUBCOMP", packet.packet_id)
                continue
            if packet.packet_id not in self.begun:
                self.begun.add(packet.packet_id)
                self.received.append(int(packet.payload))
            if answered():
                client.acknowledge("PUBREC", packet.packet_id)
        return len(packets)


@proves("MQTT-4.3.3-2", "MQTT-4.3.3-1", "MQTT-4.4.0-1", "MQTT-4.6.0-6", "MQTT-4.1.0-1")
def test_a_stream_of_qos_2_messages_survives_crashes_exactly_once_and_in_order(own_broker, connect, name):
    sender, receiver, turns = Sender(name), Receiver(), itertools.count()
    publisher = connect(f"{name}-p", to=own_broker, clean=False)
    subscriber = connect(f"{name}-s", to=own_broker, clean=False)
    subscriber.subscribe(name, qos=2)
    for _ in range(4):
        sender.publish(publisher, 15)
        for _ in range(7):
            sender.take_answer(publisher)
        receiver.read(subscriber, answered=lambda: next(turns) % 3 > 0)
        own_broker.kill_and_restart()
        publisher = connect(f"{name}-p", to=own_broker, clean=False)
        subscriber = connect(f"{name}-s", to=own_broker, clean=False)
        sender.send_again(publisher)
    while sender.unanswered or sender.released:
        sender.take_answer(publisher)
    while receiver.read(subscriber, answered=lambda: True):
        pass
    assert receiver.received == list(range(1, sender.last + 1))
    assert not receiver.begun
