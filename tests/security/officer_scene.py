"""Offices, their table and their links for the table of routes: real ones, of each organisation."""

from typing import Any

from sqlalchemy import insert, select

from forum.base import clock
from forum.base.db import row
from forum.base.idents import new_ident
from forum.base.transaction import here, transaction
from forum.models import Officer, OfficerRole
from moderation.safeguarding import officers
from moderation.safeguarding.people_models import TierDay, TierSlot, TierSwap
from tests.world import GroupHere, World

Thing = tuple[dict[str, Any], dict[str, Any]]


def office_thing(world: World, endpoint: str, group: GroupHere) -> Thing | None:
    """What an address about officers takes, and the same of nothing that exists."""
    blueprint, name = endpoint.split(".")
    house = group.scope.organisation_id
    if endpoint in ("officers.show_link", "officers.accept"):
        with world.app.app_context():
            return {"secret": officers.invite(None, house, OfficerRole.LEAD, "Lee")}, {"secret": "never-existed"}
    if blueprint not in ("officers", "tier", "safety"):
        return None
    officer = _officer(world, house)
    if blueprint == "officers":
        return {"officer_id": officer}, {"officer_id": new_ident()}
    values: dict[str, Any] = {"organisation_id": house}
    ghost: dict[str, Any] = {"organisation_id": new_ident()}
    if blueprint == "safety" and name == "end":
        return values | {"officer_id": officer}, ghost | {"officer_id": new_ident()}
    table = _table(world, house, officer)
    wanted = {"remove_slot": "slot_id", "ask_swap": "slot_id", "remove_day": "day_id", "answer_swap": "swap_id"}
    if blueprint == "tier" and name in wanted:
        key = wanted[name]
        return values | {key: table[key]}, ghost | {key: new_ident()}
    return values, ghost


def _officer(world: World, organisation_id: bytes) -> bytes:
    with world.app.app_context():
        found = row(select(Officer.id).where(Officer.organisation_id == organisation_id))
        if found is None:
            officers.invite(None, organisation_id, OfficerRole.DEPUTY, "Dee")
            found = row(select(Officer.id).where(Officer.organisation_id == organisation_id))
        assert found
        return bytes(found.id)


def _table(world: World, organisation_id: bytes, officer_id: bytes) -> dict[str, bytes]:
    made = {"slot_id": new_ident(), "day_id": new_ident(), "swap_id": new_ident()}
    hours = {"starts": "19:00", "ends": "21:00", "officer_id": officer_id}
    day = clock.today()
    with world.app.app_context(), transaction():
        house = {"organisation_id": organisation_id}
        here().execute(insert(TierSlot).values(id=made["slot_id"], weekday=day.weekday(), **house, **hours))
        if row(select(TierDay.id).where(TierDay.organisation_id == organisation_id)) is None:
            here().execute(insert(TierDay).values(id=made["day_id"], day=day, **house, **hours))
        swap = {"slot_id": made["slot_id"], "day": day, "asked_by": officer_id, "taken_by": None}
        here().execute(insert(TierSwap).values(id=made["swap_id"], **swap))
    return made
