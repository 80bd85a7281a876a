"""What binds somebody in one group without naming whom: tag rows with a sealed date (docs/decisions/0051).

A hold shows on the face it was made on, and nowhere else: every effect that the team could see elsewhere is the same for
everybody, so that holding an alias and watching tells nobody whose it is.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from forum.base import clock, tagged
from forum.base.keyring import Scope
from forum.models import Restriction

#: A day: long enough for a second person of the team to look, short enough to be no punishment (decisions.md §5).
HOLD = timedelta(hours=24)


def holds_posts(scope: Scope, face_id: bytes) -> bool:
    """Whether posts under this face wait for the team just now.

    :param face_id: a persona, or a mask: holding one tells nothing about the other.
    """
    return _runs(scope, _FACE, face_id)


def hold_posts(scope: Scope, face_id: bytes, persona_id: bytes) -> None:
    """Step: for the next 24 hours posts under this face wait for the team, and whoever wears it is bound.

    Bound: they can put on no other face unread. New aliases wait, everybody's, and they get no new name here.

    :param persona_id: who wears the face.
    """
    until = int((clock.now() + HOLD).timestamp()).to_bytes(8)
    tagged.keep(Restriction, scope, _FACE, (face_id,), until)
    tagged.keep(Restriction, scope, _NEW_ALIASES, (scope.group_id,), until)
    tagged.keep(Restriction, scope, _BOUND, (persona_id,), until)


def is_bound(scope: Scope, persona_id: bytes) -> bool:
    """Whether a hold runs on this person, under whichever of their faces. For what only they themselves can see."""
    return _runs(scope, _BOUND, persona_id)


def new_aliases_wait(scope: Scope) -> bool:
    """Whether the first words under any alias wait in this group just now."""
    return _runs(scope, _NEW_ALIASES, scope.group_id)


# --- What two of the team agreed -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Restricted:
    """What binds a person in this group, under each of their faces. :param slow: once an hour; else not at all."""

    until: datetime
    slow: bool
    decision_id: bytes
    last_at: datetime


def pause(scope: Scope, persona_id: bytes, until: datetime, decision_id: bytes) -> None:
    """Step: they write nothing in the group until then; they read, ask the team and find help as ever."""
    _keep(scope, persona_id, Restricted(until, slow=False, decision_id=decision_id, last_at=_NEVER))


def slow(scope: Scope, persona_id: bytes, until: datetime, decision_id: bytes) -> None:
    """Step: they write once an hour until then."""
    _keep(scope, persona_id, Restricted(until, slow=True, decision_id=decision_id, last_at=_NEVER))


def end(scope: Scope, persona_id: bytes, decision_id: bytes) -> None:
    """Step: what this decision began is over. If another one holds meanwhile, that one goes on."""
    now = find(scope, persona_id)
    if now is not None and now.decision_id == decision_id:
        tagged.drop(Restriction, scope, _AGREED, (persona_id,))
        tagged.drop(Restriction, scope, _BOUND, (persona_id,))


def find(scope: Scope, persona_id: bytes) -> Restricted | None:
    """What binds this person now, for what only they themselves see."""
    value = tagged.find(Restriction, scope, _AGREED, (persona_id,))
    if value is None:
        return None
    until, last = (datetime.fromtimestamp(int.from_bytes(value[n : n + 8]), UTC) for n in (0, 8))
    found = Restricted(until, bool(value[16]), value[17:], last)
    return found if clock.now() < until else None


def note_written(scope: Scope, persona_id: bytes) -> datetime | None:
    """Step: they are about to write; gives from when they may, if not now. Asked for each post, so it reads one row."""
    now = find(scope, persona_id)
    if now is None:
        return None
    again = now.last_at + SLOW if now.slow else now.until
    if clock.now() < again:
        return again
    _keep(scope, persona_id, replace(now, last_at=clock.now()))
    return None


def _keep(scope: Scope, persona_id: bytes, one: Restricted) -> None:
    parts = (_seconds(one.until), _seconds(one.last_at), bytes([one.slow]), one.decision_id)
    tagged.keep(Restriction, scope, _AGREED, (persona_id,), b"".join(parts))
    tagged.keep(Restriction, scope, _BOUND, (persona_id,), _seconds(one.until))


def _seconds(moment: datetime) -> bytes:
    return int(moment.timestamp()).to_bytes(8)


#: Slower than a quarrel, quicker than an evening.
SLOW = timedelta(hours=1)
_NEVER = datetime.fromtimestamp(0, UTC)
_FACE, _BOUND, _NEW_ALIASES, _AGREED = "hold_posts", "bound", "new_aliases", "agreed"


def _runs(scope: Scope, kind: str, ident: bytes) -> bool:
    value = tagged.find(Restriction, scope, kind, (ident,))
    return value is not None and clock.now() < datetime.fromtimestamp(int.from_bytes(value), UTC)
