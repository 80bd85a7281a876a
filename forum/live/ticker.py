"""Between requests: do what is due, hang up what ended. Readers and requests do the same, so a stopped ticker loses nothing."""

import logging
import threading
import time
from collections.abc import Callable

from flask import Flask

from forum.base import db, jobs, keyring, reserve
from forum.base.errors import origin
from forum.conversations import board_page, entrance, fading, fragments, mailing, put_away, search_index
from forum.conversations.upkeep import purge_resends
from forum.ground_rules import arrivals
from forum.groups import given_up, home, invitations, reading
from forum.live import ended, newcomers, seated, sockets
from forum.rooms import opening, upkeep
from forum.rooms.seats import RENEW_EVERY_S
from forum.web import access_log, shells, sign_ins

log = logging.getLogger(__name__)

TICK_S = 1.0
#: With the query and the farewell this stays within the second in which an end is promised to be everywhere (S9).
LOOK_S = 0.75
#: Sign-ins that ran out: nobody is waiting for these.
SWEEP_EVERY = 40
#: Sessions that are over are refused at once; their rows may lie this long.
PURGE_EVERY_S = 300
#: What was unusual is on the team's page while it still goes on.
FACTS_EVERY_S = 60
#: After an upgrade nothing stands in the search yet; to look if that is so costs two rows.
FILL_EVERY_S = 60
#: Words of a meeting that were promised to go with its end are gone within this long.
TEND_EVERY_S = 60
#: What a thief of the disk's journal learns is who wrote right after whom, within this long.
EMPTY_EVERY_S = 60
#: Words whose time is over are gone within the hour, whether or not somebody keeps the nights.
FADE_EVERY_S = 3600
#: What lines were refused: often enough to see a flood, too seldom to tell when somebody came.
REFUSED_EVERY_S = 3600
#: Some seconds of work beside everything else; the rest goes the next hour, or in the night.
FADED_AT_ONCE = 500
#: A disk that was full has room again when somebody deleted something; to look costs two calls.
ROOM_EVERY_S = 10
DAY_S = 24 * 3600
#: Short mails may come this much later than their news.
MAIL_EVERY_S = 300
WEEK_S = 7 * DAY_S


_others: dict[str, tuple[Callable[[int], None], float]] = {}


def also(name: str, work: Callable[[int], None], pause_s: float = TICK_S) -> None:
    """Have something done beside the ticker, in a thread of its own, by every process that ticks.

    :param work: gets how often it was called. :param pause_s: between two calls.
    """
    _others[name] = (work, pause_s)


def start(app: Flask) -> None:
    """Tick, look and deliver in the background (greenlets under gevent) for as long as the process lives.

    Three of them, so that a long job never keeps a line open that should be closed, nor a slow mail server a post back.
    """
    reserve.keep()
    ours = {"ticker": (tick, TICK_S), "endings": (look, LOOK_S), "post": (deliver, TICK_S)}
    for name, (work, pause_s) in (ours | _others).items():
        threading.Thread(target=_run, args=(app, work, pause_s), daemon=True, name=name).start()


def _run(app: Flask, work: Callable[[int], None], pause_s: float) -> None:
    n = 0
    while True:
        time.sleep(pause_s)
        n += 1
        with app.app_context():
            _do_safely(work, n)


def _do_safely(work: Callable[[int], None], n: int) -> None:
    try:
        work(n)
    except Exception as error:  # noqa: BLE001 - one bad second must not end the next; readers and requests do the same work
        log.warning("%s failed %s", work.__name__, origin(error))


def tick(n: int) -> None:
    """One second's work.

    :param n: seconds since the start, for what need not be done every second.
    """
    keyring.refresh()
    jobs.run_due(which=jobs.steps())
    opening.look_after()
    if n % ROOM_EVERY_S == 0:
        reserve.keep()
    if n % RENEW_EVERY_S == 0:
        seated.keep()
    if n % EMPTY_EVERY_S == 0:
        db.empty_journal()
    if n % FACTS_EVERY_S == 0:
        reading.keep_facts()
    if n % TEND_EVERY_S == 0:
        upkeep.tend()
    if n % FILL_EVERY_S == 0:
        search_index.begin_to_fill()
    if n % PURGE_EVERY_S == 0:
        sign_ins.purge()
        purge_resends()
        arrivals.purge()
        given_up.purge()
        invitations.purge()
        put_away.purge()
    if n % REFUSED_EVERY_S == 0:
        sockets.note_refused()
    if n % FADE_EVERY_S == 0:
        fading.let_go_of_due(FADED_AT_ONCE)
    if n % DAY_S == 0:
        forget_pages()
    if n % WEEK_S == 0:
        sign_ins.flush_touched()


def forget_pages() -> None:
    """Put pages together anew from now on: memory has words that nobody asked for since they were taken back."""
    for kept in (fragments, shells, board_page, home):
        kept.forget()
    entrance.forget_all()


def deliver(n: int) -> None:
    """What leaves the machine, and may wait for another one.

    :param n: seconds since the start, less those waited.
    """
    if n % MAIL_EVERY_S == 0:
        mailing.begin_round()
    jobs.run_due(which=jobs.deliveries())


def look(n: int) -> None:
    """Hang up what ended.

    :param n: looks since the start.
    """
    access_log.flush()
    ended.hang_up_ended()
    newcomers.cut_late()
    if n % SWEEP_EVERY == 0:
        ended.hang_up_expired()
