"""Threads for work that would hold up everyone else: reading Markdown and stretching secrets.

One process serves pages and rooms from one event loop. Eight sign-ins at once stopped it for 203 ms when each was
stretched in the loop, and for 2 ms with one thread apart. One thread each: more would take the loop's own core.
"""

import sys
from collections.abc import Callable
from contextvars import copy_context
from typing import Any, ParamSpec, TypeVar

from forum.base.errors import Busy
from forum.base.words import _

P = ParamSpec("P")
R = TypeVar("R")

# Calls that may wait for the thread. 16 stretches take under a second; past that a person is better told to try again.
MAX_WAITING = 16
# Texts that may wait: an ordinary one takes a millisecond, so a full room that answers at once is served within a second.
MAX_TEXTS_WAITING = 200
# A text of so many bytes is looked through within 10 ms at worst, however it is written (measured), and an ordinary one in
# a quarter of one: to wake the thread and wait for it takes longer, and in a full room everybody waits in between.
SHORT_BYTES = 512
# How long the loop waits for a thread that is in the middle of Python. It waits anew after each of some twenty times
# that a post's transaction asks the database: with Python's own 5 ms that stopped everyone for up to 300 ms.
SWITCH_S = 0.0001


class Pool:
    """One thread beside the event loop, and a short queue in front of it.

    Without gevent (the command line, a test) there is no loop to hold up and the call is made at once.
    """

    def __init__(self, waiting: int = MAX_WAITING) -> None:
        self._places = waiting + 1
        self._taken = 0
        self._threads: Any = None

    def run(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call, and wait for the answer while other requests go on.

        :raises Busy: too many are waiting already.
        """
        if not _under_gevent():
            return call(*args, **kwargs)
        if self._taken >= self._places:
            raise Busy(
                _("A lot of people are here right now. Wait a moment, then try again. Your words are still here.")
            )
        self._taken += 1
        try:
            # The context goes along so that a message made in the thread is in the person's own language.
            done = self._thread().apply(copy_context().run, (_outcome, call, *args), kwargs)
        finally:
            self._taken -= 1
        if isinstance(done, _Raised):
            raise done.error
        return done

    def _thread(self) -> Any:
        if self._threads is None:
            from gevent.threadpool import ThreadPool

            sys.setswitchinterval(SWITCH_S)
            self._threads = ThreadPool(1)
        return self._threads


class _Raised:
    """What a call raised, brought back by hand: gevent would print it to the log, with each line it went through."""

    def __init__(self, error: Exception) -> None:
        self.error = error


def _outcome(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    try:
        return call(*args, **kwargs)
    except Exception as error:  # noqa: BLE001 - raised again where the answer is awaited
        return _Raised(error)


def _under_gevent() -> bool:
    monkey = sys.modules.get("gevent.monkey")
    return monkey is not None and monkey.is_module_patched("threading")


render_pool = Pool(MAX_TEXTS_WAITING)
hash_pool = Pool()


def look_through(text: str, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call with a text that somebody wrote: beside the loop, or at once if the text is short.

    :raises Busy: too many texts are waiting already.
    """
    if len(text.encode("utf-8", "surrogatepass")) <= SHORT_BYTES:
        return call(*args, **kwargs)
    return render_pool.run(call, *args, **kwargs)
