"""Wrong tries slow down, and never lock anybody out.

Counted in memory for a keyed hash of where a try comes from; the key is forgotten every day, and no address is written.
"""

import hashlib
import hmac
import ipaddress
import math
import secrets
import threading
from collections import deque
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from forum.base import clock
from forum.base.errors import TooMany
from forum.base.words import _

#: Three slips of the thumb cost nothing; then 1, 2, 4 … seconds. Half a minute is the most anyone waits.
FREE_TRIES = 3
LONGEST_S = 30
#: All doors together: past this many misses a minute everyone waits a second, so that many addresses do not help.
MISSES_A_MINUTE = 60
CROWDED_WAIT = timedelta(seconds=1)
FORGET = timedelta(minutes=15)
#: One home or phone holds a whole /64 of IPv6 addresses, so counting single ones would count nothing.
HOME_PREFIX = 64
#: Places remembered at once, some 3 MB; past it the oldest are forgotten, which only lets somebody try sooner.
MOST_KEPT = 10_000


@dataclass
class _Place:
    """What is remembered of one place that tries come from.

    :param until: its next try is taken from then on. :param told: it was asked to wait, and until when.
    """

    misses: int
    last: datetime
    until: datetime
    told: datetime | None = None


class Slowing:
    """One process's memory of wrong tries."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._places: dict[bytes, _Place] = {}
        self._recent: deque[datetime] = deque(maxlen=MISSES_A_MINUTE)
        self._key, self._day = secrets.token_bytes(32), date.min

    def key_of(self, address: str) -> bytes:
        """A name for where a try comes from that means nothing tomorrow."""
        if clock.today() != self._day:
            self._key, self._day = secrets.token_bytes(32), clock.today()
            self._places.clear()
        return hmac.digest(self._key, home_of(address).encode(), hashlib.sha256)[:16]

    def check(self, address: str) -> None:
        """Go on, or say how long to wait.

        :raises TooMany: with the seconds, at most LONGEST_S. Being refused does not lengthen the wait, and who waited
            as told is not told to wait again, however many strangers try meanwhile.
        """
        with self._lock:
            wait = self._wait_of(self.key_of(address), clock.now())
        if wait > 0:
            raise TooMany(_("Please wait %(n)s seconds, then try again. Nothing is locked.", n=wait), wait)

    def miss(self, address: str) -> None:
        """A try was wrong."""
        with self._lock:
            key, now = self.key_of(address), clock.now()
            before = self._places.pop(key, None)
            misses = before.misses + 1 if before and now - before.last <= FORGET else 1
            self._remember(key, _Place(misses, now, now + _pause(misses)))
            self._recent.append(now)

    def hit(self, address: str) -> None:
        """A try was right: forget the slips before it."""
        with self._lock:
            self._places.pop(self.key_of(address), None)

    def _wait_of(self, key: bytes, now: datetime) -> int:
        place = self._places.get(key)
        if place and now < place.until:
            return _seconds(place.until - now)
        if place and place.told is not None:
            return _seconds(place.told - now)
        if not self._crowded(now):
            return 0
        known = place or _Place(0, now, now)
        known.told = now + CROWDED_WAIT
        self._remember(key, known)
        return _seconds(CROWDED_WAIT)

    def _crowded(self, now: datetime) -> bool:
        """Whether the last MISSES_A_MINUTE misses of all doors lie within one minute."""
        return len(self._recent) == MISSES_A_MINUTE and now - self._recent[0] < timedelta(minutes=1)

    def _remember(self, key: bytes, place: _Place) -> None:
        self._places.pop(key, None)
        self._places[key] = place
        if len(self._places) > MOST_KEPT:
            del self._places[next(iter(self._places))]


def _pause(misses: int) -> timedelta:
    over = misses - FREE_TRIES
    return timedelta(seconds=min(LONGEST_S, 2 ** min(over - 1, 8)) if over > 0 else 0)


def _seconds(left: timedelta) -> int:
    """Whole seconds, rounded up: who comes back then does not come too early."""
    return max(0, math.ceil(left.total_seconds()))


def home_of(address: str) -> str:
    """What one household or phone holds: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        found = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, HOME_PREFIX), strict=False).network_address)
    return str(found)


tries = Slowing()
#: Remarks about pages, which anybody may send: counted apart, so that they keep nobody from signing in.
remarks = Slowing()


class Slowed:
    """`with` a try at something that must not depend on where it comes from: there are many places.

    A try counts as wrong from its beginning: else a hundred sent at once would all begin before the first was counted.

    :param door: what is tried, instead of an address.
    :raises TooMany: with the seconds.
    """

    def __init__(self, door: str) -> None:
        self._door = door
        tries.check(door)
        tries.miss(door)

    def __enter__(self) -> None:
        """Nothing to begin."""

    def __exit__(self, _kind: object, error: object, _trace: object) -> None:
        """A right one clears its own try and the slips before it."""
        if error is None:
            tries.hit(self._door)
