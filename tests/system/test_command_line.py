"""The program as its operator meets it: help, checks, passwords, and refusals to start."""

import json
import os
import signal
import socket
import subprocess

import pytest
from support.brokers import Causeway, causeway_program
from support.configs import password_hash, write_config
from support.process import Process
from support.shell import run

pytestmark = pytest.mark.needs("causeway")

OK, WRONG, CANNOT_START = 0, 1, 2


def causeway(*arguments, **options):
    return run([causeway_program(), *arguments], check=False, **options)


@pytest.fixture
def place(tmp_path):
    return tmp_path


def checked(place, text, **options):
    """(exit code, what is wrong) of a configuration."""
    done = causeway("check", "--config", write_config(place, text, **options))
    return done.returncode, done.stderr.decode() + done.stdout.decode()


def refusal_to_start(*arguments):
    process = Process([causeway_program(), *arguments])
    return process.wait(), process.output()


def test_the_version_is_told():
    done = causeway("--version")
    assert done.returncode == OK and done.stdout.startswith(b"causeway ")


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["dev", "--help"], ["check", "--help"], ["bench", "--help"], ["map", "--help"]], ids=" ".join)
def test_help_is_given_on_standard_output(arguments):
    done = causeway(*arguments)
    assert done.returncode == OK and b"Usage" in done.stdout and done.stderr == b""


@pytest.mark.parametrize("arguments", [[], ["fly"], ["run"], ["dev", "--mqtt-port", "70000"]], ids=" ".join)
def test_wrong_usage_is_answered_on_standard_error(arguments):
    done = causeway(*arguments)
    assert done.returncode == WRONG and done.stderr and not done.stdout


def test_a_good_configuration_is_ok(place):
    code, text = checked(place, "")
    assert code == OK and "ok" in text


def test_a_misspelt_key_is_pointed_at_with_a_suggestion(place):
    code, text = checked(place, "sesions:\n  messages_max: 5\n")
    first, line, caret = text.splitlines()[:3]
    number = (place / "causeway.yaml").read_text().splitlines().index("sesions:") + 1
    assert code == WRONG
    assert first.startswith(f"{place}/causeway.yaml:{number}:1: ") and "did you mean 'sessions'" in first
    assert line.strip() == "sesions:" and caret.rstrip() == " " * (len(caret) - 1) + "^"


@pytest.mark.parametrize("text, complaint", [
    ("log: {level: loud}", "level"), ("sessions: {messages_max: -1}", "messages_max"), ("sessions: {expiry_max: soon}", "expiry_max"),
    ("users: [{name: a, password_hash: plain}]", "Argon2id"), ("vhosts: [{name: /, bindings: [{exchange: amq.topik, queue: q, key: k}]}]", "amq.topic"),
    ("memory: 5", "memory"), ("a: [", "")], ids=lambda value: value[:24])
def test_every_mistake_is_pointed_at(place, text, complaint):
    code, answer = checked(place, text)
    assert code == WRONG and complaint in answer and f"{place}/causeway.yaml:" in answer and "^" in answer


@pytest.mark.parametrize("verb", ["check", "run"])
@pytest.mark.parametrize("text, complaint", [
    ("listeners: [{name: a, protocol: mqtts, port: 0, tls: {certificate: /none.pem, key: /none.key}}]", "/none.pem: "),
    ("vhosts: [{name: /, queues: [{name: q, arguments: {x-max-length: -1}}]}]", "queue 'q': invalid arg 'x-max-length'")],
    ids=["certificate", "argument"])
def test_what_a_configuration_refers_to_is_tried_out(place, verb, text, complaint):
    config = place / "causeway.yaml"
    listeners = "" if "listeners" in text else "listeners: [{name: a, protocol: mqtt, port: 0}]\n"
    config.write_text(f"data: {place}/data\n{listeners}{text}\n")
    done = causeway(verb, "--config", config)
    column = text.index("/none.pem" if "listeners" in text else "x-max-length") + 1
    assert done.returncode == WRONG
    assert done.stderr.decode().startswith(f"{config}:{2 if not listeners else 3}:{column}: {complaint}")


def test_the_management_api_is_refused_as_long_as_there_is_none():
    done = causeway("dev", "--http-port", "0")
    assert done.returncode == WRONG and b"no management API" in done.stderr


def test_all_mistakes_are_told_at_once(place):
    code, text = checked(place, "log: {level: loud}\nsessions: {messages_max: many}\n")
    assert code == WRONG and text.count("causeway.yaml:") == 2


def test_the_sample_configuration_and_its_schema_are_printed():
    assert b"listeners:" in causeway("check", "--sample").stdout
    assert b'"$schema"' in causeway("check", "--schema").stdout


def test_a_missing_configuration_file(place):
    code, text = refusal_to_start("run", "--config", place / "none.yaml")
    assert code != OK and "none.yaml" in text


@pytest.mark.parametrize("file", ["/", "/dev/zero"])
def test_what_is_no_file_to_read_is_no_configuration(file):
    done = causeway("check", "--config", file)
    assert done.returncode == WRONG and f"{file} cannot be read".encode() in done.stderr


def test_printing_to_a_full_disk_is_not_fine():
    with open("/dev/full", "w") as full:
        assert subprocess.run([causeway_program(), "check", "--sample"], stdout=full, stderr=subprocess.DEVNULL, check=False).returncode == WRONG


def test_the_same_password_has_a_different_hash_each_time():
    first, second = password_hash("secret"), password_hash("secret")
    assert first.startswith("$argon2id$") and first != second


def test_an_empty_password_is_refused():
    assert causeway("passwd", stdin=b"\n").returncode == WRONG


@pytest.mark.parametrize("address", ["0.0.0.0", "'::'", "192.0.2.1"])
def test_listening_beyond_loopback_needs_a_login(place, address):
    code, text = checked(place, "", listeners=f"listeners: [{{name: m, protocol: mqtt, address: {address}, port: 0}}]")
    assert code == WRONG and "users" in text


def test_a_port_in_use_is_named(place):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, text = refusal_to_start("dev", "--mqtt-port", port, "--amqp-port", 0, "--data", place / "data")
    assert code == CANNOT_START and str(port) in text and "\nready" not in text


def test_a_file_where_the_data_directory_should_be(place):
    (place / "data").write_text("in the way")
    code, text = refusal_to_start("dev", "--mqtt-port", 0, "--amqp-port", 0, "--data", place / "data")
    assert code == CANNOT_START and f"{place}/data" in text


def test_a_data_directory_that_another_server_uses(place):
    first = Causeway(place)
    first.start()
    try:
        code, text = refusal_to_start("dev", "--mqtt-port", 0, "--amqp-port", 0, "--data", place / "data")
        assert code == CANNOT_START and f"{place}/data" in text
        assert first.alive()
    finally:
        first.close()


def test_a_data_directory_can_be_checked_while_no_server_uses_it(place):
    server = Causeway(place)
    server.start()
    server.kill()
    done = causeway("check", "--data", place / "data")
    assert done.returncode == OK, done.stderr


def test_data_that_was_cut_short_ends_a_check_with_an_explanation(place):
    server = Causeway(place)
    server.start()
    server.kill()
    [file] = (place / "data").glob("vhosts/*/data.mdb")
    os.truncate(file, 5000)
    done = causeway("check", "--data", place / "data")
    assert done.returncode == -signal.SIGBUS and b"cut short" in done.stderr


def test_sigterm_and_sigint_stop_it_in_order(place):
    for name in (signal.SIGTERM, signal.SIGINT):
        server = Causeway(place)
        server.start()
        server.process.send(name)
        assert server.process.wait() == OK


# --- what becomes of names and properties ---

def test_map_tells_what_a_topic_becomes_with_each_mapping():
    done = causeway("map", "a.b/*/c")
    assert done.returncode == OK and done.stdout.decode().splitlines() == [
        "topic a.b/*/c",
        "  levels    routing key  a%2Eb.*.c  comes back the same",
        "  rabbitmq  routing key  a.b.*.c    comes back as a/b/*/c",
        "  slash     routing key  a.b/*/c    comes back the same"]


def test_map_tells_patterns_and_properties_of_either_protocol_as_json_too():
    told = json.loads(causeway("map", "--from", "amqp", "--pattern", "a.*.#", "--mapping", "levels", "--header", "n:=5", "--message-id", "m",
                               "--json").stdout)
    assert told["mappings"] == {"levels": {"there": "a/+/#", "back": "a.*.#"}}
    assert {"name": "User Property amqp-message-id", "value": "m"} in told["properties"]
    assert told["lost"] == [{"was": "header n = l 5", "comes_back_as": 'S "5"'}]


@pytest.mark.parametrize("arguments, complaint", [
    ([], b"needs a name or properties"), (["a/#/b"], b"not a topic filter"), (["--from", "amqp", "k" * 256], b"at most 255 bytes"),
    (["t", "--header", "a=1"], b"add --from amqp"), (["t", "--property", "a"], b"NAME=VALUE"), (["t", "--mapping", "flat"], b"flat")],
    ids=["nothing", "filter", "key", "side", "pair", "mapping"])
def test_map_says_what_is_wrong(arguments, complaint):
    done = causeway("map", *arguments)
    assert done.returncode == WRONG and complaint in done.stderr and done.stdout == b""
