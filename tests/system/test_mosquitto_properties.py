"""What MQTT 5 and wills, sessions and shared subscriptions look like from mosquitto's own command lines."""

import json

import pytest
from support.mqtt import V5
from support.process import Process
from support.shell import mosquitto_pub, run

pytestmark = pytest.mark.needs("mqtt")

FIVE = ("-V", "mqttv5")


def properties(command, **values):
    """-D command name value …; a list gives the option once for each."""
    options = []
    for name, value in values.items():
        for each in value if isinstance(value, list) else [value]:
            options += ["-D", command, name.replace("_", "-"), *(each if isinstance(each, tuple) else [str(each)])]
    return options


def test_every_property_of_a_publish(broker, name, subscriber):
    listener = subscriber(broker, *FIVE, "-t", f"{name}/#", "-q", 1, "-F", "got %j", *properties("subscribe", subscription_identifier=268435455,
                          user_property=[("who", "asks")]))
    mosquitto_pub(broker, f"{name}/a", *FIVE, "-q", 1, *properties(
        "publish", payload_format_indicator=1, message_expiry_interval=60, content_type="text/plain", response_topic=f"{name}/answer",
        correlation_data="c-1", topic_alias=7, user_property=[("room", "kitchen"), ("room", "hall"), ("ü", "ö")]), payload="21.5 °C")
    message = json.loads(listener.message("{"))
    assert (message["topic"], message["payload"], message["qos"]) == (f"{name}/a", "21.5 °C", 1)
    got = message["properties"]
    assert 58 <= got.pop("message-expiry-interval") <= 60
    got.pop("subscription-identifier", None)  # mosquitto_sub 2.0.11 does not know its own
    assert got == {"payload-format-indicator": 1, "content-type": "text/plain", "response-topic": f"{name}/answer", "correlation-data": "c-1",
                   "user-properties": got["user-properties"]}
    assert got["user-properties"] in ([{"room": "kitchen"}, {"room": "hall"}, {"ü": "ö"}], {"room": "hall", "ü": "ö"})


def test_a_topic_alias_of_mosquitto_pub_stands_for_many_messages(broker, name, subscriber):
    listener = subscriber(broker, "-t", name, "-q", 1, "-C", 50)
    lines = "\n".join(f"line {number}" for number in range(50)).encode()
    run(["mosquitto_pub", "-h", broker.host, "-p", broker.mqtt_port, *FIVE, "-t", name, "-q", 1, "-l", *properties("publish", topic_alias=1)], stdin=lines)
    assert listener.wait() == 0
    assert listener.messages() == [f"{name} line {number}" for number in range(50)]


def test_a_small_receive_maximum_slows_down_and_loses_nothing(broker, name, subscriber):
    listener = subscriber(broker, *FIVE, "-t", name, "-q", 2, "-C", 100, *properties("connect", receive_maximum=1, user_property=[("a", "b")]))
    lines = "\n".join(map(str, range(100))).encode()
    run(["mosquitto_pub", "-h", broker.host, "-p", broker.mqtt_port, *FIVE, "-t", name, "-q", 2, "-l", *properties("connect", receive_maximum=1)],
        stdin=lines)
    assert listener.wait() == 0
    assert listener.messages() == [f"{name} {number}" for number in range(100)]


def test_what_is_larger_than_a_client_takes_does_not_reach_it(broker, name, subscriber):
    listener = subscriber(broker, *FIVE, "-t", f"{name}/#", "-q", 1, "-C", 1, *properties("connect", maximum_packet_size=200))
    everything = subscriber(broker, *FIVE, "-t", f"{name}/#", "-q", 1, "-C", 2)
    mosquitto_pub(broker, f"{name}/large", *FIVE, "-q", 1, payload="x" * 300)
    mosquitto_pub(broker, f"{name}/small", *FIVE, "-q", 1, payload="y")
    assert listener.message(name) == f"{name}/small y" and everything.wait() == 0


@pytest.mark.parametrize("qos, retain", [(0, False), (1, True), (2, True)])
@pytest.mark.parametrize("version", ["mqttv31", "mqttv311", "mqttv5"])
def test_a_will_of_every_kind(broker, name, subscriber, version, qos, retain):
    watcher = subscriber(broker, "-t", f"{name}/will", "-q", 2, "-C", 1, "-F", "got %q %r %p")
    more = properties("will", content_type="text/plain", user_property=[("a", "b")], message_expiry_interval=60) if version == "mqttv5" else []
    device = subscriber(broker, "-V", version, "-t", f"{name}/none", "--will-topic", f"{name}/will", "--will-payload", "gone", "--will-qos", qos,
                        *(["--will-retain"] if retain else []), *more)
    device.kill()
    assert watcher.message("") == f"{qos} 0 gone"
    if retain:
        late = subscriber(broker, *FIVE, "-t", f"{name}/will", "-q", 2, "-C", 1, "-F", "got %q %r %p %C")
        assert late.message("") == f"{qos} 1 gone {'text/plain' if more else ''}"


def test_a_will_waits_for_its_delay(broker, name, subscriber):
    """A client that comes back in time takes it along [MQTT-3.1.3-9]; the delay of one that does not passes."""
    watcher = subscriber(broker, "-t", f"{name}/#", "-F", "got %t %p")

    def device(which, delay_s, **more):
        session = ["-c", "-x", 60, "-i", f"{name}-{which}"]
        return subscriber(broker, *FIVE, *session, "-t", "nothing", "--will-topic", f"{name}/{which}", "--will-payload", "gone",
                          *properties("will", will_delay_interval=delay_s))

    device("returns", 2).kill()
    returned = device("returns", 2)
    device("stays-away", 3).kill()
    assert watcher.message("") == f"{name}/stays-away gone"  # a second after the other's would have been due
    assert watcher.messages() == [f"{name}/stays-away gone"]
    assert returned.terminate() == 0


def test_the_session_expiry_can_be_changed_with_the_goodbye(broker, name, subscriber):
    session = [*FIVE, "-c", "-i", name, "-q", 1, "-t", f"{name}/#"]
    for expiry, kept in ((0, []), (3600, [f"{name}/a waiting"])):
        run(["mosquitto_sub", "-h", broker.host, "-p", broker.mqtt_port, *session, "-x", 3600, "-E", *properties("disconnect", session_expiry_interval=expiry)])
        mosquitto_pub(broker, f"{name}/a", "-q", 1, payload="waiting")
        again = subscriber(broker, *session, "-x", 3600)
        mosquitto_pub(broker, f"{name}/end", "-q", 1, payload="")
        again.message(f"{name}/end")
        assert again.messages()[:-1] == kept
        again.kill()


@pytest.mark.parametrize("version", ["mqttv31", "mqttv311", "mqttv5"])
def test_an_address_can_be_a_url(broker, name, version):
    url = f"mqtt://{broker.host}:{broker.mqtt_port}/{name}/a"
    listener = Process(["stdbuf", "-oL", "mosquitto_sub", "-V", version, "-L", url, "-C", "1", "-d"])
    listener.wait_for_line("^Subscribed")
    run(["mosquitto_pub", "-V", version, "-L", url, "-m", "hello"])
    listener.wait_for_line("^hello$")
    assert listener.wait() == 0


@pytest.mark.parametrize("version", ["mqttv311", "mqttv5"])
def test_members_of_a_group_share_its_messages(broker, name, subscriber, version):
    members = [subscriber(broker, "-V", version, "-t", f"$share/workers/{name}/+", "-q", 1) for _ in range(3)]
    everything = subscriber(broker, "-V", version, "-t", f"{name}/+", "-q", 1, "-C", 90)
    lines = "\n".join(map(str, range(90))).encode()
    run(["mosquitto_pub", "-h", broker.host, "-p", broker.mqtt_port, "-V", version, "-t", f"{name}/a", "-q", 1, "-l"], stdin=lines)
    assert everything.wait() == 0 and everything.messages() == [f"{name}/a {number}" for number in range(90)]
    for member in members:
        assert member.terminate() == 0  # what it has by now it has read
    shares = [[int(message.split()[1]) for message in member.messages()] for member in members]
    assert sorted(number for share in shares for number in share) == list(range(90))
    assert all(share and share == sorted(share) for share in shares)


@pytest.mark.parametrize("version", ["mqttv311", "mqttv5"])
def test_mosquitto_rr_asks_and_is_answered(broker, name, device, version):
    responder = device(broker, version=V5)
    responder.subscribe(f"{name}/question", 1)
    askers = [Process(["mosquitto_rr", "-h", broker.host, "-p", broker.mqtt_port, "-V", version, "-t", f"{name}/question", "-e", f"{name}/answer/{number}",
                       "-m", f"question {number}", "-q", "1", *(properties("publish", correlation_data=f"c{number}") if version == "mqttv5" else [])])
              for number in range(3)]
    for _ in askers:
        question = responder.receive()
        number = question.payload.decode().split()[1]
        if version == "mqttv5":
            assert (question.properties.ResponseTopic, question.properties.CorrelationData) == (f"{name}/answer/{number}", f"c{number}".encode())
        responder.publish(f"{name}/answer/{number}", f"answer {number}".encode(), 1)
    for number, asker in enumerate(askers):
        asker.wait_for_line(f"^answer {number}$")
        assert asker.wait() == 0
