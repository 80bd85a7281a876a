"""Taking in what people say about a page. Nothing of it leads to who said it."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, insert, update

from forum.base import clock
from forum.base.characters import normalise
from forum.base.errors import Invalid
from forum.base.idents import new_ident
from forum.base.keyring import HOUSE, the_keyring
from forum.base.rotation import Pass
from forum.base.transaction import here, transaction
from forum.base.words import _
from forum.help.queries import PLACE
from forum.models import Feedback, Rating

MOST_LETTERS = 1_000
#: Long enough for a person who looks once a month; later it helps nobody, and somebody's words would lie about.
KEPT = timedelta(days=90)


def give_feedback(route: str, rating: str, words: str) -> None:
    """Keep what somebody says of a page: how it was, and their words if they gave any.

    :param route: a name of the program's own for the kind of page; the caller checks that it is one.
    :param words: at most MOST_LETTERS characters.
    :raises Invalid: nothing is chosen, or it is too long.
    """
    if rating not in set(Rating):
        raise Invalid(_("Please choose how this page is for you."), "rating")
    clean = normalise(words[: 4 * MOST_LETTERS]).strip()
    if len(clean) > MOST_LETTERS:
        raise Invalid(_("Make it shorter, please: at most %(n)s letters.", n=MOST_LETTERS), "body")
    row_id, ring = new_ident(), the_keyring()
    sealed = ring.seal(HOUSE, PLACE, row_id, clean.encode())
    values = {"id": row_id, "route": route, "rating": Rating(rating), "sealed": sealed, "key_id": ring.writing_id}
    with transaction():
        here().execute(insert(Feedback).values(day=clock.today(), **values))


def purge() -> None:
    """Forget what is older than KEPT."""
    with transaction():
        here().execute(delete(Feedback).where(Feedback.day < clock.today() - KEPT))


def _renew(row: Any) -> None:
    ring = the_keyring()
    words = ring.unseal(HOUSE, PLACE, row.id, row.sealed)
    values = {"sealed": ring.seal(HOUSE, PLACE, row.id, words), "key_id": ring.writing_id}
    here().execute(
        update(Feedback).where(Feedback.id == row.id).values(values).execution_options(synchronize_session=False)
    )


def renewal() -> Pass:
    """How rotations seal these rows afresh."""
    return Pass(Feedback, Feedback.id, _renew)
