"""AMQP over WebSocket, as LavinMQ and CloudAMQP offer it: @cloudamqp/amqp-client in Node and in a web page."""

import base64
import os
import socket

import pytest
from support.browser import Browser
from support.configs import password_hash
from support.process import PATIENCE_S
from support.shell import run
from test_node_clients import FOLDER

pytestmark = [pytest.mark.needs("causeway"), pytest.mark.io_threads(0, 1)]


@pytest.fixture
def server(listening, certificates):
    certificate, key = certificates.server
    return listening("name: plain, protocol: amqp-ws, port: 0",
                     f"name: secret, protocol: amqp-wss, port: 0, tls: {{certificate: {certificate}, key: {key}}}",
                     "name: elsewhere, protocol: amqp-ws, port: 0, websocket_path: /", rest=f"""
users:
  - {{name: guest, password_hash: "{password_hash('guest')}", rights: [{{vhost: /, configure: ['*'], write: ['*'], read: ['*']}}]}}
""")


def handshake(port, path, *headers):
    """The head of the server's answer."""
    key = base64.b64encode(os.urandom(16)).decode()
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as to:
        lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {key}",
                 "Sec-WebSocket-Version: 13", *headers]
        to.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        answer = b""
        while b"\r\n\r\n" not in answer and (part := to.recv(4096)):
            answer += part
    return answer.decode()


@pytest.mark.parametrize("door, path", [("plain", "/ws/amqp"), ("elsewhere", "/")])
def test_amqp_client_js_in_node(server, name, door, path):
    run(["node", FOLDER / "amqp_websocket_scenario.js", f"ws://127.0.0.1:{server.listening[door]}{path}", name], timeout=40)


def test_a_client_needs_no_subprotocol_and_may_ask_for_amqp(server):
    port = server.listening["plain"]
    without = handshake(port, "/ws/amqp")
    assert without.startswith("HTTP/1.1 101") and "Sec-WebSocket-Protocol" not in without
    assert "Sec-WebSocket-Protocol: amqp\r\n" in handshake(port, "/ws/amqp", "Sec-WebSocket-Protocol: amqp")
    assert handshake(port, "/mqtt").startswith("HTTP/1.1 404")


@pytest.mark.parametrize("door, scheme", [("plain", "ws"), ("secret", "wss")])
def test_amqp_client_js_in_a_web_page(server, folder, certificates, name, door, scheme):
    page = Browser(folder / f"browser-{name}", certificates.server[0])
    try:
        answer = page.play("amqp", url=f"{scheme}://127.0.0.1:{server.listening[door]}/ws/amqp", name=name)
    finally:
        page.close()
    assert answer == ["first", "second", "third"]
