"""`causeway bench`: every kind of work, with so few messages that it is over at once. Nothing is said about how fast."""

import json
import re
import signal
import socket
import threading

import pytest
from support.brokers import causeway_program
from support.process import Process, free_port
from support.shell import run
from support.transports import ANYBODY

pytestmark = pytest.mark.io_threads(0)

FINE, WRONG, FAILED = 0, 1, 2


def bench(*arguments):
    return run([causeway_program(), "bench", *arguments], check=False)


def url(broker, protocol):
    login = "guest:guest@" if protocol == "amqp" else ""
    return f"{protocol}://{login}{broker.host}:{broker.mqtt_port if protocol == 'mqtt' else broker.amqp_port}"


def phases(*arguments):
    """What each phase counted, of a work that went well."""
    done = bench(*arguments, "--json", "--logins", 10)
    assert done.returncode == FINE, done.stderr.decode() + done.stdout.decode()
    return json.loads(done.stdout)["phases"]


def untroubled(phase):
    return all(phase[trouble] == 0 for trouble in ("lost", "doubled", "refused", "unconfirmed", "foreign"))


WINDOW = ("--window", 10)  # mosquitto drops what one publisher of MQTT 3.1.1 has in flight beyond 20 messages of QoS 2
MQTT_WORKS = [("pairs -c 4", 200), ("fan-in -c 5", 200), ("fan-out -c 5", 1000), ("pairs -c 2 -s 100000", 200), ("pairs -c 2 --rate 2000", 200)]


@pytest.mark.needs("mqtt")
@pytest.mark.parametrize("version", ["3.1.1", "5"])
@pytest.mark.parametrize("qos", [0, 1, 2])
@pytest.mark.parametrize("work, received", MQTT_WORKS, ids=[work for work, _ in MQTT_WORKS])
def test_messages_are_counted_where_they_arrive(broker, work, received, qos, version):
    [phase] = phases(*WINDOW, *work.split(), "-n", 200, "--qos", qos, "--mqtt", version, "--url", url(broker, "mqtt"))
    assert phase["published"] == 200 and phase["received"] == phase["count"] == received and untroubled(phase)
    assert phase["confirmed"] == (200 if qos else 0)
    assert 0 < phase["delivery_ns"]["p50"] <= phase["delivery_ns"]["p99.9"] <= phase["delivery_ns"]["max"]


@pytest.mark.needs("mqtt")
@pytest.mark.parametrize("qos", [1, 2])
def test_sessions_that_are_away_get_their_messages_when_they_come_back(broker, qos):
    stored, fetched = phases("offline", *WINDOW, "-c", 3, "-n", 100, "--qos", qos, "--url", url(broker, "mqtt"))
    assert stored["published"] == stored["confirmed"] == stored["count"] == 100
    assert fetched["received"] == fetched["count"] == 100 and untroubled(fetched)


@pytest.mark.needs("mqtt")
def test_persistent_sessions_are_gone_afterwards(broker):
    for _ in range(2):
        [phase] = phases("-c", 2, "-n", 50, "--qos", 1, "--durable", "--url", url(broker, "mqtt"))
        assert phase["received"] == 50


@pytest.mark.needs("mqtt")
@pytest.mark.parametrize("qos", [0, 1])
def test_retained_messages_are_stored_fetched_and_cleared(broker, qos, device):
    stored, fetched = phases("retained", "-n", 150, "--qos", qos, "--url", url(broker, "mqtt"))
    assert stored["count"] == fetched["received"] == 150 and untroubled(fetched)
    late = device(broker)
    late.subscribe("bench/#", 0)
    late.publish("bench/end", b"end", 0)
    assert late.receive_payloads(1) == [b"end"]


@pytest.mark.needs("mqtt")
@pytest.mark.parametrize("wildcards", [(), ("--wildcards",)], ids=["exact", "wildcards"])
def test_retained_messages_are_looked_up_one_by_one(broker, wildcards):
    done = phases("retained", "-n", 150, "--lookups", 40, *wildcards, "--url", url(broker, "mqtt"))
    assert [(phase["name"], phase["count"]) for phase in done] == [("store", 150), ("fetch", 150), ("exact", 40), ("wildcard", 40)][:3 + len(wildcards)]
    assert all(untroubled(phase) for phase in done)


@pytest.mark.needs("mqtt")
@pytest.mark.parametrize("wildcards", [(), ("--wildcards",)], ids=["exact", "wildcards"])
@pytest.mark.parametrize("work, received", [("pairs -c 3", 200), ("fan-out -c 3", 600), ("pairs -c 2 --durable --qos 1 --topics 1", 200)])
def test_topics_take_turns_and_each_has_a_filter(broker, device, work, received, wildcards):
    watcher = device(broker)
    watcher.subscribe("bench/#", 0)
    [phase] = phases(*work.split(), *wildcards, "--filters", 40, "-n", 200, "--url", url(broker, "mqtt"))
    assert phase["received"] == received and untroubled(phase)
    publishers = 1 if "fan-out" in work else int(work.split()[2])
    seen = {message.topic for message in (watcher.receive() for _ in range(200))}
    assert len(seen) == publishers * (1 if "--topics 1" in work else 40)
    assert all(topic.endswith("/room/value") == bool(wildcards) for topic in seen)


@pytest.mark.needs("mqtt")
@pytest.mark.parametrize("version", ["3.1.1", "5"])
def test_connections_and_subscriptions_are_counted(broker, version):
    [ramp] = phases("connect", "-c", 40, "--hold", 0.01, "--mqtt", version, "--url", url(broker, "mqtt"))
    assert ramp["unit"] == "connections" and ramp["count"] == 36  # the first tenth warms up
    [load] = phases("subscribe", "-c", 3, "--filters", 250, "--mqtt", version, "--url", url(broker, "mqtt"))
    assert load["unit"] == "subscriptions" and load["count"] == 750


AMQP_WORKS = ["", "--manual-acks", "--confirms", "--durable --confirms --manual-acks", "--confirms --window 1", "-s 300000 --window 3", "--prefetch 1 --manual-acks"]


@pytest.mark.needs("amqp")
@pytest.mark.parametrize("options", AMQP_WORKS)
@pytest.mark.parametrize("work, received", [("pairs -c 2", 100), ("fan-in -c 3", 100), ("fan-out -c 3", 300)])
def test_queues_and_consumers_are_measured(broker, work, received, options):
    [phase] = phases(*work.split(), *options.split(), "-n", 100, "--url", url(broker, "amqp"))
    assert phase["published"] == 100 and phase["received"] == received and untroubled(phase)
    assert phase["confirmed"] == (100 if "--confirms" in options else 0)


@pytest.mark.needs("amqp")
@pytest.mark.parametrize("options", ["", "--durable --confirms"])
def test_queues_fill_up_and_are_emptied(broker, options):
    [filled] = phases("publish", "-c", 2, "-n", 100, *options.split(), "--url", url(broker, "amqp"))
    assert filled["count"] == 100 and untroubled(filled)
    stored, fetched = phases("offline", "-c", 2, "-n", 100, *options.split(), "--url", url(broker, "amqp"))
    assert stored["count"] == fetched["received"] == 100 and untroubled(fetched)


CROSSINGS = ["", "--qos 1 --durable --confirms --manual-acks"]


@pytest.mark.needs("mqtt", "amqp")
@pytest.mark.parametrize("options", CROSSINGS)
@pytest.mark.parametrize("work, received", [("pairs -c 2", 100), ("fan-in -c 3", 100), ("fan-out -c 3", 300)])
@pytest.mark.parametrize("source, sink", [("mqtt", "amqp"), ("amqp", "mqtt")])
def test_messages_cross(broker, source, sink, work, received, options):
    [phase] = phases(*work.split(), *options.split(), "-n", 100, "--url", url(broker, source), "--to", url(broker, sink))
    assert phase["received"] == received and untroubled(phase)


@pytest.mark.needs("mqtt", "amqp")
@pytest.mark.parametrize("source, sink", [("mqtt", "amqp"), ("amqp", "mqtt")])
def test_messages_wait_on_the_other_side(broker, source, sink):
    stored, fetched = phases("offline", "-c", 2, "-n", 100, "--qos", 1, "--durable", "--confirms", "--url", url(broker, source), "--to", url(broker, sink))
    assert stored["confirmed"] == fetched["received"] == 100 and untroubled(fetched)


@pytest.mark.needs("mqtt")
def test_the_server_s_costs_are_told_if_its_process_is_known(broker):
    [phase] = phases("-c", 2, "-n", 1000, "--url", url(broker, "mqtt"), "--pid", broker.process.pid)
    assert phase["server_cpu_us_each"] > 0 and phase["server_resident_bytes"] > 1_000_000
    done = bench("-c", 2, "-n", 100, "--url", url(broker, "mqtt"), "--pid", broker.process.pid)
    assert re.search(rb"server +\d+\.\d+ us CPU each, .* resident", done.stdout)


@pytest.mark.needs("mqtt")
def test_a_table_is_for_people(broker):
    done = bench("-c", 2, "-n", 100, "--qos", 1, "--url", url(broker, "mqtt"))
    assert done.returncode == FINE and not done.stderr
    assert done.stdout.startswith(b"pairs: 2 clients, MQTT 3.1.1 QoS 1, 64 bytes, 500 under way each\n")
    assert b"100 messages in" in done.stdout and b"trouble       none" in done.stdout


# --- what goes wrong --------------------------------------------------------------------------------------------------------


def complaint(*arguments):
    done = bench(*arguments)
    assert done.returncode == FAILED and not done.stdout
    return done.stderr.decode()


@pytest.mark.needs("causeway")
def test_nobody_listens():
    assert "Connection refused" in complaint("--url", f"mqtt://127.0.0.1:{free_port()}")


@pytest.mark.needs("causeway")
def test_logins_are_refused(broker):
    assert "bad user name or password" in complaint("--url", url(broker, "mqtt").replace("//", "//nobody:wrong@"))
    assert "ACCESS_REFUSED" in complaint("--url", url(broker, "amqp").replace("guest:guest", "guest:wrong"))
    assert "vhost none not found" in complaint("--url", url(broker, "amqp") + "/none")


@pytest.mark.needs("causeway")
def test_the_other_protocol_listens_there(broker):
    assert "closed a connection during the login" in complaint("--url", f"mqtt://127.0.0.1:{broker.amqp_port}")


@pytest.mark.needs("causeway")
def test_a_plan_without_sense_is_refused(broker):
    assert "--qos 1 and 2 only" in complaint("offline", "--url", url(broker, "mqtt"))
    assert "MQTT alone" in complaint("retained", "--url", url(broker, "amqp"))


class Forgetful:
    """A server that accepts everything and delivers each message as `deliver` says: not at all, or twice."""

    def __init__(self, copies):
        self.copies = copies
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.subscribers = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client:
            for first, body in packets(client):
                if first >> 4 == 1:
                    client.sendall(b"\x20\x02\x00\x00")
                elif first >> 4 == 8:
                    self.subscribers.append(client)
                    client.sendall(b"\x90\x03" + body[:2] + b"\x00")
                elif first >> 4 == 3:
                    self.subscribers[0].sendall((bytes([first, len(body)]) + body) * self.copies(body))

    def close(self):
        self.listener.close()


def packets(client):
    while head := client.recv(2, socket.MSG_WAITALL):
        if len(head) < 2:
            return
        yield head[0], client.recv(head[1], socket.MSG_WAITALL) if head[1] else b""


@pytest.fixture
def forgetful():
    made = []

    def make(copies):
        made.append(Forgetful(copies))
        return made[-1]

    yield make
    for server in made:
        server.close()


def number_of(body):
    """The publisher's number of a message, behind the topic: see bench/stamp.hpp."""
    at = 2 + int.from_bytes(body[:2], "big")
    return int.from_bytes(body[at + 8:at + 16], "little")


@pytest.mark.needs("causeway")
@pytest.mark.parametrize("copies, trouble, count", [
    (lambda body: 0 if number_of(body) % 10 == 3 else 1, "lost", 10),
    (lambda body: 0 if number_of(body) >= 95 else 1, "lost", 5),
    (lambda body: 2 if number_of(body) % 10 == 3 else 1, "doubled", 10)], ids=["gaps", "end", "doubles"])
def test_lost_and_doubled_messages_are_noticed(forgetful, copies, trouble, count):
    server = forgetful(copies)
    done = bench("-c", 1, "-n", 100, "--patience", 0.3, "--json", "--url", f"mqtt://127.0.0.1:{server.port}")
    assert done.returncode == WRONG
    [phase] = json.loads(done.stdout)["phases"]
    assert phase[trouble] == count and phase["published"] == 100


@pytest.mark.needs("causeway")
@pytest.mark.parametrize("overflow, refused, lost", [("refuse", 90, 0), ("drop_newest", 0, 90)])
def test_what_is_refused_is_told_apart_from_what_is_lost(listening, overflow, refused, lost):
    server = listening("name: mqtt, protocol: mqtt, port: 0", rest=ANYBODY + f"sessions: {{messages_max: 10, overflow: {overflow}}}\n")
    done = bench("offline", "-c", 1, "-n", 100, "--qos", 1, "--mqtt", "5", "--patience", 0.3, "--json", "--url", url(server, "mqtt"))
    stored, fetched = json.loads(done.stdout)["phases"]
    assert done.returncode == WRONG
    assert (stored["refused"], fetched["lost"], fetched["received"]) == (refused, lost, 10)


STALL_S = 0.4


@pytest.mark.needs("causeway")
def test_the_open_loop_counts_from_when_a_message_was_due(forgetful):
    def stall_once(body):
        if number_of(body) == 100:
            threading.Event().wait(STALL_S)
        return 1

    server = forgetful(stall_once)
    done = bench("-c", 1, "-n", 500, "--rate", 1000, "--json", "--url", f"mqtt://127.0.0.1:{server.port}")
    [phase] = json.loads(done.stdout)["phases"]
    assert done.returncode == FINE and phase["received"] == 500
    # some 400 messages were due in the meantime: most have waited, each a little less than the one before
    assert phase["delivery_ns"]["max"] >= STALL_S * 1e9 and phase["delivery_ns"]["p50"] >= STALL_S / 10 * 1e9


@pytest.mark.needs("mqtt")
def test_an_interrupt_ends_it_early_and_what_was_measured_is_told(broker, device):
    watcher = device(broker)
    watcher.subscribe("bench/#", 0)
    process = Process([causeway_program(), "bench", "-t", 600, "-c", 2, "--qos", 1, "--durable", "--json", "--window", 1, "--url", url(broker, "mqtt")])
    watcher.receive_payloads(1)
    process.send(signal.SIGINT)
    assert process.wait() == FINE
    [phase] = json.loads(process.output())["phases"]
    assert phase["received"] == phase["published"] and phase["seconds"] < 600


@pytest.mark.needs("causeway")
def test_a_server_that_goes_away_is_named():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def quit_after_login():
            client, _ = listener.accept()
            with client:
                next(packets(client))
                client.sendall(b"\x20\x02\x00\x00")

        threading.Thread(target=quit_after_login, daemon=True).start()
        said = complaint("publish", "-c", 1, "--url", f"mqtt://127.0.0.1:{listener.getsockname()[1]}")
    assert re.search("(closed|broke) a connection", said)


@pytest.mark.needs("causeway")
def test_a_server_that_says_nothing_is_not_waited_for_for_ever():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert "does not answer a login" in complaint("--patience", 0.2, "--url", f"mqtt://127.0.0.1:{silent.getsockname()[1]}")
