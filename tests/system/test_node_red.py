"""Node-RED's own MQTT nodes: what many a house and factory is wired with."""

import itertools

import pytest
from support.mqtt import V5
from support.node_red import NodeRed, flow
from support.shell import MosquittoSub, mosquitto_pub

pytestmark = pytest.mark.needs("causeway")

WAYS = {"v31": ("mqtt", 3), "v311": ("mqtt", 4), "v5": ("mqtt", 5), "v5-tls": ("mqtts", 5), "v311-ws": ("ws", 4), "v5-wss": ("wss", 5)}


_programs = itertools.count(1)


@pytest.fixture(scope="module")
def prefixes(shared_everywhere, tmp_path_factory):
    """What the topics of each way's flow begin with; all flows are in one program."""
    server, authority, number = shared_everywhere, shared_everywhere.certificates.authority, next(_programs)
    made = {way: f"{way}-{number}" for way in WAYS}
    program = NodeRed(tmp_path_factory.mktemp("node-red") / "home", [
        flow(made[way], server.url(protocol), version, authority if protocol in ("mqtts", "wss") else None) for way, (protocol, version) in WAYS.items()])
    try:
        for prefix in made.values():
            state = MosquittoSub(server, "-t", f"{prefix}/state", "-C", 1)
            assert state.message(prefix) == f"{prefix}/state here"  # sent after the flow's subscription
            state.wait()
        yield made
    finally:
        program.kill()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("qos", [0, 1, 2])
def test_a_flow_answers_what_mosquitto_pub_says(everywhere, prefixes, name, way, qos):
    prefix = prefixes[way]
    listener = MosquittoSub(everywhere, "-t", f"{prefix}/out/{name}/#", "-q", 2, "-C", 1)
    mosquitto_pub(everywhere, f"{prefix}/in/{name}/a", "-q", qos, payload="it is 21.5 °c")
    assert listener.message(f"{prefix}/out") == f"{prefix}/out/{name}/a IT IS 21.5 °C"
    assert listener.wait() == 0


@pytest.mark.parametrize("way", [way for way, (_, version) in WAYS.items() if version == 5])
def test_a_flow_answers_where_the_question_says(everywhere, prefixes, device, name, way):
    asker = device(everywhere, version=V5)
    asker.subscribe(f"answers/{name}", 2)
    asker.publish(f"{prefixes[way]}/in/question", b"how warm?", 2, ResponseTopic=f"answers/{name}", CorrelationData=b"\x00\x07", ContentType="text/plain",
                  UserProperty=[("room", "kitchen")])
    answer = asker.receive()
    got = answer.properties
    assert (answer.payload, answer.qos, got.CorrelationData, got.ContentType) == (b"HOW WARM?", 2, b"\x00\x07", "text/plain")
    assert sorted(got.UserProperty) == [("by", "a flow"), ("room", "kitchen")]


@pytest.mark.parametrize("way", WAYS)
def test_a_flow_answers_many_messages_in_order(everywhere, prefixes, device, name, way):
    one = device(everywhere, max_inflight=100)
    one.subscribe(f"{prefixes[way]}/out/{name}", 2)
    waits = [one.publish_later(f"{prefixes[way]}/in/{name}", b"m%d" % number, 2) for number in range(300)]
    for wait in waits:
        wait()
    assert one.receive_payloads(300) == [b"M%d" % number for number in range(300)]
    assert one.fence() == []


def await_flows(watcher, ways):
    """A flow says that it is there when its nodes listen. Node-RED drops what reaches its client before that, as it may after a crash:
    the client first finishes what it had sent, and takes messages meanwhile."""
    absent = {f"{way}/state" for way in ways}
    while absent:
        state = watcher.receive()
        assert state.payload in (b"here", b"lost")
        if state.payload == b"here":
            absent.discard(state.topic)


def test_flows_outlive_a_crash_of_the_server(own_everywhere, device, name, tmp_path):
    ways = {way: WAYS[way] for way in ("v311", "v5", "v311-ws")}
    other = device(own_everywhere, name, clean=False)
    other.subscribe("+/state", 1)
    other.subscribe("+/out/#", 2)
    flows = NodeRed(tmp_path / "home", [flow(way, own_everywhere.url(protocol), version) for way, (protocol, version) in ways.items()])
    try:
        await_flows(other, ways)
        for life in range(3):
            for way in ways:
                for number in range(20):
                    other.publish(f"{way}/in/{life}", b"m%d" % number, 2)
            answers = [other.receive() for _ in range(20 * len(ways))]
            for way in ways:
                assert [answer.payload for answer in answers if answer.topic == f"{way}/out/{life}"] == [b"M%d" % number for number in range(20)]
            own_everywhere.kill()
            other.await_disconnect()
            own_everywhere.start()
            other.connect()
            assert other.session_present
            await_flows(other, ways)
        assert other.fence() == []
    finally:
        flows.kill()


@pytest.mark.io_threads(0)
@pytest.mark.parametrize("way", ["v311", "v5"])
def test_a_flow_says_when_it_leaves_and_its_will_when_it_is_lost(everywhere, device, name, tmp_path, way):
    watcher = device(everywhere)
    watcher.subscribe(f"{name}/state", 1)
    for number, (end, last) in enumerate(((NodeRed.terminate, b"left"), (NodeRed.kill, b"lost"))):
        flows = NodeRed(tmp_path / f"home-{number}", [flow(name, everywhere.url("mqtt"), WAYS[way][1])])
        assert watcher.receive().payload == b"here"
        end(flows)
        assert watcher.receive().payload == last
