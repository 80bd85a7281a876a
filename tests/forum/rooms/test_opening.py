"""Who may open a room, what happens when those who look after it drop out, and what closing waits for."""

import pytest
from sqlalchemy import select

from forum.base.db import rows
from forum.base.errors import Invalid, NotAllowed, NotFound
from forum.models import Duty, MeetingState, PostState, Role, RoomKind
from forum.rooms import doorway, opening, queries, seats, struggling
from moderation.models import AuditEntry
from tests.meeting import gather, make_room
from tests.world import World


def test_a_room_needs_as_many_facilitators_as_agreed_or_a_reason_in_the_record(world: World, inside: object) -> None:
    group = world.group()
    host, member = world.person(group, Role.FACILITATOR), world.person(group)
    room_id = make_room(world, host, kind=RoomKind.DROP_IN)
    meeting_id = opening.prepare_now(host.actor, room_id)
    with pytest.raises(Invalid) as refused:
        opening.open_meeting(host.actor, meeting_id)
    assert refused.value.field == "reason"
    with pytest.raises(NotAllowed):
        doorway.come_in(member.actor, meeting_id)
    opening.open_meeting(host.actor, meeting_id, "ill")
    doorway.come_in(member.actor, meeting_id)
    kept = {r.action: r.codes for r in rows(select(AuditEntry.action, AuditEntry.codes))}
    assert kept["room.open_short"] == "ill"


def test_with_two_facilitators_no_reason_is_asked_for(world: World, inside: object) -> None:
    there = gather(world)
    assert there.seen.state is MeetingState.OPEN
    assert there.seen.host_id == there.host.persona_id
    assert {one.duty for one in seats.list_here(there.id)} == {Duty.HOST, Duty.SUPPORT}


def test_members_neither_open_nor_close_nor_sit(world: World, inside: object) -> None:
    there = gather(world)
    member = there.members[0]
    for act in (seats.sit, opening.open_meeting, opening.close_meeting, opening.wind_down):
        with pytest.raises(NotFound):
            act(member.actor, there.id)
    assert there.seen.state is MeetingState.OPEN


def test_rooms_never_run_alone_in_their_times(world: World, inside: object) -> None:
    """Both facilitators drop: a notice and slow, then messages wait, then the room closes with care."""
    there = gather(world)
    world.moment.go(seconds=31)
    opening.look_after()
    assert there.seen.state is MeetingState.ALONE
    there.say(there.members[0], "Is anybody there?")
    with pytest.raises(NotAllowed, match="slowly"):
        there.say(there.members[0], "Hello?")
    world.moment.go(seconds=opening.ALONE_FOR.total_seconds() - 1)
    opening.look_after()
    assert there.seen.state is MeetingState.ALONE
    world.moment.go(seconds=1)
    opening.look_after()
    assert there.seen.state is MeetingState.HELD
    written = there.say(there.members[1], "I do not want to be alone.")
    assert written.state is PostState.HELD
    world.moment.go(seconds=opening.HELD_FOR.total_seconds())
    opening.look_after()
    assert there.seen.state is MeetingState.CLOSED
    with pytest.raises(NotAllowed):
        there.say(there.members[1], "Hello?")


@pytest.mark.parametrize("waited_s", [31, 31 + 121], ids=["alone", "held"])
def test_a_facilitator_who_comes_back_takes_it_up(world: World, inside: object, waited_s: int) -> None:
    there = gather(world)
    for seconds in (31, waited_s - 31):
        world.moment.go(seconds=seconds)
        opening.look_after()
    assert there.seen.state in (MeetingState.ALONE, MeetingState.HELD)
    seats.sit(there.support.actor, there.id)
    opening.look_after()
    assert there.seen.state is MeetingState.OPEN
    assert there.seen.host_id == there.support.persona_id
    assert there.say(there.members[0]).state is PostState.VISIBLE


def test_acceptance_14_the_next_one_leads_within_five_seconds_and_all_write_slowly(
    world: World, inside: object
) -> None:
    there = gather(world)
    seats.line_lost(there.id, there.host.persona_id)
    world.moment.go(seconds=5)
    there.stay(there.support)
    opening.look_after()
    opening.look_after()
    assert there.seen.host_id == there.support.persona_id
    assert there.seen.state is MeetingState.OPEN
    there.say(there.members[0])
    with pytest.raises(NotAllowed, match="slowly"):
        there.say(there.members[0])
    there.stay(there.host)  # their line is back
    opening.look_after()
    there.say(there.members[0])


def test_the_host_hands_over_before_they_go_and_the_last_one_closes(world: World, inside: object) -> None:
    there = gather(world)
    with pytest.raises(NotAllowed, match="Hand it over"):
        opening.leave_seat(there.host.actor, there.id)
    opening.hand_over(there.host.actor, there.id, there.support.persona_id)
    opening.leave_seat(there.host.actor, there.id)
    with pytest.raises(NotAllowed, match="last one"):
        opening.leave_seat(there.support.actor, there.id)
    opening.close_meeting(there.support.actor, there.id)
    assert there.seen.state is MeetingState.CLOSED


def test_the_seat_cannot_go_to_somebody_who_is_not_here(world: World, inside: object) -> None:
    there = gather(world)
    with pytest.raises(NotAllowed):
        opening.hand_over(there.host.actor, there.id, there.members[0].persona_id)
    assert there.seen.host_id == there.host.persona_id


def test_closing_waits_for_whoever_struggles(world: World, inside: object) -> None:
    there = gather(world)
    struggling.ask(there.members[0].actor, there.id, struggling.STRUGGLING)
    with pytest.raises(NotAllowed, match="asked for help"):
        opening.close_meeting(there.host.actor, there.id)
    assert there.seen.state is MeetingState.OPEN


def test_whoever_helps_with_the_site_does_not_count(world: World, inside: object) -> None:
    group = world.group()
    host, moderator = world.person(group, Role.FACILITATOR), world.person(group, Role.MODERATOR)
    meeting_id = opening.prepare_now(host.actor, make_room(world, host, kind=RoomKind.DROP_IN))
    with pytest.raises(NotAllowed):
        seats.sit(moderator.actor, meeting_id)
    seats.sit(moderator.actor, meeting_id, for_site=True)
    with pytest.raises(Invalid):
        opening.open_meeting(host.actor, meeting_id)
    seats.sit(world.person(group, Role.FACILITATOR).actor, meeting_id)
    opening.open_meeting(host.actor, meeting_id)
    found = queries.find_meeting(meeting_id)
    assert found is not None
    assert found.state is MeetingState.OPEN


def test_a_meeting_that_comes_to_its_end_still_does_after_nobody_was_there(world: World, inside: object) -> None:
    there = gather(world)
    opening.wind_down(there.host.actor, there.id)
    world.moment.go(seconds=seats.LEASE.total_seconds() + 1)
    opening.look_after()
    assert there.seen.state is MeetingState.ALONE
    there.stay(there.host)
    opening.look_after()
    assert there.seen.state is MeetingState.WINDING_DOWN
