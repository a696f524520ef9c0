"""Paho's C library: its own programs, and two small ones that use what those do not."""

import os
import pathlib
import re
import signal
import subprocess

import pytest
from support.process import Process, wait_until
from support.shell import run

pytestmark = [pytest.mark.needs("causeway"), pytest.mark.io_threads(1)]

SOURCES = pathlib.Path(__file__).parent / "c"
SCHEMES = {"mqtt": "tcp", "mqtts": "ssl", "ws": "ws", "wss": "wss"}
WAYS = pytest.mark.parametrize("protocol", SCHEMES)


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    """Compiled: {"async": path, "sync": path}."""
    folder, made = tmp_path_factory.mktemp("paho-c"), {}
    for name, library in (("async", "paho-mqtt3as"), ("sync", "paho-mqtt3cs")):
        made[name] = folder / f"paho_{name}"
        subprocess.run(["cc", "-O1", "-Wall", "-Wextra", "-Werror", SOURCES / f"paho_{name}.c", "-o", made[name], f"-l{library}", "-lpthread"],
                       check=True, timeout=60)
    return made


@pytest.fixture
def process():
    made = []

    def make(*command):
        made.append(Process(command))
        return made[-1]

    yield make
    for one in made:
        one.kill()


def url(server, protocol):
    return server.url(protocol).replace(protocol, SCHEMES[protocol], 1)


def authority(server, protocol):
    return server.certificates.authority if protocol in ("mqtts", "wss") else ""


@pytest.mark.parametrize("kind", ["c", "cs"], ids=["asynchronous", "synchronous"])
@pytest.mark.parametrize("version", ["31", "311", "5"])
@WAYS
def test_its_programs_hear_each_other(everywhere, process, name, kind, version, protocol):
    trust = ["--cafile", authority(everywhere, protocol)] if authority(everywhere, protocol) else []
    way = ["-c", url(everywhere, protocol), "-V", version, "-q", "2", *trust]
    publish = [f"paho_{kind}_pub", *way, "-i", name[-22:] + "p"]  # as much as 3.1 allows
    run([*publish, "-t", f"{name}/kept", "-r", "-m", "kept"])
    listener = process("stdbuf", "-oL", f"paho_{kind}_sub", *way, "-i", name[-22:] + "s", "-t", f"{name}/#")
    listener.wait_for_line(r"\tkept$")
    run([*publish, "-t", f"{name}/more", "-m", "a message", *(["--user-property", "room", "kitchen"] if version == "5" else [])])
    listener.wait_for_line(r"\ta message$")
    run([*publish, "-t", f"{name}/kept", "-r", "-n"])


@pytest.mark.parametrize("version", ["31", "311", "5"])
@WAYS
def test_the_synchronous_api(everywhere, programs, name, version, protocol):
    run([programs["sync"], url(everywhere, protocol), version, name[-23:], authority(everywhere, protocol), f"{name}/a"], timeout=40)


def numbers(subscriber):
    return [line for line in subscriber.output().splitlines() if line.startswith("got")]


@pytest.mark.parametrize("protocol, version", [("mqtt", "311"), ("mqtt", "5"), ("mqtts", "5"), ("wss", "311")])
def test_the_asynchronous_api_comes_back_after_a_crash_of_the_server(own_everywhere, programs, process, name, tmp_path, protocol, version):
    """Every message arrives once, in order [MQTT-4.3.3-2] [MQTT-4.6.0-2]. (The library of Debian 12 must not be in the middle of a
    PUBLISH: it would send it again from memory that it has freed.)"""
    ways, trust = (url(own_everywhere, protocol), version), authority(own_everywhere, protocol)
    subscriber = process(programs["async"], "subscribe", *ways, f"{name}-s", tmp_path, trust, name, 900)
    subscriber.wait_for_line("^subscribed$")
    publisher = process(programs["async"], "publish", *ways, f"{name}-p", tmp_path, trust, name, 1, 900, 3)
    for part in (300, 600):
        publisher.wait_for_line(f"^arrived {part}$")
        own_everywhere.kill()  # what the subscriber has of them by now
        publisher.wait_for_line(f"^queued {part + 300}$")
        own_everywhere.start()
    assert publisher.wait(60) == 0 and subscriber.wait(60) == 0, publisher.output() + subscriber.output()
    assert numbers(subscriber) == [f"got {number}" for number in range(1, 901)]


def on_disk(folder):
    """Numbers of the messages that the library has in its files: {"c": still to be sent, "s": sent}. Nothing if a file is half written."""
    found = {"c": set(), "s": set()}
    for path in folder.glob("*.msg"):
        if not path.stat().st_size:
            return None
        if match := re.fullmatch(r"([cs])5?-(\d+)\.msg", path.name):
            found[match[1]].add(int(match[2]))
    return found


def crash(process, folder, count):
    """At a moment when its disk has all that it needs. The library deletes the file of a message that is still to be sent, and only then
    makes the one of a sent message (strace shows unlink of c-N, then open of s-N, then the PUBLISH): dead in between, it has forgotten it."""
    def whole():
        process.send(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        files = on_disk(folder)
        last_sent = files and min(files["c"], default=count + 1) - 1
        if files and (last_sent == 0 or last_sent in files["s"] or f"arrived {count}" in process.lines):
            return True
        process.send(signal.SIGCONT)
        return False

    wait_until(whole, "a moment between two messages")
    process.kill()


@pytest.mark.parametrize("version", ["311", "5"])
def test_what_a_device_has_on_its_disk_arrives_once_after_its_own_crash(own_everywhere, programs, process, name, tmp_path, version):
    ways = (url(own_everywhere, "mqtt"), version)
    subscriber = process(programs["async"], "subscribe", *ways, f"{name}-s", tmp_path, "", name, 400)
    subscriber.wait_for_line("^subscribed$")
    publish = (programs["async"], "publish", *ways, f"{name}-p", tmp_path, "", name)
    first = process(*publish, 1, 200, 1)
    first.wait_for_line("^queued 200$")
    crash(first, next(tmp_path.glob(f"{name}-p-*")), 200)  # whatever it has sent of them by now
    second = process(*publish, 201, 400, 1)
    assert second.wait(60) == 0 and subscriber.wait(60) == 0, second.output() + subscriber.output()
    assert numbers(subscriber) == [f"got {number}" for number in range(1, 401)]
