"""When more is asked than one process can answer, those who ask most wait, and a person in need does not (security.md R16)."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from forum.base import pace
from forum.web.headers import STATIC, Wsgi, fenced

#: A page that took its turn this late would be felt; ten times the evening's usual crowd of one process.
LATE_S = 0.2
#: Pages under way at once, most of which wait for PostgreSQL: three times the evening's usual crowd.
MOST_AT_ONCE = 100
#: Sockets stay open for hours and take no turn.
SOCKETS = "/socket.io/"
#: How long a late turn counts. Overload comes in waves.
REMEMBERED_S = 2.0
#: So many pages refused within WINDOW_S are still the crowd, though turns come in time since it is refused. To let all of it in
#: again every two seconds made whoever raised a concern at that moment wait half a second.
STILL_A_CROWD = 100
#: Pages that one browser may ask for within WINDOW_S while everybody waits: three times what fast reading takes.
MOST_PAGES, WINDOW_S = 20, 10.0
#: The same for all browsers of one address, such as a hospital's, and for those that show no cookie.
MOST_FROM_ONE_PLACE = 200
#: What somebody who is asked to wait is told, in seconds.
WAIT_S = 10
#: Never refused: the way out, the way in, and what says how the program is.
ALWAYS = frozenset({"/leave", "/sign-in", "/healthz", "/readyz"})
#: Nor the doors for somebody in need, of a group or of none, and the page where they are answered.
DOORS = re.compile(r"(/g/[^/]+)?/(help|worried|need-help|concerns/new)|/talk/.+")


class Overload:
    """One process's notion of how crowded it is, and who makes it so. Kept in memory, forgotten every few seconds.

    :param page: makes the page that says what to do and whom to call; made once.
    """

    def __init__(self, page: Callable[[], bytes], now: Callable[[], float] = pace.seconds) -> None:
        self._page, self._now = page, now
        self._busy_until = self._window_ends = 0.0
        self._asked: Counter[str] = Counter()
        self._under_way = self._refused = 0
        self._made = b""

    def note_turn(self, seconds: float) -> None:
        """How long others kept the process before it came back to this one."""
        if seconds > LATE_S:
            self._busy_until = self._now() + REMEMBERED_S

    def ask(self, inner: Wsgi, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Have `inner` answer, unless this browser is refused."""
        if self.refuses(environ):
            return self.answer(start_response)
        if environ.get("PATH_INFO", "").startswith(SOCKETS):
            return inner(environ, start_response)
        self._under_way += 1
        try:
            if self._under_way > MOST_AT_ONCE:
                self.note_turn(2 * LATE_S)
            return inner(environ, start_response)
        finally:
            self._under_way -= 1

    def refuses(self, environ: dict[str, Any]) -> bool:
        """Whether this browser asked for so many pages that others wait for it. What somebody sends is always taken."""
        now = self._now()
        if now >= self._busy_until:
            return False
        path = environ.get("PATH_INFO", "")
        if environ.get("REQUEST_METHOD") != "GET" or path in ALWAYS or path.startswith(STATIC) or DOORS.fullmatch(path):
            return False
        if now >= self._window_ends:
            self._asked.clear()
            self._refused = 0
            self._window_ends = now + WINDOW_S
        place = environ.get("REMOTE_ADDR", "")
        asked_too_much = self._asks_too_much(place, f"{place} {environ.get('HTTP_COOKIE', '')}")
        if asked_too_much:
            self._note_refused(now)
        return asked_too_much

    def _asks_too_much(self, place: str, browser: str) -> bool:
        self._asked[browser] += 1
        if self._asked[browser] > MOST_PAGES:
            return True  # and it does not count for the others of its place
        self._asked[place] += 1
        return self._asked[place] > MOST_FROM_ONE_PLACE

    def _note_refused(self, now: float) -> None:
        self._refused += 1
        if self._refused >= STILL_A_CROWD:
            self._busy_until = now + REMEMBERED_S

    def answer(self, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Ask to wait, with the crisis lines."""
        self._made = self._made or self._page()
        said = [("Content-Type", "text/html; charset=utf-8"), ("Retry-After", str(WAIT_S))]
        start_response("503 Service Unavailable", fenced([*said, ("Content-Length", str(len(self._made)))]))
        return [self._made]
