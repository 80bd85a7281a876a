"""Who looks after a group when: the week, dates that differ, and what nobody holds in the next fourteen days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from forum.base import clock
from forum.base.db import rows
from forum.base.idents import write_ident
from forum.base.keyring import Scope
from forum.groups import duty, queries
from forum.groups.duty import HORIZON_DAYS, Turn
from forum.groups.turn_steps import Table
from forum.models import DutyException, DutySlot, DutySwap, Persona
from forum.policy.actor import Actor, Membership
from forum.policy.permissions import may_look_after, require

#: A week of turns of half an hour has 336; a table with more than these cannot be looked after by anybody.
TABLE = Table(DutySlot, DutyException, DutySwap, "group_id", most=100)


@dataclass(frozen=True)
class Stretch:
    """One turn of one date, with whoever is responsible for it now.

    :param name: of the persona, or what the table says in words; empty for anybody of the team.
    :param swap_id: of a swap that was asked for. :param mine: the reader is responsible.
    """

    slot_id: bytes | None
    day: date
    starts: time
    ends: time
    name: str
    held: bool
    mine: bool
    swap_id: bytes | None = None
    asked: bool = False
    by_me: bool = False


@dataclass(frozen=True)
class Day:
    """One date of the next fourteen days.

    :param hours: for each of its 24 hours by the wall, 0 nobody, 1 part of it, 2 all of it.
    """

    day: date
    stretches: tuple[Stretch, ...]
    differs: bool
    hours: tuple[int, ...]

    @property
    def gap(self) -> bool:
        """Nobody looks on this date, or a turn of it has nobody who holds it."""
        return not any(self.hours) or any(not one.held for one in self.stretches)


#: Stands where a name would for somebody who is of the team no more; as a name it would be refused.
GONE = "-"


@dataclass(frozen=True)
class Rota:
    """What the page of duty times shows."""

    slots: Sequence[Any]
    others: Sequence[Any]
    days: tuple[Day, ...]
    team: Mapping[bytes, str]

    def holder(self, one: Any) -> str:
        """Who has a time of the week or a date: a name, "" for anybody of the team, GONE for one who left it."""
        if one.persona_id is None:
            return ""
        return self.team.get(one.persona_id, GONE)

    @property
    def team_options(self) -> list[tuple[str, str]]:
        """The team for a form."""
        return options(self.team)

    @property
    def asked(self) -> list[Stretch]:
        """Turns of these days that somebody asks another to take."""
        return [turn for day in self.days for turn in day.stretches if turn.asked]


def options(team: Mapping[bytes, str]) -> list[tuple[str, str]]:
    """Personas as a form names them."""
    return [(write_ident(ident), name) for ident, name in team.items()]


def get_rota(actor: Actor, scope: Scope, zone: str) -> Rota:
    """The table, and the next fourteen days as they stand. :raises NotFound: not of the team."""
    require(may_look_after, actor, scope.group_id)
    me = actor.membership_in(scope.group_id)
    assert me is not None
    today = clock.now().astimezone(ZoneInfo(zone)).date()
    slots, others, swaps = (
        list_slots(scope),
        list_others(scope, today),
        TABLE.list_swaps(scope.group_id, today - timedelta(days=1)),
    )
    team = list_team(scope)
    turns = queries.list_turns(scope.group_id, zone, clock.now())
    days = tuple(
        _day(today + timedelta(days=n), slots, others, swaps, team, me, turns, ZoneInfo(zone))
        for n in range(HORIZON_DAYS)
    )
    return Rota(slots, others, days, team)


def list_on(actor: Actor, scope: Scope, zone: str) -> list[Stretch]:
    """The turns that are on now, with who has each; what began yesterday and goes on after midnight too.

    :raises NotFound: not of the team.
    """
    require(may_look_after, actor, scope.group_id)
    me = actor.membership_in(scope.group_id)
    assert me is not None
    now, clock_here = clock.now(), ZoneInfo(zone)
    today = now.astimezone(clock_here).date()
    first = today - timedelta(days=1)
    slots, others, swaps = list_slots(scope), list_others(scope, first), TABLE.list_swaps(scope.group_id, first)
    team = list_team(scope)
    found = [
        turn for day in (first, today) for turn in _day(day, slots, others, swaps, team, me, (), clock_here).stretches
    ]
    hours = [(duty.turn_on(one.day, one.starts, one.ends, clock_here), one) for one in found if one.held]
    return [one for turn, one in hours if turn.starts <= now < turn.ends]


def holders_now(scope: Scope, zone: str, now: datetime) -> set[bytes | None]:
    """Whose turn it is at this time, whoever asks; None stands for a turn of anybody of the team."""
    clock_here = ZoneInfo(zone)
    first = now.astimezone(clock_here).date() - timedelta(days=1)
    slots, others, swaps = list_slots(scope), list_others(scope, first), TABLE.list_swaps(scope.group_id, first)
    found = set()
    for day in (first, first + timedelta(days=1)):
        for one in duty.hours_of_day(day, slots, others):
            swap = swaps.get((one.id, day))
            turn = duty.turn_on(day, _time(one.starts), _time(one.ends), clock_here)
            if turn.starts <= now < turn.ends:
                found.add(swap.taken_by if swap is not None and swap.taken_by else one.persona_id)
    return found


def list_team(scope: Scope) -> dict[bytes, str]:
    """Who can hold a turn: the team by name."""
    of_team = (Persona.group_id == scope.group_id, queries.on_team(Persona.id))
    return {r.id: r.name for r in rows(select(Persona.id, Persona.name).where(*of_team).order_by(Persona.name))}


def list_slots(scope: Scope) -> Sequence[Any]:
    """The week, from Monday on."""
    return rows(
        select(DutySlot.id, DutySlot.weekday, DutySlot.starts, DutySlot.ends, DutySlot.who, DutySlot.persona_id)
        .where(DutySlot.group_id == scope.group_id)
        .order_by(DutySlot.weekday, DutySlot.starts, DutySlot.id)
    )


def list_others(scope: Scope, since: date) -> Sequence[Any]:
    """Dates that differ, from `since` on."""
    columns = (DutyException.id, DutyException.day, DutyException.starts, DutyException.ends, DutyException.persona_id)
    return rows(
        select(*columns)
        .where(DutyException.group_id == scope.group_id, DutyException.day >= since)
        .order_by(DutyException.day, DutyException.starts)
    )


def _day(
    day: date,
    slots: Sequence[Any],
    others: Sequence[Any],
    swaps: Mapping[tuple[bytes, date], Any],
    team: Mapping[bytes, str],
    me: Membership,
    turns: Sequence[Turn],
    zone: ZoneInfo,
) -> Day:
    different = [o for o in others if o.day == day]
    if different:
        stretches = [_other(o, team, me) for o in different if o.starts]
    else:
        stretches = [_regular(s, day, swaps.get((s.id, day)), team, me) for s in slots if s.weekday == day.weekday()]
    return Day(day, tuple(stretches), bool(different), _hours_of(day, turns, zone))


def _other(found: Any, team: Mapping[bytes, str], me: Membership) -> Stretch:
    held = found.persona_id is None or found.persona_id in team
    name, mine = team.get(found.persona_id, ""), found.persona_id == me.persona_id
    return Stretch(None, found.day, _time(found.starts), _time(found.ends), name, held, mine)


def _regular(slot: Any, day: date, swap: Any, team: Mapping[bytes, str], me: Membership) -> Stretch:
    taken = swap.taken_by if swap is not None else None
    who = taken or slot.persona_id
    return Stretch(
        slot_id=slot.id,
        day=day,
        starts=_time(slot.starts),
        ends=_time(slot.ends),
        name=team.get(who, "") if who else slot.who,
        held=who is None or who in team,
        mine=who == me.persona_id,
        swap_id=swap.id if swap is not None else None,
        asked=swap is not None and taken is None,
        by_me=swap is not None and swap.asked_by == me.persona_id,
    )


def _hours_of(day: date, turns: Sequence[Turn], zone: ZoneInfo) -> tuple[int, ...]:
    """How much of each hour of a date somebody is here; what the wall skips that night is nobody's."""
    return tuple(_share(duty.turn_on(day, time(n), time((n + 1) % 24), zone), turns) for n in range(24))


def _share(hour: Turn, turns: Sequence[Turn]) -> int:
    covered = sum(
        (min(t.ends, hour.ends) - max(t.starts, hour.starts)).total_seconds()
        for t in turns
        if t.starts < hour.ends and t.ends > hour.starts
    )
    length = (hour.ends - hour.starts).total_seconds()
    return 0 if covered <= 0 else 2 if covered >= length else 1


_time = time.fromisoformat
