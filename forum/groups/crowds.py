"""Many people coming in from one place at once: they come in one after another, and nobody is turned away.

One phone company's customers, or a whole library, may share an address, so this only slows. It is counted in memory,
under a key that is forgotten every day (as in forum.accounts.slowing). What it cannot do is in decision record 0031.
"""

import threading
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from forum.accounts.slowing import Slowing
from forum.base import clock
from forum.base.errors import TooMany
from forum.base.words import _

#: A household, or a workshop where people join side by side, never meets this.
FREE_JOINS = 5
WINDOW = timedelta(minutes=10)
#: After that one more every half minute; and nobody is asked to wait longer than ten minutes, whoever else asks.
STEP = timedelta(seconds=30)
LONGEST = timedelta(minutes=10)
#: Who was asked to wait may come back at leisure.
TICKET_KEPT = timedelta(minutes=30)
#: Places remembered at once; past it the oldest are forgotten, which only lets somebody in sooner.
MOST_PLACES = 10_000
#: Browsers of one place that are asked to wait at once. Whoever has a place keeps it: more askers push nobody out.
MOST_TICKETS = 2_000
#: All places together, some 10 MB.
MOST_TICKETS_IN_ALL = 50_000


@dataclass
class _Place:
    """What is remembered of one place: when people came in, and when each browser that was asked to wait may."""

    joins: deque[datetime] = field(default_factory=lambda: deque(maxlen=FREE_JOINS))
    tickets: OrderedDict[bytes, datetime] = field(default_factory=OrderedDict)


class Crowd:
    """One process's memory of who came in lately."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys = Slowing()
        self._places: OrderedDict[bytes, _Place] = OrderedDict()
        self._tickets = 0

    def check(self, address: str, cookie: bytes | None) -> None:
        """Go on, or say when to come back; who comes back then comes in, however many ask meanwhile.

        :param cookie: the hash of the browser's cookie, by which it is known when it comes back.
        :raises TooMany: with the seconds, at most LONGEST.
        """
        with self._lock:
            left = self._left(self._place(address), cookie or b"", clock.now())
        if left > timedelta():
            minutes = -(-int(left.total_seconds()) // 60)
            raise TooMany(
                _(
                    "Many people come in here just now. Your place is kept: please come back in %(n)s minutes.",
                    n=minutes,
                ),
                minutes * 60,
            )

    def joined(self, address: str, cookie: bytes | None) -> None:
        """Somebody came in."""
        with self._lock:
            place = self._place(address)
            place.joins.append(clock.now())
            self._tickets -= place.tickets.pop(cookie or b"", None) is not None

    def _place(self, address: str) -> _Place:
        key = self._keys.key_of(address)
        place = self._places.pop(key, None) or _Place()
        self._places[key] = place
        if len(self._places) > MOST_PLACES or self._tickets > MOST_TICKETS_IN_ALL:
            self._tickets -= len(self._places.popitem(last=False)[1].tickets)
        return place

    def _left(self, place: _Place, cookie: bytes, now: datetime) -> timedelta:
        while place.tickets and now - next(iter(place.tickets.values())) > TICKET_KEPT:
            place.tickets.popitem(last=False)
            self._tickets -= 1
        if ready := place.tickets.get(cookie):
            return ready - now
        if sum(now - joined < WINDOW for joined in place.joins) < FREE_JOINS:
            return timedelta()
        wait = min(STEP * (1 + len(place.tickets)), LONGEST)
        if len(place.tickets) < MOST_TICKETS:
            place.tickets[cookie] = now + wait
            self._tickets += 1
        return wait


joins = Crowd()
