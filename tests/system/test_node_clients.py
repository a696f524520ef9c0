"""MQTT.js, amqplib and others: what most web developers use."""

import pathlib
import shutil
import subprocess

import pytest
from support.process import Process
from support.shell import run

FOLDER = pathlib.Path(__file__).parent / "node"


@pytest.fixture(autouse=True, scope="module")
def packages():
    assert shutil.which("node"), "node is not installed"
    assert (FOLDER / "node_modules").is_dir(), f"run `npm ci` in {FOLDER}"


def scenario(script, *arguments):
    run(["node", FOLDER / script, *arguments], timeout=40)


def amqp_url(broker):
    return f"amqp://guest:guest@{broker.host}:{broker.amqp_port}"


@pytest.mark.needs("mqtt")
@pytest.mark.parametrize("which", ["every-qos", "properties", "aliases", "receive-maximum", "session", "retained-and-will"])
def test_mqtt_js(broker, name, which):
    scenario("mqtt_scenarios.js", which, f"mqtt://{broker.host}:{broker.mqtt_port}", name)


@pytest.mark.needs("amqp")
@pytest.mark.parametrize("which", ["confirms", "topology", "errors", "mandatory-and-requests", "get-and-give-back", "alternate-exchange",
                                   "refused-publish", "cancelled-by-the-server"])
def test_amqplib(broker, name, which):
    scenario("amqp_scenarios.js", which, amqp_url(broker), name)


@pytest.mark.needs("amqp")
@pytest.mark.parametrize("which", ["confirms", "bodies", "errors", "everything-else", "cancelled-by-the-server"])
def test_the_client_of_cloudamqp(broker, name, which):
    scenario("cloudamqp_scenarios.js", which, amqp_url(broker), name)


@pytest.mark.needs("amqp")
@pytest.mark.io_threads(1)
@pytest.mark.parametrize("client", ["amqp-connection-manager", "rabbitmq-client"])
def test_clients_that_come_back_after_a_crash(own_broker, name, client):
    program = Process(["node", FOLDER / "returning_scenarios.js", client, amqp_url(own_broker), name], stdin=subprocess.PIPE)
    try:
        program.wait_for_line("^consuming")
        say_and_hear(program, "before")
        own_broker.kill_and_restart()
        say_and_hear(program, "after")
    finally:
        program.kill()


def say_and_hear(program, text):
    program.write(f"{text}\n")
    program.wait_for_line(f"^sent {text}$")
    program.wait_for_line(f"^got {text}$")
