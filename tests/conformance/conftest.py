"""One broker for all tests, clients that speak raw MQTT to it, and the account of which statements have been proved."""

import itertools
import os
import pathlib
import re

import pytest
import report
import statements
import wire
from client import Client, Tcp
from support import brokers
from support.configs import password_hash, write_config
from support.fixtures import makes

HERE = pathlib.Path(__file__).parent


def pytest_addoption(parser):
    parser.addoption("--report", metavar="FILE", help="write the report to this file")
    parser.addoption("--seeds", metavar="FOLDER", type=pathlib.Path, help="keep what the tests send in this folder, for the fuzzers")


def pytest_configure(config):
    config.addinivalue_line("markers", "proves(*statements): what the test proves; use statements.proves311 and proves5")
    config.account = Account()
    if seeds := config.getoption("--seeds", None):
        seeds.mkdir(parents=True, exist_ok=True)
        Client.seeds = seeds.resolve()


class Account:
    """Which tests there are for which statement, and how they ended."""

    def __init__(self):
        self.proofs, self.outcomes, self.titles = {}, {}, {}
        self.whole = False  # all tests run, so it can be compared with the report

    def enter(self, item):
        title = self.titles[item.nodeid] = report.title(item)
        for one in statements.proved_by(item):
            self.proofs.setdefault(one, {})[title] = True

    def note(self, nodeid, passed):
        title = self.titles[nodeid]
        self.outcomes[title] = passed and self.outcomes.get(title, True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Titles get their statements' ids, which -k finds; the account's own tests come last, and only where all tests have been collected."""
    account, broker = config.account, config.getoption("--broker")
    asked_for = {pathlib.Path(os.path.abspath(config.invocation_params.dir / arg)) for arg in config.args}
    everything = not asked_for.isdisjoint((HERE, *HERE.parents))
    ours = [item for item in items if item.path.is_relative_to(HERE)]
    for item in ours:
        ids = [one for _, one in statements.proved_by(item)]
        if ids:
            item._nodeid += "".join(f" [{one}]" for one in ids)
        item.extra_keyword_matches.update(ids)
        account.enter(item)
    own = [item for item in ours if item.path.name == "test_account.py"]
    left_out = own if broker != "causeway" or not everything else []
    left_out = left_out if "mqtt" in brokers.BROKERS[broker].speaks else ours
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out and item not in own] + [item for item in own if item not in left_out]


def pytest_collection_finish(session):
    option = session.config.option
    session.config.account.whole = not (option.keyword or option.markexpr or option.deselect)


def pytest_runtest_logreport(report):
    """A test passes if its body does, and its clean-up."""
    if ACCOUNT and report.nodeid in ACCOUNT[0].titles and (report.when == "call" or not report.passed):
        ACCOUNT[0].note(report.nodeid, report.passed)


ACCOUNT = []


@pytest.hookimpl(trylast=True)
def pytest_collection(session):
    ACCOUNT[:] = [session.config.account]


@pytest.fixture(scope="session")
def shared_broker(new_broker):
    made = new_broker()
    yield made
    made.close()


@pytest.fixture
def broker(shared_broker):
    """The server that all tests share: names have to be one's own (see `name`), and it has to survive."""
    yield shared_broker
    assert shared_broker.alive(), "the server ended during this test:\n" + shared_broker.output()[-4000:]


@pytest.fixture
def own_broker(new_broker):
    """A server for this test alone, to kill and to start again."""
    made = new_broker()
    yield made
    made.close()


def configured(new_broker, folder):
    """What makes a Causeway with a configuration file, and ends all it made: see module_broker."""
    made = []

    def make(text="", **options):
        place = folder / f"config-{next(_numbers)}"
        place.mkdir()
        made.append(new_broker(kind="causeway", arguments=["run", "--config", write_config(place, with_anonymous(text), **options)]))
        made[-1].folder = place
        return made[-1]

    yield make
    for one in made:
        one.close()


def with_anonymous(text):
    """Anybody may do anything, unless the configuration says who may."""
    known = any(line.startswith(("users:", "anonymous:")) for line in text.splitlines())
    return text if known else text + "\nanonymous: {mqtt: loopback, rights: [{vhost: /, publish: ['#'], subscribe: ['#', '$SYS/#']}]}\n"


# Makes a Causeway with a configuration, for a module or for one test: module_broker("mqtt: {receive_max: 5}", listeners="…").
module_broker = pytest.fixture(configured, scope="module", name="module_broker")
configured_broker = pytest.fixture(configured, name="configured_broker")


_numbers = itertools.count(1)


@pytest.fixture
def name(request):
    """A name that nothing else on the server has, for topics and client identifiers."""
    return f"{re.sub(r'[^a-z0-9]+', '-', request.node.originalname.lower())[5:35]}-{next(_numbers)}"


@pytest.fixture
def dial(broker):
    """Opens a connection without a word: dial(version, port=…, to=another broker, transport=…) -> Client."""
    def client(version=wire.V311, client_id="", to=None, port=None, transport=None):
        server = to or broker
        return Client(transport or Tcp(server.host, port or server.mqtt_port), version, client_id)

    yield from makes(client)


@pytest.fixture
def connect(dial):
    """Connects: connect("id", version, clean=…, …) takes what wire.connect takes, expects CONNACK 0 and returns the Client, whose
    `connack` that is."""

    def make(client_id="", version=wire.V311, to=None, port=None, transport=None, **fields):
        made = dial(version, client_id, to, port, transport)
        made.send(wire.connect(version, client_id, **fields))
        made.connack = made.expect("CONNACK", code=0)
        return made

    return make


USERS = """
users:
  - name: owner
    password_hash: "{hash}"
    rights: [{{vhost: /, publish: ["#"], subscribe: ["#"]}}]
  - name: limited
    password_hash: "{hash}"
    rights: [{{vhost: /, publish: ["allowed/#"], subscribe: ["allowed/#"]}}]
"""


@pytest.fixture(scope="module")
def secured_broker(module_broker):
    """Where one has to log in: `owner` may do anything, `limited` only below allowed/; the password is "secret"."""
    return module_broker(USERS.format(hash=password_hash("secret")))


@pytest.fixture
def connect5(connect):
    """As connect, with MQTT 5.0."""
    return lambda client_id="", **more: connect(client_id, wire.V5, **more)


@pytest.fixture
def dial5(dial):
    """As dial, with MQTT 5.0."""
    return lambda client_id="", **more: dial(wire.V5, client_id, **more)


@pytest.fixture
def publisher5(connect5, name):
    """Another client of the test, to publish with: a client that publishes to itself gets its message between the acknowledgements."""
    return connect5(name + "-publisher")


@pytest.fixture
def expect_end(connect5, dial5, name):
    """What such a packet costs: expect_end(packet, code) sends it on a connection of its own and expects DISCONNECT with
    the code (for a CONNECT: CONNACK), then the end."""

    def check(packet, code):
        if packet[0] >> 4 == wire.NUMBERS["CONNECT"]:
            return dial5().send(packet).expect_refused(code)
        return connect5(name).try_send(packet).expect_closed(disconnect=code)

    return check


@pytest.fixture
def check_answer(secured_broker, connect5, name):
    """That an answer explains itself only where there is room: check_answer(provoke), where provoke(client) makes the server
    refuse something to a client without rights, and returns the packet that says so."""

    def provoked(provoke, **properties):
        return provoke(connect5(name, to=secured_broker, user="limited", password="secret", properties=properties))

    def check(provoke):
        whole = provoked(provoke)
        size = len(whole.raw) + 2
        assert whole.properties.get("reason_string"), "nothing to leave out"
        for most in range(25, size + 1):  # a CONNACK has to fit as well
            answer = provoked(provoke, maximum_packet_size=most)
            assert answer.codes == whole.codes and answer.code == whole.code
            assert len(answer.raw) + 2 <= most and ("reason_string" in answer.properties) == (most == size)
        assert not provoked(provoke, request_problem_information=0).properties

    return check
