"""Work that must not be lost: claimed with a lease, done once, tried again, and given up in the open."""

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import insert, select

from forum.base import clock, jobs
from forum.base.db import rows, writer
from forum.base.idents import new_ident
from forum.base.jobs import Job, Payload
from forum.base.transaction import here, transaction
from forum.models import EndedFeed
from tests.conftest import Clock, Database

ROOT = Path(__file__).parents[3]


def mark(payload: Payload) -> None:
    """A step whose effect can be counted."""
    here().execute(insert(EndedFeed).values(id=new_ident(), what=payload["what"], at=clock.now()))


def fail(_payload: Payload) -> None:
    """A step that never works, with somebody's words in its error."""
    raise ValueError("canary words")


@pytest.fixture(autouse=True)
def handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kinds of this test."""
    monkeypatch.setitem(jobs._steps, "mark", mark)
    monkeypatch.setitem(jobs._steps, "fail", fail)


def marks() -> list[str]:
    return sorted(r.what for r in rows(select(EndedFeed.what)))


def put(kind: str, what: str = "one", **options: object) -> None:
    with transaction():
        jobs.enqueue(kind, {"what": what}, **options)  # type: ignore[arg-type]


def test_a_job_is_done_once_and_its_row_is_gone(inside: Flask) -> None:
    put("mark")
    assert (jobs.run_due(), marks(), rows(select(Job.id))) == (1, ["one"], [])
    assert (jobs.run_due(), marks()) == (0, ["one"])


def test_a_job_waits_for_its_time(inside: Flask, moment: Clock) -> None:
    put("mark", due_at=clock.now() + timedelta(seconds=10))
    moment.go(seconds=9)
    assert (jobs.is_due(), jobs.run_due()) == (False, 0)
    moment.go(seconds=1)
    assert (jobs.is_due(), jobs.run_due()) == (True, 1)


def test_a_job_falls_with_its_cause(inside: Flask) -> None:
    with pytest.raises(LookupError), transaction():  # noqa: PT012
        jobs.enqueue("mark", {"what": "one"})
        raise LookupError
    assert rows(select(Job.id)) == []


def test_of_two_jobs_with_one_key_the_first_is_kept(inside: Flask) -> None:
    put("mark", "first", dedupe_key="same")
    put("mark", "second", dedupe_key="same")
    jobs.run_due()
    assert marks() == ["first"]


def test_nobody_else_takes_a_claimed_job_before_its_lease_is_over(inside: Flask, moment: Clock) -> None:
    put("mark")
    assert len(jobs._claim(20)) == 1
    assert jobs.run_due() == 0
    moment.go(seconds=jobs.LEASE.total_seconds() + 1)
    assert (jobs.run_due(), marks()) == (1, ["one"])


def a_worker_that_lost_its_lease(moment: Clock) -> list[str]:
    """It claims, falls asleep, and wakes when another has done the job."""
    put("mark")
    asleep = jobs._claim(20)
    moment.go(seconds=jobs.LEASE.total_seconds() + 1)
    jobs.run_due()
    for job_id, kind, payload, token in asleep:
        jobs._run_one(job_id, kind, json.loads(payload), token)
    return marks()


def test_a_worker_that_lost_its_lease_writes_nothing(inside: Flask, moment: Clock) -> None:
    assert a_worker_that_lost_its_lease(moment) == ["one"]


def test_without_fencing_it_would_write_twice(inside: Flask, moment: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_complete", lambda *_args: True)
    assert a_worker_that_lost_its_lease(moment) == ["one", "one"]


def test_a_worker_that_lost_its_lease_puts_nothing_off_either(inside: Flask, moment: Clock) -> None:
    put("mark")
    asleep = jobs._claim(20)
    moment.go(seconds=jobs.LEASE.total_seconds() + 1)
    again = jobs._claim(20)
    jobs._put_off(asleep[0].id, asleep[0].token, "ValueError")
    assert rows(select(Job.last_error))[0].last_error is None
    jobs._run_one(again[0].id, "mark", {"what": "one"}, again[0].token)
    assert marks() == ["one"]


def test_waits_double_to_four_hours_then_somebody_has_to_look(inside: Flask, moment: Clock) -> None:
    put("fail")
    waits = []
    for _n in range(jobs.MAX_ATTEMPTS):
        assert jobs.run_due() == 1
        job = rows(select(Job.due_at, Job.dead))[0]
        waits.append(int((job.due_at - clock.now()).total_seconds()))
        moment.at = job.due_at
    assert waits[:5] == [10, 20, 40, 80, 160]
    assert waits == sorted(waits)
    assert max(waits) <= 4 * 3600
    assert 3600 * 5 < sum(waits) < 3600 * 24

    assert jobs.run_due() == 0, "given up, not tried again"
    listed = jobs.list_waiting()
    assert [(j["kind"], j["dead"], j["attempts"]) for j in listed] == [("fail", True, jobs.MAX_ATTEMPTS)]


def test_what_failed_is_named_by_kind_and_never_by_its_words(inside: Flask, caplog: pytest.LogCaptureFixture) -> None:
    put("fail")
    jobs.run_due()
    assert jobs.list_waiting()[0]["last_error"] == "ValueError"
    assert "canary" not in caplog.text + json.dumps(jobs.list_waiting()) + repr(rows(select(*Job.__table__.c)))


def test_one_that_fails_does_not_stop_the_others(inside: Flask) -> None:
    put("mark", "before")
    put("fail")
    put("nobody knows this kind")
    put("mark", "after")
    assert jobs.run_due() == 4
    assert marks() == ["after", "before"]
    assert sorted(j["last_error"] for j in jobs.list_waiting()) == ["KeyError", "ValueError"]


def test_a_failed_step_leaves_nothing_behind(inside: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(payload: Payload) -> None:
        mark(payload)
        raise ValueError

    monkeypatch.setitem(jobs._steps, "half", half)
    put("half")
    jobs.run_due()
    assert marks() == []


def test_a_step_runs_in_a_transaction_and_a_delivery_outside_any(
    inside: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, bool] = {}
    monkeypatch.setitem(jobs._steps, "step", lambda _p: seen.update(step=writer.get() is not None))
    monkeypatch.setitem(jobs._deliveries, "delivery", lambda _p: seen.update(delivery=writer.get() is not None))
    put("step")
    put("delivery")
    jobs.run_due()
    assert seen == {"step": True, "delivery": False}
    assert rows(select(Job.id)) == []


def test_a_delivery_that_failed_is_made_again(inside: Flask, moment: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def deliver(payload: Payload) -> None:
        tried.append(payload["what"])
        if len(tried) == 1:
            raise ConnectionError

    monkeypatch.setitem(jobs._deliveries, "deliver", deliver)
    put("deliver")
    jobs.run_due()
    moment.go(seconds=11)
    jobs.run_due()
    assert tried == ["one", "one"]
    assert rows(select(Job.id)) == []


def test_one_kind_has_one_handler() -> None:
    with pytest.raises(RuntimeError, match="Two handlers"):
        jobs.step("publish_post")(fail)


#: A worker that is killed in the transaction of its fourth job, as the power goes.
WORKER = """
import os, signal, sys
from datetime import datetime
import wsgi
from forum.base import clock, jobs
from tests.forum.base.test_jobs import mark

clock.use(lambda: datetime.fromisoformat(sys.argv[1]))
done = []

def mark_and_die(payload):
    mark(payload)
    done.append(payload)
    if len(done) == 4:
        os.kill(os.getpid(), signal.SIGKILL)

jobs._steps["mark"] = mark_and_die
with wsgi.create_app().app_context():
    jobs.run_due()
"""


@pytest.mark.faults
def test_r1_a_worker_killed_in_mid_batch_loses_and_doubles_nothing(
    inside: Flask, moment: Clock, database: Database
) -> None:
    for n in range(10):
        put("mark", f"effect {n}")
    settings = inside.extensions["settings"]
    env = os.environ | {
        "DATABASE_URL": database.url,
        "FORUM_KEYRING_FILE": str(settings.keyring_file),
        "FORUM_VAR": str(settings.var),
        "FORUM_DEMO": "1",
        "FORUM_TICKER": "0",
        "PYTHONPATH": str(ROOT),
    }
    argv = [sys.executable, "-c", WORKER, clock.now().isoformat()]
    died = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert len(marks()) == 3, "the fourth was in hand and is undone"
    assert jobs.run_due() == 0, "still leased to the dead worker"
    moment.go(seconds=jobs.LEASE.total_seconds() + 1)
    jobs.run_due()
    assert marks() == [f"effect {n}" for n in range(10)]
    assert rows(select(Job.id)) == []
