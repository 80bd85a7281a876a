"""Which officer is called first: shifts by the clock on the wall, bank holidays, other dates, swaps, gaps."""

from datetime import UTC, date, datetime, timedelta

import pytest

from forum.base.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.base.idents import write_ident
from forum.models import OfficerRole
from moderation.safeguarding import bank_holidays, responders, tier_changes, tier_rota
from tests.safeguarding import arm
from tests.world import Moves, World, text_of


def test_bank_holidays_follow_their_rules() -> None:
    england = bank_holidays.holidays("england", 2027)
    assert sorted(day.isoformat() for day in england) == [
        "2027-01-01", "2027-03-26", "2027-03-29", "2027-05-03", "2027-05-31", "2027-08-30", "2027-12-27", "2027-12-28",
    ]  # fmt: skip
    assert date(2026, 4, 6) in bank_holidays.holidays("wales", 2026)
    assert date(2026, 4, 6) not in bank_holidays.holidays("scotland", 2026)
    assert {date(2026, 1, 2), date(2026, 8, 3), date(2026, 11, 30)} <= bank_holidays.holidays("scotland", 2026)
    assert {date(2027, 3, 17), date(2027, 7, 12)} <= bank_holidays.holidays("northern-ireland", 2027)
    assert bank_holidays.holidays("england", 2022) >= {date(2022, 12, 26), date(2022, 12, 27), date(2022, 1, 3)}
    assert bank_holidays.holidays("nowhere", 2026) == frozenset()
    for year, easter in ((2024, date(2024, 3, 31)), (2025, date(2025, 4, 20)), (2038, date(2038, 4, 25))):
        assert bank_holidays.easter_sunday(year) == easter


def test_the_table_says_who_is_called_first_and_a_gap_is_the_leads(world: World, moment: Moves) -> None:
    group = world.group()
    tier = arm(world, group)
    house, lead, deputy = group.scope.organisation_id, tier.ids[OfficerRole.LEAD], tier.ids[OfficerRole.DEPUTY]
    with world.app.app_context():
        assert [one.id for one in responders.on_duty_tier(house, moment.at)] == [lead]
        tier_changes.add_slot(tier.lead.device, house, 0, ("00:00", "08:00"), deputy)
        assert [one.id for one in responders.on_duty_tier(house, moment.at)] == [deputy]
        assert [one.id for one in responders.on_duty_tier(house, moment.at + timedelta(hours=6))] == [lead]
        days = tier_rota.next_days(house, moment.at)
        assert len(days) == 14
        assert days[0].hours[:9] == (True,) * 8 + (False,)
        assert all(day.gap for day in days)


def test_a_bank_holiday_has_hours_of_its_own(world: World) -> None:
    group = world.group()
    tier = arm(world, group)
    house = group.scope.organisation_id
    christmas = datetime(2026, 12, 25, 12, tzinfo=UTC)
    with world.app.app_context():
        tier_changes.add_slot(tier.lead.device, house, 4, ("00:00", "00:00"), tier.ids[OfficerRole.DEPUTY])
        assert tier_rota.holders_now(house, christmas) == {tier.ids[OfficerRole.DEPUTY]}, "no table for holidays"
        tier_changes.add_slot(tier.lead.device, house, 7, ("00:00", "00:00"), tier.ids[OfficerRole.INDEPENDENT])
        assert tier_rota.holders_now(house, christmas) == {tier.ids[OfficerRole.INDEPENDENT]}
        assert tier_rota.holders_now(house, christmas - timedelta(days=7)) == {tier.ids[OfficerRole.DEPUTY]}


def test_a_date_that_differs_replaces_its_day(world: World, moment: Moves) -> None:
    group = world.group()
    tier = arm(world, group)
    house, today = group.scope.organisation_id, moment.at.date()
    who = tier.lead.device
    with world.app.app_context():
        tier_changes.add_slot(who, house, 0, ("00:00", "08:00"), tier.ids[OfficerRole.DEPUTY])
        tier_changes.set_day(who, house, today, None, None)
        assert tier_rota.holders_now(house, moment.at) == frozenset()
        tier_changes.set_day(who, house, today, ("01:00", "03:00"), tier.ids[OfficerRole.LEAD])
        assert tier_rota.holders_now(house, moment.at) == {tier.ids[OfficerRole.LEAD]}
        other = tier_rota.list_others(house, today)[0]
        tier_changes.remove_day(who, house, other.id)
        assert tier_rota.holders_now(house, moment.at) == {tier.ids[OfficerRole.DEPUTY]}
        with pytest.raises(Invalid):
            tier_changes.set_day(who, house, today + timedelta(days=800), None, None)


def test_a_swap_counts_once_it_was_taken(world: World, moment: Moves) -> None:
    group = world.group()
    tier = arm(world, group)
    house, today = group.scope.organisation_id, moment.at.date()
    lead, deputy = tier.ids[OfficerRole.LEAD], tier.ids[OfficerRole.DEPUTY]
    with world.app.app_context():
        tier_changes.add_slot(tier.lead.device, house, 0, ("00:00", "08:00"), lead)
        slot = tier_rota.list_slots(house)[0].id
        with pytest.raises(NotAllowed):
            tier_changes.ask_swap(tier.deputy.device, slot, today)
        tier_changes.ask_swap(tier.lead.device, slot, today)
        assert tier_rota.holders_now(house, moment.at) == {lead}, "until somebody takes it"
        swap = tier_rota.next_days(house, moment.at)[0].stretches[0].swap_id
        assert swap
        with pytest.raises(NotAllowed):
            tier_changes.take_swap(tier.lead.device, swap)
        tier_changes.take_swap(tier.deputy.device, swap)
        assert tier_rota.holders_now(house, moment.at) == {deputy}
        with pytest.raises(Conflict):
            tier_changes.take_swap(tier.independent.device, swap)
        with pytest.raises(NotAllowed):
            tier_changes.drop_swap(tier.lead.device, swap)
        assert tier_rota.holders_now(house, moment.at + timedelta(days=7)) == {lead}, "one date alone"


@pytest.mark.parametrize(
    ("day", "before", "after"),
    [
        (date(2027, 3, 28), datetime(2027, 3, 28, 0, 59, tzinfo=UTC), datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),
        (date(2026, 10, 25), datetime(2026, 10, 25, 0, 29, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
    ids=["forward", "back"],
)
def test_when_clocks_change_nobody_comes_twice_and_no_hour_is_lost(
    world: World, moment: Moves, day: date, before: datetime, after: datetime
) -> None:
    group = world.group()
    moment.at = before - timedelta(days=2)
    tier = arm(world, group)
    house = group.scope.organisation_id
    lead, deputy = tier.ids[OfficerRole.LEAD], tier.ids[OfficerRole.DEPUTY]
    with world.app.app_context():
        tier_changes.add_slot(tier.lead.device, house, 6, ("00:00", "01:30"), lead)
        tier_changes.add_slot(tier.lead.device, house, 6, ("01:30", "23:00"), deputy)
        assert tier_rota.holders_now(house, before) == {lead}
        assert tier_rota.holders_now(house, after) == {deputy}
        found = next(one for one in tier_rota.next_days(house, moment.at) if one.day == day)
        assert found.hours == (True,) * 23 + (False,)


def test_who_changes_the_table(world: World) -> None:
    group, far = world.group(), world.group("Another Trust")
    tier, admin = arm(world, group), world.admin()
    house = group.scope.organisation_id
    page = f"/safeguarding/rota/{write_ident(house)}"
    form = {"weekday": "2", "starts": "19:00", "ends": "21:00", "who": write_ident(tier.ids[OfficerRole.LEAD])}
    assert tier.deputy.send(f"{page}/times", form).status_code == 303
    assert admin.send(f"{page}/times", form).status_code == 303, "whoever runs the site may fill it in"
    assert "Wednesday, 19:00 to 21:00" in text_of(tier.lead.get(page))
    assert tier.lead.send(f"{page}/times", form | {"starts": "late"}).status_code == 422
    assert tier.lead.send(f"{page}/times", form | {"who": ""}).status_code == 422
    elsewhere = f"/safeguarding/rota/{write_ident(far.scope.organisation_id)}"
    assert tier.lead.get(elsewhere).status_code == 404
    assert tier.lead.send(f"{elsewhere}/times", form).status_code == 404
    with world.app.app_context():
        slot = tier_rota.list_slots(house)[0].id
        with pytest.raises(NotFound):
            tier_changes.remove_slot(world.person(group).device, house, slot)
        tier_changes.remove_slot(tier.lead.device, house, slot)
        assert len(tier_rota.list_slots(house)) == 1
