"""The log as its operator meets it, who may have put anything behind the pipe that it goes to."""

import contextlib
import os
import signal
import time

import pytest
from support.brokers import Causeway, causeway_program
from support.configs import write_config
from support.process import Process, wait_until

pytestmark = [pytest.mark.needs("causeway"), pytest.mark.io_threads(0)]

OK = 0
AT_MOST_S = 8  # what it may take to end on a machine that is busy; it waits a second for the reader of its log


@pytest.fixture(params=[True, False], ids=["blocking", "non-blocking"])
def full_pipe(request):
    """The end for writing of a pipe that nobody reads."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writing, b"x" * 4096)
    os.set_blocking(writing, request.param)
    yield writing
    os.close(reading)
    os.close(writing)


class Unheard(Causeway):
    """Nobody reads what it logs."""

    def __init__(self, folder, pipe):
        super().__init__(folder)
        self._pipe = pipe

    def start(self):
        config = write_config(self.folder, "anonymous: {mqtt: loopback, rights: [{vhost: /, publish: ['#'], subscribe: ['#']}]}\nlog: {level: debug}")
        self.process = Process([causeway_program(), "run", "--config", config], stderr=self._pipe)
        self._learn_ports(self.process.wait_for_line(r"\bready\b.*").string)


@pytest.fixture
def unheard(tmp_path, full_pipe):
    made = Unheard(tmp_path, full_pipe)
    made.start()
    yield made
    made.process.kill()
    made.close()


def end_of(server):
    """(exit status, seconds that it took) after one SIGTERM."""
    began = time.monotonic()
    return server.process.terminate(), time.monotonic() - began


def test_a_log_that_nobody_reads_holds_up_neither_clients_nor_the_end(unheard, device, name):
    one = device(unheard, name)
    one.subscribe(name, 1)
    one.publish(name, b"x", 1)
    assert one.receive().payload == b"x"
    one.disconnect()
    status, seconds = end_of(unheard)
    assert status == OK and seconds < AT_MOST_S


def begin_to_write(pipe):
    """Once somebody reads it."""
    with contextlib.suppress(OSError):
        return open(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK), "w")


def test_complaints_about_a_file_that_is_read_again_do_not_hold_up_the_end(unheard):
    config = unheard.folder / "causeway.yaml"
    config.unlink()
    os.mkfifo(config)  # tells when it is read
    unheard.process.send(signal.SIGHUP)
    with wait_until(lambda: begin_to_write(config), "the file to be read again") as file:
        file.write("no_such_key: 1\n")
    status, seconds = end_of(unheard)
    assert status == OK and seconds < AT_MOST_S
