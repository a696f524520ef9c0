"""Causeway beside Debian's mosquitto and rabbitmq-server: the same load on the same machine, in turns, in one run.

What is compared is the server's CPU time (all of its processes and threads) per delivered message, because on a machine that
is shared with the load generator it says more than messages per second. The medians of several rounds are shown.

    bench.py --causeway PROGRAM --load PROGRAM [--rounds 5] [--seconds 3] [--syscalls]
"""

import argparse
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))

from support import brokers  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")

SCENARIOS = {  # name: (arguments of load: scenario, QoS, clients), servers
    "MQTT QoS 0, 50 pairs, 64 bytes": (("mqtt", 0, 50), ("causeway", "mosquitto")),
    "MQTT QoS 1, 50 pairs, 64 bytes": (("mqtt", 1, 50), ("causeway", "mosquitto")),
    "AMQP, one queue, automatic acks, 64 bytes": (("amqp", 0, 1), ("causeway", "rabbitmq")),
}
IDLE_CONNECTIONS = 2000
FIRST_CONNECTIONS = 200


def processes(server):
    """The server's process and everything it has started."""
    parents = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue  # it has just ended
    family = {server.process.pid}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return family


def cpu_seconds(server):
    total = 0
    for pid in processes(server):
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])  # user and system time, of all threads
    return total / TICKS


def resident_bytes(server):
    def of(pid):
        found = re.search(r"VmRSS:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text())
        return int(found[1]) * 1024 if found else 0

    return sum(map(of, processes(server)))


class Load:
    """The generator, with its clients logged in."""

    def __init__(self, program, server, scenario, qos, clients, seconds=0.0):
        port = server.amqp_port if scenario == "amqp" else server.mqtt_port
        command = [program, scenario, port, seconds, qos, clients]
        self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "ready\n":
            raise SystemExit(f"{scenario}: the load generator could not log in")

    def run(self):
        """(messages, seconds)."""
        print("go", file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        found = re.fullmatch(r"delivered (\d+) in ([\d.]+) s\n", line)
        if not found:
            raise SystemExit(f"the load generator said: {line}")
        return int(found[1]), float(found[2])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(30)


def one_round(options, server, load):
    """(CPU microseconds per message, messages per second)."""
    with Load(options.load, server, *load, options.seconds) as clients:
        before = cpu_seconds(server)
        messages, seconds = clients.run()
        return (cpu_seconds(server) - before) / messages * 1e6, messages / seconds


def syscalls_per_message(options, server, load):
    """Counted by strace in a round of its own, for it slows the server down."""
    with Load(options.load, server, *load, 1.0) as clients, tempfile.NamedTemporaryFile("r") as report:
        attach = [part for pid in processes(server) for part in ("-p", str(pid))]
        tracer = subprocess.Popen(["strace", "-c", "-f", "-U", "name,calls", "-o", report.name, *attach], stderr=subprocess.PIPE, text=True)
        tracer.stderr.readline()  # "Process … attached"
        messages, _ = clients.run()
        tracer.send_signal(signal.SIGINT)
        tracer.wait(30)
        calls = sum(int(found[1]) for found in re.finditer(r"^\w+\s+(\d+)$", report.read(), re.MULTILINE) if not found[0].startswith("total"))
        return calls / messages


def idle_bytes(options, server):
    with Load(options.load, server, "idle", 0, FIRST_CONNECTIONS):  # buffers that all connections share are there now
        before = resident_bytes(server)
        with Load(options.load, server, "idle", 0, IDLE_CONNECTIONS):
            return (resident_bytes(server) - before) / IDLE_CONNECTIONS


def compare(options, servers, name):
    load, names = SCENARIOS[name]
    results = {kind: [] for kind in names}
    for _ in range(options.rounds):
        for kind in names:  # in turns: what else the machine does hits all alike
            results[kind].append(one_round(options, servers[kind], load))
    print(f"\n{name}")
    medians = {kind: statistics.median(cpu for cpu, _ in rounds) for kind, rounds in results.items()}
    for kind, rounds in results.items():
        spread = [cpu for cpu, _ in rounds]
        line = f"  {kind:10} {medians[kind]:7.2f} µs CPU a message   ({min(spread):.2f} to {max(spread):.2f})"
        line += f"   {statistics.median(rate for _, rate in rounds):9,.0f} messages/s"
        if kind != "causeway":
            line += f"   {medians[kind] / medians['causeway']:5.1f} times Causeway's"
        if options.syscalls:
            line += f"   {syscalls_per_message(options, servers[kind], load):.2f} system calls a message"
        print(line, flush=True)


def memory(options, servers):
    print("\nMemory")
    for kind, server in servers.items():
        line = f"  {kind:10} {resident_bytes(server) / 2**20:6.1f} MiB resident"
        if server.mqtt_port:
            line += f", {idle_bytes(options, server):6.0f} bytes more for each of {IDLE_CONNECTIONS} idle MQTT connections"
        print(line, flush=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--causeway", required=True)
    parser.add_argument("--load", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--io-threads", type=int, default=0)
    parser.add_argument("--syscalls", action="store_true", help="count system calls with strace, too")
    return parser.parse_args()


def main():
    options = arguments()
    os.environ["CAUSEWAY"] = str(pathlib.Path(options.causeway).resolve())
    folder, servers = pathlib.Path(tempfile.mkdtemp(prefix="causeway-bench-")), {}
    try:
        for kind in ("causeway", "mosquitto", "rabbitmq"):
            if why := brokers.why_missing(kind):
                raise SystemExit(why)
            (folder / kind).mkdir()
            servers[kind] = brokers.BROKERS[kind](folder / kind, options.io_threads)
            servers[kind].start()
        memory(options, servers)
        for name in SCENARIOS:
            compare(options, servers, name)
    finally:
        for server in servers.values():
            server.close()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
