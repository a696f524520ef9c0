#!/usr/bin/python3
"""A worker (AMQP). Start as many as you like: each photo that cameras publish by MQTT goes to one of them. A worker that dies leaves
its photo to another; what no worker can do ends in the queue `photos.failed`."""

import argparse
import os
import sys
import time

import pika
import pika.exceptions

QUEUE, FAILED = "photos", "photos.failed"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5672)
    parser.add_argument("--name", default=f"worker-{os.getpid()}")
    parser.add_argument("--work-s", type=float, default=0.2, help="seconds that one photo takes (0.2)")
    given = parser.parse_args()

    def take(channel, method, _properties, body):
        try:
            print(f"{given.name}: {look_at(body.decode(), given.work_s)}", flush=True)
        except ValueError as problem:
            print(f"{given.name}: failed: {problem}", flush=True)
            channel.basic_reject(method.delivery_tag, requeue=False)
        else:
            channel.basic_ack(method.delivery_tag)  # only when the work is done

    with pika.BlockingConnection(pika.ConnectionParameters(given.host, given.port)) as connection:
        channel = connection.channel()
        declare(channel)
        channel.basic_qos(prefetch_count=1)  # whoever is free takes the next one
        channel.basic_consume(QUEUE, take)
        print(f"{given.name}: ready", flush=True)
        channel.start_consuming()


def declare(channel):
    """The same as in server.yaml: whoever comes first makes them."""
    channel.queue_declare(FAILED, durable=True)
    channel.queue_declare(QUEUE, durable=True, arguments={"x-dead-letter-exchange": "", "x-dead-letter-routing-key": FAILED})
    channel.queue_bind(QUEUE, "amq.topic", "photos.*")  # the MQTT topics photos/+


def look_at(photo, seconds):
    if not photo.endswith(".jpg"):
        raise ValueError(f"{photo!r} is no photo")
    time.sleep(seconds)
    return f"{photo}: nobody there"


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
    except pika.exceptions.AMQPError as problem:
        sys.exit(f"the server is gone, or does not let us: {problem!r}")
