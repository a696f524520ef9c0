"""A server process: its output is collected while it runs, and lines of it can be awaited."""

import os
import re
import signal
import socket
import subprocess
import threading
import time

PATIENCE_S = 20  # for anything that happens at once on an idle machine


def free_port():
    """A port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, what, timeout=PATIENCE_S):
    """Polls what cannot be awaited as an event; returns the first true answer."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if answer := condition():
            return answer
        time.sleep(0.02)
    raise AssertionError(f"waited {timeout} s in vain for: {what}")


class Process:
    def __init__(self, command, env=None, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT):
        self.command = [str(part) for part in command]
        self.lines = []
        self._news = threading.Condition()
        self._process = subprocess.Popen(self.command, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr,
                                         text=True, errors="replace", env=env, start_new_session=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self):
        return self._process.pid

    def _read(self):
        for line in self._process.stdout:
            with self._news:
                self.lines.append(line.rstrip("\n"))
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    _ended = False

    def output(self):
        with self._news:
            return "\n".join(self.lines)

    def wait_for_line(self, pattern, timeout=PATIENCE_S):
        """The match of the first line, from the start of the process on, that the pattern is found in."""
        expression, seen, end = re.compile(pattern), 0, time.monotonic() + timeout
        with self._news:
            while True:
                for line in self.lines[seen:]:
                    if match := expression.search(line):
                        return match
                seen = len(self.lines)
                left = end - time.monotonic()
                if self._ended or left <= 0 or not self._news.wait(left):
                    raise AssertionError(f"{self.command[0]} never said '{pattern}'; it said:\n" + "\n".join(self.lines[-60:]))

    def write(self, text):
        """To its standard input, if that is a pipe."""
        self._process.stdin.write(text)
        self._process.stdin.flush()

    def alive(self):
        return self._process.poll() is None

    def wait(self, timeout=PATIENCE_S):
        """Its exit status, once all output has been read."""
        status = self._process.wait(timeout)
        self._reader.join(timeout)
        return status

    def send(self, number):
        self._process.send_signal(number)

    def terminate(self, timeout=PATIENCE_S):
        if self.alive():
            self._process.send_signal(signal.SIGTERM)
        try:
            return self.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.command[0]} did not stop within {timeout} s; it said:\n{self.output()}") from None

    def kill(self):
        """Ends it and whatever it has started, at once."""
        if self.alive():
            os.killpg(self.pid, signal.SIGKILL)
        return self.wait()
