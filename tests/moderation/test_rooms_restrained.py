"""Brakes of the group and restrictions of a person hold in live rooms as on boards; help stays open there."""

import pytest

from forum.base.errors import NotAllowed
from forum.groups import brakes
from forum.groups.brakes import Pull
from forum.models import Brake, PostState, Role
from moderation import decisions, proposals, usecases
from moderation.decisions import Verdict
from moderation.models import Choice
from tests.meeting import Gathering, gather
from tests.world import World

WHY = "You wrote forty messages in one evening."


@pytest.fixture
def there(world: World, inside: object) -> Gathering:
    return gather(world)


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
