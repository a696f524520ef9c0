"""A Celery worker, and the application that sends it tasks."""

import os
import pathlib
import sys

from .process import PATIENCE_S, Process

FOLDER = pathlib.Path(__file__).parents[1]
START_S = 40  # Celery's imports on a busy machine


class Worker(Process):
    """Ready once constructed."""

    def __init__(self, broker, name, *options):
        env = {**os.environ, "BROKER": url(broker), "PYTHONPATH": str(FOLDER), "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        super().__init__([sys.executable, "-m", "celery", "-A", "support.celery_tasks", "worker", "-n", f"{name}@localhost", "-l", "INFO", "-E",
                          "--concurrency", 1, *options], env=env)
        self.wait_for_line(r"celery@|ready\.", START_S)
        self.wait_for_line(r"ready\.$", START_S)


def url(broker):
    return f"amqp://guest:guest@{broker.host}:{broker.amqp_port}//"


def application(broker):
    """The worker's tasks, to be called from here."""
    from . import celery_tasks
    celery_tasks.app.conf.broker_url = url(broker)
    return celery_tasks
