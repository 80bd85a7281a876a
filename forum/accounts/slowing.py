"""Wrong tries slow down, and never lock anybody out.

Counted in memory for a keyed hash of where a try comes from; the key is forgotten every day, and no address is written.
"""

import hashlib
import hmac
import secrets
import threading
from datetime import date, datetime, timedelta

from forum.base import clock
from forum.base.errors import TooMany
from forum.base.words import _

#: Three slips of the thumb cost nothing; then 1, 2, 4 … seconds. Half a minute is the most anyone waits.
FREE_TRIES = 3
LONGEST_S = 30
#: All doors together: past this many misses a minute everyone waits a second, so that many addresses do not help.
MISSES_A_MINUTE = 60
FORGET = timedelta(minutes=15)


class Slowing:
    """One process's memory of wrong tries."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._misses: dict[bytes, tuple[int, datetime]] = {}
        self._recent: list[datetime] = []
        self._key, self._day = secrets.token_bytes(32), date.min

    def key_of(self, address: str) -> bytes:
        """A name for where a try comes from that means nothing tomorrow."""
        if clock.today() != self._day:
            self._key, self._day = secrets.token_bytes(32), clock.today()
            self._misses.clear()
        return hmac.digest(self._key, address.encode(), hashlib.sha256)[:16]

    def check(self, address: str) -> None:
        """Go on, or say how long to wait.

        :raises TooMany: with the seconds, at most LONGEST_S. Being refused does not lengthen the wait.
        """
        with self._lock:
            wait = max(self._wait_of(self.key_of(address)), self._wait_of_all())
        if wait > 0:
            raise TooMany(_("Please wait %(n)s seconds, then try again. Nothing is locked.", n=wait), wait)

    def miss(self, address: str) -> None:
        """A try was wrong."""
        with self._lock:
            key, now = self.key_of(address), clock.now()
            count, last = self._misses.get(key, (0, now))
            self._misses[key] = (1 if now - last > FORGET else count + 1, now)
            self._recent = [at for at in self._recent if now - at < timedelta(minutes=1)] + [now]
            self._forget(now)

    def hit(self, address: str) -> None:
        """A try was right: forget the slips before it."""
        with self._lock:
            self._misses.pop(self.key_of(address), None)

    def _wait_of(self, key: bytes) -> int:
        count, last = self._misses.get(key, (0, clock.now()))
        if count <= FREE_TRIES:
            return 0
        due = last + timedelta(seconds=min(LONGEST_S, 2 ** min(count - FREE_TRIES - 1, 8)))
        return max(0, -(-int((due - clock.now()).total_seconds() * 1000) // 1000))

    def _wait_of_all(self) -> int:
        if len(self._recent) < MISSES_A_MINUTE:
            return 0
        return 1 if clock.now() - self._recent[-1] < timedelta(seconds=1) else 0

    def _forget(self, now: datetime) -> None:
        if len(self._misses) > 10_000:
            self._misses = {key: kept for key, kept in self._misses.items() if now - kept[1] < FORGET}


tries = Slowing()
