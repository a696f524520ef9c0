"""A long backlog in a durable AMQP queue: what it costs to fill, to keep, to start with, and to drain in order.

    backlog.py --causeway PROGRAM [--messages 5000000] [--bytes 200] [--folder FOLDER]

The folder needs about 1.5 times the size of all bodies, and is empty again afterwards.
"""

import argparse
import os
import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))

from support import brokers  # noqa: E402
from support.backlog import Backlog, anonymous_mib  # noqa: E402


def fill(broker, messages, size):
    publisher = Backlog(broker.amqp_port, "backlog", size)
    publisher.declare()
    part = min(messages // 2, 1_000_000)
    first = publisher.publish(part)
    publisher.publish(messages - 2 * part)
    last = publisher.publish(part)
    publisher.close()
    print(f"confirmed: {first:,.0f} messages/s for the first {part:,}, {last:,.0f} for the last")
    print(f"anonymous memory with {messages:,} messages: {anonymous_mib(broker.process.pid):.0f} MiB")


def restart(broker):
    broker.kill()
    began = time.monotonic()
    broker.start()
    print(f"ready {time.monotonic() - began:.2f} s after kill -9; anonymous memory {anonymous_mib(broker.process.pid):.0f} MiB")


def drain(broker, messages, size):
    consumer = Backlog(broker.amqp_port, "backlog", size)
    assert consumer.declare() == messages
    first, rate = consumer.consume(messages)
    print(f"first delivery after {first:.3f} s; drained in order at {rate:,.0f} messages/s; "
          f"anonymous memory {anonymous_mib(broker.process.pid):.0f} MiB")
    assert consumer.declare() == 0
    consumer.close()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--causeway", required=True)
    options.add_argument("--messages", type=int, default=5_000_000)
    options.add_argument("--bytes", type=int, default=200)
    options.add_argument("--folder")
    given = options.parse_args()
    os.environ["CAUSEWAY"] = given.causeway
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        broker = brokers.Causeway(folder)
        broker.start()
        try:
            fill(broker, given.messages, given.bytes)
            restart(broker)
            drain(broker, given.messages, given.bytes)
        finally:
            broker.close()


if __name__ == "__main__":
    main()
