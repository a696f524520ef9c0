"""Command-line clients, run as a person would run them."""

import subprocess

from .process import PATIENCE_S, Process


def run(command, stdin=None, check=True, timeout=PATIENCE_S, env=None):
    """The finished process; its stdout as bytes."""
    done = subprocess.run([str(part) for part in command], input=stdin, capture_output=True, timeout=timeout, check=False, env=env)
    assert not check or done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout.decode()}\n{done.stderr.decode()}"
    return done


def mosquitto_pub(broker, topic, *options, payload=None, port=None, check=True):
    message = [] if payload is None else ["-m", payload]
    return run(["mosquitto_pub", "-h", broker.host, "-p", port or broker.mqtt_port, "-t", topic, *message, *options], check=check)


class MosquittoSub(Process):
    """mosquitto_sub, subscribed once constructed (it says so with -d). Messages are lines "topic payload"."""

    def __init__(self, broker, *options, port=None):
        super().__init__(["stdbuf", "-oL", "mosquitto_sub", "-h", broker.host, "-p", port or broker.mqtt_port, "-d", "-F", "got %t %p", *options])
        self.wait_for_line("^Subscribed")

    def message(self, pattern):
        return self.wait_for_line(f"^got {pattern}").string.removeprefix("got ")

    def messages(self):
        return [line.removeprefix("got ") for line in self.output().splitlines() if line.startswith("got ")]
