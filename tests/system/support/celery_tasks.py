"""A Celery application as its users write one: `celery -A support.celery_tasks worker`, with the broker in $BROKER."""

import os
import pathlib
import time

import celery

app = celery.Celery("tasks", broker=os.environ.get("BROKER"), backend="rpc://")
app.conf.update(
    worker_prefetch_multiplier=1, worker_hijack_root_logger=False, task_track_started=True, result_expires=300,
    broker_transport_options={"confirm_publish": True}, broker_heartbeat=4, task_default_priority=5,
    task_queue_max_priority=10)


@app.task
def add(one, other):
    return one + other


@app.task
def fail():
    raise ValueError("as it should")


@app.task(bind=True, max_retries=5)
def succeed_at(self, attempt):
    """Retried by a message with an ETA, as Celery does."""
    if self.request.retries + 1 < attempt:
        raise self.retry(countdown=0.1)
    return self.request.retries + 1


@app.task(acks_late=True, reject_on_worker_lost=True)
def wait_for_file(path):
    """Says that it has begun, and ends once the file is there."""
    print(f"began {path}", flush=True)
    while not pathlib.Path(path).exists():
        time.sleep(0.02)
    return os.getpid()
