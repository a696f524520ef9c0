"""Servers that listen on other transports than plain ports."""

import re

from .brokers import Causeway
from .configs import write_config

LISTENERS = {"mqtt": "mqtt", "mqtts": "mqtts", "ws": "ws", "wss": "wss", "packed": "ws"}  # the last compresses, for who asks for it
ANYBODY = """
anonymous:
  mqtt: loopback
  rights: [{vhost: /, publish: ["#"], subscribe: ["#"]}]
"""


class Everywhere(Causeway):
    """Keeps its ports over restarts, as any server does. `rest` is further configuration."""

    def __init__(self, folder, certificates, io_threads=0, rest=""):
        super().__init__(folder, io_threads)
        self.certificates, self.rest, self.listening = certificates, rest, {}

    def start(self):
        certificate, key = self.certificates.server
        lines = ["listeners:"]
        for name, protocol in LISTENERS.items():
            more = f", tls: {{certificate: {certificate}, key: {key}}}" if protocol in ("mqtts", "wss") else ""
            more += ", websocket_compression: true" if name == "packed" else ""
            lines.append(f"  - {{name: {name}, protocol: {protocol}, port: {self.listening.get(name, 0)}{more}}}")
        config = write_config(self.folder, f"{ANYBODY}io_threads: {self.io_threads}\n{self.rest}", "\n".join(lines) + "\n")
        self.arguments = ["run", "--config", config]
        super().start()

    def url(self, listener):
        protocol = LISTENERS[listener]
        path = "/mqtt" if protocol in ("ws", "wss") else ""
        return f"{protocol}://{self.host}:{self.listening[listener]}{path}"


class Listening(Causeway):
    """A server with just these listeners, each a line of YAML in braces. `listening` has the port of each, or its path."""

    def __init__(self, folder, listeners, io_threads=0, rest=ANYBODY):
        super().__init__(folder, io_threads)
        lines = "".join(f"  - {{{listener}}}\n" for listener in listeners)
        self.arguments = ["run", "--config", write_config(self.folder, f"io_threads: {io_threads}\n{rest}", f"listeners:\n{lines}")]

    def _learn_ports(self, line):
        super()._learn_ports(line)
        self.listening.update(re.findall(r"\b(\w+)=unix:(\S+)", line))
