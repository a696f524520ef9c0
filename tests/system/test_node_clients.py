"""MQTT.js and amqplib: what most web developers use."""

import pathlib
import shutil

import pytest
from support.shell import run

FOLDER = pathlib.Path(__file__).parent / "node"


@pytest.fixture(autouse=True, scope="module")
def packages():
    assert shutil.which("node"), "node is not installed"
    assert (FOLDER / "node_modules").is_dir(), f"run `npm ci` in {FOLDER}"


def scenario(script, *arguments):
    run(["node", FOLDER / script, *arguments], timeout=40)


@pytest.mark.needs("mqtt")
@pytest.mark.parametrize("which", ["every-qos", "properties", "aliases", "receive-maximum", "session", "retained-and-will"])
def test_mqtt_js(broker, name, which):
    scenario("mqtt_scenarios.js", which, f"mqtt://{broker.host}:{broker.mqtt_port}", name)


@pytest.mark.needs("amqp")
@pytest.mark.parametrize("which", ["confirms", "topology", "errors", "mandatory-and-requests"])
def test_amqplib(broker, name, which):
    scenario("amqp_scenarios.js", which, f"amqp://guest:guest@{broker.host}:{broker.amqp_port}", name)
