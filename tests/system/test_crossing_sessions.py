"""What sessions of MQTT mean to AMQP: their wills, their queues, and the messages that they refuse. docs/mapping.md, Meeting points."""

import pytest
from support.amqp import refusal
from support.configs import password_hash
from support.mqtt import V5
from support.packets import Wire, connect5, packet, text
from support.transports import ANYBODY

pytestmark = pytest.mark.needs("mqtt", "amqp")


@pytest.fixture
def app(broker, application):
    return application(broker, confirms=True)


def bound(app, key, **flags):
    queue = app.declare(**({"exclusive": True} | flags))
    app.channel.queue_bind(queue, "amq.topic", key)
    return queue


# --- wills ---

def test_a_will_says_that_it_is_one_and_nothing_else_does(broker, app, name, device):
    queue, listener = bound(app, f"{name}.#"), device(broker, version=V5)
    listener.subscribe(f"{name}/#", 1)
    device(broker, version=V5, will=(f"{name}/status", b"lost", 1, False)).vanish()
    device(broker).publish(f"{name}/other", b"here", 1)
    headers = {body: properties.headers or {} for _, properties, body in app.consume(queue, 2)}
    assert headers[b"lost"]["x-mqtt-will"] is True and "x-mqtt-will" not in headers[b"here"]
    assert not hasattr(listener.receive().properties, "UserProperty")


def test_a_user_property_is_no_will(broker, app, name, device):
    queue = bound(app, name)
    device(broker, version=V5).publish(name, b"x", 1, UserProperty=[("x-mqtt-will", "true"), ("x-mqtt-reason-code", "131")])
    headers = app.consume(queue, 1)[0][1].headers
    assert "x-mqtt-will" not in headers and "x-mqtt-reason-code" not in headers
    assert headers["x-mqtt-user-properties"] == [{"k": "x-mqtt-will", "v": "true"}, {"k": "x-mqtt-reason-code", "v": "131"}]


def test_the_header_of_an_application_is_a_user_property(broker, app, name, device):
    listener = device(broker, version=V5)
    listener.subscribe(name, 1)
    app.publish(name, b"x", exchange="amq.topic", delivery_mode=2, headers={"x-mqtt-will": True})
    assert listener.receive().properties.UserProperty == [("x-mqtt-will", "true")]


def test_a_delayed_will_says_so_after_a_restart_too(own_broker, application, name, device):
    app = application(own_broker, confirms=True)
    queue = app.declare(name, durable=True)
    app.channel.queue_bind(queue, "amq.topic", name)
    wire = Wire(own_broker.host, own_broker.mqtt_port)
    will = b"\x05\x18" + (2).to_bytes(4, "big") + text(name) + (4).to_bytes(2, "big") + b"lost"
    wire.send(packet(0x10, text("MQTT") + bytes([5, 2 | 4 | 8, 0, 0, 5]) + b"\x11" + (60).to_bytes(4, "big") + text(name) + will))
    assert wire.packet()[0] == 0x20
    wire.socket.close()
    own_broker.kill_and_restart()
    app = application(own_broker, confirms=True)
    _, properties, body = app.consume(queue, 1)[0]
    assert body == b"lost" and properties.headers["x-mqtt-will"] is True and properties.headers["x-mqtt-client-id"] == name


# --- the queue of a session ---

@pytest.fixture
def absent(broker, name, device):
    """The queue of a session whose device is away."""
    sleeper = device(broker, name, clean=False)
    sleeper.subscribe(f"{name}/down", 1)
    sleeper.disconnect()
    return f"mqtt-subscription-{name}"


def test_what_waits_in_a_session_is_counted(app, name, absent):
    assert app.count(absent) == (0, 0)
    for number in range(3):
        app.publish(f"{name}.down", b"%d" % number, exchange="amq.topic", delivery_mode=2)
    assert app.count(absent) == (3, 0)


@pytest.mark.parametrize("action", [
    lambda channel, queue: channel.basic_consume(queue, print), lambda channel, queue: channel.basic_get(queue),
    lambda channel, queue: channel.queue_purge(queue), lambda channel, queue: channel.queue_delete(queue)],
    ids=["consume", "get", "purge", "delete"])
def test_the_queue_of_a_session_is_its_devices_alone(app, absent, action):
    assert refusal(lambda: action(app.channel, absent)) == (
        403, f"ACCESS_REFUSED - queue '{absent}' in vhost '/' belongs to an MQTT session")


def test_nobody_declares_the_queue_of_a_session_that_is_not_there(app, name):
    code, why = refusal(lambda: app.channel.queue_declare(f"mqtt-subscription-{name}"))
    assert code == 403 and f"mqtt-subscription-{name}" in why
    assert refusal(lambda: app.new_channel().queue_declare(f"mqtt-subscription-{name}", passive=True))[0] == 404


def test_a_binding_of_an_application_ends_when_it_is_unbound(broker, app, name, device, absent):
    app.channel.exchange_declare(f"{name}-x", "direct")
    app.channel.queue_bind(absent, f"{name}-x", "k")
    app.publish("k", b"bound", exchange=f"{name}-x", delivery_mode=2)
    app.channel.queue_unbind(absent, f"{name}-x", "k")
    app.publish("k", b"unbound", exchange=f"{name}-x", delivery_mode=2)
    assert app.count(absent)[0] == 1
    sleeper = device(broker, name, clean=False)
    assert sleeper.receive().payload == b"bound"


def test_a_binding_of_an_application_lasts_as_the_session_does(own_broker, application, name, device):
    sleeper = device(own_broker, name, clean=False)
    sleeper.subscribe(f"{name}/down", 1)
    sleeper.disconnect()
    queue = f"mqtt-subscription-{name}"
    app = application(own_broker, confirms=True)
    app.channel.queue_bind(queue, "amq.direct", name)
    own_broker.kill_and_restart()
    app = application(own_broker, confirms=True)
    app.publish(name, b"direct", exchange="amq.direct", delivery_mode=2, mandatory=True)
    sleeper = device(own_broker, name, clean=False)
    assert sleeper.receive().payload == b"direct"
    sleeper.disconnect()
    device(own_broker, name, clean=True).disconnect()
    assert refusal(lambda: app.channel.queue_declare(queue, passive=True))[0] == 404


# --- what a vhost may settle ---

LISTENERS = "name: mqtt, protocol: mqtt, port: 0", "name: amqp, protocol: amqp, port: 0"
APP = """
users:
  - {{name: app, password_hash: "{hash}", rights: [{{vhost: /, configure: ["*"], write: ["*"], read: ["*"]}}]}}
"""


@pytest.fixture
def settled(listening, application):
    """(server, application) with these keys of the vhost."""
    def make(**keys):
        settings = "".join(f", {key}: {value}" for key, value in keys.items())
        server = listening(*LISTENERS, rest=ANYBODY + APP.format(hash=password_hash("secret")) + f"vhosts: [{{name: /{settings}}}]\n")
        return server, application(server, login=("app", "secret"), confirms=True)
    return make


def refuse_next(server, name, qos, reason):
    """A device that refuses what it gets, by hand: well-behaved clients have no word for it."""
    wire = Wire(server.host, server.mqtt_port)
    wire.send(connect5(name))
    assert wire.packet()[0] == 0x20
    wire.send(packet(0x82, b"\x00\x01\x00" + text(name) + bytes([qos])))
    assert wire.packet()[0] == 0x90

    def refuse():
        first, body = wire.packet()
        at = 2 + int.from_bytes(body[:2], "big")
        wire.send(packet(0x40 if first >> 1 & 3 == 1 else 0x50, body[at:at + 2] + bytes([reason])))
    return refuse


@pytest.mark.needs("causeway")
@pytest.mark.parametrize("qos", [1, 2])
def test_a_message_that_a_device_refuses_is_dead_lettered_with_its_reason(settled, name, qos):
    server, app = settled(session_dead_letter_exchange="graves")
    app.channel.exchange_declare("graves", "fanout")
    queue = app.declare(exclusive=True)
    app.channel.queue_bind(queue, "graves")
    refuse = refuse_next(server, name, qos, 0x83)
    app.publish(name, b"x", exchange="amq.topic", delivery_mode=2, headers={"x-mqtt-publish-qos": qos, "kept": 1}, message_id="m")
    refuse()
    method, properties, body = app.consume(queue, 1)[0]
    assert (method.exchange, method.routing_key, body, properties.message_id) == ("graves", name, b"x", "m")
    death = properties.headers["x-death"][0]
    assert (death["reason"], death["queue"], death["count"]) == ("rejected", f"mqtt-subscription-{name}", 1)
    assert (properties.headers["x-mqtt-reason-code"], properties.headers["kept"]) == (0x83, 1)


@pytest.mark.needs("causeway")
def test_what_expires_in_a_session_can_go_to_a_queue(settled, name, device):
    server, app = settled(session_dead_letter_routing_key="expired")
    queue = app.declare("expired")
    sleeper = device(server, name, clean=False)
    sleeper.subscribe(name, 1)
    sleeper.disconnect()
    app.publish(name, b"x", exchange="amq.topic", delivery_mode=2, expiration="1")
    _, properties, body = app.consume(queue, 1)[0]
    assert body == b"x" and properties.headers["x-death"][0]["reason"] == "expired"
    assert "x-mqtt-reason-code" not in properties.headers


@pytest.mark.needs("causeway")
def test_mqtt_uses_another_exchange(settled, name, device, application):
    server, app = settled(mqtt_exchange="devices")
    queue = app.declare(name, durable=True)
    app.channel.queue_bind(queue, "devices", f"{name}.#")
    listener = device(server, name, clean=False)
    listener.subscribe(f"{name}/down", 1)
    device(server, will=(f"{name}/up", b"lost", 1, True)).vanish()
    method, properties, body = app.consume(queue, 1)[0]
    assert (method.exchange, body, properties.headers["x-mqtt-will"]) == ("devices", b"lost", True)
    app.publish(f"{name}.down", b"unheard", exchange="amq.topic", delivery_mode=2)
    app.publish(f"{name}.down", b"heard", exchange="devices", delivery_mode=2)
    assert listener.receive().payload == b"heard" and listener.fence() == []
    app.channel.queue_bind(app.declare("late"), "devices", f"{name}.up", {"x-mqtt-retained": True})
    assert app.drain("late") == [b"lost"]
    assert refusal(lambda: app.channel.exchange_delete("devices"))[0] == 403
    listener.disconnect()
    server.restart()
    app = application(server, login=("app", "secret"), confirms=True)
    app.publish(f"{name}.down", b"again", exchange="devices", delivery_mode=2)
    assert device(server, name, clean=False).receive().payload == b"again"


@pytest.mark.needs("causeway")
def test_what_crosses_besides_the_message_can_be_switched_off(settled, name, device):
    server, app = settled(amqp_properties_to_mqtt="false", amqp_properties_from_mqtt="false", publisher_to_amqp="false")
    queue, listener = bound(app, f"{name}.up"), device(server, version=V5)
    listener.subscribe(f"{name}/down", 1)
    app.publish(f"{name}.down", b"x", exchange="amq.topic", delivery_mode=2, message_id="m", type="t", headers={"a": "1"})
    assert listener.receive().properties.UserProperty == [("a", "1")]
    device(server, f"id-{name}", version=V5).publish(f"{name}/up", b"x", 1, UserProperty=[("amqp-message-id", "m")])
    properties = app.consume(queue, 1)[0][1]
    assert properties.headers == {"amqp-message-id": "m"} and properties.message_id is None and properties.user_id is None
