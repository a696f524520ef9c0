"""Clients behind a proxy: who they really are is what counts."""

import socket

import pytest
from support.packets import Wire, connect
from support.process import Process, free_port, wait_until
from support.shell import mosquitto_pub

pytestmark = [pytest.mark.needs("causeway"), pytest.mark.io_threads(0, 2)]

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
ACCEPTED, NOT_AUTHORIZED = (0x20, b"\x00\x00"), (0x20, b"\x00\x05")


def text(address):
    return f"PROXY TCP4 {address} 127.0.0.1 50000 1883\r\n".encode()


def binary(address):
    return SIGNATURE + b"\x21\x11\x00\x0c" + socket.inet_aton(address) + socket.inet_aton("127.0.0.1") + b"\xc3\x50\x07\x5b"


@pytest.fixture
def behind(listening):
    return listening("name: mqtt, protocol: mqtt, port: 0, proxy_protocol: true, limits: {connect_timeout: 1s, connections_per_address_max: 2}")


def answer(server, header, name):
    with Wire(server.host, server.listening["mqtt"]) as wire:
        wire.send(header + connect(name))
        return wire.packet()


@pytest.mark.parametrize("header", [text, binary])
def test_rights_go_by_the_clients_own_address(behind, name, header):
    """Without a name clients may come from loopback only; the proxy itself is there."""
    assert answer(behind, header("127.0.0.1"), name) == ACCEPTED
    assert answer(behind, header("192.0.2.7"), name) == NOT_AUTHORIZED
    behind.process.wait_for_line("peer=192.0.2.7:50000")


def test_a_health_check_is_the_proxys_own_and_an_unknown_client_is_nobodys(behind, name):
    assert answer(behind, SIGNATURE + b"\x20\x00\x00\x00", name) == ACCEPTED
    assert answer(behind, b"PROXY UNKNOWN\r\n", name) == NOT_AUTHORIZED


def test_a_client_without_a_header_is_closed_and_logged(behind, name):
    with Wire(behind.host, behind.listening["mqtt"]) as wire:
        wire.send(connect(name))
        assert wire.closed()
    behind.process.wait_for_line("handshake failed .*reason=.?no PROXY header")


def test_a_header_that_does_not_come_is_not_waited_for(behind):
    with Wire(behind.host, behind.listening["mqtt"], timeout=8) as wire:
        wire.send(SIGNATURE)
        assert wire.closed()


def test_connections_are_limited_by_the_clients_own_address(behind, name):
    def come(address, number):
        wire = Wire(behind.host, behind.listening["mqtt"])
        wire.send(text(address) + connect(f"{name}-{number}"))
        return wire

    wires = [come("127.0.0.1", number) for number in range(2)] + [come("127.0.0.2", number) for number in range(2, 4)]
    assert [wire.packet() for wire in wires] == [ACCEPTED] * 4
    with come("127.0.0.1", 4) as surplus:
        assert surplus.closed()
    wires[0].socket.close()
    wait_until(lambda: come("127.0.0.1", 5).answered(b"\x20"), "the place of the one who has gone")


HAPROXY = """
defaults
  mode tcp
  timeout connect 5s
  timeout client 30s
  timeout server 30s
listen plain
  bind 127.0.0.1:{plain}
  server causeway 127.0.0.1:{mqtt} {send}
listen secure
  bind 127.0.0.1:{secure}
  server causeway 127.0.0.1:{mqtts} {send}
"""


@pytest.mark.parametrize("send", ["send-proxy", "send-proxy-v2", "send-proxy-v2 proxy-v2-options crc32c,unique-id"])
def test_clients_come_through_haproxy(listening, certificates, tmp_path, name, send):
    certificate, key = certificates.server
    server = listening("name: mqtt, protocol: mqtt, port: 0, proxy_protocol: true, proxies: [127.0.0.0/8]",
                       f"name: mqtts, protocol: mqtts, port: 0, proxy_protocol: true, tls: {{certificate: {certificate}, key: {key}}}")
    ports = {"plain": free_port(), "secure": free_port()}
    config = tmp_path / "haproxy.cfg"
    config.write_text(HAPROXY.format(**ports, **server.listening, send=send))
    proxy = Process(["haproxy", "-db", "-f", config])
    try:
        def passes(*options):
            return mosquitto_pub(server, name, "-i", name, *options, "-q", 1, payload="x", check=False).returncode == 0

        wait_until(lambda: passes("-p", ports["plain"]), "haproxy")
        assert mosquitto_pub(server, name, "-i", f"{name}-s", "--cafile", certificates.authority, "-q", 1, payload="x", port=ports["secure"])
        server.process.wait_for_line(rf"client connected .*client_id={name}-s .*peer=127.0.0.1:\d+")
    finally:
        proxy.kill()
