"""System calls of a server while a load runs, counted by strace."""

import re
import signal
import subprocess
import tempfile

from family import processes


def each(pid, load):
    """For each message (connection, …) of the first phase; None if the load fails."""
    with tempfile.NamedTemporaryFile("r") as report:
        attach = [part for one in sorted(processes(pid)) for part in ("-p", str(one))]
        tracer = subprocess.Popen(["strace", "-c", "-f", "-U", "name,calls", "-o", report.name, *attach], stderr=subprocess.PIPE, text=True)
        tracer.stderr.readline()  # "Process … attached"
        result = load()
        tracer.send_signal(signal.SIGINT)
        tracer.wait(30)
        calls = sum(int(found[2]) for found in re.finditer(r"^(\w+)\s+(\d+)$", report.read(), re.MULTILINE) if found[1] != "total")
    return calls / sum(phase["count"] for phase in result["phases"]) if result else None
