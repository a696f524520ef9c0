"""The servers that are compared, each started with what its users start with."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests/system"))

from support import brokers  # noqa: E402
from support.process import Process, free_port  # noqa: E402


class Relay(brokers.Broker):
    """Copies bytes: see relay.cpp."""

    program = None

    def start(self):
        self.process = Process([self.program])
        self.mqtt_port = int(self.process.wait_for_line(r"ready on port (\d+)")[1])


class RabbitMQ(brokers.RabbitMQ):
    """With its MQTT plugin."""

    def __init__(self, folder):
        super().__init__(folder, plugins=("rabbitmq_mqtt",))

    def _prepare(self):
        if self._env:
            return
        self.mqtt_port = free_port()
        super()._prepare()
        with (self.folder / "rabbitmq/rabbitmq.conf").open("a") as config:
            config.write(f"mqtt.listeners.tcp.1 = 127.0.0.1:{self.mqtt_port}\n")


MAKERS = {"relay": Relay, "causeway": brokers.Causeway, "mosquitto": brokers.Mosquitto, "rabbitmq": RabbitMQ}
TITLES = {"relay": "relay", "causeway": "Causeway", "mosquitto": "mosquitto", "rabbitmq": "rabbitmq-server"}


def why_missing(kind):
    return None if kind == "relay" else brokers.why_missing(kind)


class Servers:
    """Those that are wanted, started when they are first needed, and gone at the end."""

    def __init__(self, folder, kinds):
        self.folder, self.kinds = pathlib.Path(folder), kinds
        self._running, self._made = {}, 0

    def get(self, kind, fresh=False):
        if fresh:
            self.end(kind)
        if kind not in self._running:
            place = self.folder / f"{kind}-{self._made}"
            place.mkdir()
            self._made += 1
            self._running[kind] = MAKERS[kind](place)
            self._running[kind].start()
        return self._running[kind]

    def end(self, kind):
        if server := self._running.pop(kind, None):
            server.close()

    def close(self):
        for kind in list(self._running):
            self.end(kind)
