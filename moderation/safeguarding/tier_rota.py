"""Which officer of an organisation is called first, and when: its week, bank holidays, dates that differ, swaps, and gaps.

A gap here loses no call: with nobody on the table the lead is called first. It shows who carries the nights alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select

from forum.base.db import row, rows
from forum.groups import duty
from forum.groups.duty import HORIZON_DAYS
from forum.groups.turn_steps import Table
from forum.models import Officer, OfficerRole, OfficerStanding
from moderation.safeguarding import bank_holidays
from moderation.safeguarding.people_models import CallSetting, TierDay, TierSlot, TierSwap

#: The day of the week that stands for every bank holiday.
HOLIDAY = 7
#: Until an organisation says otherwise.
ZONE = "Europe/London"
#: More turns than hours of the week are a slip.
TABLE = Table(TierSlot, TierDay, TierSwap, "organisation_id", most=168)


@dataclass(frozen=True)
class Clock:
    """The clock and the calendar of an organisation's table. :param nation: whose bank holidays; empty: none."""

    zone: ZoneInfo
    nation: str


@dataclass(frozen=True)
class Stretch:
    """One turn of one date, with the officer who holds it now.

    :param asked_by: who asked for a swap that nobody took yet.
    """

    slot_id: bytes | None
    day: date
    starts: time
    ends: time
    officer_id: bytes
    swap_id: bytes | None = None
    asked_by: bytes | None = None


@dataclass(frozen=True)
class Day:
    """One date. :param hours: for each of 24 hours by the wall, whether an officer is on the table for all of it."""

    day: date
    is_holiday: bool
    differs: bool
    stretches: tuple[Stretch, ...]
    hours: tuple[bool, ...]

    @property
    def gap(self) -> bool:
        """Some of it is nobody's."""
        return not all(self.hours)


@dataclass(frozen=True)
class _Table:
    slots: Sequence[Row[Any]]
    others: Sequence[Row[Any]]
    swaps: dict[tuple[bytes, date], Row[Any]]
    officers: frozenset[bytes]
    clock: Clock


def clock_of(organisation_id: bytes) -> Clock:
    """Its clock; London's and England's until it chose."""
    found = row(select(CallSetting.zone, CallSetting.holidays).where(CallSetting.organisation_id == organisation_id))
    return Clock(ZoneInfo(found.zone), found.holidays) if found else Clock(ZoneInfo(ZONE), "england")


def holders_now(organisation_id: bytes, now: datetime) -> frozenset[bytes]:
    """The officers whose turn it is."""
    table = _table(organisation_id, now)
    first = now.astimezone(table.clock.zone).date() - timedelta(days=1)
    found = [one for day in (first, first + timedelta(days=1)) for one in _stretches(table, day)]
    return frozenset(one.officer_id for one in found if _is_on(one, table.clock.zone, now))


def _is_on(one: Stretch, zone: ZoneInfo, now: datetime) -> bool:
    turn = duty.turn_on(one.day, one.starts, one.ends, zone)
    return turn.starts <= now < turn.ends


def next_days(organisation_id: bytes, now: datetime) -> list[Day]:
    """The next fourteen days as they stand."""
    table = _table(organisation_id, now)
    today = now.astimezone(table.clock.zone).date()
    dates = [today + timedelta(days=n) for n in range(-1, HORIZON_DAYS)]
    by_day = {day: _stretches(table, day) for day in dates}
    return [_day(table, day, by_day) for day in dates[1:]]


def list_slots(organisation_id: bytes) -> Sequence[Row[Any]]:
    """The week, from Monday on; bank holidays last."""
    columns = (TierSlot.id, TierSlot.weekday, TierSlot.starts, TierSlot.ends, TierSlot.officer_id)
    return rows(
        select(*columns)
        .where(TierSlot.organisation_id == organisation_id)
        .order_by(TierSlot.weekday, TierSlot.starts, TierSlot.id)
    )


def list_others(organisation_id: bytes, since: date) -> Sequence[Row[Any]]:
    """Dates that differ, from `since` on."""
    columns = (TierDay.id, TierDay.day, TierDay.starts, TierDay.ends, TierDay.officer_id)
    return rows(
        select(*columns)
        .where(TierDay.organisation_id == organisation_id, TierDay.day >= since)
        .order_by(TierDay.day, TierDay.starts)
    )


def _table(organisation_id: bytes, now: datetime) -> _Table:
    known = clock_of(organisation_id)
    since = now.astimezone(known.zone).date() - timedelta(days=1)
    in_office = rows(
        select(Officer.id).where(
            Officer.organisation_id == organisation_id,
            Officer.standing == OfficerStanding.ACTIVE,
            Officer.role.not_in((OfficerRole.CONFIRMER, OfficerRole.INTERIM)),
        )
    )
    return _Table(
        list_slots(organisation_id),
        list_others(organisation_id, since),
        TABLE.list_swaps(organisation_id, since),
        frozenset(r.id for r in in_office),
        known,
    )


def _stretches(table: _Table, day: date) -> list[Stretch]:
    """The turns that begin on a date. What an officer held who left their office is nobody's."""
    hours = duty.hours_of_day(day, table.slots, table.others, _weekday(table, day))
    found = [_stretch(table, day, one) for one in hours]
    return [one for one in found if one.officer_id in table.officers]


def _weekday(table: _Table, day: date) -> int:
    """A bank holiday has hours of its own, once the table has any."""
    of_holidays = any(one.weekday == HOLIDAY for one in table.slots)
    is_one = of_holidays and bank_holidays.is_holiday(table.clock.nation, day)
    return HOLIDAY if is_one else day.weekday()


def _stretch(table: _Table, day: date, one: Row[Any]) -> Stretch:
    swap = table.swaps.get((one.id, day))
    holder = swap.taken_by if swap is not None and swap.taken_by else one.officer_id
    slot_id = one.id if hasattr(one, "weekday") else None
    hours = (time.fromisoformat(one.starts), time.fromisoformat(one.ends))
    asked_by = swap.asked_by if swap is not None and not swap.taken_by else None
    return Stretch(slot_id, day, *hours, holder, swap.id if swap is not None else None, asked_by)


def _day(table: _Table, day: date, by_day: dict[date, list[Stretch]]) -> Day:
    zone = table.clock.zone
    near = [*by_day.get(day - timedelta(days=1), []), *by_day[day]]
    turns = [duty.turn_on(one.day, one.starts, one.ends, zone) for one in near]
    return Day(
        day=day,
        is_holiday=bank_holidays.is_holiday(table.clock.nation, day),
        differs=any(one.day == day for one in table.others),
        stretches=tuple(by_day[day]),
        hours=tuple(_is_covered(day, n, turns, zone) for n in range(24)),
    )


def _is_covered(day: date, n: int, turns: list[duty.Turn], zone: ZoneInfo) -> bool:
    """Whether somebody is there for all of an hour by the wall; an hour that the clock jumps over is nobody's to miss."""
    hour = duty.turn_on(day, time(n), time((n + 1) % 24), zone)
    at = hour.starts
    for turn in sorted(turns, key=lambda t: t.starts):
        if turn.starts <= at < turn.ends:
            at = turn.ends
    return at >= hour.ends
