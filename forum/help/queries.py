"""Reading what people said about pages."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from forum.base.db import rows
from forum.base.keyring import HOUSE, the_keyring
from forum.models import Feedback, Rating

MOST_LISTED = 200
#: Where the seals of these words belong.
PLACE = "feedback"


@dataclass(frozen=True)
class Said:
    """What somebody said about one kind of page."""

    day: date
    route: str
    rating: Rating
    words: str


def list_feedback() -> list[Said]:
    """The newest first. Only for whoever looks after the whole site: the caller asks the rule."""
    found = rows(
        select(Feedback.id, Feedback.day, Feedback.route, Feedback.rating, Feedback.sealed)
        .order_by(Feedback.day.desc(), Feedback.id)
        .limit(MOST_LISTED)
    )
    ring = the_keyring()
    return [Said(r.day, r.route, r.rating, ring.unseal(HOUSE, PLACE, r.id, r.sealed).decode()) for r in found]
