"""The only source of the time. Tests move it; nothing else may ask the machine (decisions.md §7)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache


def _machine() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _machine


def now() -> datetime:
    """This instant, aware, in UTC."""
    return _source()


def today() -> date:
    """The day in UTC: the finest time kept in rows that must not tell when somebody was here."""
    return now().date()


def monday() -> date:
    """The first day of this week in UTC: fine enough for what others may read of when somebody did something."""
    return today() - timedelta(days=today().weekday())


def this_hour() -> datetime:
    """The hour that `now` is in: the finest time a masked post may carry."""
    return floor_hour(now())


def floor_hour(moment: datetime) -> datetime:
    """`moment` without its minutes."""
    return moment.replace(minute=0, second=0, microsecond=0)


def from_hours(hours: int) -> datetime:
    """The hour that is this many hours after 1970, as written in an address."""
    return datetime.fromtimestamp(hours * 3600, UTC)


def half_month_end(moment: datetime) -> datetime:
    """The next 1st or 16th at least 30 days after `moment`.

    Sessions of an own device end on such steps only, so that the column cannot be read as "last seen on" (attack of
    decisions.md: `last_seen` to the day found 13.4 % of masked authors).
    """
    return _half_month_after((moment + timedelta(days=30)).date())


@lru_cache(maxsize=8)
def _half_month_after(day: date) -> datetime:
    """Asked by every page, and the same for a whole day."""
    step = datetime(day.year, day.month, 16, tzinfo=UTC)
    if day.day < 16:
        return step
    return (step.replace(day=28) + timedelta(days=4)).replace(day=1)


def is_the_machines() -> bool:
    """Whether the time is this machine's own, and so may differ from another machine's."""
    return _source is _machine


def use(source: Callable[[], datetime]) -> Callable[[], datetime]:
    """Take the time from `source` from now on; gives the source before, so that a test can put it back."""
    global _source
    before, _source = _source, source
    return before
