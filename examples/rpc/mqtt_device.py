#!/usr/bin/python3
"""A device that answers questions (MQTT 5), as the specification's request/response says: to the Response Topic, with the Correlation
Data of the question. That a question came by AMQP makes no difference here."""

import argparse
import sys

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

STATE = {"temperature": "64.5", "pressure": "1.8"}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=1883)
    parser.add_argument("--name", default="boiler")
    given = parser.parse_args()

    client = mqtt.Client(given.name, protocol=mqtt.MQTTv5)
    client.on_connect = lambda client, *_: client.subscribe(f"questions/{given.name}", qos=1)
    client.on_subscribe = lambda *_: print(f"{given.name} is ready for questions", flush=True)
    client.on_message = answer
    client.connect(given.host, given.port)
    client.loop_forever()  # connects again by itself


def answer(client, _data, question):
    asked = question.payload.decode(errors="replace")
    to = getattr(question.properties, "ResponseTopic", None)
    if to is None:
        return
    properties = Properties(PacketTypes.PUBLISH)
    if hasattr(question.properties, "CorrelationData"):
        properties.CorrelationData = question.properties.CorrelationData
    client.publish(to, STATE.get(asked, f"what is {asked}?"), qos=1, properties=properties)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
    except OSError as problem:
        sys.exit(f"no connection: {problem}")
