"""Work that must not be lost: a row in the same transaction as its cause, done later, at least once (stack.md §6).

Two kinds. A *step* changes only the database and runs in one transaction with its own completion: exactly once. A
*delivery* leaves the machine (mail, a page to somebody on call) and runs outside any transaction: at least once.
"""

import json
import logging
import time
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, LargeBinary, String, Text, bindparam, delete, insert, or_, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, mapped_column

from forum.base import clock, failpoints, offset
from forum.base.db import UtcDateTime, db, rows
from forum.base.errors import Busy, origin
from forum.base.hot import Hot
from forum.base.idents import new_ident
from forum.base.transaction import here, hurried, transaction, write

log = logging.getLogger(__name__)

#: Longer than any step takes, shorter than anyone should wait for a job whose worker died.
LEASE = timedelta(seconds=30)
#: After this many tries an admin has to look (`flask jobs`); about a day with the waits below.
MAX_ATTEMPTS = 12
FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=4)
BATCH = 20
MOST_LISTED = 200

Payload = dict[str, Any]
Handler = Callable[[Payload], None]
_steps: dict[str, Handler] = {}
_deliveries: dict[str, Handler] = {}


class Job(db.Model):  # type: ignore[name-defined,misc]
    """One thing still to do. The row is gone once it is done."""

    __tablename__ = "job"
    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True, default=new_ident)
    kind: Mapped[str] = mapped_column(String(40))
    payload: Mapped[str] = mapped_column(Text)  #: JSON; never text that somebody wrote, never who wrote it
    dedupe_key: Mapped[str | None] = mapped_column(String(120), unique=True)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)  #: exact, and gone with the row
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    token: Mapped[int] = mapped_column(default=0)  #: fencing: a worker that lost its lease writes nothing
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(String(200))  #: the error's class, never its text
    dead: Mapped[bool] = mapped_column(Boolean, default=False)


_INSERT = insert(Job)
_SAME = Hot(select(Job.id).where(Job.dedupe_key == bindparam("key")))


def step(kind: str) -> Callable[[Handler], Handler]:
    """Register what does jobs of `kind` inside the transaction that completes them."""
    return _register(_steps, kind)


def delivery(kind: str) -> Callable[[Handler], Handler]:
    """Register what does jobs of `kind` outside any transaction; it must bear being done twice."""
    return _register(_deliveries, kind)


def _register(where: dict[str, Handler], kind: str) -> Callable[[Handler], Handler]:
    def keep(handler: Handler) -> Handler:
        if kind in _steps or kind in _deliveries:
            raise RuntimeError(f"Two handlers for {kind}.")
        where[kind] = handler
        return handler

    return keep


def enqueue(kind: str, payload: Payload, due_at: datetime | None = None, dedupe_key: str | None = None) -> None:
    """Have `kind` done, in the transaction that is open now.

    :param payload: values JSON can carry: ids as text, never words that somebody wrote.
    :param due_at: not before then; now if None.
    :param dedupe_key: with the same key only the first is kept.
    """
    if dedupe_key and is_waiting(dedupe_key):
        return
    write(_INSERT, kind=kind, payload=json.dumps(payload), due_at=due_at or clock.now(), dedupe_key=dedupe_key)


def is_waiting(dedupe_key: str) -> bool:
    """Whether what was enqueued under this key is still to do."""
    return bool(_SAME.rows({"key": dedupe_key}))


def is_due() -> bool:
    """Whether anything waits to be done now."""
    return _any_due(None)


def _any_due(which: Collection[str] | None) -> bool:
    return bool(rows(select(Job.id).where(*_due(clock.now(), which)).limit(1)))


def run_due(limit: int = BATCH, which: Collection[str] | None = None) -> int:
    """Claim what is due and do it. Gives how many jobs were tried; safe from any number of processes at once.

    :param which: these kinds only, such as `steps()`; None for all.
    """
    claimed = _claim(limit, which)
    if claimed:
        failpoints.reach("between lease and done")
    for job_id, kind, payload, token in claimed:
        _run_one(job_id, kind, json.loads(payload), token)
        time.sleep(0)  # a turn for everyone else: twenty posts published in a row kept the event loop for 150 ms
    return len(claimed)


def help_out() -> None:
    """Do what is due on the way, for somebody who only wants to read and so neither waits nor fails for it."""
    try:
        with hurried():
            run_due(which=steps())
    except (Busy, DBAPIError) as error:
        log.warning("jobs were left for later %s", origin(error))


def steps() -> Collection[str]:
    """The kinds that only change the database: done within milliseconds."""
    return list(_steps)


def deliveries() -> Collection[str]:
    """The kinds that leave the machine and may wait for another one: no page and no step waits for these."""
    return list(_deliveries)


def forget_deliveries() -> int:
    """After a restore: what was to leave the machine then is not sent now. Gives how many there were."""
    with transaction():
        return here().execute(delete(Job).where(Job.kind.in_(list(_deliveries)))).rowcount  # type: ignore[attr-defined]


def _due(now: datetime, which: Collection[str] | None) -> list[Any]:
    free = or_(Job.lease_until.is_(None), Job.lease_until < offset.for_leases())
    of_kind = [] if which is None else [Job.kind.in_(which)]
    return [(Job.due_at <= now) & Job.dead.is_(False) & free, *of_kind]


def _claim(limit: int, which: Collection[str] | None = None) -> list[Any]:
    if not _any_due(which):
        return []
    now = clock.now()
    due = select(Job.id).where(*_due(now, which)).order_by(Job.due_at).limit(limit).with_for_update(skip_locked=True)
    claim = (
        update(Job)
        .where(Job.id.in_(due.scalar_subquery()))
        .values(lease_until=now + LEASE, token=Job.token + 1, attempts=Job.attempts + 1)
        .returning(Job.id, Job.kind, Job.payload, Job.token)
        .execution_options(synchronize_session=False)
    )
    with transaction():
        return list(here().execute(claim).all())


def _run_one(job_id: bytes, kind: str, payload: Payload, token: int) -> None:
    try:
        if kind in _deliveries:
            _deliveries[kind](payload)
            with transaction():
                _complete(job_id, token)
            return
        with transaction():
            if _complete(job_id, token):
                _steps[kind](payload)
    except Exception as error:  # noqa: BLE001 - whatever failed, the job is tried again and its error is visible
        log.warning("job failed kind=%s error=%s", kind, type(error).__name__)
        _put_off(job_id, token, type(error).__name__)


def _complete(job_id: bytes, token: int) -> bool:
    """Whether the job was still ours; if not, another worker has it and this one must write nothing."""
    done = delete(Job).where(Job.id == job_id, Job.token == token).returning(Job.id)
    return here().execute(done.execution_options(synchronize_session=False)).first() is not None


def _put_off(job_id: bytes, token: int, error: str) -> None:
    with transaction():
        attempts = here().scalar(select(Job.attempts).where(Job.id == job_id, Job.token == token))
        if attempts is None:
            return
        wait = min(FIRST_WAIT * 2 ** (attempts - 1), LONGEST_WAIT)
        here().execute(
            update(Job)
            .where(Job.id == job_id, Job.token == token)
            .values(due_at=clock.now() + wait, lease_until=None, last_error=error, dead=attempts >= MAX_ATTEMPTS)
            .execution_options(synchronize_session=False)
        )


def revive() -> int:
    """Have what gave up tried again from now on, once its cause is mended. Gives how many."""
    again = update(Job).where(Job.dead.is_(True)).values(dead=False, attempts=0, due_at=clock.now(), lease_until=None)
    with transaction():
        found = here().execute(again.returning(Job.id).execution_options(synchronize_session=False))
        return len(found.all())


def list_waiting() -> list[dict[str, Any]]:
    """What is still to do, for an admin: kinds, times and tries, never payloads."""
    found = rows(
        select(Job.kind, Job.due_at, Job.attempts, Job.last_error, Job.dead).order_by(Job.due_at).limit(MOST_LISTED)
    )
    return [
        {
            "kind": r.kind,
            "due_at": r.due_at.isoformat(),
            "attempts": r.attempts,
            "last_error": r.last_error,
            "dead": r.dead,
        }
        for r in found
    ]
