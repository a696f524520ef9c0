"""Web pages in Chromium: MQTT.js and Paho's client as a browser loads them, over its own WebSocket and its own TLS."""

import pytest
from support.browser import Browser
from support.mqtt import V5
from support.shell import mosquitto_pub

pytestmark = pytest.mark.needs("causeway")

VERSIONS = pytest.mark.parametrize("version", [{"protocolVersion": 3, "protocolId": "MQIsdp"}, {"protocolVersion": 4}, {"protocolVersion": 5}],
                                   ids=["v31", "v311", "v5"])
DOORS = pytest.mark.parametrize("door", ["ws", "wss", "packed"])


@pytest.fixture(scope="session")
def browser(folder, certificates):
    made = Browser(folder / "browser", certificates.server[0])
    yield made
    made.close()


@VERSIONS
@DOORS
def test_a_page_hears_itself_and_others(everywhere, browser, device, name, door, version):
    other = device(everywhere, version=V5)
    other.subscribe(f"ready/{name}", 1)
    other.publish(f"{name}/kept", b"kept", 1, retain=True)
    heard = browser.open("talk", url=everywhere.url(door), name=name, others=2, **version)
    assert other.receive().payload == b"ready"
    other.publish(f"{name}/other", b"from another", 1)
    messages = heard()
    assert messages[0] == {"topic": f"{name}/kept", "payload": "kept", "qos": 1, "retain": True}
    assert [(message["topic"], message["payload"], message["qos"]) for message in messages[1:]] == [
        *((f"{name}/own", f"own {qos}", qos) for qos in range(3)), (f"{name}/other", "from another", 1)]


@DOORS
@pytest.mark.parametrize("version", [4, 5])
def test_the_will_of_a_page_comes_when_its_user_goes_elsewhere(everywhere, browser, device, name, door, version):
    watcher = device(everywhere, version=V5)
    watcher.subscribe(f"{name}/#", 1, retainAsPublished=True)
    assert browser.play("stay-with-a-will", url=everywhere.url(door), name=name, protocolVersion=version) == "open"
    assert watcher.fence() == []
    browser.leave()
    will = watcher.receive()
    assert (will.topic, will.payload, will.qos, bool(will.retain)) == (f"{name}/will", b"the page is gone", 1, True)
    if version == 5:
        assert will.properties.ContentType == "text/plain" and will.properties.UserProperty == [("why", "closed")]


@pytest.mark.parametrize("options", [{"protocolVersion": 4}, {"protocolVersion": 5, "properties": {"sessionExpiryInterval": 60}}], ids=["v311", "v5"])
@pytest.mark.parametrize("qos", [1, 2])
def test_a_page_comes_back_to_what_has_waited(everywhere, browser, name, options, qos):
    answer = browser.play("come-back", url=everywhere.url("ws"), name=name, qos=qos, count=200, **options)
    assert answer == {"present": True, "payloads": list(range(200))}


@DOORS
@pytest.mark.parametrize("size", [125, 65_536, 3_000_000])
def test_messages_of_a_page_keep_every_byte(everywhere, browser, name, door, size):
    """A browser sends large messages in many frames [MQTT-6.0.0-2]."""
    assert browser.play("large", url=everywhere.url(door), name=name, size=size, protocolVersion=5) is True


@DOORS
def test_a_thousand_messages_of_a_page_keep_their_order(everywhere, browser, name, door):
    assert browser.play("burst", url=everywhere.url(door), name=name, count=1000, protocolVersion=5) == list(range(1000))


def test_a_page_asks_and_gets_its_answer(everywhere, browser, device, name):
    other = device(everywhere, version=V5)
    other.subscribe(f"{name}/question", 1)
    answered = browser.open("request", url=everywhere.url("ws"), name=name)
    question = other.receive()
    got = question.properties
    assert (question.payload, got.ContentType, got.PayloadFormatIndicator) == (b"how warm?", "text/plain", 1)
    assert got.UserProperty == [("room", "kitchen"), ("room", "hall")]
    other.publish(got.ResponseTopic, b"21.5", 1, CorrelationData=got.CorrelationData, UserProperty=[("unit", "C")])
    answer = answered()
    assert answer.pop("assigned")
    assert answer == {"payload": "21.5", "correlation": "c-1", "identifier": 17, "user": {"unit": "C"}}


@DOORS
def test_a_page_outlives_a_crash_of_the_server(own_everywhere, browser, device, name, door):
    watcher = device(own_everywhere, f"{name}-watcher", clean=False)
    watcher.subscribe(f"{name}/out", 2)
    told = browser.open("persist", url=own_everywhere.url(door), name=name, protocolVersion=5)
    assert watcher.receive().payload == b"before"
    own_everywhere.kill()
    watcher.await_disconnect()
    own_everywhere.start()
    watcher.connect()
    assert watcher.session_present and watcher.receive().payload == b"after"
    for number in range(10):
        watcher.publish(f"{name}/in", b"%d" % number, 2)
    watcher.publish(f"{name}/end", b"", 2)
    assert told() == {"connections": [True], "got": [str(number) for number in range(10)]}
    assert watcher.fence() == []


@pytest.mark.parametrize("version", [3, 4])
@DOORS
def test_the_client_of_paho_in_a_page(everywhere, browser, name, door, version):
    messages = browser.play("paho", url=everywhere.url(door), name=name, mqttVersion=version)
    assert messages == [{"payload": f"päho {qos}", "qos": qos} for qos in range(3)]


@pytest.mark.parametrize("offered, agreed", [(["mqtt"], "mqtt"), (["mqttv3.1"], "mqttv3.1"), (["chat", "mqtt"], "mqtt")], ids=str)
def test_the_subprotocol_is_agreed(everywhere, browser, offered, agreed):
    """[MQTT-6.0.0-3] binds the client; [MQTT-6.0.0-4] the server."""
    answer = browser.play("socket", url=everywhere.url("ws"), protocols=offered)
    assert answer["open"] and answer["protocol"] == agreed


@pytest.mark.parametrize("door, agreed", [("ws", ""), ("packed", "permessage-deflate")])
def test_compression_is_agreed_where_it_is_configured(everywhere, browser, door, agreed):
    """RFC 7692; a browser always offers it."""
    assert browser.play("socket", url=everywhere.url(door), protocols=["mqtt"])["extensions"].startswith(agreed or "none")


def test_a_browser_is_refused_what_is_not_mqtt(everywhere, browser, name):
    for offered in (["chat"], []):
        assert browser.play("socket", url=everywhere.url("ws"), protocols=offered) == {"open": False}
    assert browser.play("socket", url=everywhere.url("ws").replace("/mqtt", "/other"), protocols=["mqtt"]) == {"open": False}
    assert mosquitto_pub(everywhere, name, payload="still there", port=everywhere.listening["mqtt"]).returncode == 0


def test_a_text_frame_closes_the_connection(everywhere, browser):
    """[MQTT-6.0.0-1]"""
    answer = browser.play("socket", url=everywhere.url("ws"), protocols=["mqtt"], say="hello")
    assert (answer["open"], answer["code"]) == (True, 1003)
