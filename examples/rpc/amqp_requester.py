#!/usr/bin/python3
"""Asks a device that speaks MQTT 5 (AMQP). The answers come to a queue of its own, or with --direct to RabbitMQ's direct reply-to,
which needs no queue."""

import argparse
import sys
import time
import uuid

import pika
import pika.exceptions

PATIENCE_S = 10
DIRECT = "amq.rabbitmq.reply-to"


class Requester:
    def __init__(self, channel, direct):
        self.channel, self.answers = channel, {}
        self.reply_to = DIRECT if direct else channel.queue_declare("", exclusive=True).method.queue
        channel.basic_consume(self.reply_to, self.take, auto_ack=True)
        channel.confirm_delivery()

    def take(self, _channel, _method, properties, body):
        self.answers[properties.correlation_id] = body.decode()

    def ask(self, device, question):
        """The answer; None if there was none in time. pika.exceptions.UnroutableError: the device is not there."""
        number = str(uuid.uuid4())
        properties = pika.BasicProperties(reply_to=self.reply_to, correlation_id=number, delivery_mode=2, expiration=str(1000 * PATIENCE_S))
        self.channel.basic_publish("amq.topic", f"questions.{device}", question.encode(), properties, mandatory=True)
        end = time.monotonic() + PATIENCE_S
        while number not in self.answers and (left := end - time.monotonic()) > 0:
            self.channel.connection.process_data_events(time_limit=left)
        return self.answers.pop(number, None)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5672)
    parser.add_argument("--direct", action="store_true", help="use direct reply-to")
    parser.add_argument("device")
    parser.add_argument("question", nargs="+")
    given = parser.parse_args()

    with pika.BlockingConnection(pika.ConnectionParameters(given.host, given.port)) as connection:
        requester = Requester(connection.channel(), given.direct)
        for question in given.question:
            try:
                answer = requester.ask(given.device, question)
            except pika.exceptions.UnroutableError:
                sys.exit(f"{given.device} is not there")
            if answer is None:
                sys.exit(f"no answer within {PATIENCE_S} s")
            print(f"{question} of {given.device}: {answer}", flush=True)


if __name__ == "__main__":
    try:
        main()
    except pika.exceptions.AMQPError as problem:
        sys.exit(f"the server is gone, or does not let us: {problem!r}")
