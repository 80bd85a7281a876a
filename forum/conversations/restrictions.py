"""What binds somebody in one group without naming whom: tag rows with a sealed date (docs/decisions/0051).

A hold shows on the face it was made on, and nowhere else: every effect that the team could see elsewhere is the same for
everybody, so that holding an alias and watching tells nobody whose it is.
"""

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


def lift_hold(scope: Scope, face_id: bytes) -> None:
    """Step: posts under this face go out again. What binds its wearer ends by itself."""
    tagged.drop(Restriction, scope, _FACE, (face_id,))


def is_bound(scope: Scope, persona_id: bytes) -> bool:
    """Whether a hold runs on this person, under whichever of their faces. For what only they themselves can see."""
    return _runs(scope, _BOUND, persona_id)


def new_aliases_wait(scope: Scope) -> bool:
    """Whether the first words under any alias wait in this group just now."""
    return _runs(scope, _NEW_ALIASES, scope.group_id)


_FACE, _BOUND, _NEW_ALIASES = "hold_posts", "bound", "new_aliases"


def _runs(scope: Scope, kind: str, ident: bytes) -> bool:
    value = tagged.find(Restriction, scope, kind, (ident,))
    return value is not None and clock.now() < datetime.fromtimestamp(int.from_bytes(value), UTC)
