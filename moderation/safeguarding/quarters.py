"""A quarter in numbers, for trustees: how many concerns, how soon a person looked, what was promised and missed, what came of it.

No words of any case, nobody's name, and no number under five nor one that gives such a number away. An officer's page counts
the concerns that exist for them: a count must not tell somebody that a concern is kept from them (§3.7).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from forum.base import clock
from moderation.safeguarding import chronology, queries
from moderation.safeguarding.chronology import Line
from moderation.safeguarding.closing import Outcome
from moderation.safeguarding.models import EventKind, Level, State
from moderation.safeguarding.responders import Responder
from moderation.small_numbers import LEAST, shown, total

LOCAL = ZoneInfo("Europe/London")
#: A trustee compares with the year before.
QUARTERS = 5
MONTHS = 3
#: How soon a person looked: what the strictest and the usual promise say (§3.2), a day, and later.
SOON = (timedelta(minutes=10), timedelta(hours=1), timedelta(days=1))
COLUMNS = ("in_ten_minutes", "in_an_hour", "in_a_day", "later", "nobody")
#: What stands in a chronology when something that was promised did not happen.
MISSED = {
    EventKind.NO_ONE_ON_CALL: "no_one",
    EventKind.LAPSED: "lapsed",
    EventKind.OVERDUE: "overdue",
    EventKind.PAGE_FAILED: "not_reached",
}

Table = Mapping[str, Mapping[str, int | None]]


@dataclass(frozen=True)
class Numbers:
    """One quarter.

    :param first: its first day. :param raised: how many concerns; None: too few to say.
    :param looks: by level, how soon a person looked. :param missed: concerns in which each kind of promise was missed.
    :param outcomes: by code, of those that are closed.
    """

    first: date
    raised: int | None
    looks: Table
    missed: Table
    outcomes: Table


def list_quarters() -> list[date]:
    """The first days of the quarters that are over, the latest first."""
    today = clock.now().astimezone(LOCAL).date()
    this = today.year * 12 + (today.month - 1) // MONTHS * MONTHS
    return [_month(this - MONTHS * n) for n in range(1, QUARTERS + 1)]


def count(me: Responder, first: date) -> Numbers:
    """The concerns that were raised in a quarter, as far as they exist for `me`.

    :param first: of `list_quarters`.
    """
    begins, ends = _begins(first), _begins(_month(first.year * 12 + first.month - 1 + MONTHS))
    every = (*queries.list_for(me), *queries.list_for(me, closed=True))
    found = [case for case in every if begins <= case.raised_hour < ends and case.state is not State.MERGED]
    told = {case.id: chronology.lines(case) for case in found}
    looks = Counter((case.level.value, _look(told[case.id])) for case in found)
    missed = Counter(what for case in found for what in _missed(told[case.id]))
    outcomes = Counter(case.outcome for case in found if case.state is State.CLOSED and case.outcome)
    return Numbers(
        first,
        total(len(found), len(found)),
        shown({level.value: {column: looks[level.value, column] for column in COLUMNS} for level in Level}),
        _one_column(missed, MISSED.values()),
        _one_column(outcomes, [one.value for one in Outcome]),
    )


def _one_column(counted: Mapping[str, int], codes: Iterable[str]) -> Table:
    """Nobody is told their sum, for a concern can stand in several lines: so a number that is left out stays so."""
    return {code: {"n": counted[code] if counted[code] >= LEAST else None} for code in codes}


def _look(lines: list[Line]) -> str:
    """In which time after it was raised a person first took it."""
    raised = lines[0].at
    taken = next((line.at for line in lines if line.kind is EventKind.ACKNOWLEDGED), None)
    if taken is None:
        return "nobody"
    took = taken - raised
    return next((column for column, soon in zip(COLUMNS, SOON, strict=False) if took <= soon), "later")


def _missed(lines: list[Line]) -> set[str]:
    return {MISSED[line.kind] for line in lines if line.kind in MISSED}


def _begins(first: date) -> datetime:
    return datetime.combine(first, time(), LOCAL)


def _month(months: int) -> date:
    return date(months // 12, months % 12 + 1, 1)
