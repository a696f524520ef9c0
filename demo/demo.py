"""Shows Causeway at work with clients that were not written for it: mosquitto_pub and mosquitto_sub play the devices, a pika
application (office.py) plays the back office, and the server is killed in between. Ends by itself; 0 means that nothing was
lost.

    demo.py CAUSEWAY-PROGRAM
"""

import contextlib
import csv
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).parent
PATIENCE_S = 30


def headline(text):
    print(f"\n\033[1m{text}\033[0m" if sys.stdout.isatty() else f"\n== {text}", flush=True)


def say(text):
    print(f"    {text}", flush=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Program:
    """A process whose output is shown as it comes, and in which a line can be awaited."""

    def __init__(self, command, show=None, **options):
        self.process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
        self._lines, self._news = [], threading.Condition()
        threading.Thread(target=self._read, args=(show,), daemon=True).start()

    def _read(self, show):
        for line in self.process.stdout:
            if show is not None:
                print(show + line, end="", flush=True)
            with self._news:
                self._lines.append(line.rstrip("\n"))
                self._news.notify_all()
        with self._news:
            self._lines.append(None)  # the end
            self._news.notify_all()

    def wait_for(self, pattern):
        def found():
            return next((line for line in self._lines if line is None or re.search(pattern, line)), False)

        with self._news:
            answer = self._news.wait_for(lambda: found() is not False, PATIENCE_S) and found()
            if not answer:
                raise SystemExit("\n".join(["it never said '" + pattern + "':", *filter(None, self._lines)]))
            return answer

    def wait(self):
        return self.process.wait(PATIENCE_S)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.wait()


class Server:
    def __init__(self, program, data):
        self.command = [program, "run", "--config", HERE.parent / "configs/demo.yaml"]
        self.mqtt_port, self.amqp_port = free_port(), free_port()
        self.env = os.environ | {"CAUSEWAY_DATA": str(data), "MQTT_PORT": str(self.mqtt_port), "AMQP_PORT": str(self.amqp_port)}
        self.start()

    def start(self):
        before = time.monotonic()
        self.running = Program(self.command, env=self.env)
        say(f"server: {self.running.wait_for('^ready ')}   (after {1000 * (time.monotonic() - before):.0f} ms)")

    def kill(self):
        self.running.process.kill()
        self.running.wait()

    def stop(self):
        self.running.stop()


def readings_by_device():
    by_device = {}
    with open(HERE / "readings.csv", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            reading = {"time": row["time"], "device": row["device"], "celsius": float(row["celsius"]), "humidity": int(row["humidity"])}
            by_device.setdefault(row["device"], []).append(reading)
    return by_device


def publish(server, by_device):
    """One mosquitto_pub a device, all at once. Each ends with 0 only after the server has acknowledged its last line."""
    def start(device):
        return subprocess.Popen(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(server.mqtt_port), "-i", device, "-q", "1", "-l",
                                 "-t", f"sensors/{device}/temperature"], stdin=subprocess.PIPE, text=True)

    publishers = {device: start(device) for device in by_device}
    for device, readings in by_device.items():
        publishers[device].stdin.write("".join(json.dumps(reading) + "\n" for reading in readings))
        publishers[device].stdin.close()
    for device, publisher in publishers.items():
        if publisher.wait(PATIENCE_S) != 0:
            raise SystemExit(f"{device} could not publish")
    count = sum(map(len, by_device.values()))
    say(f"devices: {len(by_device)} of them published {count} readings with QoS 1; all are acknowledged")
    return count


def perform(program, folder, cleanup):
    by_device = readings_by_device()
    total = sum(map(len, by_device.values()))
    halves = [{device: readings[part] for device, readings in by_device.items()} for part in (slice(0, 40), slice(40, None))]

    headline("1. The server starts, with a durable queue for what the sensors will say")
    server = Server(program, folder)
    cleanup.callback(server.stop)

    headline("2. A device waits for commands; the sensors publish the first half of a day. No application is there yet")
    listener = Program(["stdbuf", "-oL", "mosquitto_sub", "-h", "127.0.0.1", "-p", server.mqtt_port, "-i", "greenhouse-vents", "-c", "-q", "1",
                        "-d", "-t", "commands/greenhouse", "-F", "command received: %p"])
    cleanup.callback(listener.stop)
    listener.wait_for("^Subscribed")
    published = publish(server, halves[0])

    headline("3. The server is killed (kill -9) while the office is reading, and starts again")
    office = Program([sys.executable, HERE / "office.py", server.amqp_port, total], show="")
    cleanup.callback(office.stop)
    office.wait_for("60 readings")
    server.kill()
    say("server: killed")
    server.start()

    headline("4. The sensors publish the rest of the day; the office has reconnected by itself")
    published += publish(server, halves[1])
    status = office.wait()  # it ends once it has seen every reading

    headline("5. The command has crossed from AMQP to MQTT")
    say("greenhouse: " + listener.wait_for("^command received"))

    headline("Summary")
    say(f"{published} readings acknowledged by MQTT, {total} different ones consumed by AMQP, 1 kill -9, 0 lost")
    return status if published == total else 1


def main(program):
    before = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="causeway-demo-") as folder, contextlib.ExitStack() as cleanup:
        status = perform(program, folder, cleanup)
    say(f"done in {time.monotonic() - before:.1f} s")
    return status


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
