"""Hanging up what ended, on every process within a second, whether Redis is there or not (decisions.md §7)."""

from datetime import timedelta

from sqlalchemy import select

from forum.base import broadcast, clock
from forum.base.db import rows
from forum.models import EndedFeed

#: Look this far back each time: longer than a tick that was late, so that nothing that ended is missed.
LOOK_BACK = timedelta(seconds=30)

_done: set[bytes] = set()


def hang_up_ended() -> int:
    """Close the sockets of what ended since the last look. Gives how many endings were new to this process."""
    found = rows(select(EndedFeed.id, EndedFeed.what).where(EndedFeed.at > clock.now() - LOOK_BACK))
    fresh = [r for r in found if r.id not in _done]
    for ending in fresh:
        broadcast.hang_up(ending.what)
    _done.clear()
    _done.update(r.id for r in found)
    return len(fresh)
