"""Reading groups: cards for everyone, the rest for members."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, Row, and_, bindparam, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from forum.base import clock
from forum.base.db import row, rows
from forum.base.hot import Hot
from forum.base.keyring import Scope
from forum.groups import duty
from forum.models import DutyException, DutySlot, DutySwap, Group, Listing, Organisation, Persona, Role
from forum.policy import audience
from forum.policy.actor import Actor
from forum.policy.members import NOT_IN, actor_in, list_scopes

MOST_LISTED = 50


def find_card(address: str) -> Row | None:
    """A group's public card by its short address."""
    if "\0" in address:
        return None  # no address has it, and PostgreSQL refuses to look for it
    return cast("Row | None", _CARD.row({"address": address}))


_CARD = Hot(
    select(
        Group.id,
        Group.organisation_id,
        Group.address,
        Group.name,
        Group.benefits,
        Group.who_for,
        Group.expect,
        Group.hours,
        Group.facilitators,
        Group.zone,
        Group.door,
        Group.listing,
        Group.opened_at,
        Group.hold_newcomers,
        Group.holds,
        Organisation.name.label("organisation"),
        Organisation.nation,
        Organisation.complaints,
    )
    .join(Organisation, Organisation.id == Group.organisation_id)
    .where(Group.address == bindparam("address"))
)


def scope_of(card: Row) -> Scope:
    """The scope of a card's group."""
    return Scope(card.organisation_id, card.id)


def list_cards() -> Sequence[Row]:
    """Groups that show themselves on the first page; some of them by their name only."""
    return rows(
        select(
            Group.address,
            Group.name,
            case((Group.listing == Listing.LISTED, Group.who_for), else_="").label("who_for"),
        )
        .where(Group.listing != Listing.UNLISTED, Group.opened_at.is_not(None))
        .order_by(Group.name)
        .limit(MOST_LISTED)
    )


def list_for_operator(organisation: str) -> Sequence[Row]:
    """All groups, or those of one organisation, hidden ones too: whoever runs the machine can see them anyway.

    :param organisation: its name; "" for all.
    """
    statement = (
        select(Group.id, Group.address, Group.door, Group.listing, Organisation.name.label("organisation"))
        .join(Organisation, Organisation.id == Group.organisation_id)
        .order_by(Organisation.name, Group.address)
    )
    return rows(statement.where(Organisation.name == organisation) if organisation else statement)


def find_address(group_id: bytes) -> str | None:
    """A group's short address."""
    found = row(select(Group.address).where(Group.id == group_id))
    return found.address if found else None


def list_mine(actor: Actor) -> list[tuple[Row, Actor]]:
    """The groups this person is in, each with who they are there. Nobody else can ask this."""
    if actor.account_id is None:
        return []
    found = []
    for scope in list_scopes(actor.account_id):
        inside = actor_in(actor, scope)
        card = row(select(Group.id, Group.address, Group.name).where(Group.id == scope.group_id))
        if card and inside.memberships:
            found.append((card, inside))
    return sorted(found, key=lambda pair: pair[0].name)


def taken_skeletons(group_id: bytes, wanted: set[str]) -> set[str]:
    """Which of these name skeletons are in use in the group."""
    return {
        r.skeleton
        for r in rows(select(Persona.skeleton).where(Persona.group_id == group_id, Persona.skeleton.in_(list(wanted))))
    }


def count_members(group_id: bytes, readers: int = audience.EVERYONE) -> int:
    """How many people can read this group, or a board of it.

    :param readers: of the board, as `forum.policy.audience` counts.
    """
    here = select(func.count()).where(Persona.group_id == group_id, Persona.standing.not_in(NOT_IN))
    found = row(here.where(audience.personas_of(readers)))
    return int(found[0]) if found else 0


def list_turns(group_id: bytes, zone: str, now: datetime) -> list[duty.Turn]:
    """When somebody looks after the group, around now. A turn whose person left the team is nobody's."""
    asked = {"group": group_id, "since": clock.today() - timedelta(days=2)}
    found = _SLOTS.rows(asked)
    swaps: dict[bytes, list[tuple[date, bool]]] = defaultdict(list)
    for r in found:
        if r.day is not None:
            swaps[r.id].append((r.day, bool(r.taken)))
    slots = [
        duty.Slot(r.weekday, _time(r.starts), _time(r.ends), bool(r.held), tuple(swaps[r.id]))
        for r in {r.id: r for r in found}.values()
    ]
    others = [
        duty.OtherDay(r.day, _time(r.starts) if r.starts else None, _time(r.ends) if r.ends else None, bool(r.held))
        for r in _OTHER_DAYS.rows(asked)
    ]
    return duty.turns(slots, others, ZoneInfo(zone), now)


def is_staffed(group_id: bytes, zone: str) -> bool:
    """Whether somebody of the team is on duty now."""
    now = clock.now()
    return duty.current_turn(list_turns(group_id, zone, now), now) is not None


def on_team(persona_id: Any) -> ColumnElement[bool]:
    """Whether a persona looks after its group now, as part of a query."""
    here = aliased(Persona)
    stays = [here.standing != standing for standing in NOT_IN]  # written out, for statements that are compiled once
    return exists(select(here.id).where(here.id == persona_id, here.role != Role.MEMBER, *stays))


def held(persona_id: Any) -> ColumnElement[bool]:
    """Whether somebody holds a turn: its person is of the team, or none is named and it is anybody's of the team."""
    return or_(persona_id.is_(None), on_team(persona_id))


_SWAPPED = and_(
    DutySwap.slot_id == DutySlot.id, DutySwap.taken_by.is_not(None), DutySwap.day >= bindparam("since", type_=Date)
)
_TURN = (DutySlot.id, DutySlot.weekday, DutySlot.starts, DutySlot.ends, held(DutySlot.persona_id).label("held"))
_SLOTS = Hot(
    select(*_TURN, DutySwap.day, on_team(DutySwap.taken_by).label("taken"))
    .outerjoin(DutySwap, _SWAPPED)
    .where(DutySlot.group_id == bindparam("group"))
)
_HOURS = (DutyException.day, DutyException.starts, DutyException.ends)
_OTHER_DAYS = Hot(
    select(*_HOURS, held(DutyException.persona_id).label("held")).where(
        DutyException.group_id == bindparam("group"), DutyException.day >= bindparam("since", type_=Date)
    )
)


def list_hours(group_id: bytes) -> Sequence[Row]:
    """The hours of every week that somebody holds, for the group's page outside: what may be published and no more."""
    return rows(
        select(DutySlot.weekday, DutySlot.starts, DutySlot.ends)
        .where(DutySlot.group_id == group_id, held(DutySlot.persona_id))
        .order_by(DutySlot.weekday, DutySlot.starts)
        .distinct()
    )


def duty_sentence(group_id: bytes, zone: str) -> str:
    """The one true sentence about somebody being here now."""
    now = clock.now()
    return duty.sentence(list_turns(group_id, zone, now), now, ZoneInfo(zone))


def _time(text: str) -> time:
    return time.fromisoformat(text)
