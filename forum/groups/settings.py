"""What a group chose: duty times, holding newcomers, its own words. Called by the operator until their pages exist."""

from datetime import date, datetime, time

from sqlalchemy import delete, insert, update

from forum.base.errors import Invalid
from forum.base.idents import new_ident
from forum.base.transaction import here, transaction
from forum.base.words import _
from forum.models import DutyException, DutySlot, Group

#: A list longer than this holds so much that nobody can keep up with reading it.
MOST_WORDS = 500


def add_duty(group_id: bytes, weekday: int, starts: str, ends: str, who: str = "") -> None:
    """Somebody looks after the group at these hours every week.

    :param weekday: 0 = Monday. :param starts: HH:MM; an end at or before it is the next day.
    :raises Invalid: not a time of day.
    """
    values = {"weekday": weekday, "starts": _clock(starts), "ends": _clock(ends), "who": who[:60]}
    with transaction():
        here().execute(insert(DutySlot).values(id=new_ident(), group_id=group_id, **values))


def add_exception(group_id: bytes, day: date, starts: str = "", ends: str = "") -> None:
    """One date that differs: other hours, or nobody. What was said of that date before is replaced.

    :raises Invalid: not a time of day.
    """
    hours = {"starts": _clock(starts) if starts else "", "ends": _clock(ends) if ends else ""}
    on = day.date() if isinstance(day, datetime) else day
    with transaction():
        here().execute(delete(DutyException).where(DutyException.group_id == group_id, DutyException.day == on))
        here().execute(insert(DutyException).values(id=new_ident(), group_id=group_id, day=on, **hours))


def _clock(typed: str) -> str:
    try:
        return f"{time.fromisoformat(typed):%H:%M}"
    except ValueError as error:
        raise Invalid(_("“%(typed)s” is no time of day. Write it as 19:00.", typed=typed)) from error


def set_hold_newcomers(group_id: bytes, hold: bool) -> None:
    """Whether first posts wait for a person; off at the start, because waiting costs a frightened person most."""
    _set(group_id, hold_newcomers=hold)


def set_words(group_id: bytes, text: str) -> int:
    """The group's own list, one word or short phrase a line. Gives how many there are.

    :raises Invalid: more than MOST_WORDS.
    """
    words = [line.strip() for line in text.splitlines() if line.strip()]
    if len(words) > MOST_WORDS:
        raise Invalid(_("At most %(n)s words: a longer list holds more than a team can read.", n=MOST_WORDS))
    _set(group_id, words="\n".join(words))
    return len(words)


def _set(group_id: bytes, **columns: object) -> None:
    with transaction():
        here().execute(update(Group).where(Group.id == group_id).values(**columns))
