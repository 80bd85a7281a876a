"""Who is let in to a meeting: found by tag, sealed, so that nobody reads from a stolen database who was there.

A row stays while the meeting's words do: whoever leaves and comes back keeps their place. It also says that somebody was
sent out of this one room, or is quiet for some minutes. All of one size.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select

from forum.base import tagged
from forum.base.db import row
from forum.base.keyring import Scope
from forum.models import RoomGuest
from forum.rooms import of_meeting
from forum.web.sign_ins import announce_end

KIND = "room_guest"
_IN, _OUT = 1, 2


@dataclass(frozen=True)
class Guest:
    """How somebody stands to one meeting. :param muted_until: they read, and write again then."""

    out: bool = False
    muted_until: datetime | None = None


def find(scope: Scope, persona_id: bytes, meeting_id: bytes) -> Guest | None:
    """How a persona stands to a meeting; None: they never came in."""
    value = tagged.find(RoomGuest, scope, KIND, (persona_id, meeting_id))
    if value is None:
        return None
    until = int.from_bytes(value[1:])
    return Guest(value[0] == _OUT, datetime.fromtimestamp(until, UTC) if until else None)


def is_in(scope: Scope, persona_id: bytes, meeting_id: bytes) -> bool:
    """Whether they came in, or were asked in, and were not sent out since."""
    found = find(scope, persona_id, meeting_id)
    return found is not None and not found.out


def let_in(scope: Scope, persona_id: bytes, meeting_id: bytes) -> None:
    """Step: they are in from now on, or still. Whoever was sent out stays out."""
    if find(scope, persona_id, meeting_id) is None:
        _keep(scope, persona_id, meeting_id, Guest())


def ask_in(scope: Scope, persona_id: bytes, meeting_id: bytes) -> None:
    """Step: a facilitator asks somebody in, also whoever was sent out before."""
    _keep(scope, persona_id, meeting_id, Guest())


def send_out(scope: Scope, persona_id: bytes, meeting_id: bytes) -> None:
    """Step: somebody is in this one room no more, for as long as the meeting is; their lines to it are hung up everywhere.

    Nothing here names them: what is written for their alias in the same transaction would lead to them.
    """
    _keep(scope, persona_id, meeting_id, Guest(out=True))
    for room in lines_of(scope, persona_id, meeting_id):
        announce_end(room)


def lines_of(scope: Scope, persona_id: bytes, meeting_id: bytes) -> list[str]:
    """What the lines of one person to one meeting are found by, by tag; a second one while keys are renewed."""
    return [f"guest:{tag.hex()}" for tag in tagged.tags(scope, KIND, persona_id, meeting_id)]


def mute(scope: Scope, persona_id: bytes, meeting_id: bytes, until: datetime) -> None:
    """Step: somebody reads and does not write until then. A moment that is over ends it. Nobody is let in by it."""
    found = find(scope, persona_id, meeting_id)
    if found is not None:
        _keep(scope, persona_id, meeting_id, Guest(found.out, until))


def count(meeting_id: bytes) -> int:
    """How many people came in so far, whoever they are."""
    found = row(select(func.count()).where(RoomGuest.meeting_id == meeting_id))
    return int(found[0]) if found else 0


def forget(meeting_id: bytes) -> None:
    """Step: nothing says any more who was there."""
    of_meeting.forget(RoomGuest, meeting_id)


def _keep(scope: Scope, persona_id: bytes, meeting_id: bytes, guest: Guest) -> None:
    until = int(guest.muted_until.timestamp()) if guest.muted_until else 0
    value = bytes([_OUT if guest.out else _IN]) + until.to_bytes(8)
    of_meeting.keep(RoomGuest, scope, KIND, persona_id, meeting_id, value)
