"""Who counts as new in a group. Only the Monday of the week they came in is known, so it is never said to the day."""

from datetime import date, timedelta

from forum.base import clock
from forum.models import Role

#: From two to three weeks, counted from the Monday of the week somebody came in: as long as a place feels strange.
NEW_FOR = timedelta(days=21)


def new_since() -> date:
    """Whoever came in later than on this day is new."""
    return clock.today() - NEW_FOR


def is_new(joined_on: date | None, role: Role | None) -> bool:
    """Whether a member is new here. The team never is, and nobody under an alias.

    :param joined_on: the Monday of the week they came in; None: long ago. :param role: None under an alias.
    """
    return role is Role.MEMBER and joined_on is not None and joined_on > new_since()
