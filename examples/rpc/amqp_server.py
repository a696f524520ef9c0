#!/usr/bin/python3
"""Answers questions (AMQP), as servers of remote procedure calls do: to `reply_to`, with the `correlation_id` of the question. That a
question came by MQTT makes no difference here."""

import argparse
import sys

import pika
import pika.exceptions

QUEUE = "fahrenheit"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5672)
    given = parser.parse_args()

    with pika.BlockingConnection(pika.ConnectionParameters(given.host, given.port)) as connection:
        channel = connection.channel()
        channel.queue_declare(QUEUE)
        channel.queue_bind(QUEUE, "amq.topic", "questions.fahrenheit")  # the MQTT topic questions/fahrenheit
        channel.basic_qos(prefetch_count=1)
        channel.basic_consume(QUEUE, answer)
        print("ready for questions", flush=True)
        channel.start_consuming()


def answer(channel, method, properties, body):
    try:
        result = f"{float(body) * 9 / 5 + 32:.1f} °F"
    except ValueError:
        result = "not a number"
    if properties.reply_to:
        channel.basic_publish("", properties.reply_to, result, pika.BasicProperties(correlation_id=properties.correlation_id))
    channel.basic_ack(method.delivery_tag)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
    except pika.exceptions.AMQPError as problem:
        sys.exit(f"the server is gone, or does not let us: {problem!r}")
