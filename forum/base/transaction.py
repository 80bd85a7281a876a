"""The only commit and rollback in the program.

A use case prepares (may wait), then commits: `with transaction():` to its end. Inside it nothing waits: no network, no
rendering, no hashing, no switch to another greenlet.
"""

import functools
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import Engine, Insert, Update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from forum.base import failpoints, keyring, reserve
from forum.base.db import Writing, db, writer
from forum.base.errors import Busy, origin
from forum.base.hot_writes import Written, send
from forum.base.words import _

log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

#: Writers of one process wait here, in turn, and not in SQLite's unfair back-off (1 to 2.5 s maxima measured).
_turn = threading.Lock()
#: Another process (an import, a backup) may hold SQLite's lock; past this a person is told that nothing is lost.
PATIENCE_S = 10.0
RETRY_S = 0.02

#: A reader on whose way something is due does not wait for it: the next one, or the ticker, does it.
HURRY_S = 0.0

_patience: ContextVar[float | None] = ContextVar("patience_s", default=None)
_after: ContextVar[list[Callable[[], None]] | None] = ContextVar("after_commit", default=None)


@contextmanager
def transaction() -> Iterator[None]:
    """Everything inside is kept, or nothing is.

    :raises RuntimeError: there is one already; steps are called inside it, use cases never.
    :raises Busy: the database could not be reached or stayed locked, or the disk is full; nothing was written.
    """
    if writer.get() is not None:
        raise RuntimeError("A transaction inside a transaction: call a step, not a use case.")
    reserve.make_room()
    effects: list[Callable[[], None]] = []
    with _one_writer():
        writing = _begin()
        written, listening = writer.set(writing), _after.set(effects)
        try:
            keyring.refresh()  # nothing is written under a key that a rotation has put away
            yield
            writing.flush()
            failpoints.reach("before commit")
            writing.begun.commit()
        except BaseException:
            if writing.begun.is_active:  # a session that gave up has taken everything back already
                writing.begun.rollback()
            raise
        finally:
            writer.reset(written)
            _after.reset(listening)
            writing.close()
    failpoints.reach("after commit")
    for effect in effects:
        _run_effect(effect)


@contextmanager
def hurried() -> Iterator[None]:
    """Inside, a transaction that cannot begin at once raises Busy, for somebody who only wants to read."""
    before = _patience.set(HURRY_S)
    try:
        yield
    finally:
        _patience.reset(before)


@contextmanager
def _one_writer() -> Iterator[None]:
    if db.engine.dialect.name != "sqlite":
        yield
        return
    hurry = _patience.get()
    if not _turn.acquire(timeout=-1 if hurry is None else hurry):
        raise _busy()
    try:
        yield
    finally:
        _turn.release()


def _busy() -> Busy:
    return Busy(_("We could not keep this just now. Your words are still here. Please try again."))


def _begin() -> Writing:
    hurry = _patience.get()
    deadline = time.monotonic() + (PATIENCE_S if hurry is None else hurry)
    while True:
        try:
            return _open(db.engine)
        except OperationalError as error:
            if "locked" not in str(error.orig) or time.monotonic() > deadline:
                raise _busy() from error
            time.sleep(RETRY_S)


def _open(engine: Engine) -> Writing:
    wire = engine.connect()
    try:
        return Writing(wire, wire.begin())
    except BaseException:
        wire.close()
        raise


def here() -> Session:
    """The session of the open transaction, for a step.

    :raises RuntimeError: none is open; steps are called by use cases.
    """
    return _writing().session


def _writing() -> Writing:
    writing = writer.get()
    if writing is None:
        raise RuntimeError("A step outside a transaction: call it from a use case.")
    return writing


def write(statement: Insert | Update, /, **values: Any) -> Written:
    """Run a statement of the hottest writes with its values, without the objects that a session keeps in step.

    A tenth of what a session takes for it. What was changed of the session's own objects is not sent before.

    :param statement: made once, when the program starts; its values come with each call.
    """
    return send(_writing(), statement, values)


def after_commit(effect: Callable[[], None]) -> None:
    """Do `effect` once the transaction is kept. For what may be lost, such as a live hint; it must not raise."""
    effects = _after.get()
    if effects is None:
        raise RuntimeError("after_commit outside a transaction.")
    effects.append(effect)


def _run_effect(effect: Callable[[], None]) -> None:
    try:
        effect()
    except Exception as error:  # noqa: BLE001 - what was written is kept, whatever happens after
        log.error("an after-commit effect failed; what was written is kept. %s", origin(error))


def retrying(use_case: Callable[P, R]) -> Callable[P, R]:
    """Run `use_case` again when it raced with its own double (a double tap): the second run finds what the first wrote."""

    @functools.wraps(use_case)
    def again(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return use_case(*args, **kwargs)
        except IntegrityError:
            return use_case(*args, **kwargs)

    return again


def database_is_away(error: BaseException) -> bool:
    """Whether `error` means that the database cannot be reached, so that the person is asked to try again."""
    return isinstance(error, DBAPIError) and (error.connection_invalidated or isinstance(error, OperationalError))
