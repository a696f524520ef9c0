"""The servers that the tests can run against. Causeway is the one under test; the others are there to check what the tests
expect: an expectation that RabbitMQ or mosquitto does not meet is a wrong expectation."""

import os
import pathlib
import re
import shutil
import subprocess

from .process import Process, free_port

ROOT = pathlib.Path(__file__).resolve().parents[3]


def causeway_program():
    return os.environ.get("CAUSEWAY", str(ROOT / "build/release/causeway"))


class Broker:
    """One server with its own data folder and ports of its own, which it keeps over restarts."""

    host = "127.0.0.1"
    speaks = frozenset()

    def __init__(self, folder, io_threads=0):
        self.folder = pathlib.Path(folder)
        self.io_threads = io_threads
        self.mqtt_port = self.amqp_port = 0
        self.process = None
        self.past = []  # the output of earlier runs

    def start(self):
        raise NotImplementedError

    def alive(self):
        return self.process is not None and self.process.alive()

    def stop(self):
        """Asks it to stop, as a service manager does, and returns its exit status."""
        status = self.process.terminate()
        self.past.append(self.process.output())
        return status

    def kill(self):
        """Takes it away in the middle of whatever it does, as a crash would."""
        self.process.kill()
        self.past.append(self.process.output())

    def close(self):
        """Gone for good, whatever state it is in, and its data with it: hundreds of them would fill a disk."""
        if self.alive():
            self.process.terminate()
        shutil.rmtree(self.folder / "data", ignore_errors=True)

    def kill_and_restart(self):
        self.kill()
        self.start()

    def restart(self):
        self.stop()
        self.start()

    def output(self):
        return "\n".join([*self.past, self.process.output()]) if self.process else ""


class Causeway(Broker):
    speaks = frozenset({"mqtt", "amqp"})

    def __init__(self, folder, io_threads=0, arguments=None, env=None):
        super().__init__(folder, io_threads)
        self.arguments = arguments
        self.env = env

    def start(self):
        command = self.arguments or [
            "dev", "--mqtt-port", self.mqtt_port, "--amqp-port", self.amqp_port, "--data", self.folder / "data", "--io-threads", self.io_threads]
        self.process = Process([causeway_program(), *command], env=self.env)
        self._learn_ports(self.process.wait_for_line(r"\bready\b.*").string)

    def _learn_ports(self, line):
        ports = {name: int(port) for name, port in re.findall(r"\b(\w+)=127\.0\.0\.1:(\d+)", line)}
        self.listening = ports
        self.mqtt_port = ports.get("mqtt", self.mqtt_port)
        self.amqp_port = ports.get("amqp", self.amqp_port)


class Mosquitto(Broker):
    speaks = frozenset({"mqtt"})

    def start(self):
        self.mqtt_port = self.mqtt_port or free_port()
        data = self.folder / "mosquitto"
        data.mkdir(parents=True, exist_ok=True)
        os.chmod(data, 0o777)
        config = self.folder / "mosquitto.conf"
        config.write_text(f"listener {self.mqtt_port} 127.0.0.1\nallow_anonymous true\npersistence true\n"
                          f"persistence_location {data}/\nuser root\n")
        self.process = Process(["mosquitto", "-c", config])
        self.process.wait_for_line("running")

    def kill(self):
        self.stop()  # it writes its data only now and then and when it stops


def as_rabbitmq(program, *arguments):
    """The command of one of RabbitMQ's programs, which do not like to run as root."""
    become = ["setpriv", "--reuid=rabbitmq", "--regid=rabbitmq", "--clear-groups"] if os.geteuid() == 0 else []
    return [*become, f"/usr/lib/rabbitmq/bin/{program}", *arguments]


class RabbitMQ(Broker):
    speaks = frozenset({"amqp"})
    _env = None
    _names = None  # Erlang's name server, one of our own

    def __init__(self, folder, io_threads=0, plugins=(), definitions=None):
        """`definitions`: a JSON text of what RabbitMQ finds when it starts, its users included."""
        super().__init__(folder, io_threads)
        self.plugins, self.definitions = plugins, definitions

    def start(self):
        self.amqp_port = self.amqp_port or free_port()
        if "rabbitmq_mqtt" in self.plugins:
            self.mqtt_port = self.mqtt_port or free_port()
        self._prepare()
        self.process = Process(as_rabbitmq("rabbitmq-server"), env=self._env)
        self.process.wait_for_line("completed with", 90)

    def _prepare(self):
        if self._env:
            return
        home = self.folder / "rabbitmq"
        home.mkdir(parents=True)
        (home / "advanced.config").write_text("[].\n")
        config = f"listeners.tcp.1 = 127.0.0.1:{self.amqp_port}\nloopback_users = none\n"
        if self.mqtt_port:
            config += f"mqtt.listeners.tcp.1 = 127.0.0.1:{self.mqtt_port}\nmqtt.allow_anonymous = true\n"
        if self.definitions:
            (home / "definitions.json").write_text(self.definitions)
            config += f"load_definitions = {home}/definitions.json\n"
        (home / "rabbitmq.conf").write_text(config)
        (home / "enabled_plugins").write_text(f"[{','.join(self.plugins)}].\n")
        self._env = self._environment(home)
        self._names = Process(["epmd", "-port", self._env["ERL_EPMD_PORT"], "-address", "127.0.0.1"])
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", "rabbitmq:rabbitmq", home], check=True)
            for parent in (self.folder, *self.folder.parents[:3]):
                os.chmod(parent, os.stat(parent).st_mode | 0o011)

    def _environment(self, home):
        return {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8",
                "RABBITMQ_NODENAME": f"test{self.amqp_port}@localhost", "RABBITMQ_DIST_PORT": str(free_port()),
                "ERL_EPMD_PORT": str(free_port()), "ERL_EPMD_ADDRESS": "127.0.0.1", "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
                "RABBITMQ_LOG_BASE": str(home / "log"), "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
                "RABBITMQ_ADVANCED_CONFIG_FILE": str(home / "advanced.config"), "RABBITMQ_CONF_ENV_FILE": str(home / "none"),
                "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"), "RABBITMQ_PID_FILE": str(home / "pid"),
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}"}

    def close(self):
        self.process.kill()  # what it would write down is of no use to anyone
        super().close()
        if self._names:
            self._names.terminate()


BROKERS = {"causeway": Causeway, "mosquitto": Mosquitto, "rabbitmq": RabbitMQ}


def why_missing(name):
    """Why this server cannot be started here, or None."""
    program = {"causeway": causeway_program(), "mosquitto": "mosquitto", "rabbitmq": "/usr/lib/rabbitmq/bin/rabbitmq-server"}[name]
    return None if shutil.which(program) else f"{program} is not there"
