#!/usr/bin/python3
"""Sends a command (AMQP) to a device that speaks MQTT, and says whether it is on its way. A device that is away gets it when it comes
back, unless the command has expired."""

import argparse
import sys

import pika
import pika.exceptions


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5672)
    parser.add_argument("--valid-s", type=int, default=600, help="seconds after which the command is not to be carried out any more (600)")
    parser.add_argument("device")
    parser.add_argument("command")
    given = parser.parse_args()

    with pika.BlockingConnection(pika.ConnectionParameters(given.host, given.port)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        properties = pika.BasicProperties(delivery_mode=2, expiration=str(1000 * given.valid_s))  # delivery mode 2 is QoS 1
        try:
            # The MQTT topic commands/<device>. Returns once it is on disk, in the device's session.
            channel.basic_publish("amq.topic", f"commands.{given.device}", given.command.encode(), properties, mandatory=True)
        except pika.exceptions.UnroutableError:
            sys.exit(f"nobody has ever listened for commands to {given.device}")
        except pika.exceptions.NackError:
            sys.exit(f"the server could not take it for {given.device}")
    print(f"{given.device} will be told: {given.command}")


if __name__ == "__main__":
    try:
        main()
    except pika.exceptions.AMQPError as problem:
        sys.exit(f"no command was sent: {problem!r}")
