#!/usr/bin/python3
"""A dashboard (AMQP) that starts late and yet knows the last value of everything: binding its queue with `x-mqtt-retained` first copies
the retained messages that match into it; what is published from then on follows. Nothing is missed in between."""

import argparse
import sys

import pika
import pika.exceptions


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5672)
    given = parser.parse_args()

    with pika.BlockingConnection(pika.ConnectionParameters(given.host, given.port)) as connection:
        channel = connection.channel()
        queue = channel.queue_declare("", exclusive=True).method.queue
        channel.queue_bind(queue, "amq.topic", "rooms.#", {"x-mqtt-retained": True})
        print(f"{channel.queue_declare(queue, passive=True).method.message_count} values are known already", flush=True)
        channel.basic_consume(queue, show, auto_ack=True)
        channel.start_consuming()


def show(_channel, method, _properties, body):
    _, room, what = method.routing_key.split(".", 2)
    print(f"{room:10}{what:14}{body.decode(errors='replace') or '(gone)'}", flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
    except pika.exceptions.AMQPError as problem:
        sys.exit(f"the server is gone, or does not let us: {problem!r}")
