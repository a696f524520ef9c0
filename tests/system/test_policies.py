"""Policies of the configuration file, at start and read again after SIGHUP."""

import signal

import pika.exceptions
import pytest
from support.amqp import Application
from support.brokers import Causeway
from support.configs import password_hash, write_config
from support.process import wait_until

pytestmark = [pytest.mark.needs("causeway"), pytest.mark.io_threads(0, 1)]

CONFIG = """
io_threads: {io_threads}
users:
  - name: app
    password_hash: "{hash}"
    rights: [{{vhost: /, configure: ["*"], write: ["*"], read: ["*"]}}]
vhosts:
  - name: /
    policies: {policies}
    operator_policies: [{{name: most, pattern: ".*", definition: {{max-length: 4}}}}]
"""


@pytest.fixture
def governed(tmp_path, io_threads):
    secret = password_hash("secret")

    def write(policies):
        return write_config(tmp_path, CONFIG.format(io_threads=io_threads, hash=secret, policies=policies))

    server = Causeway(tmp_path, arguments=["run", "--config", write('[{name: jobs, pattern: "^jobs", definition: {max-length: 2}}]')])
    server.start()
    server.write = write
    yield server
    assert server.stop() == 0


@pytest.fixture
def app(governed):
    made = Application(governed, login=("app", "secret"), confirms=True)
    yield made
    made.close()


def reread(server):
    server.process.send(signal.SIGHUP)


def fill(app, queue, count):
    for number in range(count):
        app.publish(queue, b"%d" % number, delivery_mode=2)


def test_policies_bound_queues_of_a_name_and_operators_bound_all(app):
    for queue, left in (("jobs.a", [b"3", b"4"]), ("other", [b"1", b"2", b"3", b"4"])):
        app.declare(queue, durable=True)
        fill(app, queue, 5)
        assert app.drain(queue) == left


def test_policies_are_read_again_and_applied_to_what_is_there(governed, app):
    app.declare("jobs.a", durable=True)
    dead = app.declare("dead", durable=True)
    fill(app, "jobs.a", 2)
    governed.write('[{name: one, pattern: "^jobs", definition: {max-length: 1, dead-letter-exchange: "", dead-letter-routing-key: dead}}]')
    reread(governed)
    wait_until(lambda: app.count("jobs.a") == (1, 0), "the queue to be trimmed")
    wait_until(lambda: app.count(dead) == (1, 0), "the dead letter")
    governed.write('[{name: refuse, pattern: "^jobs", definition: {max-length: 1, overflow: reject-publish}}]')
    reread(governed)
    wait_until(lambda: refused(app, "jobs.a"), "the new policy")
    assert app.drain("jobs.a") == [b"1"]


def refused(app, queue):
    try:
        app.publish(queue, b"1", delivery_mode=2)
    except pika.exceptions.NackError:
        return True
    return False


def test_a_file_that_is_wrong_changes_nothing(governed, app):
    app.declare("jobs.a", durable=True)
    governed.write('[{name: jobs, pattern: "[", definition: {max-length: 0}}]')
    reread(governed)
    governed.process.wait_for_line(r"error the configuration file is wrong problem=.*/causeway\.yaml:\d+:\d+: ")
    governed.process.wait_for_line("everything stays as it is")
    fill(app, "jobs.a", 3)
    assert app.drain("jobs.a") == [b"1", b"2"]
