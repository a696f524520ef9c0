"""Twenty thousand messages of every QoS from three devices to two applications, while connections break, and the server crashes, at random."""

import collections
import contextlib
import random
import socket
import ssl
import threading
import time
from concurrent import futures

import paho.mqtt.client as paho
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

pytestmark = [pytest.mark.needs("causeway"), pytest.mark.io_threads(1)]

HOUR_S = 3600
PATIENCE_S = 60
COUNTS = (2222, 2222, 2223)  # messages of each QoS and device
WINDOW = 100


class Patient(paho.Client):
    """paho 1.6 without two faults: its thread ends with some of what TLS says about a connection that has just broken, and it
    publishes again what it has already released, if connecting takes more than one attempt."""

    def _thread_main(self):
        while True:
            try:
                return self.loop_forever(retry_first_connection=True)
            except OSError:
                with contextlib.suppress(OSError, paho.WebsocketConnectionError):
                    self.reconnect()

    def _messages_reconnect_reset_out(self):
        with self._out_message_mutex:
            released = [message for message in self._out_messages.values() if message.state == paho.mqtt_ms_resend_pubrel]
            super()._messages_reconnect_reset_out()
            for message in released:
                message.state = paho.mqtt_ms_resend_pubrel


class Client:
    """paho, which comes back by itself, to the session that it had."""

    def __init__(self, server, client_id, version, listener):
        self.version = version
        transport = "websockets" if listener in ("ws", "wss") else "tcp"
        clean = None if version == paho.MQTTv5 else False
        self.paho = Patient(client_id, clean_session=clean, protocol=version, transport=transport)
        self.paho.reconnect_delay_set(0.05, 0.2)
        self.paho.max_inflight_messages_set(WINDOW)
        self.connections = 0
        self.connected, self.subscribed = threading.Event(), threading.Event()
        self.paho.on_connect = self._on_connect
        self.paho.on_subscribe = lambda *_: self.subscribed.set()
        if listener in ("mqtts", "wss"):
            self.paho.tls_set_context(ssl.create_default_context(cafile=server.certificates.authority))
        self._connect(server.host, server.listening[listener])

    def _connect(self, host, port):
        if self.version == paho.MQTTv5:
            properties = Properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval, properties.ReceiveMaximum = HOUR_S, WINDOW
            self.paho.connect(host, port, clean_start=False, properties=properties)
        else:
            self.paho.connect(host, port)
        self.paho.loop_start()
        assert self.connected.wait(20)

    def _on_connect(self, *_):
        self.connections += 1
        self.connected.set()

    def break_off(self):
        """The connection ends as if a cable had been pulled."""
        transport = self.paho.socket()
        with contextlib.suppress(OSError, TypeError):  # it is gone already
            socket.socket.shutdown(getattr(transport, "_socket", transport), socket.SHUT_RDWR)  # not TLS's, which would go on in plain text

    def close(self):
        self.paho.disconnect()
        self.paho.loop_stop()


class Sender(Client):
    """Publishes numbers with each QoS, mixed, a window of them at a time."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self._acknowledged, self._news = set(), threading.Condition()
        self.paho.on_publish = self._on_publish

    def _on_publish(self, _client, _userdata, packet_id):
        with self._news:
            self._acknowledged.add(packet_id)
            self._news.notify_all()

    def send(self, topic, seed):
        order = [qos for qos, count in enumerate(COUNTS) for _ in range(count)]
        random.Random(seed).shuffle(order)
        numbers, unacknowledged = collections.Counter(), collections.deque()
        for qos in order:
            packet_id = self.paho.publish(f"{topic}/{qos}", str(numbers[qos]), qos).mid
            numbers[qos] += 1
            if qos > 0:  # nobody says what becomes of the others
                unacknowledged.append(packet_id)
            self._wait_until_fewer(unacknowledged, WINDOW)
        self._wait_until_fewer(unacknowledged, 1)

    def _wait_until_fewer(self, unacknowledged, count):
        with self._news:
            while len(unacknowledged) >= count:
                assert self._news.wait_for(lambda: unacknowledged[0] in self._acknowledged, PATIENCE_S), "acknowledgements stopped"
                unacknowledged.popleft()


class Receiver(Client):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.got = collections.defaultdict(list)
        self.ended = threading.Event()
        self.paho.on_message = self._on_message

    def listen(self, filter, end):
        self._end = end
        self.paho.subscribe([(filter, 2), (end, 2)])
        assert self.subscribed.wait(20)

    def _on_message(self, _client, _userdata, message):
        if message.topic == self._end:
            self.ended.set()
        else:
            self.got[message.topic].append(int(message.payload))


def disturb(clients, seed, until, crash):
    chance = random.Random(seed)
    while not until.wait(0.02 + chance.random() * 0.1):
        if chance.random() < 0.1:
            crash()
        else:
            chance.choice(clients).break_off()


def first_of_each(numbers):
    return list(dict.fromkeys(numbers))


@pytest.mark.parametrize("crashes", [False, True], ids=["connections-break", "the-server-crashes-too"])
def test_nothing_is_lost_or_doubled(own_everywhere, name, crashes):
    server, crash = own_everywhere, own_everywhere.kill_and_restart if crashes else lambda: None
    seed = time.time_ns() % 1_000_000
    print("seed", seed)
    id = name[-15:]
    receivers = [Receiver(server, f"{id}-r0", paho.MQTTv311, "mqtt"), Receiver(server, f"{id}-r1", paho.MQTTv5, "ws")]
    senders = [Sender(server, f"{id}-s0", paho.MQTTv31, "mqtt"), Sender(server, f"{id}-s1", paho.MQTTv311, "wss"),
               Sender(server, f"{id}-s2", paho.MQTTv5, "mqtts")]
    for receiver in receivers:
        receiver.listen(f"{name}/+/+", f"{name}/end")
    calm = threading.Event()
    with futures.ThreadPoolExecutor() as pool:
        chaos = pool.submit(disturb, senders + receivers, seed, calm, crash)
        sending = [pool.submit(sender.send, f"{name}/{number}", seed + number) for number, sender in enumerate(senders)]
        futures.wait(sending)
        calm.set()
        for future in (*sending, chaos):
            future.result()
    senders[0].paho.publish(f"{name}/end", qos=2)
    for receiver in receivers:
        assert receiver.ended.wait(PATIENCE_S)
    for client in senders + receivers:
        assert client.connections > 1  # it did break
        client.close()
    for receiver in receivers:
        for number in range(len(senders)):
            fast, safe, exact = (receiver.got[f"{name}/{number}/{qos}"] for qos in range(3))
            assert exact == list(range(COUNTS[2]))  # [MQTT-4.3.3-2] and [MQTT-4.6.0-6]: all, once, in order
            assert first_of_each(safe) == list(range(COUNTS[1]))  # [MQTT-4.3.2-1]: all, in order, some again
            assert fast == sorted(set(fast)) and fast  # never twice, in order
