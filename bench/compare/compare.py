"""Causeway beside mosquitto, rabbitmq-server and a relay that only copies bytes: the same load on the same machine, in turns, in one
run. What counts most is the server's CPU time for each delivered message, because on a machine that is shared with the load generator
it says more than messages per second.

    compare.py --causeway PROGRAM --relay PROGRAM [--rounds 5] [--seconds 3] [--quick] [--only TEXT] [--servers causeway,relay]
               [--page docs/performance.md] [--syscalls]
"""

import argparse
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile

import page
import servers
import syscalls
from rows import ROWS, quick


class Comparison:
    def __init__(self, options, running):
        self.options, self.running = options, running
        self.failures = []

    def rows(self):
        return [row for row in ROWS if self.options.only in row.name]

    def kinds(self, row):
        return [kind for kind in row.servers if kind in self.options.servers]

    def command(self, row, server):
        work = (quick(row.arguments) if self.options.quick else row.arguments).split()
        ports = {"mqtt": f"mqtt://{server.host}:{server.mqtt_port}", "amqp": f"amqp://{server.host}:{server.amqp_port}"}
        if server.speaks == {"amqp"}:  # RabbitMQ lets nobody in without a name
            ports["mqtt"] = ports["mqtt"].replace("//", "//guest:guest@")
        duration = ["--seconds", self.options.seconds] if row.timed else []
        return [self.options.causeway, "bench", *work, "--url", ports[row.source], "--to", ports[row.sink], *duration,
                "--pid", server.process.pid, "--json"]

    def load(self, row, kind):
        """What the generator says; nothing if it failed, which is noted."""
        server = self.running.get(kind, row.fresh)
        done = subprocess.run([str(part) for part in self.command(row, server)], capture_output=True, text=True, check=False, timeout=600)
        if done.returncode != 0:
            said = done.stderr.strip() or done.stdout.strip()
            self.failures.append((row.name, kind, said))
            print(f"  {kind}: {said}", file=sys.stderr)
        return None if done.returncode == 2 else json.loads(done.stdout)

    def measure(self, row, kind):
        """The numbers of one run."""
        result = self.load(row, kind)
        return result and [measure.of(result) for measure in row.measures]

    def syscalls(self, row):
        """{server: system calls for each message}, in rounds of their own, for counting slows servers down."""
        return {kind: syscalls.each(self.running.get(kind).process.pid, lambda kind=kind: self.load(row, kind)) for kind in self.kinds(row)}

    def run(self, row):
        """{server: the median of each measure}"""
        found = {kind: [] for kind in self.kinds(row)}
        for _ in range(self.options.rounds):
            for kind in found:  # in turns: what else the machine does hits all alike
                if numbers := self.measure(row, kind):
                    found[kind].append(numbers)
        return {kind: [statistics.median(column) for column in zip(*runs)] for kind, runs in found.items() if runs}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--causeway", required=True)
    parser.add_argument("--relay", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each run")
    parser.add_argument("--quick", action="store_true", help="one short round of small works: does everything still run?")
    parser.add_argument("--only", default="", help="rows whose name contains this")
    parser.add_argument("--servers", default=",".join(servers.MAKERS), type=lambda text: text.split(","))
    parser.add_argument("--syscalls", action="store_true", help="count system calls with strace, too")
    parser.add_argument("--page", type=pathlib.Path, help="put the table into this page")
    parser.add_argument("--results", type=pathlib.Path, help="a line for each row: passed or failed")
    options = parser.parse_args()
    options.load_before = os.getloadavg()[0]
    options.causeway = pathlib.Path(options.causeway).resolve()
    if options.quick:
        options.rounds, options.seconds = 1, min(options.seconds, 0.2)
    return options


def allow_many_files():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def write_results(path, rows, failures):
    """Only what Causeway and the generator do is ours to judge, and never how fast."""
    failed = {name for name, kind, _ in failures if kind in ("causeway", "relay")}
    path.write_text("".join(f"{'failed' if row.name in failed else 'passed'}\t{row.name}\n" for row in rows), encoding="utf-8")


def main():
    options = arguments()
    os.environ["CAUSEWAY"] = str(options.causeway)
    servers.Relay.program = str(pathlib.Path(options.relay).resolve())
    for kind in options.servers:
        if why := servers.why_missing(kind):
            raise SystemExit(why)
    allow_many_files()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="causeway-bench-"))
    running = servers.Servers(folder, options.servers)
    comparison = Comparison(options, running)
    measured = []
    try:
        for row in comparison.rows():
            measured.append((row, comparison.run(row)))
            print(page.console(*measured[-1]), flush=True)
            if options.syscalls and not row.fresh:
                print(page.syscalls(comparison.syscalls(row)), flush=True)
    finally:
        running.close()
        shutil.rmtree(folder, ignore_errors=True)
    if options.page:
        page.update(options.page, measured, options)
    if options.results:
        write_results(options.results, comparison.rows(), comparison.failures)
    raise SystemExit(1 if any(kind in ("causeway", "relay") for _, kind, _ in comparison.failures) else 0)


if __name__ == "__main__":
    main()
