"""Weekly meetings: planned ahead by the group's own clock, once; missed ones are called off; changed times follow."""

from dataclasses import replace
from datetime import UTC, datetime

from forum.base.idents import write_ident
from forum.models import MeetingState, Role, RoomKind
from forum.rooms import queries, schedule, set_up
from forum.rooms.schedule import Theme
from tests.meeting import make_room
from tests.world import World, text_of

WEEKLY = {"kind": RoomKind.SESSION, "weekday": 1, "starts": "19:30"}


def test_times_stand_on_the_wall_of_the_group_when_clocks_change() -> None:
    """In London clocks go back on 25 October 2026: half past seven stays half past seven."""
    found = schedule.times_of(1, "19:30", "Europe/London", datetime(2026, 10, 19, 12, tzinfo=UTC))
    assert [(t.day, t.hour, t.minute) for t in found] == [(20, 18, 30), (27, 19, 30), (3, 19, 30), (10, 19, 30)]


def test_a_time_that_is_just_over_is_next_week() -> None:
    at = datetime(2026, 11, 24, 19, 30, tzinfo=UTC)
    assert schedule.times_of(1, "19:30", "Europe/London", at)[0].day == 1


def test_four_weeks_are_planned_and_never_twice(world: World, inside: object) -> None:
    group = world.group()
    room_id = make_room(world, world.person(group, Role.FACILITATOR), **WEEKLY)
    assert len(schedule.list_planned(room_id)) == schedule.WEEKS_AHEAD
    assert schedule.plan_ahead() == 0
    world.moment.go(days=7)
    assert schedule.plan_ahead() == 1


def test_a_meeting_nobody_opened_is_over_when_its_time_is(world: World, inside: object) -> None:
    group = world.group()
    room_id = make_room(world, world.person(group, Role.FACILITATOR), minutes=60, **WEEKLY)
    first = schedule.list_planned(room_id)[0]
    assert first.planned_at is not None
    world.moment.go(seconds=(first.planned_at - world.moment.at).total_seconds() + 59 * 60)
    assert schedule.cancel_missed() == 0
    world.moment.go(minutes=1)
    assert schedule.cancel_missed() == 1
    found = queries.find_meeting(first.id)
    assert found is not None
    assert found.state is MeetingState.CANCELLED


def test_planned_meetings_follow_a_changed_time_and_one_with_a_theme_stays(world: World, inside: object) -> None:
    group = world.group()
    host = world.person(group, Role.FACILITATOR)
    room_id = make_room(world, host, **WEEKLY)
    special = schedule.list_planned(room_id)[1]
    schedule.set_theme(host.actor, special.id, Theme("A guest comes"))
    room = set_up.wanted_of(queries.get_room(host.actor, room_id))
    set_up.change_room(host.actor, room_id, replace(room, starts="18:00"))
    planned = schedule.list_planned(room_id)
    hours = {one.planned_at.hour for one in planned if one.planned_at and one.id != special.id}
    assert hours == {18}
    assert special.id in {one.id for one in planned}
    assert len(planned) == schedule.WEEKS_AHEAD + 1


def test_the_next_meeting_with_its_theme_stands_on_the_group_s_page_to_answer_with_one_tap(world: World) -> None:
    group = world.group()
    host, wren = world.person(group, Role.FACILITATOR), world.person(group)
    page = f"/g/{group.address}"
    assert "meet live" not in text_of(wren.get(page))
    room_id = make_room(world, host, sign_up=True, **WEEKLY)
    with world.app.app_context():
        first = schedule.list_planned(room_id)[0]
        schedule.set_theme(host.actor, first.id, Theme("Small joys"))
    shown = text_of(wren.get(page))
    assert "The next time we meet live" in shown
    assert "Small joys" in shown
    answer = wren.send(f"/m/{write_ident(first.id)}/sign-up", {"answer": "unsure", "back": "group"})
    assert answer.headers["Location"].endswith(page)
    assert "You said: not sure." in text_of(wren.get(page))


def test_home_says_when_each_group_meets(world: World) -> None:
    group = world.group()
    host, wren = world.person(group, Role.FACILITATOR), world.person(group)
    assert "meet live" not in text_of(wren.get("/"))
    room_id = make_room(world, host, **WEEKLY)
    with world.app.app_context():
        first = schedule.list_planned(room_id)[0]
        schedule.set_theme(host.actor, first.id, Theme("Small joys | and tea"))
        assert first.planned_at is not None
    said = f"You can meet live on {first.planned_at:%A} {first.planned_at.day} {first.planned_at:%B} at 19:30."
    for _again in range(2):  # made anew, then from memory
        shown = text_of(wren.get("/"))
        assert said in shown
        assert "Small joys | and tea" in shown
    world.moment.go(seconds=(first.planned_at - world.moment.at).total_seconds() - 3600)
    assert "You can meet live today at 19:30." in text_of(wren.get("/"))
