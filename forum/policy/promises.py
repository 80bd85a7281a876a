"""How long words are kept at most: promised by a member of their own words, or by an organisation of all in its groups."""

from collections.abc import Sequence

from sqlalchemy import Row, delete, insert, select, update

from forum.base import clock
from forum.base.db import row, rows
from forum.base.transaction import here
from forum.models import Promise


def find(subject_id: bytes) -> int | None:
    """For how many days words written now are kept; None: nothing is promised.

    :param subject_id: a persona, or an organisation.
    """
    found = row(select(Promise.days).where(Promise.subject_id == subject_id, Promise.until_on.is_(None)))
    return found.days if found else None


def list_all(subject_id: bytes) -> Sequence[Row]:
    """Every time that was promised and still counts, with the last day of the words that it counts for."""
    wanted = select(Promise.days, Promise.until_on).where(Promise.subject_id == subject_id)
    return rows(wanted.order_by(Promise.days))


def keep(subject_id: bytes, days: int | None) -> None:
    """Step: from now on words are kept so long; what was promised for words written up to today stays, where it is less.

    :param days: None: no time any more.
    """
    before = find(subject_id)
    if before == days:
        return
    theirs = Promise.subject_id == subject_id
    ended = update(Promise).where(theirs, Promise.until_on.is_(None)).values(until_on=clock.today())
    here().execute(ended.execution_options(synchronize_session=False))
    if days is not None:
        here().execute(delete(Promise).where(theirs, Promise.days >= days))  # the shorter time counts for those, too
        here().execute(insert(Promise).values(subject_id=subject_id, days=days, until_on=None))
