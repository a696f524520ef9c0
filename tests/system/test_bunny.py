"""Bunny: what Ruby's programs use (Hutch, Sneakers, Logstash)."""

import pathlib

import pytest
from support.process import Process
from support.shell import run

pytestmark = [pytest.mark.needs("amqp"), pytest.mark.io_threads(1)]

SCRIPT = pathlib.Path(__file__).parent / "ruby/bunny_scenarios.rb"


@pytest.mark.parametrize("which", ["confirms", "tables", "carbon-copies", "returns", "errors", "cancelled-by-the-server", "transactions"])
def test_bunny(broker, name, which):
    run(["ruby", SCRIPT, which, broker.amqp_port, name], timeout=60)


def test_bunny_recovers_its_topology_after_a_crash(own_broker, name):
    program = Process(["ruby", SCRIPT, "recovery", own_broker.amqp_port, name])
    try:
        program.wait_for_line("^READY")
        own_broker.kill_and_restart()
        assert program.wait(60) == 0, program.output()
    finally:
        program.kill()
