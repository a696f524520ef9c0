#!/usr/bin/python3
"""Asks questions (MQTT 5) that an AMQP server answers: the Response Topic says where the answer goes, the Correlation Data which
question it belongs to."""

import argparse
import queue
import sys
import uuid

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

PATIENCE_S = 10


class Requester:
    def __init__(self, host, port):
        name = f"requester-{uuid.uuid4().hex[:8]}"
        self.answers = queue.Queue()  # (correlation data, payload)
        self.subscribed = queue.Queue()
        self.topic = f"answers/{name}"
        self.client = mqtt.Client(name, protocol=mqtt.MQTTv5)
        self.client.on_connect = lambda client, *_: client.subscribe(self.topic, qos=1)
        self.client.on_subscribe = lambda *_: self.subscribed.put(True)
        self.client.on_message = self.take
        self.client.connect(host, port)
        self.client.loop_start()
        self.subscribed.get(timeout=PATIENCE_S)

    def take(self, _client, _data, message):
        self.answers.put((getattr(message.properties, "CorrelationData", None), message.payload))

    def ask(self, topic, question):
        """The answer; queue.Empty if there is none in time."""
        number = uuid.uuid4().hex.encode()  # text, as the correlation_id of AMQP is
        properties = Properties(PacketTypes.PUBLISH)
        properties.ResponseTopic, properties.CorrelationData = self.topic, number
        self.client.publish(topic, question, qos=1, properties=properties)
        while True:
            belongs_to, answer = self.answers.get(timeout=PATIENCE_S)
            if belongs_to == number:  # an older one came too late
                return answer.decode()

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=1883)
    parser.add_argument("celsius", nargs="+")
    given = parser.parse_args()

    requester = Requester(given.host, given.port)
    try:
        for celsius in given.celsius:
            print(f"{celsius} °C: {requester.ask('questions/fahrenheit', celsius)}", flush=True)
    except queue.Empty:
        sys.exit(f"no answer within {PATIENCE_S} s")
    finally:
        requester.close()


if __name__ == "__main__":
    try:
        main()
    except OSError as problem:
        sys.exit(f"no connection: {problem}")
