#!/usr/bin/python3
"""An application (AMQP) that reads what sensors publish by MQTT. Its queue is durable: what is published while the application is
away waits for it."""

import argparse
import json
import sys
import time

import pika
import pika.exceptions

QUEUE = "readings"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5672)
    given = parser.parse_args()
    while True:
        try:
            with pika.BlockingConnection(pika.ConnectionParameters(given.host, given.port)) as connection:
                read(connection.channel())
        except pika.exceptions.AMQPConnectionError as problem:
            print(f"no connection ({problem!r}), trying again", file=sys.stderr)
            time.sleep(1)


def read(channel):
    channel.queue_declare(QUEUE, durable=True)
    channel.queue_bind(QUEUE, "amq.topic", "sensors.*.temperature")  # the MQTT topics sensors/+/temperature
    channel.basic_qos(prefetch_count=100)
    channel.basic_consume(QUEUE, take)
    print("reading", flush=True)
    channel.start_consuming()


def take(channel, method, properties, body):
    _, sensor, _ = method.routing_key.split(".")
    try:
        celsius = float(json.loads(body)["celsius"])
    except (ValueError, KeyError, TypeError):
        print(f"{sensor}: not a reading: {body!r}", file=sys.stderr)
        channel.basic_reject(method.delivery_tag, requeue=False)
        return
    print(f"{sensor}: {celsius:.1f} °C ({properties.content_type})", flush=True)
    channel.basic_ack(method.delivery_tag)  # from now on it is ours


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
