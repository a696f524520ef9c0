"""One round of one question: a server that has just started, and loads for it."""

import functools
import json
import subprocess
import time

import servers
from support.configs import password_hash
from support.transports import ANYBODY, Listening

LISTENERS = ("name: mqtt, protocol: mqtt, port: 0", "name: amqp, protocol: amqp, port: 0")
# What exists here is more than the limits allow unless told (docs/limits.md).
LIMITS = """
mqtt: {subscriptions_max: 1000000}
retained: {messages_max: 1000000, bytes_max: 1GiB}
sessions: {messages_max: 1000000, bytes_max: 1GiB}
memory: {messages_bytes_max: 4GiB}
"""


@functools.cache
def users():
    """AMQP lets nobody in without a name."""
    return f"""users:
  - {{name: guest, password_hash: "{password_hash('guest')}", rights: [{{vhost: /, configure: ["*"], write: ["*"], read: ["*"]}}]}}
"""


class WorkFailed(Exception):
    """A load could not be done, or messages went astray."""


class Run:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.quick, self.seconds = options.quick, options.seconds
        self._servers = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in self._servers.values():
            server.close()

    def sizes(self, *sizes):
        """Those to measure: the first two are small."""
        return sizes[:2] if self.quick else sizes

    def server(self, io_threads=0):
        if io_threads not in self._servers:
            place = self.folder / f"server-{io_threads}"
            place.mkdir()
            self._servers[io_threads] = Listening(place, LISTENERS, io_threads, rest=ANYBODY + LIMITS + users())
            self._servers[io_threads].start()
        return self._servers[io_threads]

    def cpu_seconds(self):
        """What the server has used so far, all threads, to the nanosecond (clock_getcpuclockid)."""
        return time.clock_gettime(~self.server().process.pid << 3 | 2)

    def relay(self):
        """It only copies bytes: what the sockets cost by themselves."""
        if "relay" not in self._servers:
            self._servers["relay"] = servers.Relay(self.folder)
            self._servers["relay"].start()
        return self._servers["relay"]

    def phases(self, work, protocol="mqtt", io_threads=0, server=None):
        """The server's CPU time in microseconds for each message (lookup, …), by the names of the load's phases."""
        server = server or self.server(io_threads)
        login = "guest:guest@" if protocol == "amqp" else ""
        port = server.amqp_port if protocol == "amqp" else server.mqtt_port
        command = [self.options.causeway, "bench", *work.split(), "--url", f"{protocol}://{login}127.0.0.1:{port}", "--json",
                   "--pid", server.process.pid]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, timeout=300)
        if done.returncode != 0:
            raise WorkFailed(f"{work}: {done.stderr.strip() or done.stdout.strip()}")
        return {phase["name"]: phase["server_cpu_us_each"] for phase in json.loads(done.stdout)["phases"]}

    def flow(self, work, **more):
        """The same for messages that flow for a while."""
        [value] = self.phases(f"{work} -t {self.seconds}", **more).values()
        return value
