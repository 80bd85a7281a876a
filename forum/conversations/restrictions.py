"""What binds a person in one group without naming them: a tag row with a sealed date, under name and alias alike."""

from datetime import UTC, datetime, timedelta

from forum.base import clock, tagged
from forum.base.keyring import Scope
from forum.models import Restriction

#: A day: long enough for a second person of the team to look, short enough to be no punishment (decisions.md §5).
HOLD = timedelta(hours=24)


def holds_posts(scope: Scope, persona_id: bytes) -> bool:
    """Whether this person's posts wait for the team just now."""
    value = tagged.find(Restriction, scope, "hold_posts", (persona_id,))
    return value is not None and clock.now() < datetime.fromtimestamp(int.from_bytes(value), UTC)


def hold_posts(scope: Scope, persona_id: bytes) -> None:
    """Step: this person's posts wait for the team for the next 24 hours, whatever name they stand under."""
    until = int((clock.now() + HOLD).timestamp())
    tagged.keep(Restriction, scope, "hold_posts", (persona_id,), until.to_bytes(8))


def lift_hold(scope: Scope, persona_id: bytes) -> None:
    """Step: the inverse of `hold_posts`."""
    tagged.drop(Restriction, scope, "hold_posts", (persona_id,))
