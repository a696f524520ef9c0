"""Listeners on Unix-domain sockets: their files, and clients on them."""

import os
import stat

import pytest
from support.brokers import causeway_program
from support.packets import Wire, answer_to_upgrade, connect, frame, publish, read_frame, subscribe, upgrade
from support.shell import mosquitto_pub, run

pytestmark = [pytest.mark.needs("causeway"), pytest.mark.io_threads(0, 2)]


@pytest.fixture
def local(listening, tmp_path):
    return listening(f"name: mqtt, protocol: mqtt, address: 'unix:{tmp_path}/mqtt.sock', socket_mode: 0600",
                     f"name: ws, protocol: ws, address: 'unix:{tmp_path}/ws.sock'",
                     f"name: amqp, protocol: amqp, address: 'unix:{tmp_path}/amqp.sock'",
                     "name: tcp, protocol: mqtt, port: 0")


def test_mosquitto_pub_over_a_socket_file(local, name, device):
    watcher = device(local, port=local.listening["tcp"])
    watcher.subscribe(name, 1)
    mosquitto_pub(local, name, "--unix", local.listening["mqtt"], "-q", 1, payload="hello", port=1)
    assert watcher.receive().payload == b"hello"
    local.process.wait_for_line(f"peer=.?unix:{local.listening['mqtt']},pid=")


def test_websocket_and_amqp_over_socket_files(local, name):
    with Wire(None, local.listening["ws"]) as wire:
        wire.send(upgrade() + frame(connect(name) + subscribe(name, 0) + publish(name, b"hello")))
        assert "101" in answer_to_upgrade(wire)[0]
        packets = b""
        while not packets.endswith(b"hello"):
            packets += read_frame(wire)[1]
        assert packets.startswith(b"\x20\x02\x00\x00")
    with Wire(None, local.listening["amqp"]) as wire:
        wire.send(b"AMQP\x00\x00\x09\x01")
        assert wire.read(11)[7:] == b"\x00\x0a\x00\x0a"  # connection.start


def test_the_file_has_its_permissions_and_goes_with_the_server(local):
    modes = {name: stat.S_IMODE(os.lstat(local.listening[name]).st_mode) for name in ("mqtt", "ws")}
    assert modes == {"mqtt": 0o600, "ws": 0o660}
    assert local.stop() == 0
    assert not any(os.path.exists(local.listening[name]) for name in ("mqtt", "ws", "amqp"))


def test_the_file_of_a_server_that_was_killed_is_replaced(local, name):
    local.kill()
    assert os.path.exists(local.listening["mqtt"])
    local.start()
    mosquitto_pub(local, name, "--unix", local.listening["mqtt"], payload="x", port=1)


def test_a_file_that_is_in_use_is_left_to_its_server(local, listening, tmp_path, name):
    config = tmp_path / "other.yaml"
    config.write_text(f"data: {tmp_path}/other\nlisteners: [{{name: mqtt, protocol: mqtt, address: 'unix:{local.listening['mqtt']}'}}]\n")
    refused = run([causeway_program(), "run", "--config", config], check=False)
    assert refused.returncode == 2
    assert refused.stderr.decode().endswith(f"listener 'mqtt' cannot listen: unix:{local.listening['mqtt']}: another process listens on it\n")
    mosquitto_pub(local, name, "--unix", local.listening["mqtt"], payload="x", port=1)
