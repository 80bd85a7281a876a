"""Changing duty times. They move what every page says about somebody being here, so a facilitator changes them; a swap
is between the two people whom it concerns."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, update

from forum.base.db import row
from forum.base.errors import Invalid, NotAllowed, NotFound
from forum.base.keyring import Scope
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.groups.rota import TABLE, list_team
from forum.groups.turn_steps import check_day, read_time
from forum.models import DutySlot, DutySwap
from forum.policy.actor import Actor, Membership
from forum.policy.members import actor_in
from forum.policy.permissions import Denial, may_facilitate, may_look_after, require


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
        TABLE.add_slot(scope.group_id, who="", **values)


def change_slot(actor: Actor, scope: Scope, slot_id: bytes, weekday: int, hours: Hours) -> None:
    """Other hours, or somebody else, from now on. Swaps of the old turn were about the old turn, so they go."""
    with transaction():
        _require_facilitator(actor, scope)
        values = _weekday(weekday) | _checked(scope, hours)
        TABLE.forget_swaps(scope.group_id, slot_id)
        words = {"who": ""} if hours.who else {}
        changed = update(DutySlot).where(DutySlot.id == slot_id, DutySlot.group_id == scope.group_id)
        here().execute(changed.values(**values, **words).execution_options(synchronize_session=False))


def remove_slot(actor: Actor, scope: Scope, slot_id: bytes) -> None:
    """Nobody comes at these hours any more."""
    with transaction():
        _require_facilitator(actor, scope)
        TABLE.remove_slot(scope.group_id, slot_id)


def set_other_day(actor: Actor, scope: Scope, day: date, hours: Hours | None) -> None:
    """One date that differs: nobody (None), or other hours. Hours are added to those that the date has already.

    :raises Invalid: a date that is past or too far off, no such time or person.
    """
    with transaction():
        _require_facilitator(actor, scope)
        values = _checked(scope, hours) if hours else {"starts": "", "ends": "", "persona_id": None}
        TABLE.set_day(scope.group_id, day, **values)


def remove_other_day(actor: Actor, scope: Scope, exception_id: bytes) -> None:
    """The date is as every week again, or has these hours no more."""
    with transaction():
        _require_facilitator(actor, scope)
        TABLE.remove_day(scope.group_id, exception_id)


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
        "starts": read_time(hours.starts, "starts"),
        "ends": read_time(hours.ends, "ends"),
        "persona_id": hours.who,
    }


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
        check_day(day)
        TABLE.drop_past(scope.group_id)
        swap = row(select(DutySwap.id, DutySwap.taken_by).where(DutySwap.slot_id == slot_id, DutySwap.day == day))
        if swap is not None and swap.taken_by != me.persona_id:
            raise NotAllowed(_("A swap for this turn was asked for already."))
        if swap is None and slot.persona_id != me.persona_id:
            raise NotAllowed(_("This is not your turn, so you need not give it away."))
        if swap is not None:
            raise NotAllowed(_("You took this turn from somebody. Please ask a facilitator to change it."))
        TABLE.ask_swap(slot_id, day, me.persona_id)


def take_swap(actor: Actor, scope: Scope, swap_id: bytes) -> None:
    """Take somebody else's turn. From now on one is responsible for it.

    :raises Conflict: somebody else took it first. :raises NotAllowed: one's own. :raises NotFound: it was called off.
    """
    with transaction():
        me = _require_team(actor, scope)
        TABLE.take_swap(scope.group_id, swap_id, me.persona_id)


def drop_swap(actor: Actor, scope: Scope, swap_id: bytes) -> None:
    """Call off a swap that nobody took: the turn is one's own as before. A facilitator may end any.

    :raises NotAllowed: somebody took it, or it is not one's own.
    """
    with transaction():
        me = _require_team(actor, scope)
        swap = TABLE.find_swap(scope.group_id, swap_id)
        own = swap.asked_by == me.persona_id and swap.taken_by is None
        if not own and may_facilitate(actor_in(actor, scope), scope.group_id):
            raise NotAllowed(_("Somebody took this turn. Please ask a facilitator to change it."))
        TABLE.drop_swap(swap_id)


def _require_team(actor: Actor, scope: Scope) -> Membership:
    now = actor_in(actor, scope)
    require(may_look_after, now, scope.group_id)
    return now.memberships[scope.group_id]
