"""Duty times as a team keeps them: who holds a turn, what a swap changes, and what nobody holds."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from forum.base.db import row, rows
from forum.base.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.base.transaction import here, transaction
from forum.groups import rota, rota_changes
from forum.groups.queries import duty_sentence
from forum.groups.rota_changes import Hours
from forum.models import DutySlot, DutySwap, Persona, Role, Standing
from tests.world import GroupHere, Person, World, text_of

MONDAY = date(2026, 11, 23)


@pytest.fixture
def group(world: World) -> GroupHere:
    return world.group()


@pytest.fixture
def robin(world: World, group: GroupHere) -> Person:
    return world.person(group, Role.FACILITATOR)


def slot_of(robin: Person, who: Person | None, starts: str = "19:00", ends: str = "21:00", weekday: int = 0) -> bytes:
    assert robin.group
    ident = who.persona_id if who else None
    rota_changes.add_slot(robin.actor, robin.group.scope, weekday, Hours(starts, ends, ident))
    found = rows(rota.select(DutySlot.id).order_by(DutySlot.weekday))
    return bytes(found[-1].id)


def said(group: GroupHere) -> str:
    return duty_sentence(group.scope.group_id, "Europe/London")


def leave(person: Person) -> None:
    with transaction():
        gone = update(Persona).where(Persona.id == person.persona_id).values(standing=Standing.LEFT)
        here().execute(gone.execution_options(synchronize_session=False))


def test_a_turn_is_promised_while_its_person_is_of_the_team_and_not_after(
    world: World, group: GroupHere, robin: Person, inside: object
) -> None:
    warden = world.person(group, Role.MODERATOR)
    slot_of(robin, warden)
    assert "today at 19:00" in said(group)
    leave(warden)
    assert said(group) == "No one from the team is due here at the moment."
    days = rota.get_rota(robin.actor, group.scope, "Europe/London").days
    assert days[0].gap
    assert not days[0].stretches[0].held


def test_the_first_stays_responsible_until_somebody_takes_the_swap(
    world: World, group: GroupHere, robin: Person, inside: object
) -> None:
    warden = world.person(group, Role.MODERATOR)
    slot = slot_of(robin, warden)
    rota_changes.ask_swap(warden.actor, group.scope, slot, MONDAY)
    turn = rota.get_rota(warden.actor, group.scope, "Europe/London").days[0].stretches[0]
    assert (turn.name, turn.asked, turn.mine) == (warden.name, True, True)

    with pytest.raises(NotAllowed):
        rota_changes.take_swap(warden.actor, group.scope, turn.swap_id)
    rota_changes.take_swap(robin.actor, group.scope, turn.swap_id)
    turn = rota.get_rota(warden.actor, group.scope, "Europe/London").days[0].stretches[0]
    assert (turn.name, turn.asked, turn.mine) == (robin.name, False, False)
    with pytest.raises(NotAllowed):
        rota_changes.drop_swap(warden.actor, group.scope, turn.swap_id)
    next_week = rota.get_rota(warden.actor, group.scope, "Europe/London").days[7].stretches[0]
    assert next_week.name == warden.name


def test_a_turn_taken_by_somebody_who_then_left_is_nobodys(
    world: World, group: GroupHere, robin: Person, inside: object
) -> None:
    warden, finch = world.person(group, Role.MODERATOR), world.person(group, Role.MODERATOR)
    slot = slot_of(robin, warden)
    rota_changes.ask_swap(warden.actor, group.scope, slot, MONDAY)
    swap = row(rota.select(DutySwap.id))
    rota_changes.take_swap(finch.actor, group.scope, swap.id)
    assert "today at 19:00" in said(group)
    leave(finch)
    assert "on Monday 30 November at 19:00" in said(group)


def test_two_who_take_one_swap_are_told_apart(world: World, group: GroupHere, robin: Person, inside: object) -> None:
    warden, finch = world.person(group, Role.MODERATOR), world.person(group, Role.MODERATOR)
    slot = slot_of(robin, warden)
    rota_changes.ask_swap(warden.actor, group.scope, slot, MONDAY)
    swap = row(rota.select(DutySwap.id))
    rota_changes.take_swap(finch.actor, group.scope, swap.id)
    with pytest.raises(Conflict):
        rota_changes.take_swap(robin.actor, group.scope, swap.id)


def test_changing_a_time_drops_what_was_swapped_for_it(
    world: World, group: GroupHere, robin: Person, inside: object
) -> None:
    warden = world.person(group, Role.MODERATOR)
    slot = slot_of(robin, warden)
    rota_changes.ask_swap(warden.actor, group.scope, slot, MONDAY)
    rota_changes.change_slot(robin.actor, group.scope, slot, 1, Hours("10:00", "11:00"))
    assert row(rota.select(DutySwap.id)) is None
    assert "tomorrow at 10:00" in said(group)
    rota_changes.remove_slot(robin.actor, group.scope, slot)
    assert "No one from the team is due" in said(group)


def test_dates_that_differ(world: World, group: GroupHere, robin: Person, inside: object) -> None:
    slot_of(robin, None)
    rota_changes.set_other_day(robin.actor, group.scope, MONDAY, None)
    assert "30 November" in said(group)
    rota_changes.set_other_day(robin.actor, group.scope, MONDAY, Hours("10:00", "11:00"))
    rota_changes.set_other_day(robin.actor, group.scope, MONDAY, Hours("15:00", "16:00"))
    others = rota.list_others(group.scope, MONDAY)
    assert [o.starts for o in others] == ["10:00", "15:00"]
    assert "today at 10:00" in said(group)
    for other in others:
        rota_changes.remove_other_day(robin.actor, group.scope, other.id)
    assert "today at 19:00" in said(group)


@pytest.mark.parametrize(("hours", "field"), [(Hours("25:00", "21:00"), "starts"), (Hours("19:00", "late"), "ends")])
def test_what_is_no_time_is_said_at_its_field(
    world: World, group: GroupHere, robin: Person, inside: object, hours: Hours, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        rota_changes.add_slot(robin.actor, group.scope, 0, hours)
    assert refused.value.field == field


def test_a_person_of_another_group_cannot_be_named_nor_a_date_too_far_off(
    world: World, group: GroupHere, robin: Person, inside: object
) -> None:
    stranger = world.person(world.group(), Role.MODERATOR)
    with pytest.raises(Invalid):
        slot_of(robin, stranger)
    for day in (MONDAY - timedelta(days=9), MONDAY + timedelta(days=400)):
        with pytest.raises(Invalid):
            rota_changes.set_other_day(robin.actor, group.scope, day, None)


def test_a_moderator_sees_and_swaps_and_a_facilitator_changes(
    world: World, group: GroupHere, robin: Person, inside: object
) -> None:
    warden, wren = world.person(group, Role.MODERATOR), world.person(group)
    rota.get_rota(warden.actor, group.scope, "Europe/London")
    with pytest.raises(NotAllowed):
        rota_changes.add_slot(warden.actor, group.scope, 0, Hours("19:00", "21:00"))
    with pytest.raises(NotFound):
        rota.get_rota(wren.actor, group.scope, "Europe/London")
    far = world.person(world.group(), Role.FACILITATOR)
    with pytest.raises(NotFound):
        rota_changes.add_slot(far.actor, group.scope, 0, Hours("19:00", "21:00"))


def test_the_page_says_it_in_words_and_its_forms_work(world: World, group: GroupHere, robin: Person) -> None:
    here_ = f"/g/{group.address}/duty"
    page = text_of(robin.get(here_))
    assert "nobody looks on this day" in page
    assert robin.send(f"{here_}/times", {"weekday": "0", "starts": "19:00", "ends": "21:00"}).status_code == 303
    page = text_of(robin.get(here_))
    assert "Members see this now: No one from the team is here now. The next person looks today at 19:00." in page
    assert "Monday, 19:00 to 21:00, anyone of the team" in page
    refused = robin.send(f"{here_}/dates", {"day": "soon", "how": "nobody"})
    assert refused.status_code == 422
    assert 'href="#day"' in refused.get_data(as_text=True)
    assert robin.send(f"{here_}/dates", {"day": "2026-11-23", "how": "nobody"}).status_code == 303
    assert "Monday 30 November at 19:00" in text_of(robin.get(here_))


def test_the_page_outside_publishes_the_hours_that_somebody_holds_and_no_others(
    world: World, group: GroupHere, robin: Person
) -> None:
    warden = world.person(group, Role.MODERATOR)
    with world.app.app_context():
        slot_of(robin, warden)
        slot_of(robin, robin, "22:00", "02:00", 4)
    outside = text_of(world.visitor().get(f"/g/{group.address}"))
    assert "Monday, 19:00 to 21:00" in outside
    assert "Friday, 22:00 to 02:00 the next day" in outside
    assert "is here" not in outside
    with world.app.app_context():
        leave(warden)
    assert "Monday, 19:00" not in text_of(world.visitor().get(f"/g/{group.address}"))


def test_home_and_the_group_say_the_same(world: World, group: GroupHere, robin: Person) -> None:
    warden, finch = world.person(group, Role.MODERATOR), world.person(group, Role.MODERATOR)
    wren = world.person(group)
    with world.app.app_context():
        slot = slot_of(robin, warden)

    def both(sentence: str) -> None:
        for path in ("/", f"/g/{group.address}", f"/g/{group.address}/help"):
            assert sentence in text_of(wren.get(path)), path

    both("The next person looks today at 19:00.")
    with world.app.app_context():
        rota_changes.ask_swap(warden.actor, group.scope, slot, MONDAY)
    both("The next person looks today at 19:00.")
    with world.app.app_context():
        rota_changes.take_swap(finch.actor, group.scope, row(rota.select(DutySwap.id)).id)
        leave(finch)
    both("The next person looks on Monday 30 November at 19:00.")
    with world.app.app_context():
        leave(warden)
    both("No one from the team is due here at the moment.")
