"""What a PUBLISH carries and whom it reaches, seen from an MQTT client."""

import pytest
from support.mqtt import V5, V311
from support.packets import Wire, packet, text

pytestmark = pytest.mark.needs("mqtt")


@pytest.fixture
def pair(broker, device):
    """Two MQTT 5 clients: one to publish, one to subscribe."""
    return device(broker, version=V5), device(broker, version=V5)


@pytest.mark.parametrize("published", [0, 1, 2])
@pytest.mark.parametrize("subscribed", [0, 1, 2])
def test_delivery_has_the_lower_quality_of_service(broker, name, device, published, subscribed):
    listener = device(broker)
    assert listener.subscribe(name, subscribed) == subscribed
    device(broker).publish(name, b"x", published)
    message = listener.receive()
    assert message.qos == min(published, subscribed) and not message.dup and not message.retain


def test_properties_arrive_as_they_were_sent(name, pair):
    publisher, subscriber = pair
    subscriber.subscribe(name, 1)
    publisher.publish(name, b"21.5", 1, ContentType="text/plain", CorrelationData=b"\x00\x01\xff", ResponseTopic=f"{name}/answer",
                      PayloadFormatIndicator=1, UserProperty=[("room", "kitchen"), ("room", "hall"), ("empty", "")])
    got = subscriber.receive().properties
    assert (got.ContentType, got.CorrelationData, got.ResponseTopic, got.PayloadFormatIndicator) == (
        "text/plain", b"\x00\x01\xff", f"{name}/answer", 1)
    assert got.UserProperty == [("room", "kitchen"), ("room", "hall"), ("empty", "")]


def test_a_message_with_properties_reaches_a_client_without_them(broker, name, device):
    subscriber = device(broker, version=V311)
    subscriber.subscribe(name, 1)
    device(broker, version=V5).publish(name, b"x", 1, ContentType="text/plain")
    assert subscriber.receive().payload == b"x"


def test_the_expiry_that_arrives_is_what_remains(name, pair):
    publisher, subscriber = pair
    subscriber.subscribe(name, 1)
    publisher.publish(name, b"x", 1, MessageExpiryInterval=100)
    assert 98 <= subscriber.receive().properties.MessageExpiryInterval <= 100


def test_an_expired_message_is_not_delivered_to_who_comes_back(broker, name, device):
    absent = device(broker, name, version=V5, clean=False, connect={"SessionExpiryInterval": 3600})
    absent.subscribe(f"{name}/#", 1)
    absent.disconnect()
    publisher = device(broker, version=V5)
    publisher.publish(f"{name}/short", b"stale", 1, MessageExpiryInterval=1)
    publisher.publish(f"{name}/long", b"fresh", 1, MessageExpiryInterval=3600)
    watcher = device(broker)
    watcher.subscribe(f"clock/{name}")
    silent = device(broker, will=(f"clock/{name}", b"", 0, False), keepalive=1)
    silent._client.loop_stop()
    watcher.receive(6)  # at least 1.5 s later
    absent.connect()
    assert [message.payload for message in absent.fence()] == [b"fresh"]


def test_subscription_identifiers_tell_which_filters_matched(name, pair):
    publisher, subscriber = pair
    subscriber.subscribe(f"{name}/a", 1, identifier=7)
    subscriber.subscribe(f"{name}/+", 2, identifier=268435455)
    publisher.publish(f"{name}/a", b"x", 2)
    identifiers = list(subscriber.receive().properties.SubscriptionIdentifier)
    while len(identifiers) < 2:  # one copy with both, or a copy each: the standard allows either
        identifiers += subscriber.receive().properties.SubscriptionIdentifier
    assert sorted(identifiers) == [7, 268435455]


def test_no_local_keeps_a_client_from_hearing_itself(name, pair):
    other, first = pair
    first.subscribe(name, 1, noLocal=True)
    first.publish(name, b"mine", 1)
    other.publish(name, b"another's", 1)
    assert first.receive().payload == b"another's"
    assert first.fence() == []


@pytest.mark.parametrize("as_published", [False, True])
def test_retain_as_published_keeps_the_flag_on_delivery(name, pair, as_published):
    publisher, subscriber = pair
    subscriber.subscribe(name, 1, retainAsPublished=as_published)
    publisher.publish(name, b"x", 1, retain=True)
    assert bool(subscriber.receive().retain) == as_published


@pytest.mark.parametrize("handling, first, again", [(0, 1, 1), (1, 1, 0), (2, 0, 0)])
def test_retain_handling_decides_when_retained_messages_are_sent(name, pair, handling, first, again):
    publisher, subscriber = pair
    publisher.publish(name, b"kept", 1, retain=True)
    for expected in (first, again):
        subscriber.subscribe(name, 1, retainHandling=handling)
        assert len(subscriber.fence()) == expected


def test_a_retained_message_is_replaced_by_the_next(name, pair):
    publisher, subscriber = pair
    for payload in (b"one", b"two", b"three"):
        publisher.publish(f"{name}/a", payload, 1, retain=True)
    subscriber.subscribe(f"{name}/+", 1)
    message = subscriber.receive()
    assert message.payload == b"three" and message.retain
    assert subscriber.fence() == []


def test_a_retained_message_keeps_its_properties(name, pair):
    publisher, subscriber = pair
    publisher.publish(name, b"x", 1, retain=True, ContentType="text/plain", UserProperty=[("a", "b")])
    subscriber.subscribe(name, 1)
    got = subscriber.receive().properties
    assert got.ContentType == "text/plain" and got.UserProperty == [("a", "b")]


@pytest.mark.needs("causeway")  # mosquitto 2.0 takes the first filter's
def test_overlapping_filters_give_the_message_with_the_highest_quality(broker, name, device):
    """[MQTT-3.3.5-1]"""
    subscriber = device(broker)
    subscriber.subscribe(f"{name}/a", 0)
    subscriber.subscribe(f"{name}/#", 2)
    subscriber.subscribe(f"{name}/+", 1)
    device(broker).publish(f"{name}/a", b"x", 2)
    assert max(message.qos for message in [subscriber.receive(), *subscriber.fence()]) == 2


def test_subscribing_again_replaces_the_quality(broker, name, device):
    subscriber = device(broker)
    subscriber.subscribe(name, 0)
    subscriber.subscribe(name, 2)
    device(broker).publish(name, b"x", 2)
    assert subscriber.receive().qos == 2
    assert subscriber.fence() == []


def test_a_topic_alias_of_the_client_stands_for_its_topic(broker, name, device):
    subscriber = device(broker)
    subscriber.subscribe(name, 1)
    with Wire(broker.host, broker.mqtt_port) as wire:
        wire.send(packet(0x10, text("MQTT") + b"\x05\x02\x00\x3c\x00" + text(name)))
        assert wire.packet()[0] == 0x20
        alias = b"\x03\x23\x00\x01"
        wire.send(packet(0x30, text(name) + alias + b"first") + packet(0x30, text("") + alias + b"second"))
        assert subscriber.receive_payloads(2) == [b"first", b"second"]


@pytest.mark.parametrize("size", [0, 1, 127, 128, 16383, 16384, 1_000_000])
def test_payloads_of_every_length_of_length(broker, name, device, size):
    subscriber = device(broker)
    subscriber.subscribe(name, 1)
    device(broker).publish(name, b"p" * size, 1)
    assert len(subscriber.receive().payload) == size


def test_a_message_to_nobody_says_so(broker, name, device):
    """Reason 0x10 "No matching subscribers" is the server's choice [MQTT5-3.4.2.1]; the publish succeeds in any case."""
    device(broker, version=V5).publish(name, b"x", 1)


def test_everyone_gets_a_copy(broker, name, device):
    subscribers = [device(broker) for _ in range(20)]
    for subscriber in subscribers:
        subscriber.subscribe(f"{name}/+", 1)
    device(broker).publish(f"{name}/a", b"to all", 1)
    assert [subscriber.receive().payload for subscriber in subscribers] == [b"to all"] * 20


def test_qos_2_is_neither_lost_nor_doubled_under_load(broker, name, device):
    subscriber, publisher = device(broker), device(broker)
    subscriber.subscribe(name, 2)
    waits = [publisher.publish_later(name, b"%d" % number, 2) for number in range(500)]
    for wait in waits:
        wait()
    assert subscriber.receive_payloads(500) == [b"%d" % number for number in range(500)]
    assert subscriber.fence() == []
