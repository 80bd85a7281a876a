"""Who looks after a group when: the one source of every sentence about somebody being here.

Pure: slots and exceptions in, a sentence out. Times are the group's own clock, so the hour change moves nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import format_date, format_time

from forum.base.words import _

#: Further than this nobody should be promised anything.
HORIZON_DAYS = 14


@dataclass(frozen=True)
class Slot:
    """Every week on one weekday (0 = Monday); an end at or before the start is the next day.

    :param held: whoever is named for it is of the team now, or nobody is named: then it is anybody of the team.
    :param swaps: dates on which somebody else took it, and whether they are of the team now.
    """

    weekday: int
    starts: time
    ends: time
    held: bool = True
    swaps: tuple[tuple[date, bool], ...] = ()

    def is_held(self, day: date) -> bool:
        """Whether somebody comes on this date. Who was relieved of a turn does not come for one who then left."""
        return dict(self.swaps).get(day, self.held)


@dataclass(frozen=True)
class OtherDay:
    """One date that differs. Without hours nobody is here; with hours they replace the week's.

    :param held: as for a slot.
    """

    day: date
    starts: time | None = None
    ends: time | None = None
    held: bool = True


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
        hours = [(o.starts, o.ends) for o in different if o.starts is not None and o.ends is not None and o.held]
    else:
        hours = [(s.starts, s.ends) for s in slots if s.weekday == day.weekday() and s.is_held(day)]
    for starts, ends in hours:
        turn = turn_on(day, starts, ends, zone)
        if turn.starts < turn.ends:
            yield turn


def hours_of_day(day: date, slots: Iterable[Any], others: Iterable[Any], weekday: int | None = None) -> list[Any]:
    """The rows of a table that hold on a date: those of the date itself if it differs, else those of its weekday.

    :param slots: with `weekday`. :param others: with `day`, and `starts` empty for nobody. :param weekday: if not its own.
    """
    different = [one for one in others if one.day == day]
    if different:
        return [one for one in different if one.starts]
    return [one for one in slots if one.weekday == (day.weekday() if weekday is None else weekday)]


def turn_on(day: date, starts: time, ends: time, zone: ZoneInfo) -> Turn:
    """The turn that begins on this date, by what a clock on the wall shows; empty if the clock jumps over all of it."""
    last = day if ends > starts else day + timedelta(days=1)
    return Turn(_first_shown(day, starts, zone), _first_shown(last, ends, zone))


def _first_shown(day: date, at: time, zone: ZoneInfo) -> datetime:
    """When a clock on the wall first shows this time, or jumps over it in the night when clocks go forward.

    In the night when they go back a time is shown twice; people come and go when they see it first.
    """
    moment = datetime.combine(day, at, zone).astimezone(UTC)
    if moment.astimezone(zone).time() == at:
        return moment
    before, after = datetime.combine(day, at, zone), datetime.combine(day, at, zone).replace(fold=1)
    skipped = (before.utcoffset() or timedelta()) - (after.utcoffset() or timedelta())
    return _jump(moment + skipped, moment, zone)


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The minute between the two at which the clock jumps."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(minutes=1):
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(second=0, microsecond=0)


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
