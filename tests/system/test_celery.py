"""A Celery worker and what an application asks of it: tasks by `amqp://`, results by `rpc://`."""

import celery.exceptions
import pytest
from celery import chain, group
from celery.events.state import State
from support.celery_worker import PATIENCE_S, START_S, Worker, application
from support.process import wait_until

pytestmark = pytest.mark.needs("amqp")


@pytest.fixture(scope="session")
def worked(new_broker):
    """A server that belongs to these tests: Celery's queues have the same names for everyone. It has one worker, `one`."""
    broker = new_broker(1)
    worker = Worker(broker, "one")
    broker.worker = worker
    yield broker
    worker.kill()
    broker.close()


@pytest.fixture
def tasks(worked):
    return application(worked)


def result_of(pending):
    return pending.get(timeout=PATIENCE_S)


def test_a_task_has_a_result(tasks):
    assert result_of(tasks.add.delay(1, 2)) == 3


def test_a_failure_is_raised_where_the_task_was_called(tasks):
    with pytest.raises(ValueError, match="as it should"):
        result_of(tasks.fail.delay())


def test_a_task_is_retried_until_it_succeeds(tasks):
    assert result_of(tasks.succeed_at.delay(4)) == 4


def test_groups_and_chains(tasks):
    assert result_of(group(tasks.add.s(number, 1) for number in range(30))()) == list(range(1, 31))
    assert result_of(chain(tasks.add.s(1, 1), tasks.add.s(10), tasks.add.s(100))()) == 112


def test_tasks_for_later_do_not_hold_up_those_for_now(tasks):
    """The worker keeps them unacknowledged, and raises its prefetch count by one for each."""
    later = [tasks.add.apply_async((1, number), countdown=3600) for number in range(5)]
    assert result_of(tasks.add.delay(1, 2)) == 3
    tasks.app.control.revoke([pending.id for pending in later])


def test_a_task_for_later_is_done_then(tasks):
    assert result_of(tasks.add.apply_async((1, 2), countdown=0.3)) == 3


def test_a_revoked_task_is_not_done(tasks, name):
    assert tasks.app.control.revoke(name, reply=True, timeout=PATIENCE_S, limit=1)
    with pytest.raises(celery.exceptions.TaskRevokedError):
        result_of(tasks.add.apply_async((1, 2), task_id=name))


def test_a_running_task_is_taken_away_by_revoke_with_terminate(tasks, tmp_path, worked):
    pending = tasks.wait_for_file.delay(str(tmp_path / "never"))
    worked.worker.wait_for_line(f"began {tmp_path}/never")
    tasks.app.control.revoke(pending.id, terminate=True)
    with pytest.raises(celery.exceptions.TaskRevokedError):
        result_of(pending)


def test_a_worker_answers_to_remote_control(tasks, name):
    inspect = tasks.app.control.inspect(["one@localhost"], timeout=PATIENCE_S, limit=1)
    assert inspect.ping() == {"one@localhost": {"ok": "pong"}}
    assert [queue["name"] for queue in inspect.active_queues()["one@localhost"]] == ["celery"]
    assert inspect.stats()["one@localhost"]["broker"]["transport"] == "amqp"
    tasks.app.control.add_consumer(name, destination=["one@localhost"], reply=True, timeout=PATIENCE_S, limit=1)
    assert result_of(tasks.add.apply_async((2, 3), queue=name)) == 5
    tasks.app.control.cancel_consumer(name, destination=["one@localhost"], reply=True, timeout=PATIENCE_S, limit=1)  # answers before it has done so
    wait_until(lambda: [queue["name"] for queue in inspect.active_queues()["one@localhost"]] == ["celery"], "the end of the consumer")


def test_events_tell_what_becomes_of_a_task(tasks):
    state, seen = State(), []

    def note(event):
        state.event(event)
        seen.append((event["type"], event.get("uuid")))

    with tasks.app.connection_for_read() as connection:
        receiver = tasks.app.events.Receiver(connection, handlers={"*": note})
        events = receiver.itercapture(timeout=PATIENCE_S)
        next(events)  # the consumer is there
        pending = tasks.add.delay(4, 4)
        while ("task-succeeded", pending.id) not in seen:
            next(events)
    assert result_of(pending) == 8
    assert [kind for kind, task in seen if task == pending.id] == ["task-received", "task-started", "task-succeeded"]
    assert state.tasks[pending.id].worker.hostname == "one@localhost"


# --- what must not be lost ---

def test_a_task_that_is_acknowledged_late_survives_its_worker(tasks, worked, name, tmp_path):
    """Another worker, which its first one has found by a fanout exchange, goes on with it."""
    go = tmp_path / "go"
    doomed = Worker(worked, "doomed", "-Q", name)
    doomed.wait_for_line("mingle: sync complete")
    assert set(tasks.app.control.inspect(timeout=PATIENCE_S, limit=2).ping()) == {"one@localhost", "doomed@localhost"}
    pending = tasks.wait_for_file.apply_async((str(go),), queue=name)
    doomed.wait_for_line(f"began {go}")
    doomed.kill()
    go.touch()
    tasks.app.control.add_consumer(name, destination=["one@localhost"])
    assert isinstance(result_of(pending), int)


def test_tasks_and_worker_survive_the_crash_of_the_broker(tasks, worked, tmp_path):
    """The application's own consumer of results does not come back by itself, so the worker is asked."""
    go = tmp_path / "go"
    tasks.wait_for_file.apply_async((str(go),), ignore_result=True)
    worked.worker.wait_for_line(f"began {go}")
    for number in range(10):
        tasks.add.apply_async((1000, number), ignore_result=True)
    worked.kill()
    worked.worker.wait_for_line("Connection to broker lost")
    worked.start()
    go.touch()
    for number in range(10):
        worked.worker.wait_for_line(f"succeeded in .*: {1000 + number}$", START_S)
    tasks.add.apply_async((2000, 1), ignore_result=True)
    worked.worker.wait_for_line("succeeded in .*: 2001$")
