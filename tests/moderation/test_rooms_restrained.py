"""Brakes of the group and restrictions of a person hold in live rooms as on boards; help stays open there."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from forum.base.db import row
from forum.base.errors import NotAllowed, NotFound
from forum.conversations import usecases as posting
from forum.groups import brakes
from forum.groups.brakes import Pull
from forum.models import Brake, PostState, Role
from forum.rooms import side_rooms
from moderation import decisions, proposals, usecases
from moderation.decisions import Verdict
from moderation.models import CaseItem, Choice
from tests.meeting import Gathering, gather
from tests.world import Person, World

WHY = "You wrote forty messages in one evening."


@pytest.fixture
def there(world: World, inside: object) -> Gathering:
    return gather(world)


def reasons_of(post_id: int) -> str:
    found = row(select(CaseItem.reasons).where(CaseItem.post_id == post_id))
    assert found
    return str(found.reasons)


def aside(there: Gathering, person: Person) -> Gathering:
    """A side room of the same meeting, for one of its members."""
    side_id = side_rooms.open_side_room(there.support.actor, there.id, [person.persona_id])
    return replace(there, id=side_id)


def test_t10_a_brake_on_the_group_holds_what_members_say_in_its_rooms(there: Gathering) -> None:
    wren = there.members[0]
    assert there.say(wren).state is PostState.VISIBLE
    brakes.pull(there.host.actor, there.group.scope, None, Pull(Brake.HOLD, 2))
    assert there.say(wren).state is PostState.HELD
    assert there.say(there.host).state is PostState.VISIBLE
    brakes.let_go(there.support.actor, there.group.scope, None)
    assert there.say(wren).state is PostState.VISIBLE


def test_t10_a_stop_of_the_group_is_kept_in_its_rooms(there: Gathering) -> None:
    wren = there.members[0]
    brakes.pull(there.host.actor, there.group.scope, None, Pull(Brake.STOP, 2))
    with pytest.raises(NotAllowed):
        there.say(wren)
    brakes.let_go(there.host.actor, there.group.scope, None)
    assert there.say(wren).state is PostState.VISIBLE


def test_t10_a_brake_on_one_room_holds_or_stops_that_room_alone(world: World, there: Gathering) -> None:
    wren, scope = there.members[0], there.group.scope
    other = gather(world, group=there.group)
    brakes.pull(there.host.actor, scope, there.room_id, Pull(Brake.HOLD, 2))
    held = there.say(wren)
    assert held.state is PostState.HELD
    assert reasons_of(held.id) == "brake"
    assert there.say(there.host).state is PostState.VISIBLE
    assert other.say(other.members[0]).state is PostState.VISIBLE
    brakes.pull(there.host.actor, scope, there.room_id, Pull(Brake.STOP, 2))
    for who in (wren, there.host):
        with pytest.raises(NotAllowed):
            there.say(who)
    assert other.say(other.members[0]).state is PostState.VISIBLE
    assert wren.get(f"{there.page}/struggling").status_code == 200
    world.moment.go(hours=2, minutes=1)
    there.stay(there.host, there.support)
    assert there.say(wren).state is PostState.VISIBLE


def test_t10_whoever_is_in_reads_it_and_their_pages_are_told(there: Gathering) -> None:
    wren, before = there.members[0], there.seen.state_no
    brakes.pull(there.host.actor, there.group.scope, there.room_id, Pull(Brake.STOP, 2, "Let us all breathe."))
    assert there.seen.state_no == before + 1
    for page in (there.page, f"{there.page}/state?after={before}"):
        said = wren.get(page).get_data(as_text=True)
        assert "The team has stopped new posts here." in said
        assert "Let us all breathe." in said
    brakes.let_go(there.host.actor, there.group.scope, there.room_id)
    assert there.seen.state_no == before + 2
    assert "Let us all breathe." not in wren.get(there.page).get_data(as_text=True)
    brakes.pull(there.host.actor, there.group.scope, None, Pull(Brake.HOLD, 2))
    assert there.seen.state_no == before + 3


@pytest.mark.parametrize("whole_group", [False, True])
def test_t10_a_side_room_goes_on_behind_a_stop(world: World, there: Gathering, whole_group: bool) -> None:
    wren = there.members[0]
    side = aside(there, wren)
    brakes.pull(there.host.actor, there.group.scope, None if whole_group else there.room_id, Pull(Brake.STOP, 2))
    assert side.say(wren).state is PostState.VISIBLE
    assert side.say(there.support).state is PostState.VISIBLE


def test_t10_new_words_in_an_old_message_wait_or_stop_as_well(there: Gathering) -> None:
    wren = there.members[0]
    said = there.say(wren)
    brakes.pull(there.host.actor, there.group.scope, there.room_id, Pull(Brake.HOLD, 2))
    assert posting.edit_post(wren.actor, said.id, "Other words.", "en").state is PostState.HELD
    brakes.let_go(there.host.actor, there.group.scope, there.room_id)
    later = there.say(wren)
    brakes.pull(there.host.actor, there.group.scope, there.room_id, Pull(Brake.STOP, 2))
    with pytest.raises(NotAllowed):
        posting.edit_post(wren.actor, later.id, "Other words.", "en")


def test_t10_nobody_else_pulls_and_a_room_elsewhere_is_none(world: World, there: Gathering) -> None:
    far = gather(world, group=world.group("Another Trust"))
    for who, room in ((there.members[0], there.room_id), (far.host, there.room_id), (there.host, far.room_id)):
        with pytest.raises(NotFound):
            brakes.pull(who.actor, there.group.scope, room, Pull(Brake.STOP))
    assert there.say(there.members[0]).state is PostState.VISIBLE
    assert far.say(far.members[0]).state is PostState.VISIBLE


def test_t10_somebody_held_for_a_day_is_held_in_rooms_alone_too(world: World, there: Gathering) -> None:
    wren, heron = there.members
    said = there.say(wren)
    usecases.hold_author(world.person(there.group, Role.MODERATOR).actor, said.id)
    assert there.say(wren).state is PostState.HELD
    assert there.say(heron).state is PostState.VISIBLE


def test_t10_a_pause_that_two_agreed_on_holds_in_rooms_and_help_stays_open(world: World, there: Gathering) -> None:
    wren = there.members[0]
    said = there.say(wren)
    owl = world.person(there.group, Role.MODERATOR)
    item = proposals.propose(owl.actor, said.id, Choice.PAUSE_POSTING, 2, WHY, "be-kind")
    assert there.say(wren).state is PostState.VISIBLE, "nothing begins before a second person agrees"
    other = world.person(there.group, Role.FACILITATOR)
    decisions.decide(other.actor, item, Verdict(Choice.CONFIRM, 0, looked=True))
    with pytest.raises(NotAllowed):
        there.say(wren)
    assert wren.get(f"{there.page}/struggling").status_code == 200
