"""Officers, their shifts and their calls go with the seventh schema; accounts, groups and admins stay, and no officer becomes one."""

from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask

from forum.accounts import links
from forum.base import clock
from forum.base.db import db, rows
from forum.base.idents import new_ident
from forum.base.transaction import here, transaction
from forum.models import (
    Account,
    Group,
    LinkPurpose,
    Officer,
    OfficerRole,
    OfficerStanding,
    Organisation,
    Staff,
)
from moderation.models import CaseItem
from moderation.safeguarding import channels, settings
from moderation.safeguarding.channels import Way
from moderation.safeguarding.people_models import ChannelKind, Drill, FactorReset, ItemCall, TierDay, TierSlot, TierSwap
from tests.migrations import carried
from tests.migrations.test_migrations import app, empty, upgraded  # noqa: F401 - fixtures

TABLES = [
    "officer",
    "call_setting",
    "call_channel",
    "call_drill",
    "tier_slot",
    "tier_day",
    "tier_swap",
    "factor_reset",
    "item_call",
]


def test_r14_officers_go_with_the_seventh_schema_and_nobody_becomes_an_admin(
    upgraded: Callable[[str], tuple[Flask, object]],  # noqa: F811
) -> None:
    program, _known = upgraded("0003")
    with program.app_context():
        assert carried.counts(db.engine, TABLES) == dict.fromkeys(TABLES, 0)
        before = _kept()
        _fill(rows(sa.select(Organisation.id))[0].id)
        assert carried.counts(db.engine, TABLES) == dict.fromkeys(TABLES, 1)
    carried.migrate(program, "0006")
    with program.app_context():
        assert rows(sa.text("SELECT tag FROM one_time_link WHERE purpose = 'officer'")) == []
    carried.migrate(program, "head")
    with program.app_context():
        assert carried.counts(db.engine, TABLES) == dict.fromkeys(TABLES, 0)
        assert _kept() == before


def _fill(organisation_id: bytes) -> None:
    officer, slot, house = new_ident(), new_ident(), {"organisation_id": organisation_id}
    hours = {"starts": "19:00", "ends": "21:00", "officer_id": officer}
    with transaction():
        what = {"role": OfficerRole.LEAD, "name": "Lee", "standing": OfficerStanding.INVITED}
        here().execute(sa.insert(Officer).values(id=officer, **house, **what))
        links.make_link(LinkPurpose.OFFICER, made_by=officer, **house)
        settings.keep(organisation_id, zone="Europe/London")
        channels.keep_here(officer, ChannelKind.MAIL, Way("lee@example.org"))
        here().execute(sa.insert(Drill).values(responder_id=officer, begun_at=clock.now(), **house))
        here().execute(sa.insert(TierSlot).values(id=slot, weekday=0, **house, **hours))
        here().execute(sa.insert(TierDay).values(day=clock.today(), **house, **hours))
        here().execute(sa.insert(TierSwap).values(slot_id=slot, day=clock.today(), asked_by=officer))
        here().execute(sa.insert(FactorReset).values(officer_id=officer, first_by=new_ident()))
        here().execute(sa.insert(ItemCall).values(item_id=rows(sa.select(CaseItem.id))[0].id, step=1))


def _kept() -> list[object]:
    found = (sa.select(Account.id), sa.select(Group.id, Group.name), sa.select(Staff.id, Staff.role))
    return [sorted(map(tuple, rows(one)), key=repr) for one in found]
