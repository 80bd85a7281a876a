"""C9 in rooms: words go when the time is over for which they were to be kept, each by its own age, everywhere."""

import pytest
from sqlalchemy import select

from forum.base.db import rows
from forum.base.transaction import transaction
from forum.models import Post, PostState, RoomGuest, RoomKind, SignUp
from forum.rooms import meetings, opening, queries, retention
from tests.binding import bind
from tests.meeting import Gathering, gather
from tests.world import World


def bodies(there: Gathering) -> list[str]:
    found = select(Post.body).where(Post.conversation_id == there.seen.conversation_id).order_by(Post.seq)
    return [r.body for r in rows(found)]


@pytest.mark.parametrize(
    ("value", "days"), [("90 days", 90), ("30 days", 30), ("24 hours", 1)], ids=["90 days", "30 days", "24 hours"]
)
@pytest.mark.parametrize("masked", [False, True], ids=["named", "masked"])
def test_c9_each_message_goes_by_its_own_age(world: World, inside: object, value: str, days: int, masked: bool) -> None:
    group = world.group()
    bind(group.scope, {"chat.retention": value})
    there = gather(world, group=group, masked=masked)
    there.say(there.members[0], "The first words.")
    world.moment.go(hours=3)
    there.stay(there.host, there.support)
    there.say(there.members[1], "The later words.")
    opening.close_meeting(there.host.actor, there.id)
    world.moment.go(days=days, hours=-2)
    retention.let_go_of_due()
    assert bodies(there) == ["", "The later words."]
    world.moment.go(hours=2)
    retention.let_go_of_due()
    assert bodies(there) == ["", ""]


def test_c9_words_that_go_with_the_end_go_then_and_not_before(world: World, inside: object) -> None:
    there = gather(world, kind=RoomKind.PRACTICE)
    there.say(there.members[0], "Only to try it.")
    retention.let_go_of_due()
    assert bodies(there) == ["Only to try it."]
    opening.close_meeting(there.host.actor, there.id)
    retention.let_go_of_due()
    assert bodies(there) == [""]


def test_c9_what_somebody_still_has_to_look_at_stays_till_they_did(world: World, inside: object) -> None:
    there = gather(world, kind=RoomKind.PRACTICE)
    kept = there.say(there.members[0], "Look: https://example.org/here")
    there.say(there.members[1], "Other words.")
    opening.close_meeting(there.host.actor, there.id)
    retention.let_go_of_due()
    assert bodies(there) == ["Look: https://example.org/here", ""]
    assert kept.state is PostState.HELD
    assert len(rows(select(RoomGuest.tag).where(RoomGuest.meeting_id == there.id))) == 2


def test_with_the_last_words_goes_who_was_there(world: World, inside: object) -> None:
    there = gather(world)
    there.say(there.members[0])
    opening.close_meeting(there.host.actor, there.id)
    retention.let_go_of_due()
    assert len(rows(select(RoomGuest.tag).where(RoomGuest.meeting_id == there.id))) == 2
    world.moment.go(days=90)
    retention.let_go_of_due()
    assert rows(select(RoomGuest.tag).where(RoomGuest.meeting_id == there.id)) == []
    assert rows(select(SignUp.tag).where(SignUp.meeting_id == there.id)) == []
    assert queries.find_meeting(there.id) is not None


def test_a_meeting_that_goes_on_keeps_its_list_of_who_is_there(world: World, inside: object) -> None:
    """Twin: nothing was said yet, and nobody is forgotten while the room is open."""
    there = gather(world)
    retention.let_go_of_due()
    assert len(rows(select(RoomGuest.tag).where(RoomGuest.meeting_id == there.id))) == 2
    with transaction():
        meetings.close(there.id)
    retention.let_go_of_due()
    assert rows(select(RoomGuest.tag).where(RoomGuest.meeting_id == there.id)) == []
