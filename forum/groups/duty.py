"""Who looks after a group when: the one source of every sentence about somebody being here.

Pure: slots and exceptions in, a sentence out. Times are the group's own clock, so the hour change moves nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import format_date, format_time

from forum.base.words import _

#: Further than this nobody should be promised anything.
HORIZON_DAYS = 14


@dataclass(frozen=True)
class Slot:
    """Every week on one weekday (0 = Monday); an end at or before the start is the next day."""

    weekday: int
    starts: time
    ends: time


@dataclass(frozen=True)
class OtherDay:
    """One date that differs. Without hours nobody is here; with hours they replace the week's."""

    day: date
    starts: time | None = None
    ends: time | None = None


@dataclass(frozen=True)
class Turn:
    """One stretch of time in which somebody looks after the group."""

    starts: datetime
    ends: datetime


def turns(slots: Iterable[Slot], others: Iterable[OtherDay], zone: ZoneInfo, now: datetime) -> list[Turn]:
    """All turns from yesterday to the horizon, in order, those that touch joined into one."""
    slots, others = list(slots), list(others)
    first = now.astimezone(zone).date() - timedelta(days=1)
    days = [first + timedelta(days=n) for n in range(HORIZON_DAYS + 2)]
    found = sorted((t for day in days for t in _turns_of(day, slots, others, zone)), key=lambda t: t.starts)
    joined: list[Turn] = []
    for turn in found:
        if joined and turn.starts <= joined[-1].ends:
            joined[-1] = Turn(joined[-1].starts, max(joined[-1].ends, turn.ends))
        else:
            joined.append(turn)
    return joined


def _turns_of(day: date, slots: list[Slot], others: list[OtherDay], zone: ZoneInfo) -> Iterator[Turn]:
    different = [o for o in others if o.day == day]
    if different:
        hours = [(o.starts, o.ends) for o in different if o.starts is not None and o.ends is not None]
    else:
        hours = [(s.starts, s.ends) for s in slots if s.weekday == day.weekday()]
    for starts, ends in hours:
        last = day if ends > starts else day + timedelta(days=1)
        yield Turn(datetime.combine(day, starts, zone), datetime.combine(last, ends, zone))


def current_turn(found: list[Turn], now: datetime) -> Turn | None:
    """The turn that is on now."""
    return next((t for t in found if t.starts <= now < t.ends), None)


def next_turn(found: list[Turn], now: datetime) -> Turn | None:
    """The next one to begin."""
    return next((t for t in found if t.starts > now), None)


def next_look(found: list[Turn], now: datetime) -> datetime | None:
    """When somebody will next look: now, at the next turn's start, or nobody knows."""
    if current_turn(found, now):
        return now
    following = next_turn(found, now)
    return following.starts if following else None


def sentence(found: list[Turn], now: datetime, zone: ZoneInfo) -> str:
    """What may truthfully be said about somebody being here. Nobody on the table is said as nobody."""
    on = current_turn(found, now)
    if on:
        return _("Someone from the team is here until %(time)s.", time=_clock(on.ends, zone))
    following = next_turn(found, now)
    if following is None:
        return _("No one from the team is due here at the moment.")
    day, today = following.starts.astimezone(zone).date(), now.astimezone(zone).date()
    at = _clock(following.starts, zone)
    if day == today:
        return _("No one from the team is here now. The next person looks today at %(time)s.", time=at)
    if day == today + timedelta(days=1):
        return _("No one from the team is here now. The next person looks tomorrow at %(time)s.", time=at)
    return _(
        "No one from the team is here now. The next person looks on %(day)s at %(time)s.",
        day=format_date(day, "EEEE d MMMM"),
        time=at,
    )


def _clock(moment: datetime, zone: ZoneInfo) -> str:
    return str(format_time(moment.astimezone(zone), "HH:mm", rebase=False))
