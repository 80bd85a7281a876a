"""Who reads in a live room: the rule and the SQL say the same to everybody, and fail closed."""

import pytest
from sqlalchemy import select

from forum.base.db import rows
from forum.base.errors import NotFound
from forum.base.transaction import transaction
from forum.conversations import places, usecases
from forum.models import Conversation, ConversationKind, Post, PostState, Role
from forum.policy import room_rules, visibility
from forum.policy.actor import Actor
from forum.policy.visibility import can_see, enterable_by, may_enter, visible_to
from forum.rooms import guests
from tests.meeting import Gathering, gather
from tests.world import World


def known(actor: Actor, conversation: bytes) -> Actor:
    """The actor as every page of a room has them."""
    try:
        return places.enter_place(actor, conversation)[1]
    except NotFound:
        return actor


def everybody(world: World, there: Gathering) -> dict[str, Actor]:
    group = there.group
    people = {
        "in": there.members[0],
        "sent out": there.members[1],
        "never in": world.person(group),
        "facilitator": world.person(group, Role.FACILITATOR),
        "moderator": world.person(group, Role.MODERATOR),
        "neighbour's moderator": world.person(world.group(), Role.MODERATOR),
        "other organisation": world.person(world.group("Lantern Trust"), Role.MODERATOR),
    }
    return {who: person.actor for who, person in people.items()}


def test_sec_s21_rule_and_sql_say_the_same_of_a_room_to_everybody(world: World, inside: object) -> None:
    there = gather(world)
    place, group_id = there.seen.conversation_id, there.group.scope.group_id
    there.say(there.members[0], "Only for us here.")
    held = there.say(there.members[0], "Look at https://example.org/here")
    assert held.state is PostState.HELD
    with transaction():
        guests.send_out(there.group.scope, there.members[1].persona_id, there.id)

    readers = set()
    for who, asking in everybody(world, there).items():
        actor = known(asking, place)
        rule = may_enter(actor, group_id, ConversationKind.ROOM, place)
        assert bool(rows(select(Conversation.id).where(Conversation.id == place, enterable_by(actor)))) is rule, who
        readers |= {who} if rule else set()
        joined = select(Post.id).join(Conversation, Conversation.id == Post.conversation_id)
        found = {r.id for r in rows(joined.where(Post.conversation_id == place, visible_to(actor)))}
        for r in rows(select(Post.id, Post.state, Post.changed_in).where(Post.conversation_id == place)):
            seen = can_see(actor, group_id, r.state, r.changed_in > 0, False, ConversationKind.ROOM, place)
            assert (r.id in found) is seen, (who, r.state)
    assert readers == {"in", "facilitator", "moderator"}


def test_the_comparison_would_notice_a_room_open_to_the_group(
    world: World, inside: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: were a room's words for all members, the SQL would show them to who never came in."""
    there = gather(world)
    statement = select(Conversation.id).where(Conversation.id == there.seen.conversation_id)
    stranger = world.person(there.group).actor
    assert rows(statement.where(enterable_by(stranger))) == []
    monkeypatch.setattr(visibility, "_teams", lambda actor: list(actor.memberships))
    assert rows(statement.where(enterable_by(stranger)))


def test_without_rooms_nobody_but_the_team_is_in(world: World, inside: object) -> None:
    there = gather(world)
    place = there.seen.conversation_id
    assert places.get_place(there.members[0].actor, place)
    plugged = room_rules._rules
    room_rules.plug(None)
    try:
        with pytest.raises(NotFound):
            places.get_place(there.members[0].actor, place)
    finally:
        room_rules.plug(plugged)


def test_ones_own_words_stay_ones_own_after_being_sent_out(world: World, inside: object) -> None:
    there = gather(world)
    wren = there.members[0]
    written = there.say(wren, "I want this back.")
    with transaction():
        guests.send_out(there.group.scope, wren.persona_id, there.id)
    usecases.withdraw_post(wren.actor, written.id)
    assert "I want this back." not in there.members[1].get(there.page).text
