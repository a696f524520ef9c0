"""A mosquitto in front of the server, connected as a bridge: how many a site collects its devices' messages."""

import pytest
from support.mqtt import V5, Device
from support.process import Process, free_port, wait_until

pytestmark = [pytest.mark.needs("causeway"), pytest.mark.io_threads(1)]

VERSIONS = pytest.mark.parametrize("version", ["mqttv31", "mqttv311", "mqttv50"])


class Mosquitto:
    """The near end: what devices speak to. It forwards site/up/# and fetches site/down/#."""

    host = "127.0.0.1"

    def __init__(self, folder, far_port, version, **more):
        self.mqtt_port = free_port()
        options = {"address": f"127.0.0.1:{far_port}", "bridge_protocol_version": version, "remote_clientid": f"site-{version}", "cleansession": "false",
                   "restart_timeout": "1", "topic": "# both 2 near/ site/", **more}
        lines = [f"listener {self.mqtt_port} 127.0.0.1", "allow_anonymous true", "user root", "log_type all", "connection site",
                 *(f"{key} {value}" for key, value in options.items())]
        config = folder / "mosquitto.conf"
        config.write_text("\n".join(lines) + "\n")
        self.process = Process(["mosquitto", "-v", "-c", config])
        self.process.wait_for_line("running")


@pytest.fixture
def bridge(tmp_path):
    made = []

    def make(server, version, **more):
        made.append(Mosquitto(tmp_path, server.mqtt_port, version, **more))
        made[-1].process.wait_for_line("Received SUBACK")
        return made[-1]

    yield make
    for one in made:
        one.process.kill()


@VERSIONS
def test_messages_cross_a_bridge_in_both_directions(own_broker, bridge, device, version):
    near, far = bridge(own_broker, version), own_broker
    device_there, application = device(near), device(far, version=V5)
    device_there.subscribe("near/#", 2)
    application.subscribe("site/up", 2)
    for number in range(100):
        device_there.publish("near/up", b"%d" % number, number % 3)
    assert sorted(application.receive_payloads(100), key=int) == [b"%d" % number for number in range(100)]
    device_there.fence()
    application.publish("site/down", b"open the valve", 2)
    message = device_there.receive()
    assert (message.topic, message.payload, message.qos) == ("near/down", b"open the valve", 2)
    assert application.fence() == []  # nothing came back over the bridge


@VERSIONS
def test_retained_messages_cross_a_bridge(own_broker, bridge, device, version):
    device(own_broker).publish("site/config", b"far", 1, retain=True)
    near = bridge(own_broker, version)
    device_there = device(near)
    device_there.subscribe("near/config", 1)
    assert device_there.receive().payload == b"far"
    device_there.publish("near/state", b"near", 1, retain=True)

    def kept():
        late = Device(own_broker)
        late.subscribe("site/state", 1)
        found = [(message.payload, bool(message.retain)) for message in late.fence()]
        late.close()
        return found == [(b"near", True)]

    wait_until(kept, "the retained message beyond the bridge")


@VERSIONS
def test_a_bridge_brings_what_has_waited_when_the_server_is_back(own_broker, bridge, device, version):
    near = bridge(own_broker, version)
    application = device(own_broker, "application", clean=False)
    application.subscribe("site/up", 2)
    device_there = device(near)
    device_there.publish("near/up", b"before", 2)
    assert application.receive().payload == b"before"
    own_broker.kill()
    application.await_disconnect()
    for number in range(50):
        device_there.publish("near/up", b"%d" % number, 1 + number % 2)
    own_broker.start()
    application.connect()
    assert sorted(application.receive_payloads(50), key=int) == [b"%d" % number for number in range(50)]
    assert application.fence() == []


@VERSIONS
def test_a_bridge_tells_that_it_is_there_and_that_it_is_lost(own_broker, bridge, device, version):
    watcher = device(own_broker)
    watcher.subscribe("bridges/site", 1)
    near = bridge(own_broker, version, notification_topic="bridges/site")
    assert watcher.receive().payload == b"1"
    near.process.kill()
    assert watcher.receive().payload == b"0"
