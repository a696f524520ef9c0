"""Real clients against a real server process. By default that is Causeway (the program in $CAUSEWAY, or build/release/causeway);
`--broker rabbitmq` and `--broker mosquitto` run the same tests against those, to check what the tests expect."""

import itertools
import pathlib
import re
import tempfile

import pytest
from support.amqp import Application
from support.configs import Certificates
from support.fixtures import makes
from support.mqtt import Device
from support.shell import MosquittoSub
from support.transports import Everywhere, Listening


def pytest_configure(config):
    config.addinivalue_line("markers", "io_threads(*numbers): run with these instead of 0 and 1")


def pytest_generate_tests(metafunc):
    if "io_threads" in metafunc.fixturenames:
        mark = metafunc.definition.get_closest_marker("io_threads")
        numbers = mark.args if mark else (0, 1)
        if metafunc.config.getoption("--broker") != "causeway":
            numbers = (0,)
        metafunc.parametrize("io_threads", numbers, scope="session", ids=lambda n: f"io{n}")


@pytest.fixture(scope="session")
def shared_broker(new_broker, io_threads):
    made = new_broker(io_threads)
    yield made
    made.close()


@pytest.fixture
def broker(shared_broker, request):
    """A server that other tests use as well: names have to be one's own (see `name`), and it has to survive."""
    yield shared_broker
    assert shared_broker.alive(), "the server ended during this test:\n" + shared_broker.output()[-4000:]


@pytest.fixture
def own_broker(new_broker, io_threads):
    """A server for this test alone, to kill and to start again."""
    made = new_broker(io_threads)
    yield made
    made.close()


@pytest.fixture(scope="session")
def certificates(folder):
    return Certificates(folder / "certificates")


@pytest.fixture(scope="session")
def shared_everywhere(folder, certificates, io_threads):
    made = Everywhere(pathlib.Path(tempfile.mkdtemp(dir=folder)), certificates, io_threads)
    made.start()
    yield made
    made.close()


@pytest.fixture
def everywhere(shared_everywhere):
    """A server on every transport, shared as `broker` is."""
    yield shared_everywhere
    assert shared_everywhere.alive(), "the server ended during this test:\n" + shared_everywhere.output()[-4000:]


@pytest.fixture
def own_everywhere(tmp_path, certificates, io_threads):
    """A server on every transport, for this test alone."""
    made = Everywhere(tmp_path, certificates, io_threads)
    made.start()
    yield made
    made.close()


@pytest.fixture
def listening(tmp_path, io_threads):
    """Makes a started server with just these listeners: listening("name: mqtt, protocol: mqtt, port: 0", …)."""
    made = []

    def make(*listeners, **options):
        folder = tmp_path / f"server-{len(made)}"
        folder.mkdir()
        made.append(Listening(folder, listeners, io_threads, **options))
        made[-1].start()
        return made[-1]

    yield make
    for one in made:
        one.close()


_numbers = itertools.count(1)


@pytest.fixture
def name(request):
    """A name that nothing else on the server has."""
    return f"{re.sub(r'[^a-z0-9]+', '-', request.node.originalname.lower())[5:45]}-{next(_numbers)}"


@pytest.fixture
def device():
    """Makes a connected MQTT client (paho): device(broker, "id", clean=False, …)."""
    yield from makes(Device)


@pytest.fixture
def application():
    """Makes an AMQP connection with a channel (pika): application(broker, …)."""
    yield from makes(Application)


@pytest.fixture
def subscriber():
    """Starts a mosquitto_sub that has subscribed: subscriber(broker, "-t", "topic", …)."""
    yield from makes(MosquittoSub, "kill")
