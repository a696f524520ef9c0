"""What MQTT 3.1.1 says of time: keep alive (3.1.2.10) and a CONNECT that does not come (3.1.4)."""

import time

import pytest
import wire
from statements import proves311 as proves
from wire import V311

LATE_S = 1.5  # what a busy machine may add


@proves("MQTT-3.1.2-24")
@pytest.mark.parametrize("last", ["CONNECT", "PINGREQ", "PUBLISH"])
def test_silence_ends_the_connection_after_one_and_a_half_times_keep_alive(connect, name, last):
    client, start = connect(name, keep_alive=1), time.monotonic()
    if last != "CONNECT":
        assert not client.readable(0.9)  # nothing happens before, so silence begins again now
        start = time.monotonic()
        if last == "PINGREQ":
            client.expect_nothing()
        else:
            client.publish(name, b"x", 1)
    client.expect_closed()
    assert 1.4 < time.monotonic() - start < 1.5 + LATE_S


@proves("MQTT-3.1.2-24", "MQTT-4.1.0-2", "MQTT-3.1.2-23")
def test_whoever_says_something_in_time_stays(connect, name):
    pinging, publishing, silent = connect(name, keep_alive=1), connect(keep_alive=1), connect(keep_alive=0)
    pinging.subscribe(name, qos=0)
    for _ in range(4):
        assert not pinging.readable(0.9)
        publishing.send(wire.publish(V311, name, b"alive"))
        pinging.take(name, b"alive")
        pinging.expect_nothing()
    silent.expect_nothing()


@proves("MQTT-3.1.2-24")
def test_what_the_server_sends_does_not_keep_the_connection_alive(connect, name):
    client, publisher, start = connect(name, keep_alive=1), connect(), time.monotonic()
    client.subscribe(name, qos=0)
    while time.monotonic() - start < 1.5 + LATE_S:
        publisher.publish(name, b"x", 1)
        if client.readable(0.1) and not client.transport.receive():
            break
    else:
        raise AssertionError("the connection went on although the client was silent")


@proves("MQTT-3.1.2-24")
def test_half_a_packet_is_no_packet(connect, name):
    client, start = connect(name, keep_alive=1), time.monotonic()
    data = wire.publish(V311, name, b"x" * 100)
    for at in range(len(data) - 1):
        if client.readable(0.1):
            break
        client.try_send(data[at:at + 1])
    client.expect_closed()
    assert time.monotonic() - start < 1.5 + LATE_S


@proves("MQTT-3.1.4-1", "MQTT-3.1.0-1")
@pytest.mark.needs("causeway")
@pytest.mark.parametrize("what", ["nothing", "byte by byte", "all but one byte"])
def test_without_a_whole_connect_in_time_the_connection_ends(impatient, dial, name, what):
    data = wire.connect(V311, name.ljust(100, "x"))
    client, start = dial(to=impatient), time.monotonic()
    sent = {"nothing": b"", "byte by byte": data, "all but one byte": data[:-1]}[what]
    if what == "byte by byte":
        for at in range(len(sent)):
            if client.readable(0.05):
                break
            client.try_send(sent[at:at + 1])
    elif sent:
        client.send(sent)
    client.expect_closed()
    assert 0.9 < time.monotonic() - start < 1 + LATE_S


@pytest.fixture(scope="module")
def impatient(module_broker):
    return module_broker(listeners="listeners: [{name: mqtt, protocol: mqtt, port: 0, limits: {connect_timeout: 1s}}]")


@proves("MQTT-3.1.4-4")
@pytest.mark.needs("causeway")
def test_whoever_has_connected_in_time_may_be_silent(impatient, connect, name):
    client = connect(name, to=impatient)
    assert not client.readable(1.3)
    client.expect_nothing()
