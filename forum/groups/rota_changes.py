"""Changing duty times. They move what every page says about somebody being here, so a facilitator changes them; a swap
is between the two people whom it concerns."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from forum.base import clock
from forum.base.db import row
from forum.base.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.groups.rota import list_team
from forum.models import DutyException, DutySlot, DutySwap
from forum.policy.actor import Actor, Membership
from forum.policy.members import actor_in
from forum.policy.permissions import Denial, may_facilitate, may_look_after, require

#: A week of turns of half an hour has 336; a table with more cannot be looked after by anybody.
MOST_SLOTS = 100
#: Dates that differ and asked swaps, still to come.
MOST_DATES = 200
#: Nobody plans further, and a slip of the year is noticed.
FURTHEST = timedelta(days=366)
#: What is past is kept for a week, so that the page can still say who was here.
PAST_KEPT = timedelta(days=7)


@dataclass(frozen=True)
class Hours:
    """What a form says about a turn.

    :param who: a persona of the team, or None for anybody of it.
    """

    starts: str
    ends: str
    who: bytes | None = None


# --- What a facilitator changes -------------------------------------------------------------------------------------


def add_slot(actor: Actor, scope: Scope, weekday: int, hours: Hours) -> None:
    """Somebody looks after the group at these hours every week.

    :param weekday: 0 = Monday. :raises Invalid: no such day, time or person. :raises NotFound, NotAllowed: no facilitator.
    """
    with transaction():
        _require_facilitator(actor, scope)
        values = _weekday(weekday) | _checked(scope, hours)
        counted = row(select(func.count()).where(DutySlot.group_id == scope.group_id))
        if counted and counted[0] >= MOST_SLOTS:
            raise Invalid(_("The table is full. Please remove a time first."), "weekday")
        here().execute(insert(DutySlot).values(id=new_ident(), group_id=scope.group_id, who="", **values))


def change_slot(actor: Actor, scope: Scope, slot_id: bytes, weekday: int, hours: Hours) -> None:
    """Other hours, or somebody else, from now on. Swaps of the old turn were about the old turn, so they go."""
    with transaction():
        _require_facilitator(actor, scope)
        values = _weekday(weekday) | _checked(scope, hours)
        _forget_swaps(scope, slot_id)
        words = {"who": ""} if hours.who else {}
        changed = update(DutySlot).where(DutySlot.id == slot_id, DutySlot.group_id == scope.group_id)
        here().execute(changed.values(**values, **words).execution_options(synchronize_session=False))


def remove_slot(actor: Actor, scope: Scope, slot_id: bytes) -> None:
    """Nobody comes at these hours any more."""
    with transaction():
        _require_facilitator(actor, scope)
        _forget_swaps(scope, slot_id)
        here().execute(delete(DutySlot).where(DutySlot.id == slot_id, DutySlot.group_id == scope.group_id))


def set_other_day(actor: Actor, scope: Scope, day: date, hours: Hours | None) -> None:
    """One date that differs: nobody (None), or other hours. Hours are added to those that the date has already.

    :raises Invalid: a date that is past or too far off, no such time or person.
    """
    with transaction():
        _require_facilitator(actor, scope)
        _check_day(day)
        values = _checked(scope, hours) if hours else {"starts": "", "ends": "", "persona_id": None}
        _drop_past(scope)
        old = delete(DutyException).where(DutyException.group_id == scope.group_id, DutyException.day == day)
        if hours:
            old = old.where(DutyException.starts.in_(["", values["starts"]]))
        here().execute(old.execution_options(synchronize_session=False))
        here().execute(insert(DutyException).values(id=new_ident(), group_id=scope.group_id, day=day, **values))


def remove_other_day(actor: Actor, scope: Scope, exception_id: bytes) -> None:
    """The date is as every week again, or has these hours no more."""
    with transaction():
        _require_facilitator(actor, scope)
        of_group = (DutyException.id == exception_id, DutyException.group_id == scope.group_id)
        here().execute(delete(DutyException).where(*of_group))


def _require_facilitator(actor: Actor, scope: Scope) -> Membership:
    now = actor_in(actor, scope)
    require(may_facilitate, now, scope.group_id)
    return now.memberships[scope.group_id]


def _weekday(weekday: int) -> dict[str, Any]:
    if not 0 <= weekday <= 6:
        raise Invalid(_("Choose a day of the week."), "weekday")
    return {"weekday": weekday}


def _checked(scope: Scope, hours: Hours) -> dict[str, Any]:
    if hours.who is not None and hours.who not in list_team(scope):
        raise Invalid(_("Choose somebody of the team, or leave it open."), "who")
    return {
        "starts": _clock(hours.starts, "starts"),
        "ends": _clock(hours.ends, "ends"),
        "persona_id": hours.who,
    }


def _clock(typed: str, field: str) -> str:
    try:
        return f"{time.fromisoformat(typed.strip()):%H:%M}"
    except ValueError as error:
        raise Invalid(_("Write the time as 19:00."), field) from error


def _check_day(day: date) -> None:
    today = clock.today()
    if not today - timedelta(days=1) <= day <= today + FURTHEST:
        raise Invalid(_("Choose a date in the next twelve months."), "day")


def _drop_past(scope: Scope) -> None:
    old = clock.today() - PAST_KEPT
    here().execute(delete(DutyException).where(DutyException.group_id == scope.group_id, DutyException.day < old))
    of_group = select(DutySlot.id).where(DutySlot.group_id == scope.group_id)
    here().execute(
        delete(DutySwap)
        .where(DutySwap.slot_id.in_(of_group), DutySwap.day < old)
        .execution_options(synchronize_session=False)
    )
    counted = row(select(func.count()).where(DutyException.group_id == scope.group_id))
    if counted and counted[0] >= MOST_DATES:
        raise Invalid(_("There are many dates here already. Please remove one first."), "day")


def _forget_swaps(scope: Scope, slot_id: bytes) -> None:
    """:raises NotFound: no such slot in this group."""
    found = row(select(DutySlot.id).where(DutySlot.id == slot_id, DutySlot.group_id == scope.group_id))
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    here().execute(delete(DutySwap).where(DutySwap.slot_id == slot_id))


# --- Swaps: between two people of the team ---------------------------------------------------------------------------


@retrying
def ask_swap(actor: Actor, scope: Scope, slot_id: bytes, day: date) -> None:
    """Ask the team to take one's own turn on one date. Until somebody does, one stays responsible.

    :raises NotFound: not of the team, or no such turn. :raises NotAllowed: not one's own turn, or asked before.
    """
    with transaction():
        me = _require_team(actor, scope)
        slot = row(
            select(DutySlot.weekday, DutySlot.persona_id).where(
                DutySlot.id == slot_id, DutySlot.group_id == scope.group_id
            )
        )
        if slot is None or slot.weekday != day.weekday():
            raise NotFound(str(Denial.NOT_A_MEMBER.value))
        _check_day(day)
        _drop_past(scope)
        swap = row(select(DutySwap.id, DutySwap.taken_by).where(DutySwap.slot_id == slot_id, DutySwap.day == day))
        if swap is not None and swap.taken_by != me.persona_id:
            raise NotAllowed(_("A swap for this turn was asked for already."))
        if swap is None and slot.persona_id != me.persona_id:
            raise NotAllowed(_("This is not your turn, so you need not give it away."))
        if swap is not None:
            raise NotAllowed(_("You took this turn from somebody. Please ask a facilitator to change it."))
        values = {"slot_id": slot_id, "day": day, "asked_by": me.persona_id, "taken_by": None}
        here().execute(insert(DutySwap).values(id=new_ident(), **values))


def take_swap(actor: Actor, scope: Scope, swap_id: bytes) -> None:
    """Take somebody else's turn. From now on one is responsible for it.

    :raises Conflict: somebody else took it first. :raises NotAllowed: one's own. :raises NotFound: it was called off.
    """
    with transaction():
        me = _require_team(actor, scope)
        swap = _swap_here(scope, swap_id)
        if swap.asked_by == me.persona_id:
            raise NotAllowed(_("You asked for this swap yourself. Somebody else has to take it."))
        free = (DutySwap.id == swap_id, DutySwap.taken_by.is_(None))
        taken = update(DutySwap).where(*free).values(taken_by=me.persona_id).returning(DutySwap.id)
        if here().execute(taken.execution_options(synchronize_session=False)).first() is None:
            raise Conflict(_("Somebody else took this turn already. Thank you all the same."))


def drop_swap(actor: Actor, scope: Scope, swap_id: bytes) -> None:
    """Call off a swap that nobody took: the turn is one's own as before. A facilitator may end any.

    :raises NotAllowed: somebody took it, or it is not one's own.
    """
    with transaction():
        me = _require_team(actor, scope)
        swap = _swap_here(scope, swap_id)
        own = swap.asked_by == me.persona_id and swap.taken_by is None
        if not own and may_facilitate(actor_in(actor, scope), scope.group_id):
            raise NotAllowed(_("Somebody took this turn. Please ask a facilitator to change it."))
        here().execute(delete(DutySwap).where(DutySwap.id == swap_id))


def _require_team(actor: Actor, scope: Scope) -> Membership:
    now = actor_in(actor, scope)
    require(may_look_after, now, scope.group_id)
    return now.memberships[scope.group_id]


def _swap_here(scope: Scope, swap_id: bytes) -> Any:
    found = row(
        select(DutySwap.asked_by, DutySwap.taken_by)
        .join(DutySlot, DutySlot.id == DutySwap.slot_id)
        .where(DutySwap.id == swap_id, DutySlot.group_id == scope.group_id)
    )
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return found
