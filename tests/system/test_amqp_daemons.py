"""Daemons that send what they see to AMQP: syslog-ng and collectd."""

import json
import shutil
import socket

import pytest
from support.process import PATIENCE_S, Process, free_port, wait_until

pytestmark = [pytest.mark.needs("amqp"), pytest.mark.io_threads(0)]

without_syslog_ng = pytest.mark.skipif(shutil.which("syslog-ng") is None, reason="syslog-ng is not there, as where rsyslog is, which it would replace")

SYSLOG_NG = """@version: 3.38
options {{ stats-freq(0); time-reopen(1); }};
source lines {{ network(ip("127.0.0.1") port({port}) transport("tcp") flags(syslog-protocol)); }};
destination broker {{
    amqp(host("127.0.0.1") port({amqp_port}) vhost("/") username("guest") password("guest")
         exchange("{name}") exchange-declare(yes) exchange-type("topic") routing-key("log.$PROGRAM.$LEVEL") body("$MSG") persistent(yes)
         value-pairs(scope("selected-macros")) retries(10));
}};
log {{ source(lines); destination(broker); }};
"""


@pytest.fixture
def syslog_ng(tmp_path):
    """Starts it; its port and how to end it."""
    made = []

    def start(broker, name):
        config, port = tmp_path / "syslog-ng.conf", free_port()
        config.write_text(SYSLOG_NG.format(port=port, amqp_port=broker.amqp_port, name=name))
        made.append(Process(["syslog-ng", "-F", "--no-caps", "-e", "-f", config, "-R", tmp_path / "state", "-p", tmp_path / "pid", "-c", tmp_path / "control"]))
        made[-1].wait_for_line("syslog-ng starting up")
        return port

    yield start
    for one in made:
        one.kill()


def log(port, *lines):
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as connection:
        for line in lines:
            connection.sendall(f"<13>1 2026-01-02T03:04:05Z kitchen thermostat - - - {line}\n".encode())


def bound(app, name, key):
    """A queue behind the exchange, of the kind that the daemon declares."""
    app.channel.exchange_declare(name, "topic", durable=False)
    app.declare(name, durable=True)
    app.channel.queue_bind(name, name, key)


@without_syslog_ng
def test_syslog_ng_sends_lines_by_program_and_level(broker, application, syslog_ng, name):
    app = application(broker)
    bound(app, name, "log.thermostat.*")
    log(syslog_ng(broker, name), *(f"it is {number} degrees" for number in range(20)))
    got = app.consume(name, 20)
    assert [body for _, _, body in got] == [b"it is %d degrees" % number for number in range(20)]
    method, properties, _ = got[0]
    assert (method.routing_key, properties.delivery_mode, properties.headers["PROGRAM"]) == ("log.thermostat.notice", 2, "thermostat")


@without_syslog_ng
def test_syslog_ng_comes_back_after_a_crash(own_broker, application, syslog_ng, name):
    app = application(own_broker)
    bound(app, name, "#")
    port = syslog_ng(own_broker, name)
    log(port, "before")
    assert app.consume(name, 1)[0][2] == b"before"
    own_broker.kill_and_restart()
    app = application(own_broker)
    bound(app, name, "#")

    def arrived():
        log(port, "after")  # what it writes into a connection that has gone is lost: it asks for no confirms
        return b"after" in app.drain(name)

    wait_until(arrived, "a line after the crash")


COLLECTD = """
FQDNLookup false
Hostname "kitchen"
BaseDir "{folder}"
PIDFile "{folder}/pid"
TypesDB "/usr/share/collectd/types.db"
PluginDir "/usr/lib/collectd"
Interval 0.2
LoadPlugin logfile
<Plugin logfile>
  File stdout
</Plugin>
LoadPlugin uptime
LoadPlugin amqp
<Plugin amqp>
  <Publish "out">
    Host "127.0.0.1"
    Port "{amqp_port}"
    User "guest"
    Password "guest"
    Exchange "{name}"
    RoutingKey "collectd"
    Persistent true
    Format "JSON"
    ConnectionRetryDelay 1
  </Publish>
</Plugin>
"""


def test_collectd_sends_what_it_measures(broker, application, tmp_path, name):
    app = application(broker)
    app.channel.exchange_declare(name, "fanout")
    app.declare(name, durable=True)
    app.channel.queue_bind(name, name)
    config = tmp_path / "collectd.conf"
    config.write_text(COLLECTD.format(folder=tmp_path, amqp_port=broker.amqp_port, name=name))
    daemon = Process(["collectd", "-f", "-C", config])
    try:
        for _, properties, body in app.consume(name, 3):
            value, = json.loads(body)
            assert (value["host"], value["plugin"], properties.content_type, properties.delivery_mode) == ("kitchen", "uptime", "application/json", 2)
    finally:
        daemon.terminate()
