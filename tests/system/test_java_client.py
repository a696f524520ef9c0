"""RabbitMQ's Java client, which Spring, Kafka's and Spark's connectors and most of the JVM build on."""

import pathlib
import shutil

import pytest
from support.process import Process
from support.shell import run

pytestmark = [pytest.mark.needs("amqp"), pytest.mark.io_threads(1)]

SOURCE = pathlib.Path(__file__).parent / "java/Scenarios.java"
COMPILER = "jdk.compiler/com.sun.tools.javac.Main"  # also there where only programs are run: a JDK is 77 MB more
JARS = "/usr/share/java/amqp-client.jar:/usr/share/java/slf4j-api.jar:/usr/share/java/slf4j-nop.jar"


@pytest.fixture(scope="session")
def java(tmp_path_factory):
    """The command that plays a scenario."""
    assert shutil.which("java"), "no Java is installed"
    classes = tmp_path_factory.mktemp("java")
    run(["java", "-m", COMPILER, "-cp", JARS, "-d", classes, SOURCE], timeout=120)
    return ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", f"{JARS}:{classes}", "Scenarios"]


@pytest.mark.parametrize("which", ["confirms", "alternate", "limits", "dead-letters", "rpc", "errors", "cancel", "tables"])
def test_the_java_client(broker, java, name, which):
    run([*java, which, broker.amqp_port, name], timeout=60)


def test_the_java_client_recovers_its_topology_after_a_crash(own_broker, java, name):
    program = Process([*java, "recovery", own_broker.amqp_port, name])
    try:
        program.wait_for_line("^READY", 60)
        own_broker.kill_and_restart()
        assert program.wait(60) == 0, program.output()
    finally:
        program.kill()
