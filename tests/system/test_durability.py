"""What was acknowledged is still there after `kill -9`. The server is killed with nothing but the acknowledgement in hand."""

import pytest
from support.mqtt import V5, V311
from support.packets import Published, acknowledgement, mqtt_session, publish, subscribe

pytestmark = pytest.mark.io_threads(0, 1, 2)

mqtt_only = pytest.mark.needs("mqtt", "causeway")  # mosquitto writes its data every half hour
HOUR = {"SessionExpiryInterval": 3600}


# --- AMQP ---

@pytest.mark.needs("amqp")
def test_a_confirmed_persistent_message_in_a_durable_queue_survives(own_broker, application, name):
    app = application(own_broker, confirms=True)
    app.channel.exchange_declare(name, "topic", durable=True)
    app.declare(name, durable=True)
    app.channel.queue_bind(name, name, "a.*")
    for number in range(200):
        app.publish("a.b", b"%d" % number, exchange=name, delivery_mode=2, headers={"n": number}, content_type="text/plain")
    own_broker.kill_and_restart()
    app = application(own_broker, confirms=True)
    got = app.consume(name, 200)
    assert [body for _, _, body in got] == [b"%d" % number for number in range(200)]
    _, properties, _ = got[7]
    assert (properties.headers, properties.content_type, properties.delivery_mode) == ({"n": 7}, "text/plain", 2)
    app.publish("a.c", b"still bound", exchange=name, delivery_mode=2)
    assert app.drain(name) == [b"still bound"]


@pytest.mark.needs("amqp")
def test_what_is_transient_does_not_survive(own_broker, application, name):
    app = application(own_broker, confirms=True)
    app.declare(name, durable=True)
    app.declare(f"{name}-transient")
    app.publish(name, b"gone", delivery_mode=1)
    app.publish(name, b"kept", delivery_mode=2)
    own_broker.kill_and_restart()
    app = application(own_broker)
    assert app.drain(name) == [b"kept"]
    assert app.channel.queue_declare(f"{name}-transient").method.message_count == 0


@pytest.mark.needs("amqp")
def test_what_was_delivered_but_not_acknowledged_comes_again(own_broker, application, name):
    app = application(own_broker, confirms=True)
    app.declare(name, durable=True)
    for number in range(20):
        app.publish(name, b"%d" % number, delivery_mode=2)
    for number in range(10):
        method = app.get(name, auto_ack=False)[0]
        if number < 5:
            app.channel.basic_ack(method.delivery_tag)
    assert app.count(name)[0] == 10  # the acknowledgements have been handled
    app.connection.close()
    own_broker.restart()
    app = application(own_broker)
    assert app.drain(name) == [b"%d" % number for number in range(5, 20)]


@pytest.mark.needs("amqp")
def test_a_committed_transaction_survives(own_broker, application, name):
    app = application(own_broker)
    app.declare(name, durable=True)
    app.channel.tx_select()
    for number in range(50):
        app.publish(name, b"%d" % number, delivery_mode=2)
    app.channel.tx_commit()
    app.publish(name, b"uncommitted", delivery_mode=2)
    own_broker.kill_and_restart()
    assert application(own_broker).drain(name) == [b"%d" % number for number in range(50)]


@pytest.mark.needs("amqp")
def test_a_deleted_queue_stays_deleted(own_broker, application, name):
    app = application(own_broker, confirms=True)
    app.declare(name, durable=True)
    app.publish(name, b"x", delivery_mode=2)
    app.channel.queue_delete(name)
    own_broker.kill_and_restart()
    assert application(own_broker).channel.queue_declare(name, durable=True).method.message_count == 0


@pytest.mark.needs("amqp", "causeway")
def test_killing_again_and_again_loses_nothing_that_was_confirmed(own_broker, application, name):
    expected = []
    for life in range(5):
        app = application(own_broker, confirms=True)
        app.declare(name, durable=True)
        for number in range(40):
            body = b"%d-%d" % (life, number)
            app.publish(name, body, delivery_mode=2)
            expected.append(body)
        own_broker.kill_and_restart()
    assert application(own_broker).drain(name) == expected


# --- MQTT ---

@mqtt_only
@pytest.mark.parametrize("version, connect", [(V311, None), (V5, HOUR)], ids=["v311", "v5"])
def test_a_session_and_its_messages_survive(own_broker, device, name, version, connect):
    absent = device(own_broker, name, version=version, clean=False, connect=connect)
    absent.subscribe(f"{name}/+", 2)
    absent.disconnect()
    publisher = device(own_broker)
    for number in range(100):
        publisher.publish(f"{name}/a", b"%d" % number, number % 2 + 1)
    own_broker.kill_and_restart()
    absent.connect()
    assert absent.session_present
    assert sorted(absent.receive_payloads(100), key=int) == [b"%d" % number for number in range(100)]
    device(own_broker).publish(f"{name}/b", b"still subscribed", 1)
    assert absent.receive().payload == b"still subscribed"


@mqtt_only
def test_a_subscription_counts_once_it_is_acknowledged(own_broker, device, name):
    listener = device(own_broker, name, clean=False)
    listener.subscribe(name, 1)
    own_broker.kill_and_restart()
    device(own_broker).publish(name, b"x", 1)
    listener.close()
    listener = device(own_broker, name, clean=False)
    assert listener.session_present and listener.receive().payload == b"x"


@mqtt_only
def test_retained_messages_survive_and_cleared_ones_stay_cleared(own_broker, device, name):
    publisher = device(own_broker, version=V5)
    for topic in "abc":
        publisher.publish(f"{name}/{topic}", topic.encode(), 1, retain=True, ContentType="text/plain")
    publisher.publish(f"{name}/b", b"", 1, retain=True)
    own_broker.kill_and_restart()
    late = device(own_broker, version=V5)
    late.subscribe(f"{name}/#", 1)
    kept = late.fence()
    assert sorted(message.payload for message in kept) == [b"a", b"c"]
    assert all(message.retain and message.properties.ContentType == "text/plain" for message in kept)


@mqtt_only
def test_a_delivery_that_was_not_acknowledged_is_repeated_flagged(own_broker, device, name):
    wire, _ = mqtt_session(own_broker, name)
    wire.send(subscribe(name, 1))
    assert wire.packet()[0] == 0x90
    publisher = device(own_broker)
    publisher.publish(name, b"1", 1)
    publisher.publish(name, b"2", 1)
    first, second = Published(*wire.packet()), Published(*wire.packet())
    assert (first.payload, second.payload) == (b"1", b"2")
    own_broker.kill_and_restart()
    wire, present = mqtt_session(own_broker, name)
    again = [Published(*wire.packet()) for _ in range(2)]
    assert present and [message.payload for message in again] == [b"1", b"2"]
    wire.send(acknowledgement(0x40, again[0].packet_id) + acknowledgement(0x40, again[1].packet_id))
    wire.socket.close()


@mqtt_only
def test_a_qos_2_publish_that_is_repeated_after_the_crash_is_not_doubled(own_broker, device, name):
    """[MQTT-4.3.3-10]: PUBREC was sent, so the packet identifier is remembered."""
    absent = device(own_broker, f"{name}-absent", clean=False)
    absent.subscribe(name, 2)
    absent.disconnect()
    wire, _ = mqtt_session(own_broker, name)
    wire.send(publish(name, b"once", 2, 9))
    assert wire.packet() == (0x50, b"\x00\x09")
    own_broker.kill_and_restart()
    wire, present = mqtt_session(own_broker, name)
    assert present
    wire.send(publish(name, b"once", 2, 9, dup=True))
    assert wire.packet() == (0x50, b"\x00\x09")
    wire.send(acknowledgement(0x62, 9))
    assert wire.packet() == (0x70, b"\x00\x09")
    absent.connect()
    assert absent.receive().payload == b"once"
    assert absent.fence() == []


@mqtt_only
def test_a_qos_2_delivery_is_completed_after_the_crash(own_broker, device, name):
    wire, _ = mqtt_session(own_broker, name)
    wire.send(subscribe(name, 2))
    assert wire.packet()[0] == 0x90
    device(own_broker).publish(name, b"once", 2)
    message = Published(*wire.packet())
    assert message.qos == 2
    own_broker.kill_and_restart()
    wire, _ = mqtt_session(own_broker, name)
    again = Published(*wire.packet())
    assert again.payload == b"once"
    wire.send(acknowledgement(0x50, again.packet_id))
    assert wire.packet() == (0x62, again.packet_id.to_bytes(2, "big"))
    wire.send(acknowledgement(0x70, again.packet_id))
    wire.send(b"\xc0\x00")
    assert wire.packet()[0] == 0xD0


@mqtt_only
def test_a_clean_session_does_not_survive(own_broker, device, name):
    device(own_broker, name, clean=True).subscribe(name, 1)
    own_broker.kill_and_restart()
    assert not device(own_broker, name, clean=False).session_present


# --- both ---

@pytest.mark.needs("mqtt", "amqp")
def test_what_a_device_published_waits_for_the_application(own_broker, application, device, name):
    app = application(own_broker)
    app.declare(name, durable=True)
    app.channel.queue_bind(name, "amq.topic", f"{name}.#")
    sensor = device(own_broker, name)
    for number in range(100):
        sensor.publish(f"{name}/a.b", b"%d" % number, 1)
    own_broker.kill_and_restart()
    got = application(own_broker).consume(name, 100)
    assert [body for _, _, body in got] == [b"%d" % number for number in range(100)]
    assert got[0][0].routing_key == f"{name}.a%2Eb" and got[0][1].headers["x-mqtt-client-id"] == name


@pytest.mark.needs("mqtt", "amqp")
def test_what_an_application_published_waits_for_the_device(own_broker, application, device, name):
    absent = device(own_broker, name, clean=False)
    absent.subscribe(f"{name}/#", 1)
    absent.disconnect()
    app = application(own_broker, confirms=True)
    for number in range(100):
        app.publish(f"{name}.c", b"%d" % number, exchange="amq.topic", delivery_mode=2)
    own_broker.kill_and_restart()
    absent.connect()
    assert absent.receive_payloads(100) == [b"%d" % number for number in range(100)]


@pytest.mark.needs("mqtt", "amqp")
def test_an_orderly_stop_keeps_everything_too(own_broker, application, device, name):
    app = application(own_broker, confirms=True)
    app.declare(name, durable=True)
    app.publish(name, b"x", delivery_mode=2)
    device(own_broker).publish(name, b"y", 1, retain=True)
    assert own_broker.stop() == 0
    own_broker.start()
    assert application(own_broker).drain(name) == [b"x"]
    late = device(own_broker)
    late.subscribe(name, 1)
    assert late.receive().payload == b"y"
