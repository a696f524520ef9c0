"""$SYS: what the broker says about itself, to programs that ask for it."""

import re

import pytest
from support.brokers import Causeway
from support.configs import write_config
from support.mqtt import V5, V311
from support.shell import MosquittoSub, mosquitto_pub

pytestmark = [pytest.mark.needs("causeway"), pytest.mark.io_threads(0, 1)]

OPTIONS = """\
io_threads: {io_threads}
anonymous: {{mqtt: loopback, rights: [{{vhost: /, publish: ['#', '$SYS/#'], subscribe: {subscribe}}}]}}
mqtt: {{sys_interval: {interval}}}
"""


@pytest.fixture
def server(tmp_path, io_threads):
    made = []

    def make(interval="1s", subscribe="['#', '$SYS/#']"):
        text = OPTIONS.format(io_threads=io_threads, interval=interval, subscribe=subscribe)
        made.append(Causeway(tmp_path, arguments=["run", "--config", write_config(tmp_path, text)]))
        made[-1].start()
        return made[-1]

    yield make
    for one in made:
        assert one.stop() == 0


@pytest.mark.parametrize("version", ["mqttv31", "mqttv311", "mqttv5"])
def test_mosquitto_sub_reads_what_is_there_and_what_changes(server, version):
    one = server()
    listener = MosquittoSub(one, "-V", version, "-t", "$SYS/#", "-q", 2)
    assert listener.message(r"\$SYS/broker/version").startswith("$SYS/broker/version causeway version ")
    assert listener.message(r"\$SYS/broker/uptime [1-9]")
    assert listener.message(r"\$SYS/broker/clients/connected 1")
    mosquitto_pub(one, "t", payload="x")
    assert listener.message(r"\$SYS/broker/publish/messages/received 1")
    assert listener.message(r"\$SYS/broker/load/publish/received/1min (?!0\.00)\d+\.\d\d")
    listener.kill()


def test_every_value_is_a_number_or_what_it_says(server):
    listener = MosquittoSub(server(), "-t", "$SYS/#", "--retained-only", "-C", 52)
    assert listener.wait() == 0
    for line in listener.messages():
        topic, value = line.rsplit("/", 1)[0], line
        assert re.fullmatch(r"\$SYS/broker/(version causeway version \S+|uptime \d+ seconds|load/[a-z/]+/\d+min \d+\.\d\d|[a-z_ /]+ \d+)", value), topic


def test_nothing_is_said_without_an_interval(server):
    one = server(interval="0")
    listener = MosquittoSub(one, "-t", "$SYS/#", "-t", "end", "-C", 1)
    mosquitto_pub(one, "end", payload="")
    assert listener.message("").startswith("end")


def test_a_right_for_everything_is_no_right_for_sys(server, device):
    one = server(subscribe="['#']")
    assert device(one, version=V5).subscribe("$SYS/#", 1) == 0x87
    assert device(one, version=V311).subscribe("$SYS/broker/version", 1) == 0x80
