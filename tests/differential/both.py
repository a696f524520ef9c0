"""Both brokers, started once for everything that is compared."""

import contextlib
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "system"))

from support import brokers, configs


# What the meeting of MQTT and AMQP needs beside RabbitMQ with its plugin.
LIKE_THE_PLUGIN = """
users:
  - {{name: guest, password_hash: "{hash}", rights: [{{vhost: /, configure: ["*"], write: ["*"], read: ["*"]}}]}}
anonymous: {{mqtt: loopback, rights: [{{vhost: /, publish: ["#"], subscribe: ["#"]}}]}}
vhosts: [{{name: /, topic_mapping: rabbitmq}}]
sessions: {{queue_qos0: true}}
"""


def _options(kind, folder, crossing):
    if not crossing:
        return {}
    if kind == "rabbitmq":
        return {"plugins": ("rabbitmq_mqtt",)}
    config = LIKE_THE_PLUGIN.format(hash=configs.password_hash("guest"))
    return {"arguments": ["run", "--config", configs.write_config(folder, config)]}


@contextlib.contextmanager
def both_brokers(crossing=False):
    """(RabbitMQ, Causeway); `crossing`: with MQTT, in RabbitMQ's way."""
    folder, started = pathlib.Path(tempfile.mkdtemp(prefix="causeway-differential-")), []
    try:
        for kind in ("rabbitmq", "causeway"):
            (folder / kind).mkdir()
            started.append(brokers.BROKERS[kind](folder / kind, **_options(kind, folder / kind, crossing)))
            started[-1].start()
        yield tuple(started)
        assert all(broker.alive() for broker in started), "a broker has ended during the test"
    finally:
        for broker in started:
            broker.close()
        shutil.rmtree(folder, ignore_errors=True)
