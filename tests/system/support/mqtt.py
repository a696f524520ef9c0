"""An MQTT client for tests: paho, with every answer awaited."""

import itertools
import queue
import threading

import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from .process import PATIENCE_S

V311, V5 = paho.MQTTv311, paho.MQTTv5
_fences = itertools.count(1)


class Refused(Exception):
    """The server's CONNACK said no."""

    def __init__(self, code):
        super().__init__(f"CONNACK {code}")
        self.code = code


def publish_properties(**values):
    """Properties of a PUBLISH by paho's names: ContentType, UserProperty (a list of pairs), …"""
    return _properties(PacketTypes.PUBLISH, values)


def _properties(packet, values):
    made = Properties(packet)
    for name, value in values.items():
        setattr(made, name, value)
    return made


class Device:
    def __init__(self, broker, client_id="", version=V311, clean=True, will=None, login=None, keepalive=60, connect=None, tls=None,
                 port=None, max_inflight=20, transport="tcp"):
        """`connect`: properties of the CONNECT (version 5); `will`: (topic, payload, qos, retain[, properties])."""
        self.version = version
        self.messages = queue.Queue()  # of paho.MQTTMessage
        self._answers = {}
        self._arrived = threading.Condition()
        self._clean = clean
        self.connack = self.disconnect_code = None
        self._client = self._make_client(client_id, will, login, tls, max_inflight, transport)
        self._connect = _properties(PacketTypes.CONNECT, connect or {}) if version == V5 else None
        self._address = broker.host, port or broker.mqtt_port, keepalive
        self.connect()

    def _make_client(self, client_id, will, login, tls, max_inflight, transport):
        clean = None if self.version == V5 else self._clean
        client = paho.Client(client_id, clean_session=clean, protocol=self.version, transport=transport, reconnect_on_failure=False)
        client.on_connect = lambda _c, _u, flags, code, properties=None: self._answer("connack", (flags, int(_code(code)), properties))
        client.on_disconnect = self._on_disconnect
        client.on_message = lambda _c, _u, message: self.messages.put(message)
        client.on_subscribe = lambda _c, _u, mid, codes, _p=None: self._answer(mid, [_code(code) for code in codes])
        client.on_unsubscribe = lambda _c, _u, mid, *_: self._answer(mid, True)
        client.on_publish = lambda _c, _u, mid: self._answer(("sent", mid), True)
        client.max_inflight_messages_set(max_inflight)
        if will:
            client.will_set(*will)
        if login:
            client.username_pw_set(*login)
        if tls:
            client.tls_set_context(tls)
        return client

    def _on_disconnect(self, _client, _userdata, code, _properties=None):
        self.disconnect_code = int(_code(code))
        self._answer("disconnected", True)

    def _answer(self, key, value):
        with self._arrived:
            self._answers[key] = value
            self._arrived.notify_all()

    def _await(self, key, what, timeout=PATIENCE_S):
        with self._arrived:
            assert self._arrived.wait_for(lambda: key in self._answers or ("disconnected" in self._answers and key != "connack"), timeout), \
                f"no {what} within {timeout} s"
            assert key in self._answers, f"disconnected ({self.disconnect_code}) instead of {what}"
            return self._answers.pop(key)

    def connect(self):
        """Connects (again), with the same arguments."""
        self._answers.clear()
        self.disconnect_code = None
        host, port, keepalive = self._address
        if self.version == V5:
            self._client.connect(host, port, keepalive, clean_start=self._clean, properties=self._connect)
        else:
            self._client.connect(host, port, keepalive)
        self._client.loop_start()
        flags, code, properties = self._await("connack", "CONNACK")
        self.session_present, self.connack = bool(flags["session present"]), properties
        if code:
            self._client.loop_stop()
            raise Refused(code)

    def subscribe(self, filter, qos=0, **options):
        """Returns the granted QoS, or the reason code. `options` of MQTT 5: noLocal, retainAsPublished, retainHandling; and
        `identifier`."""
        if self.version == V5:
            identifier = options.pop("identifier", None)
            properties = _properties(PacketTypes.SUBSCRIBE, {"SubscriptionIdentifier": identifier}) if identifier else None
            _, mid = self._client.subscribe(filter, options=SubscribeOptions(qos=qos, **options), properties=properties)
        else:
            _, mid = self._client.subscribe(filter, qos)
        return self._await(mid, f"SUBACK for {filter}")[0]

    def unsubscribe(self, filter):
        _, mid = self._client.unsubscribe(filter)
        self._await(mid, f"UNSUBACK for {filter}")

    def publish(self, topic, payload=b"", qos=0, retain=False, **properties):
        """Returns once the server has acknowledged it (QoS 0: once it has been sent)."""
        self.publish_later(topic, payload, qos, retain, **properties)()

    def publish_later(self, topic, payload=b"", qos=0, retain=False, **properties):
        """Sends without waiting; returns what awaits the acknowledgement."""
        made = publish_properties(**properties) if self.version == V5 else None
        info = self._client.publish(topic, payload, qos, retain, properties=made)
        assert info.rc == paho.MQTT_ERR_SUCCESS, paho.error_string(info.rc)
        return lambda: self._await(("sent", info.mid), f"acknowledgement of {topic}")

    def receive(self, timeout=PATIENCE_S):
        try:
            return self.messages.get(timeout=timeout)
        except queue.Empty:
            raise AssertionError(f"no message within {timeout} s") from None

    def receive_payloads(self, count):
        return [self.receive().payload for _ in range(count)]

    def fence(self):
        """What has arrived by the time that a message of its own comes back: what is not in here does not come."""
        topic = f"fence/{next(_fences)}"
        self.subscribe(topic, 1)
        self.publish(topic, b"", 1)
        before = []
        while (message := self.receive()).topic != topic:
            before.append(message)
        self.unsubscribe(topic)
        return before

    def disconnect(self, **properties):
        """Says DISCONNECT: no will is published."""
        if self.version == V5:
            self._client.disconnect(properties=_properties(PacketTypes.DISCONNECT, properties) if properties else None)
        else:
            self._client.disconnect()
        self._await("disconnected", "the end of the connection")
        self._client.loop_stop()

    def await_disconnect(self, timeout=PATIENCE_S):
        """The server closes. (Why cannot be asked: paho 1.6 overlooks the reason code of a short DISCONNECT.)"""
        self._await("disconnected", "the server closing the connection", timeout)
        self._client.loop_stop()

    def vanish(self):
        """The connection breaks without a DISCONNECT."""
        sock = self._client.socket()
        if sock is not None:
            sock.shutdown(2)
        self._await("disconnected", "the end of the connection")
        self._client.loop_stop()

    def close(self):
        self._client.disconnect()
        self._client.loop_stop()


def _code(code):
    return getattr(code, "value", code)
