"""Data that older versions wrote (tests/vectors/store): nothing of it is lost or misread, and it is of today's format afterwards."""

import gzip
import shutil
import subprocess

import pytest
from support.brokers import ROOT, Causeway, causeway_program
from support.fixtures import makes
from support.packets import Published, acknowledgement, mqtt_session, publish

pytestmark = [pytest.mark.needs("causeway"), pytest.mark.io_threads(0)]

FORMATS = (1, 2)


def started_on(format, place):
    directory = place / "data/vhosts/%2F"
    directory.mkdir(parents=True)
    with gzip.open(ROOT / f"tests/vectors/store/format{format}.mdb.gz") as packed, open(directory / "data.mdb", "wb") as file:
        shutil.copyfileobj(packed, file)
    made = Causeway(place)
    made.start()
    return made


@pytest.fixture
def opened(tmp_path):
    yield from makes(lambda format: started_on(format, tmp_path))


@pytest.fixture(params=FORMATS, ids=lambda format: f"format{format}")
def old(request, opened):
    return opened(request.param)


def bodies(deliveries):
    return [body for _, _, body in deliveries]


def test_queues_hold_what_was_in_them_and_exchanges_lead_there(old, application):
    app = application(old, confirms=True)
    app.channel.queue_declare("readings", durable=True, arguments={"x-max-length": 100, "x-dead-letter-exchange": "plant"})
    app.publish("hall.7", b"7", exchange="plant", delivery_mode=2)
    got = app.consume("readings", 5)
    assert bodies(got) == [b"2", b"3", b"4", b"5", b"7"]
    method, properties, _ = got[0]
    assert (method.exchange, method.routing_key, method.redelivered) == ("plant", "hall.2", True)
    assert (properties.headers, properties.content_type, properties.message_id, properties.delivery_mode) == \
        ({"n": 2, "unit": "K"}, "text/plain", "m2", 2)
    assert not got[4][0].redelivered
    app.publish("elsewhere", b"alternate", exchange="plant", delivery_mode=2)
    assert app.drain("left") == [b"alternate"]
    assert app.drain("right") == [b"for both" * 100, b"alternate"]
    assert app.channel.queue_declare("gone").method.message_count == 0  # it was not durable


@pytest.mark.parametrize("format, order", [(1, [b"low", b"high", b"middle"]), (2, [b"high", b"middle", b"low"])])
def test_priorities_are_kept(opened, application, format, order):
    """Format 1 is from before there were any: what waited then comes first, in its order."""
    app = application(opened(format), confirms=True)
    app.channel.queue_declare("urgent", durable=True, arguments={"x-max-priority": 5})
    for priority, body in ((2, b"new 2"), (4, b"new 4")):
        app.publish("urgent", body, delivery_mode=2, priority=priority)
    got = app.drain("urgent")
    assert [body for body in got if not body.startswith(b"new")] == order
    assert got == [*order, b"new 4", b"new 2"] if format == 1 else got == [b"high", b"new 4", b"middle", b"new 2", b"low"]


def test_retained_messages_are_kept_and_cleared_ones_stay_cleared(old, device):
    reader = device(old)
    reader.subscribe("shelf/#", 1)
    message = reader.receive()
    assert (message.topic, message.payload, bool(message.retain)) == ("shelf/1", b"kept", True)
    assert reader.fence() == []


def test_a_session_gets_what_waited_for_it_and_is_still_subscribed(old, device):
    sleeper = device(old, "sleeper", clean=False)
    assert sleeper.session_present
    # Paho gives QoS 2 to the application when it is released, which is later.
    assert [sleeper.receive().payload for _ in range(3)] == [b"at least", b"day", b"exactly once"]
    device(old).publish("day/2", b"today", 1)
    assert sleeper.receive().payload == b"today"
    assert sleeper.fence() == []


def test_a_delivery_that_was_not_acknowledged_comes_again_flagged(old):
    wire, present = mqtt_session(old, "unacknowledged")
    again = Published(*wire.packet())
    assert present and (again.payload, again.dup, again.qos) == (b"again", True, 1)


def test_a_qos_2_delivery_that_was_received_goes_on_with_its_release(old):
    """[MQTT-4.4.0-1]"""
    wire, present = mqtt_session(old, "halfway")
    kind, body = wire.packet()
    assert present and kind == 0x62
    wire.send(acknowledgement(0x70, int.from_bytes(body, "big")))
    wire.send(b"\xc0\x00")
    assert wire.packet()[0] == 0xD0


def test_a_qos_2_publish_that_had_begun_is_not_doubled(old, device):
    """[MQTT-4.3.3-10]"""
    wire, present = mqtt_session(old, "sender")
    assert present
    wire.send(publish("night/qos2", b"exactly once", 2, 7, dup=True))
    assert wire.packet() == (0x50, b"\x00\x07")
    wire.send(acknowledgement(0x62, 7))
    assert wire.packet() == (0x70, b"\x00\x07")
    sleeper = device(old, "sleeper", clean=False)
    assert [message.payload for message in sleeper.fence()].count(b"exactly once") == 1


def test_members_of_a_share_get_what_waited_for_them_together(opened, device):
    old = opened(2)
    workers = [device(old, f"worker-{number}", clean=False) for number in (1, 2)]
    device(old).publish("jobs/4", b"4", 1)
    assert all(worker.session_present for worker in workers)
    got = [message.payload for worker in workers for message in worker.fence()]
    assert sorted(got) == [b"0", b"1", b"2", b"3", b"4"]


def test_a_directory_that_was_brought_up_to_date_passes_the_check_and_opens_again(old, application):
    old.stop()
    done = subprocess.run([causeway_program(), "check", "--data", old.folder / "data"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    old.start()
    assert application(old).drain("readings") == [b"2", b"3", b"4", b"5"]
