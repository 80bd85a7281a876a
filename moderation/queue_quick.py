"""The team's list from memory, for whoever asks again before anything at all was written (docs/decisions/0070).

An open list asks every 20 seconds, and at night nearly always gets what it got. What is kept is one reader's own page: it
is never another's, and holds no longer than the database and the minutes that it names stay as they were.
"""

import re
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from forum.base import clock, unchanged
from forum.web import shells
from forum.web.quick import Quick
from forum.web.shells import Reader, Shell
from moderation.queue import Stretch

TEMPLATE = "moderation/queue.html"
#: Some 15 kB each: the lists that the teams of one server have open.
PAGES_KEPT = 300
#: The page says how long something takes in whole minutes.
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Kept:
    """One reader's page. :param since: when it was made, and `until`: when its words change by themselves."""

    as_of: Hashable
    since: datetime
    until: datetime
    layout: Hashable
    nation: str | None
    team: str
    shell: Shell


_pages: OrderedDict[Hashable, Kept] = OrderedDict()


def forget() -> None:
    """Begin anew."""
    _pages.clear()


def show(as_of: Hashable, now: datetime, found: Stretch, values: Mapping[str, Any]) -> str:
    """The page, kept for when its reader asks again.

    :param as_of: of `unchanged`, asked before anything of the page was read. :param now: the moment that the page names.
    """
    shell, reader = shells.make(TEMPLATE, values), shells.reader_here()
    session = reader.session
    key = _key(reader)
    _pages[key] = Kept(as_of, now, _until(now, found), reader.layout_key, session.nation, session.team, shell)
    _pages.move_to_end(key)
    if len(_pages) > PAGES_KEPT:
        _pages.popitem(last=False)
    return shells.fill(shell, reader).decode()


def show_again(reader: Reader) -> bytes | None:
    """The same page, if it would be made of the same rows and say the same. The sign-in is asked for every time."""
    page = _pages.get(_key(reader))
    if page is None or not page.since <= clock.now() < page.until or page.as_of != unchanged.as_of():
        return None
    if reader.session.found is None:
        return None
    reader.session.nation, reader.session.team = page.nation, page.team
    return shells.fill(page.shell, reader) if reader.layout_key == page.layout else None


def _key(reader: Reader) -> Hashable:
    return reader.session.cookie_sha256, reader.address, reader.look


def _until(now: datetime, found: Stretch) -> datetime:
    """When a number of minutes on the page is another: at the turn of a minute, and counted from each due time and lease."""
    turns = [clock.floor_hour(now), *_moments(found)]
    return now + min((moment - now) % MINUTE for moment in turns)


def _moments(found: Stretch) -> Iterable[datetime]:
    for line in found.lines:
        yield line.due_at
        if line.until is not None:
            yield line.until


PAGES = (Quick("/g/<address>/team", re.compile(r"/g/[^/?\s]+/team\?(?:kind=[a-z]+)?", re.ASCII), show_again),)
