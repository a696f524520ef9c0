"""The back office: an ordinary AMQP application, written with pika. It knows nothing of MQTT.

It takes readings from the durable queue `temperatures` until it has seen as many as it was told, through crashes of the
server if need be; then it prints a table and has the hottest place cooled.

    office.py AMQP-PORT READINGS
"""

import collections
import json
import sys
import time

import pika
import pika.exceptions

QUEUE = "temperatures"


class Office:
    def __init__(self, port, expected):
        self.parameters = pika.ConnectionParameters("127.0.0.1", port, credentials=pika.PlainCredentials("app", "app"))
        self.expected = expected
        self.readings = {}  # (device, time) -> reading: what comes twice is counted once
        self.repeated = 0

    def work(self):
        while len(self.readings) < self.expected:
            try:
                with pika.BlockingConnection(self.parameters) as connection:
                    self.consume(connection.channel())
            except (pika.exceptions.AMQPError, OSError):
                say("connection lost; trying again")
                time.sleep(0.3)

    def consume(self, channel):
        channel.basic_qos(prefetch_count=50)
        for method, _properties, body in channel.consume(QUEUE):
            self.note(json.loads(body), method.redelivered)
            channel.basic_ack(method.delivery_tag)
            if len(self.readings) >= self.expected:
                channel.cancel()
                return

    def note(self, reading, redelivered):
        key = reading["device"], reading["time"]
        self.repeated += redelivered and key in self.readings
        self.readings[key] = reading
        if len(self.readings) % 60 == 0:
            say(f"{len(self.readings)} readings so far")

    def table(self):
        places = collections.defaultdict(list)
        for (device, _time), reading in sorted(self.readings.items(), key=lambda item: item[0][1]):
            places[device].append(reading)
        print(f"\n    {'place':14}{'readings':>9}{'min °C':>9}{'mean':>8}{'max':>8}{'last':>8}{'humidity':>10}")
        for device, of_device in sorted(places.items()):
            warmth = [reading["celsius"] for reading in of_device]
            print(f"    {device:14}{len(warmth):9}{min(warmth):9.1f}{sum(warmth) / len(warmth):8.1f}{max(warmth):8.1f}{warmth[-1]:8.1f}"
                  f"{sum(reading['humidity'] for reading in of_device) / len(warmth):9.0f}%")
        print(flush=True)
        return max(places, key=lambda device: max(reading["celsius"] for reading in places[device]))

    def command(self, device, what):
        """Key `commands.x` is topic `commands/x`; delivery mode 2 is QoS 1."""
        with pika.BlockingConnection(self.parameters) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            channel.basic_publish("amq.topic", f"commands.{device}", what.encode(), pika.BasicProperties(delivery_mode=2), mandatory=True)


def say(text):
    print(f"    office: {text}", flush=True)


def main(port, expected):
    office = Office(port, expected)
    office.work()
    say(f"all {len(office.readings)} readings are here; {office.repeated} came twice, flagged as redelivered")
    hottest = office.table()
    office.command(hottest, "open the vents")
    say(f"told {hottest} to open the vents; the server has confirmed it")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
