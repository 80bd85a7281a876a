"""The one commit: all or nothing, effects only after it, nobody waits inside it."""

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError, InvalidRequestError

from forum.base import transaction as module
from forum.base.db import db, rows, writer
from forum.base.errors import Busy
from forum.base.transaction import after_commit, here, retrying, transaction
from forum.conversations import drafts, markers, usecases
from forum.conversations.drafts import Kept
from forum.models import Account
from tests.conftest import Database
from tests.world import World

ROOT = Path(__file__).parents[3]
A, B = b"a" * 16, b"b" * 16


def add(ident: bytes) -> None:
    here().execute(insert(Account).values(id=ident))


def kept() -> list[bytes]:
    return sorted(r.id for r in rows(select(Account.id)))


def test_everything_inside_is_kept(inside: Flask) -> None:
    with transaction():
        add(A)
        add(B)
    assert kept() == [A, B]


@pytest.mark.parametrize("error", [LookupError, KeyboardInterrupt, GeneratorExit])
def test_nothing_is_kept_when_anything_is_raised(inside: Flask, error: type[BaseException]) -> None:
    with pytest.raises(error), transaction():  # noqa: PT012
        add(A)
        raise error
    assert kept() == []
    assert writer.get() is None
    with transaction():
        add(B)
    assert kept() == [B]


def test_a_transaction_inside_a_transaction_is_refused(inside: Flask) -> None:
    with pytest.raises(RuntimeError, match="inside a transaction"), transaction():  # noqa: PT012
        add(A)
        with transaction():
            add(B)
    assert kept() == []


def test_a_step_outside_a_transaction_is_refused(inside: Flask) -> None:
    with pytest.raises(RuntimeError, match="outside a transaction"):
        here()
    with pytest.raises(RuntimeError, match="outside"):
        after_commit(lambda: None)


def test_effects_come_after_the_commit_and_in_order(inside: Flask) -> None:
    seen: list[object] = []
    with transaction():
        after_commit(lambda: seen.append(("first", kept(), writer.get())))
        add(A)
        after_commit(lambda: seen.append("second"))
        assert seen == []
    assert seen == [("first", [A], None), "second"]


def test_effects_do_not_come_when_nothing_was_kept(inside: Flask) -> None:
    seen: list[str] = []
    with pytest.raises(LookupError), transaction():  # noqa: PT012
        after_commit(lambda: seen.append("told"))
        raise LookupError
    with pytest.raises(IntegrityError), transaction():  # noqa: PT012
        after_commit(lambda: seen.append("told"))
        add(A)
        add(A)
    assert seen == []


def test_what_a_session_gave_up_is_not_kept_in_part(inside: Flask) -> None:
    """A step that hides a clash of its own rows would otherwise leave the writes before it out, and say nothing."""
    with pytest.raises(InvalidRequestError), transaction():  # noqa: PT012
        add(A)
        here().add_all([Account(id=B), Account(id=A)])
        with contextlib.suppress(IntegrityError):
            here().flush()
    assert kept() == []
    with transaction():
        add(B)
    assert kept() == [B]


def test_an_effect_that_fails_undoes_nothing(inside: Flask) -> None:
    seen: list[str] = []

    def fail() -> None:
        raise ValueError

    with transaction():
        add(A)
        after_commit(fail)
        after_commit(lambda: seen.append("next"))
    assert (kept(), seen) == ([A], ["next"])


def test_a_use_case_that_raced_with_its_double_runs_once_more(inside: Flask) -> None:
    ran: list[int] = []

    @retrying
    def join() -> str:
        ran.append(1)
        if len(ran) == 1:
            raise IntegrityError("insert", {}, Exception())
        return "second"

    assert (join(), len(ran)) == ("second", 2)
    always: list[int] = []

    @retrying
    def fail() -> None:
        always.append(1)
        raise IntegrityError("insert", {}, Exception())

    with pytest.raises(IntegrityError):
        fail()
    assert len(always) == 2


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_database_locked_from_outside_is_waited_for_then_said(
    inside: Flask, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import or a backup may hold the lock for a moment."""
    other = sqlite3.connect(database.url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.3, lambda: other.execute("ROLLBACK"))
    release.start()
    with transaction():
        add(A)
    release.join()
    assert kept() == [A]

    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(module, "PATIENCE_S", 0.2)
    with pytest.raises(Busy), transaction():
        add(B)
    other.execute("ROLLBACK")
    other.close()
    assert kept() == [A]
    with transaction():
        add(B)


def test_two_tabs_that_read_and_draft_at_once_both_succeed(world: World, app: Flask) -> None:
    """On PostgreSQL both took the old row away and both put the new one in."""
    with app.app_context():
        group = world.group()
        wren = world.person(group)
        topic = world.topic(wren)
        world.reply(wren, topic)
        actor = wren.actor
    tabs, failed = threading.Barrier(8), []

    def tab(n: int) -> None:
        try:
            with app.app_context():
                for _again in range(5):
                    tabs.wait(30)
                    usecases.mark_read(actor, topic, 1 + _again % 2)
                    drafts.keep_draft(actor, group.scope.group_id, topic, Kept(f"From tab {n}."))
        except Exception as error:  # noqa: BLE001 - shown below
            failed.append(repr(error))
            tabs.abort()
        finally:
            with app.app_context():
                db.session.remove()

    threads = [threading.Thread(target=tab, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with app.app_context():
        membership = actor.membership_in(group.scope.group_id)
        assert membership
        assert markers.find_marker(membership, topic) in (1, 2)
        assert drafts.find_draft(actor, group.scope.group_id, topic) in [Kept(f"From tab {n}.") for n in range(8)]


#: The write path under gevent, several people at once, with every switch of greenlets watched.
WATCHED = """
from gevent import monkey; monkey.patch_all()
import json, sys
import gevent, greenlet
from datetime import UTC, datetime, timedelta
from sqlalchemy import event

import wsgi
from forum.base import clock, jobs
from forum.base.db import db
from forum.conversations import drafts, usecases
from forum.conversations.drafts import Kept
from forum.conversations.prepare import Words
from forum.models import Role
from forum.policy import gate
from moderation import queries as cases
from moderation import usecases as deciding
from moderation.gate import ModerationGate
from tests.world import World

class Moment:
    at = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    def __call__(self): return self.at
    def go(self, **delta):
        self.at += timedelta(**delta)
        return self.at

class Waits(ModerationGate):
    def record(self, post, verdict):
        gevent.sleep(0)
        super().record(post, verdict)

moment = Moment()
clock.use(moment)
app = wsgi.create_app()
world = World(app, moment)
group = world.group()
people = [world.person(group) for _ in range(4)]
topic = world.topic(people[0])
if sys.argv[1] == "waits":
    gate.plug(Waits())

inside, switches, seen = set(), [], {"transactions": 0, "switches": 0}

def begin(_connection):
    inside.add(greenlet.getcurrent())
    seen["transactions"] += 1

def end(_connection):
    inside.discard(greenlet.getcurrent())

def watch(kind, pair):
    seen["switches"] += 1
    if pair[0] in inside:
        switches.append(kind)

def live(n, person):
    with app.app_context():
        one = usecases.submit_post(person.actor, topic, Words(f"Named {n}"), f"a{n}")
        usecases.submit_post(person.actor, topic, Words(f"Masked {n}", masked=True), f"b{n}")
        usecases.submit_post(person.actor, topic, Words(f"Held {n} https://example.org/"), f"c{n}")
        usecases.start_topic(person.actor, group.board, f"Topic {n}", Words("It begins."), f"d{n}")
        usecases.edit_post(person.actor, one.id, f"Edited {n}", "en")
        usecases.mark_read(person.actor, topic, 1)
        drafts.keep_draft(person.actor, group.scope.group_id, topic, Kept("Unsent."))
        usecases.withdraw_post(person.actor, one.id)
        jobs.run_due()

with app.app_context():
    for name, listener in (("begin", begin), ("commit", end), ("rollback", end)):
        event.listen(db.engine, name, listener)
greenlet.settrace(watch)
running = [gevent.spawn(live, n, person) for n, person in enumerate(people)]
gevent.joinall(running, raise_error=True)
greenlet.settrace(None)
print(json.dumps({"within": len(switches), **seen}))
"""


def watched(inside: Flask, database: Database, gate: str) -> dict[str, int]:
    settings = inside.extensions["settings"]
    env = os.environ | {
        "DATABASE_URL": database.url,
        "FORUM_KEYRING_FILE": str(settings.keyring_file),
        "FORUM_VAR": str(settings.var),
        "FORUM_DEMO": "1",
        "FORUM_TICKER": "0",
        "PYTHONPATH": str(ROOT),
    }
    argv = [sys.executable, "-W", "ignore", "-c", WATCHED, gate]
    done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nobody_else_runs_between_begin_and_commit(inside: Flask, database: Database) -> None:
    """SQLite's lock is held meanwhile: a greenlet that waits inside stops every other writer, or locks up for good."""
    seen = watched(inside, database, "as it is")
    assert seen["transactions"] > 30
    assert seen["switches"] > 30, "they did take turns"
    assert seen["within"] == 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_step_that_waits_would_be_noticed(inside: Flask, database: Database) -> None:
    assert watched(inside, database, "waits")["within"] > 0
