"""What binds a face in one group without naming whose it is: a tag row with a sealed date."""

from datetime import UTC, datetime, timedelta

from forum.base import clock, tagged
from forum.base.keyring import Scope
from forum.models import Restriction

#: A day: long enough for a second person of the team to look, short enough to be no punishment (decisions.md §5).
HOLD = timedelta(hours=24)


def holds_posts(scope: Scope, face_id: bytes) -> bool:
    """Whether posts under this face wait for the team just now.

    :param face_id: a persona, or a mask: holding one tells nothing about the other (docs/decisions, holding a face).
    """
    value = tagged.find(Restriction, scope, "hold_posts", (face_id,))
    return value is not None and clock.now() < datetime.fromtimestamp(int.from_bytes(value), UTC)


def hold_posts(scope: Scope, face_id: bytes) -> None:
    """Step: posts under this face wait for the team for the next 24 hours."""
    until = int((clock.now() + HOLD).timestamp())
    tagged.keep(Restriction, scope, "hold_posts", (face_id,), until.to_bytes(8))


def lift_hold(scope: Scope, face_id: bytes) -> None:
    """Step: the inverse of `hold_posts`."""
    tagged.drop(Restriction, scope, "hold_posts", (face_id,))
