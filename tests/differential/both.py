"""Both brokers, started once for everything that is compared."""

import contextlib
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "system"))

from support import brokers


@contextlib.contextmanager
def both_brokers():
    """(RabbitMQ, Causeway)"""
    folder, started = pathlib.Path(tempfile.mkdtemp(prefix="causeway-differential-")), []
    try:
        for kind in ("rabbitmq", "causeway"):
            (folder / kind).mkdir()
            started.append(brokers.BROKERS[kind](folder / kind))
            started[-1].start()
        yield tuple(started)
        assert all(broker.alive() for broker in started), "a broker has ended during the test"
    finally:
        for broker in started:
            broker.close()
        shutil.rmtree(folder, ignore_errors=True)
