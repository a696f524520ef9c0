"""mosquitto_pub and mosquitto_sub: what most devices' authors try first."""

import pytest
from support.process import Process
from support.shell import mosquitto_pub, run

pytestmark = pytest.mark.needs("mqtt")

VERSIONS = ["mqttv31", "mqttv311", "mqttv5"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("qos", [0, 1, 2])
def test_a_message_arrives_with_every_quality_of_service(broker, name, subscriber, version, qos):
    listener = subscriber(broker, "-V", version, "-t", f"{name}/+", "-q", qos, "-C", 1)
    mosquitto_pub(broker, f"{name}/a", "-V", version, "-q", qos, payload="hello")
    assert listener.message(name) == f"{name}/a hello"
    assert listener.wait() == 0


@pytest.mark.parametrize("version", VERSIONS)
def test_a_retained_message_waits_for_who_comes_later(broker, name, subscriber, version):
    mosquitto_pub(broker, f"{name}/state", "-V", version, "-r", "-q", "1", payload="on")
    listener = subscriber(broker, "-V", version, "-t", f"{name}/#", "--retained-only", "-C", 1)
    assert listener.message(name) == f"{name}/state on"


def test_an_empty_retained_message_clears_the_topic(broker, name):
    mosquitto_pub(broker, name, "-r", "-q", "1", payload="on")
    mosquitto_pub(broker, name, "-r", "-q", "1", "-n")
    done = run(["mosquitto_sub", "-h", broker.host, "-p", broker.mqtt_port, "-t", name, "-E"])
    assert done.stdout == b""


def test_removing_retained_messages_by_filter(broker, name, subscriber):
    for part in "abc":
        mosquitto_pub(broker, f"{name}/{part}", "-r", "-q", "1", payload=part)
    listener = subscriber(broker, "-t", f"{name}/#", "--remove-retained")
    for part in "abc":
        listener.wait_for_line(f"^got .*/{part} $")  # the empty message that cleared it
    late = subscriber(broker, "-t", f"{name}/#", "-C", 1)
    mosquitto_pub(broker, f"{name}/end", payload="")
    assert late.message(name).startswith(f"{name}/end")


@pytest.mark.parametrize("version", ["mqttv311", "mqttv5"])
def test_the_will_of_a_device_that_vanishes_is_published(broker, name, subscriber, version):
    watcher = subscriber(broker, "-V", version, "-t", f"{name}/will", "-C", 1)
    device = subscriber(broker, "-V", version, "-t", f"{name}/none", "--will-topic", f"{name}/will", "--will-payload", "gone")
    device.kill()
    assert watcher.message(name) == f"{name}/will gone"


def test_the_will_of_a_device_that_says_goodbye_is_not_published(broker, name, subscriber):
    watcher = subscriber(broker, "-t", f"{name}/#", "-C", 1)
    device = subscriber(broker, "-t", f"{name}/none", "--will-topic", f"{name}/will", "--will-payload", "gone")
    assert device.terminate() == 0
    mosquitto_pub(broker, f"{name}/after", payload="x")
    assert watcher.message(name) == f"{name}/after x"


@pytest.mark.parametrize("options", [["-V", "mqttv311"], ["-V", "mqttv5", "-x", "3600"]], ids=["v311", "v5"])
def test_a_persistent_session_keeps_messages_for_an_absent_device(broker, name, subscriber, options):
    session = [*options, "-c", "-i", name, "-q", "2", "-t", f"{name}/#"]
    assert subscriber(broker, *session).terminate() == 0
    for number in range(20):
        mosquitto_pub(broker, f"{name}/n", "-q", number % 3, payload=f"m{number}.")
    listener = subscriber(broker, *session, "-C", 13)
    assert listener.wait() == 0
    kept = [f"{name}/n m{number}." for number in range(20)]
    assert [message for message in listener.messages() if message in kept[1::3]] == kept[1::3]
    assert [message for message in listener.messages() if message in kept[2::3]] == kept[2::3]


@pytest.mark.parametrize("filter, topic, matches", [
    ("+", "a", True), ("+", "a/b", False), ("a/+/c", "a/b/c", True), ("a/+/c", "a//c", True), ("a/#", "a", True),
    ("a/#", "a/b/c", True), ("a/#", "b/a", False), ("+/+", "/a", True), ("/+", "/a", True), ("+", "/a", False),
    ("#", "a/b", True), ("a/b", "a/b/", False), ("A/b", "a/b", False), ("a/+/#", "a", False), ("ä/+", "ä/ö", True)])
def test_a_filter_matches_level_by_level(broker, name, subscriber, filter, topic, matches):
    listener = subscriber(broker, "-t", f"{name}/{filter}", "-t", f"{name}.end", "-C", 2 if matches else 1)
    mosquitto_pub(broker, f"{name}/{topic}", payload="x")
    mosquitto_pub(broker, f"{name}.end", payload="")
    listener.message(f"{name}.end")
    assert listener.messages()[:-1] == ([f"{name}/{topic} x"] if matches else [])


def test_a_wildcard_at_the_start_does_not_match_topics_of_the_server(broker, name, subscriber):
    listener = subscriber(broker, "-t", "#", "-t", "+/" + name)
    mosquitto_pub(broker, f"$own/{name}", payload="hidden")
    mosquitto_pub(broker, f"seen/{name}", payload="seen")
    listener.message(f"seen/{name}")
    assert not [message for message in listener.messages() if "hidden" in message]


def test_many_lines_on_one_connection_keep_their_order(broker, name, subscriber):
    lines = [f"line-{number}" for number in range(2000)]
    listener = subscriber(broker, "-t", name, "-q", 1, "-C", len(lines))
    run(["mosquitto_pub", "-h", broker.host, "-p", broker.mqtt_port, "-t", name, "-q", 1, "-l"], stdin="\n".join(lines).encode())
    assert listener.wait() == 0
    assert listener.messages() == [f"{name} {line}" for line in lines]


def test_a_payload_of_any_bytes_arrives_as_it_was(broker, name, folder):
    payload = bytes(range(256)) * 4000
    sent, received = folder / f"{name}.in", folder / f"{name}.out"
    sent.write_bytes(payload)
    mosquitto_pub(broker, name, "-r", "-q", "1", "-f", sent)
    received.write_bytes(run(["mosquitto_sub", "-h", broker.host, "-p", broker.mqtt_port, "-t", name, "-N", "-C", 1]).stdout)
    assert received.read_bytes() == payload


def test_request_and_response_with_mosquitto_rr(broker, name, device):
    responder = device(broker, version=5)
    responder.subscribe(f"{name}/question", 1)
    asker = Process(["mosquitto_rr", "-h", broker.host, "-p", broker.mqtt_port, "-V", "5", "-t", f"{name}/question", "-e", f"{name}/answer",
                     "-m", "how warm?", "-q", "1"])
    question = responder.receive()
    assert question.payload == b"how warm?" and question.properties.ResponseTopic == f"{name}/answer"
    responder.publish(question.properties.ResponseTopic, b"21.5", 1)
    asker.wait_for_line("21.5")
    assert asker.wait() == 0
