"""amqp-tools: rabbitmq-c behind the shell."""

import pytest
from support.shell import run

pytestmark = pytest.mark.needs("amqp")


@pytest.fixture
def tool(broker):
    def call(program, *arguments, **options):
        return run([f"amqp-{program}", "--server", broker.host, "--port", broker.amqp_port, *arguments], **options).stdout

    return call


def test_declaring_publishing_getting_and_deleting(tool, name):
    assert tool("declare-queue", "-q", name, "-d").strip() == name.encode()
    tool("publish", "-r", name, "-b", "hello", "-p", "-C", "text/plain")
    assert tool("get", "-q", name) == b"hello"
    assert tool("get", "-q", name, check=False) == b""
    tool("delete-queue", "-q", name)


def test_a_body_from_standard_input(tool, name):
    body = bytes(range(256)) * 1000
    tool("declare-queue", "-q", name)
    tool("publish", "-r", name, stdin=body)
    assert tool("get", "-q", name) == body


def test_consuming_hands_each_body_to_a_command(tool, name):
    tool("declare-queue", "-q", name)
    lines = b"".join(b"%d\n" % number for number in range(50))
    tool("publish", "-r", name, "-l", stdin=lines)
    assert tool("consume", "-q", name, "-c", "50", "-p", "5", "cat").split() == lines.split()


def test_consuming_from_an_exchange(tool, name, broker, application):
    app = application(broker)
    app.channel.exchange_declare(name, "topic")
    queue = app.declare(exclusive=False, auto_delete=False)
    app.channel.queue_bind(queue, name, "a.*")
    tool("publish", "-e", name, "-r", "a.b", "-b", "x")
    tool("publish", "-e", name, "-r", "b.a", "-b", "y")
    assert app.drain(queue) == [b"x"]
