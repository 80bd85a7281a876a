"""Once a second: do what is due, hang up what ended. Readers and requests do the same, so a stopped ticker loses nothing."""

import logging
import threading
import time

from flask import Flask

from forum.base import jobs
from forum.conversations.upkeep import purge_resends
from forum.live import ended
from forum.web import sign_ins

log = logging.getLogger(__name__)

TICK_S = 1.0
#: Sessions that are over are refused at once; their rows may lie this long.
PURGE_EVERY_S = 300
WEEK_S = 7 * 24 * 3600


def start(app: Flask) -> threading.Thread:
    """Tick in the background (a greenlet under gevent) for as long as the process lives."""
    thread = threading.Thread(target=_run, args=(app,), daemon=True, name="ticker")
    thread.start()
    return thread


def _run(app: Flask) -> None:
    n = 0
    while True:
        time.sleep(TICK_S)
        n += 1
        with app.app_context():
            _tick_safely(n)


def _tick_safely(n: int) -> None:
    try:
        tick(n)
    except Exception as error:  # noqa: BLE001 - one bad second must not stop the clock
        log.warning("tick failed error=%s", type(error).__name__)


def tick(n: int) -> None:
    """One second's work.

    :param n: seconds since the start, for what need not be done every second.
    """
    jobs.run_due()
    ended.hang_up_ended()
    if n % PURGE_EVERY_S == 0:
        sign_ins.purge()
        purge_resends()
    if n % WEEK_S == 0:
        sign_ins.flush_touched()
