"""What live rooms hold about somebody stands in their copy, and goes with their account; what others hold stays."""

import pytest
from sqlalchemy import func, select

from forum.base.db import row
from forum.base.transaction import transaction
from forum.leaving import steps
from forum.models import CheckIn, Debrief, Draft, Hand, RoomCard, RoomGuest, RoomNote, RoomSeat, SignUp
from forum.rooms import cards, check_ins, debriefs, desk_acts, floor, held, opening
from tests.binding import bind
from tests.meeting import Gathering, gather
from tests.world import World

ALL = (CheckIn, Debrief, Draft, Hand, RoomCard, RoomGuest, RoomNote, RoomSeat, SignUp)


@pytest.fixture
def there(world: World, inside: object) -> Gathering:
    group = world.group()
    bind(group.scope, {"chat.hands": "on"})
    return gather(world, 2, group=group, masked=True)


def count() -> dict[str, int]:
    """Rows of each table of live rooms that leads to people."""
    found = {model.__tablename__: row(select(func.count()).select_from(model)) for model in ALL}
    return {name: int(one[0]) for name, one in found.items() if one}


def test_check_ins_words_for_a_turn_and_debriefs_stand_in_the_copy_of_whose_they_are(there: Gathering) -> None:
    wren, heron = there.members
    check_ins.want(wren.actor, there.id, on=True)
    floor.raise_hand(wren.actor, there.id)
    floor.keep_words(wren.actor, there.id, "What I will say.")
    own = held.held(there.group.scope, wren.persona_id)[0]
    assert (own["wants_to_be_asked_the_next_day"], own["words_ready_for_a_turn"]) == (True, ["What I will say."])
    other = held.held(there.group.scope, heron.persona_id)[0]
    assert (other["wants_to_be_asked_the_next_day"], other["words_ready_for_a_turn"]) == (False, [])
    floor.lower_hand(wren.actor, there.id)
    opening.close_meeting(there.host.actor, there.id)
    debriefs.answer(there.host.actor, there.id, ["A heavy evening.", "", ""])
    assert held.held(there.group.scope, there.host.persona_id)[0]["answered_after_leading"][0] == "A heavy evening."
    assert held.held(there.group.scope, there.support.persona_id)[0]["answered_after_leading"] == ["", "", ""]


def test_all_of_it_goes_with_the_account_and_nothing_of_others(there: Gathering) -> None:
    wren, heron = there.members
    before = count()
    for one in (wren, heron):
        check_ins.want(one.actor, there.id, on=True)
        floor.raise_hand(one.actor, there.id)
        floor.keep_words(one.actor, there.id, "What I will say.")
        cards.show(one.actor, there.id, "tired")
    desk_acts.write_note(there.support.actor, there.id, "Mine.")
    with transaction():
        steps.forget_persona(there.group.scope, wren.persona_id)
        steps.forget_persona(there.group.scope, there.support.persona_id)
    assert held.held(there.group.scope, wren.persona_id) == []
    assert len(held.held(there.group.scope, heron.persona_id)) == 1
    theirs = {"check_in": 1, "draft": 1, "hand": 1, "room_card": 1, "room_note": 0}
    assert count() == {**before, **theirs, "room_guest": 1, "room_seat": 1}
