"""Fixtures that every folder of tests against a real server uses."""

import itertools
import pathlib
import shutil
import tempfile

import pytest

from . import brokers


def makes(kind, end="close"):
    """The body of a fixture that gives kind(…) to call as often as the test likes; all that it made is ended afterwards."""
    made = []

    def make(*arguments, **options):
        made.append(kind(*arguments, **options))
        return made[-1]

    yield make
    for one in made:
        getattr(one, end)()


@pytest.fixture(scope="session")
def folder():
    """Deleted at the end. Not below pytest's own, which other users may not enter."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="causeway-test-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def new_broker(pytestconfig, folder):
    """Makes a server, started, with a data folder of its own."""
    numbers = itertools.count()

    def make(io_threads=0, kind=pytestconfig.getoption("--broker"), **options):
        place = folder / f"broker-{next(numbers)}"
        place.mkdir()
        made = brokers.BROKERS[kind](place, io_threads, **options)
        made.start()
        return made

    return make
