"""Programs whose MQTT nobody else shares: curl's own, Go's Paho in a Prometheus exporter, and the C library of AWS."""

import pathlib
import urllib.request

import pytest
from support.mqtt import V5
from support.process import Process, free_port, wait_until
from support.shell import run

pytestmark = pytest.mark.needs("causeway")

NODE = pathlib.Path(__file__).parent / "node"


# --- curl: 3.1.1, QoS 0 ---

def test_curl_publishes(broker, name, device):
    listener = device(broker)
    listener.subscribe(f"{name}/#")
    run(["curl", "--silent", "--show-error", "--data", "hello", f"mqtt://{broker.host}:{broker.mqtt_port}/{name}/a"])
    message = listener.receive()
    assert (message.topic, message.payload) == (f"{name}/a", b"hello")


def test_curl_subscribes(broker, name, device, tmp_path):
    publisher = device(broker, version=V5)
    publisher.publish(f"{name}/a", b"kept ", 1, retain=True)
    out = tmp_path / "out"
    listener = Process(["curl", "--silent", "--show-error", "--no-buffer", "--max-time", "30", "--output", out,
                        f"mqtt://{broker.host}:{broker.mqtt_port}/{name}/a"])
    try:
        wait_until(lambda: out.exists() and b"kept " in out.read_bytes(), "the retained message")
        payload = b"x" * 100_000
        publisher.publish(f"{name}/a", payload, 1)
        wait_until(lambda: out.read_bytes().endswith(payload), "a large message")
    finally:
        listener.kill()


# --- Go's Paho: prometheus-mqtt-exporter ---

EXPORTER = """
mqtt:
  server: {url}
  topic_path: {name}/+
  device_id_regex: ".*/(?P<deviceid>.*)"
  qos: {qos}
  client_id: {name}
json_parsing: {{separator: .}}
metrics:
  - {{prom_name: temperature, mqtt_name: temperature, help: degrees, type: gauge}}
"""


@pytest.mark.io_threads(1)
@pytest.mark.parametrize("door, qos", [("mqtt", 0), ("mqtt", 2), ("ws", 1)])
def test_an_exporter_of_measurements_comes_back_after_a_crash(own_everywhere, name, device, tmp_path, door, qos):
    config, port = tmp_path / "exporter.yaml", free_port()
    config.write_text(EXPORTER.format(url=own_everywhere.url(door).replace("mqtt:", "tcp:"), name=name, qos=qos))
    exporter = Process(["prometheus-mqtt-exporter", "-config", config, "-listen-address", "127.0.0.1", "-listen-port", port])

    def measured(value):
        """Publishes until it is seen: nobody says when the exporter has subscribed (again)."""
        publisher.publish(f"{name}/kitchen", b'{"temperature": %s}' % str(value).encode(), 1)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            line = f'temperature{{sensor="kitchen",topic="{name}/kitchen"}} {value}'
            return line in answer.read().decode()

    try:
        publisher = device(own_everywhere)
        wait_until(lambda: exporter.alive() and _answers(port), "the exporter's page")
        wait_until(lambda: measured(21.5), "the measurement")
        own_everywhere.kill()
        publisher.await_disconnect()
        own_everywhere.start()
        publisher.connect()
        wait_until(lambda: measured(22.5), "the measurement after the crash", 60)
    finally:
        exporter.kill()


def _answers(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            return answer.status == 200
    except OSError:
        return False


# --- the C library of AWS ---

@pytest.mark.parametrize("which", ["properties", "aliases", "session"])
@pytest.mark.parametrize("door", ["mqtt", "mqtts"])
def test_the_client_of_aws(everywhere, certificates, name, which, door):
    authority = [certificates.authority] if door == "mqtts" else []
    run(["node", NODE / "aws_scenarios.js", which, everywhere.host, everywhere.listening[door], name, *authority], timeout=40)
