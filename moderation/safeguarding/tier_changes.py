"""Changing the officers' table. It decides who is called first, so an officer or an admin changes it; a swap is between two
officers, and whoever asks keeps the turn until somebody takes it."""

from datetime import date
from typing import Any

from sqlalchemy import select

from forum.accounts import staff
from forum.base.db import row
from forum.base.errors import Invalid, NotAllowed, NotFound
from forum.base.transaction import retrying, transaction
from forum.base.words import _
from forum.groups.turn_steps import check_day, read_time
from forum.policy.actor import Actor
from forum.policy.permissions import Denial, may_administer, require
from moderation.safeguarding import responders
from moderation.safeguarding.people_models import TierSlot, TierSwap
from moderation.safeguarding.responders import Responder
from moderation.safeguarding.tier_rota import HOLIDAY, TABLE


def may_change(actor: Actor, organisation_id: bytes) -> Responder | None:
    """The officer who asks; None for an admin.

    :raises NotFound: neither, or of another organisation.
    """
    me = responders.find_officer(actor)
    if me is not None and me.organisation_id == organisation_id:
        return me
    require(may_administer, actor, staff.find_staff(actor).of(organisation_id))
    return None


def add_slot(actor: Actor, organisation_id: bytes, weekday: int, hours: tuple[str, str], officer_id: bytes) -> None:
    """An officer is called first at these hours every week.

    :param weekday: 0 = Monday; 7 = every bank holiday. :raises Invalid: no such day, time or officer. :raises NotFound: see `may_change`.
    """
    may_change(actor, organisation_id)
    with transaction():
        if not 0 <= weekday <= HOLIDAY:
            raise Invalid(_("Choose a day of the week."), "weekday")
        values = _checked(organisation_id, hours, officer_id)
        TABLE.add_slot(organisation_id, weekday=weekday, **values)


def remove_slot(actor: Actor, organisation_id: bytes, slot_id: bytes) -> None:
    """Nobody is called first at these hours any more; their swaps go with them."""
    may_change(actor, organisation_id)
    with transaction():
        TABLE.remove_slot(organisation_id, slot_id)


@retrying
def set_day(
    actor: Actor, organisation_id: bytes, day: date, hours: tuple[str, str] | None, officer_id: bytes | None
) -> None:
    """One date that differs: nobody (None), or other hours, added to those that the date has already.

    :raises Invalid: a date that is past or too far off, no such time or officer.
    """
    may_change(actor, organisation_id)
    with transaction():
        none: dict[str, Any] = {"starts": "", "ends": "", "officer_id": None}
        TABLE.set_day(organisation_id, day, **(none if hours is None else _checked(organisation_id, hours, officer_id)))


def remove_day(actor: Actor, organisation_id: bytes, day_id: bytes) -> None:
    """The date is as every week again, or has these hours no more."""
    may_change(actor, organisation_id)
    with transaction():
        TABLE.remove_day(organisation_id, day_id)


def _checked(organisation_id: bytes, hours: tuple[str, str], officer_id: bytes | None) -> dict[str, Any]:
    held = {one.id for one in responders.of_organisation(organisation_id) if one.may_own}
    if officer_id not in held:
        raise Invalid(_("Choose one of the officers."), "who")
    return {"starts": read_time(hours[0], "starts"), "ends": read_time(hours[1], "ends"), "officer_id": officer_id}


# --- Swaps ---


@retrying
def ask_swap(actor: Actor, slot_id: bytes, day: date) -> None:
    """Ask the other officers to take one's own turn on one date.

    :raises NotFound: no such turn. :raises NotAllowed: not one's own turn, or asked before.
    """
    me = _officer(actor)
    with transaction():
        slot = row(
            select(TierSlot.officer_id).where(TierSlot.id == slot_id, TierSlot.organisation_id == me.organisation_id)
        )
        if slot is None:
            raise NotFound(str(Denial.NOT_A_MEMBER.value))
        check_day(day)
        if row(select(TierSwap.id).where(TierSwap.slot_id == slot_id, TierSwap.day == day)) is not None:
            raise NotAllowed(_("A swap for this turn was asked for already."))
        if slot.officer_id != me.id:
            raise NotAllowed(_("This is not your turn, so you need not give it away."))
        TABLE.ask_swap(slot_id, day, me.id)


def take_swap(actor: Actor, swap_id: bytes) -> None:
    """Take somebody else's turn: from now on one is called first in it.

    :raises Conflict: somebody else took it. :raises NotAllowed: one's own. :raises NotFound: it was called off.
    """
    me = _officer(actor)
    with transaction():
        if not me.may_own:
            raise NotAllowed(_("You confirm what others do, so nobody calls you first."))
        TABLE.take_swap(me.organisation_id, swap_id, me.id)


def drop_swap(actor: Actor, swap_id: bytes) -> None:
    """Call off a swap that nobody took: the turn is one's own as before. :raises NotAllowed: it was taken, or is not one's own."""
    me = _officer(actor)
    with transaction():
        swap = TABLE.find_swap(me.organisation_id, swap_id)
        if swap.asked_by != me.id or swap.taken_by is not None:
            raise NotAllowed(_("Somebody took this turn. Please agree with them first."))
        TABLE.drop_swap(swap_id)


def _officer(actor: Actor) -> Responder:
    found = responders.find_officer(actor)
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return found
