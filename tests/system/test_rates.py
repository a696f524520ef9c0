"""Limits of how many may connect from one address, and how fast one client may publish."""

import time

import pytest
from support.mqtt import V5
from support.packets import Wire, connect, connect5, publish
from support.process import wait_until
from support.transports import ANYBODY

pytestmark = [pytest.mark.needs("causeway"), pytest.mark.io_threads(0, 1)]

LISTENER = "name: mqtt, protocol: mqtt, port: 0"


def test_connections_of_one_address_are_limited(listening, name):
    server = listening(f"{LISTENER}, limits: {{connections_per_address_max: 3}}")

    def come(number):
        wire = Wire(server.host, server.listening["mqtt"])
        wire.send(connect(f"{name}-{number}"))
        return wire

    wires = [come(number) for number in range(3)]
    assert [wire.packet()[0] for wire in wires] == [0x20] * 3
    with come(4) as surplus:
        assert surplus.closed()
    server.process.wait_for_line("the address has all it may have .*peer=127.0.0.1:")
    wires.pop().socket.close()

    def there_is_room():
        with come(5) as again:
            return again.answered(b"\x20")

    wait_until(there_is_room, "the place of the one who has gone")
    for wire in wires:
        wire.send(b"\xc0\x00")
        assert wire.packet()[0] == 0xD0


def test_a_client_that_publishes_too_fast_is_slowed_down_and_loses_nothing(listening, name, device):
    server = listening(LISTENER, rest=ANYBODY + "mqtt: {publish_rate_max: 50}\n")
    watcher, fast = device(server), device(server, max_inflight=200)
    watcher.subscribe(name, 1)
    start = time.monotonic()
    acknowledged = [fast.publish_later(name, b"%d" % number, 1) for number in range(150)]
    assert watcher.receive_payloads(150) == [b"%d" % number for number in range(150)]
    for wait in acknowledged:
        wait()
    assert 1.9 < time.monotonic() - start < 15  # 50 at once, 100 more in two seconds


def test_bytes_are_limited_too_and_others_do_not_notice(listening, name, device):
    server = listening(LISTENER, rest=ANYBODY + "mqtt: {publish_bytes_rate_max: 100KiB}\n")
    watcher, fast, other = device(server), device(server), device(server)
    watcher.subscribe(f"{name}/#", 1)
    start = time.monotonic()
    fast.publish(f"{name}/large", bytes(200 << 10), 1)
    waiting = fast.publish_later(f"{name}/large", b"next", 1)
    other.publish(f"{name}/small", b"x", 1)
    assert time.monotonic() - start < 1
    waiting()
    assert time.monotonic() - start > 0.9  # a debt of 100 KiB
    assert [len(payload) for payload in watcher.receive_payloads(3)] == [200 << 10, 1, 4]


def test_where_it_is_wanted_a_client_that_publishes_too_fast_is_disconnected(listening, name, device):
    server = listening(LISTENER, rest=ANYBODY + "mqtt: {publish_rate_max: 5, on_rate_exceeded: disconnect}\n")
    with Wire(server.host, server.listening["mqtt"]) as wire:
        wire.send(connect5(name))
        assert wire.packet()[0] == 0x20
        wire.send(b"".join(publish(name, b"\x00x") for _ in range(6)))
        assert wire.packet()[1][:1] == b"\x96"
        assert wire.closed()
    calm = device(server, version=V5)
    for _ in range(5):
        calm.publish(name, b"x", 1)
