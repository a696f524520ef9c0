"""What all tests in Python share, so that folders of them can run in one call: which server they run against."""

import pytest
from support import brokers
from support.fixtures import folder, new_broker  # noqa: F401  (fixtures)


def pytest_addoption(parser):
    parser.addoption("--broker", choices=brokers.BROKERS, default="causeway", help="the server to test")


def pytest_configure(config):
    config.addinivalue_line("markers", "needs(*protocols): the server has to speak these; 'causeway': it has to be Causeway")


def pytest_collection_modifyitems(config, items):
    name = config.getoption("--broker")
    offered = brokers.BROKERS[name].speaks | {name}
    left_out = {item for item in items if any(not set(mark.args) <= offered for mark in item.iter_markers("needs"))}
    config.hook.pytest_deselected(items=[item for item in items if item in left_out])
    items[:] = [item for item in items if item not in left_out]


def pytest_collection_finish(session):
    """The house rules need no server."""
    needed = any(item.path.parent.name != "tidy" for item in session.items)
    if needed and (why := brokers.why_missing(session.config.getoption("--broker"))):
        pytest.exit(why, returncode=3)
