"""Hanging up what ended, on every process within a second, whether Redis is there or not (decisions.md §7)."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from forum.base import broadcast, clock
from forum.base.db import rows
from forum.base.parts import in_parts
from forum.models import EndedFeed, SignIn

#: Look this far back each time: longer than a look that was late, so that nothing that ended is missed.
LOOK_BACK = timedelta(seconds=30)
#: Bound values in one statement; SQLite takes 32,766, and each is looked up in an index.
AT_ONCE = 500
SIGN_IN = "sign-in:"

_done: set[bytes] = set()


def hang_up_ended() -> int:
    """Close the sockets of what ended since the last look. Gives how many endings were new to this process."""
    found = rows(select(EndedFeed.id, EndedFeed.what).where(EndedFeed.at > clock.now() - LOOK_BACK))
    fresh = [r for r in found if r.id not in _done]
    for ending in fresh:
        broadcast.hang_up_here(ending.what)
    _done.clear()
    _done.update(r.id for r in found)
    return len(fresh)


def hang_up_expired() -> int:
    """Close the sockets of sign-ins that ran out by themselves, and of any end that was missed. Gives how many did."""
    listening = [bytes.fromhex(room.removeprefix(SIGN_IN)) for room in broadcast.rooms_here(SIGN_IN)]
    over = set(listening) - set(_living(listening))
    for cookie_sha256 in over:
        broadcast.hang_up_here(f"{SIGN_IN}{cookie_sha256.hex()}")
    return len(over)


def _living(cookies: list[bytes]) -> Iterator[bytes]:
    now = clock.now()
    for some in in_parts(cookies, AT_ONCE):
        theirs = SignIn.cookie_sha256.in_(some)
        found = rows(select(SignIn.cookie_sha256).where(theirs, SignIn.ends_on > now, SignIn.last_end > now))
        yield from (r.cookie_sha256 for r in found)
