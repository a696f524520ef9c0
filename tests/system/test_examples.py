"""The programs of examples/, run as their README says, against the server of examples/server.yaml."""

import os
import sys

import pytest
from support.brokers import ROOT, Causeway
from support.fixtures import makes
from support.process import Process, wait_until
from support.shell import run

pytestmark = pytest.mark.needs("causeway")
EXAMPLES = ROOT / "examples"


@pytest.fixture(scope="module")
def server(folder):
    env = os.environ | {"CAUSEWAY_DATA": str(folder / "examples"), "MQTT_PORT": "0", "AMQP_PORT": "0"}
    made = Causeway(folder, arguments=["run", "--config", EXAMPLES / "server.yaml"], env=env)
    made.start()
    yield made
    made.close()


def command(server, program, *arguments):
    """A shell script takes HOST PORT; a Python program options, and which port it wants is in its first words."""
    path = EXAMPLES / program
    if path.suffix == ".sh":
        return ["stdbuf", "-oL", path, server.host, server.mqtt_port, *arguments]
    port = server.amqp_port if "(AMQP)" in path.read_text(encoding="utf-8").split('"""')[1] else server.mqtt_port
    return [sys.executable, path, "--host", server.host, "--port", port, *arguments]


@pytest.fixture
def start(server):
    """start(program, pattern, …): running, and it has said the pattern."""
    starter = makes(Process, "kill")
    make = next(starter)

    def started(program, pattern, *arguments):
        process = make(command(server, program, *arguments))
        process.wait_for_line(pattern)
        return process

    yield started
    next(starter, None)


@pytest.fixture
def output_of(server):
    """What a program says that ends by itself, with 0 unless `check` is false."""
    def output(program, *arguments, check=True):
        done = run(command(server, program, *arguments), check=check)
        return (done.stdout if check else done.stderr).decode()
    return output


def test_an_application_reads_what_a_sensor_said_before_and_after_it_came(start, output_of):
    start("sensor_to_app/app.py", "^reading").kill()  # its queue is there now
    output_of("sensor_to_app/sensor.sh")
    app = start("sensor_to_app/app.py", r"^roof: 21\.4 °C \(application/json\)")
    output_of("sensor_to_app/sensor.sh")
    readings = wait_until(lambda: len(found := [line for line in app.output().splitlines() if "roof" in line]) == 6 and found, "six readings")
    assert readings == 2 * [f"roof: {celsius} °C (application/json)" for celsius in ("21.4", "21.6", "21.9")]


def test_an_application_outlives_what_is_no_reading(start, server):
    app = start("sensor_to_app/app.py", "^reading")
    for payload in ("warm", '{"celsius": null}', '{"celsius": 20}'):
        run(["mosquitto_pub", "-h", server.host, "-p", server.mqtt_port, "-q", "1", "-t", "sensors/cellar/temperature", "-m", payload])
    app.wait_for_line("^cellar: 20.0 °C")
    assert sum("not a reading" in line for line in app.lines) == 2


def test_a_command_reaches_a_device_that_is_there(start, output_of):
    device = start("command_to_device/device.sh", "is waiting", "valve-1")
    deliver_until_subscribed(device, output_of, "valve-1")
    assert output_of("command_to_device/command.py", "valve-1", "open") == "valve-1 will be told: open\n"
    device.wait_for_line("^valve-1: open")


def test_a_command_waits_for_a_device_that_is_away(start, output_of):
    device = start("command_to_device/device.sh", "is waiting", "valve-2")
    deliver_until_subscribed(device, output_of, "valve-2")
    device.kill()
    assert output_of("command_to_device/command.py", "valve-2", "close") == "valve-2 will be told: close\n"
    start("command_to_device/device.sh", "^valve-2: close", "valve-2")


def deliver_until_subscribed(device, output_of, name):
    """The device does not say when it has subscribed; a command that reaches it does."""
    while "nobody has ever listened" in output_of("command_to_device/command.py", name, "hello", check=False):
        pass
    device.wait_for_line(f"^{name}: hello")


def test_a_command_to_nobody_is_not_sent(output_of):
    assert "nobody has ever listened" in output_of("command_to_device/command.py", "valve-9", "open", check=False)


def test_an_amqp_server_answers_an_mqtt_requester(start, output_of):
    start("rpc/amqp_server.py", "^ready")
    assert output_of("rpc/mqtt_requester.py", "20", "-40", "warm") == "20 °C: 68.0 °F\n-40 °C: -40.0 °F\nwarm °C: not a number\n"


@pytest.mark.parametrize("way", [[], ["--direct"]], ids=["queue", "direct"])
def test_an_mqtt_device_answers_an_amqp_requester(start, output_of, way):
    start("rpc/mqtt_device.py", "is ready")
    said = output_of("rpc/amqp_requester.py", *way, "boiler", "temperature", "pressure", "mood")
    assert said == "temperature of boiler: 64.5\npressure of boiler: 1.8\nmood of boiler: what is mood?\n"


def test_a_device_that_is_not_there_is_not_asked(output_of):
    assert output_of("rpc/amqp_requester.py", "kettle", "temperature", check=False) == "kettle is not there\n"


def test_every_photo_is_looked_at_by_one_worker(start, output_of, application, server):
    workers = [start("work_queue/worker.py", "ready", "--name", name, "--work-s", "0.05") for name in ("ann", "bob")]
    output_of("work_queue/cameras.sh")
    app = application(server)
    assert app.consume("photos.failed", 1)[0][2] == b"no photo"
    app.pump_until(lambda: sum(len(looked_at(worker)) for worker in workers) == 8, "eight photos")
    assert sorted(photo for worker in workers for photo in looked_at(worker)) == [f"{camera}/photo-{n}.jpg" for camera in ("gate", "yard") for n in range(1, 5)]
    assert all(looked_at(worker) for worker in workers)


def looked_at(worker):
    return [line.split(": ")[1] for line in worker.output().splitlines() if line.endswith("nobody there")]


def test_photos_wait_for_a_worker_and_for_another_if_it_dies(start, output_of):
    output_of("work_queue/cameras.sh")
    slow = start("work_queue/worker.py", "ready", "--name", "slow", "--work-s", "60")
    slow.kill()
    quick = start("work_queue/worker.py", "ready", "--name", "quick", "--work-s", "0")
    quick.wait_for_line("failed: 'no photo'")
    quick.wait_for_line("yard/photo-4.jpg")
    assert len(set(looked_at(quick))) == 8


def test_a_dashboard_that_starts_late_knows_every_last_value(start, output_of):
    output_of("last_values/rooms.sh")
    dashboard = start("last_values/dashboard.py", "^3 values are known already")
    dashboard.wait_for_line("^kitchen +window +open")
    dashboard.wait_for_line("^kitchen +temperature +22.5")
    dashboard.wait_for_line("^hall +temperature +19.0")
    output_of("last_values/rooms.sh")
    dashboard.wait_for_line("^hall +temperature +18.5")
    assert [line for line in dashboard.lines[1:4] if "18.5" in line] == []
