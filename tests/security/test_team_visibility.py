"""S21 for lines to the team: the predicate and the SQL give the same answer to everybody, in every state and kind."""

import pytest
from sqlalchemy import select, update

from forum.base.db import rows
from forum.base.errors import NotFound
from forum.base.transaction import here, transaction
from forum.conversations import places, team
from forum.models import Conversation, ConversationKind, Persona, Post, Role, Standing
from forum.policy import visibility
from forum.policy.actor import VISITOR, Actor
from forum.policy.members import writer_in
from forum.policy.visibility import can_see, enterable_by, may_enter, visible_to
from tests.security.team_scene import line_of
from tests.security.test_visibility import place_posts
from tests.world import GroupHere, Person, World


def everybody(world: World, ours: GroupHere, author: Person) -> dict[str, tuple[Actor, Person | None]]:
    people = {
        "owner": author,
        "member": world.person(ours),
        "facilitator": world.person(ours, Role.FACILITATOR),
        "moderator": world.person(ours, Role.MODERATOR),
        "left": world.person(ours),
        "waiting": world.person(ours),
        "neighbour's facilitator": world.person(world.group("Harbour Trust"), Role.FACILITATOR),
        "another organisation's facilitator": world.person(world.group("Lantern Trust"), Role.FACILITATOR),
    }
    with transaction():
        for who, standing in (("left", Standing.LEFT), ("waiting", Standing.WAITING)):
            gone = update(Persona).where(Persona.id == people[who].persona_id).values(standing=standing)
            here().execute(gone.execution_options(synchronize_session=False))
    found = {who: (writer_in(Actor(p.account_id), ours.scope), p) for who, p in people.items()}
    return {"visitor": (VISITOR, None), **found}


def known(actor: Actor, line: bytes) -> Actor:
    """The actor as every page of a line has them."""
    try:
        return places.enter_place(actor, line)[1]
    except NotFound:
        return actor


@pytest.mark.parametrize("waits", [False, True], ids=["member", "not let in yet"])
def test_sec_s21_rule_and_sql_say_the_same_of_a_line_to_everybody(world: World, inside: object, waits: bool) -> None:
    ours = world.group("Harbour Trust")
    author = world.person(ours)
    line = line_of(world, author)
    made = place_posts(world, author, world.topic(author))
    with transaction():
        here().execute(update(Post).where(Post.id.in_(list(made))).values(conversation_id=line))
        if waits:
            stays = update(Persona).where(Persona.id == author.persona_id).values(standing=Standing.WAITING)
            here().execute(stays.execution_options(synchronize_session=False))

    readers = set()
    for who, (asking, _person) in everybody(world, ours, author).items():
        actor = known(asking, line)
        inside_ = may_enter(actor, ours.scope.group_id, ConversationKind.TEAM, line)
        found_line = rows(select(Conversation.id).where(Conversation.id == line, enterable_by(actor)))
        assert bool(found_line) is inside_, who
        readers |= {who} if inside_ else set()
        joined = select(Post.id).join(Conversation, Conversation.id == Post.conversation_id)
        found = {r.id for r in rows(joined.where(Post.conversation_id == line, visible_to(actor)))}
        for post_id, (state, shown, _hidden) in made.items():
            rule = can_see(actor, ours.scope.group_id, state, shown, False, ConversationKind.TEAM, line)
            assert (post_id in found) is rule, (who, state, shown)
    assert readers == {"owner", "facilitator", "moderator"}


def test_the_comparison_would_notice_a_line_opened_to_members(
    world: World, inside: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: were lines among what members read, the SQL would show them."""
    ours = world.group("Harbour Trust")
    line, member = line_of(world, world.person(ours)), world.person(ours).actor
    statement = select(Conversation.id).where(Conversation.id == line)
    assert rows(statement.where(enterable_by(member))) == []
    monkeypatch.setattr(visibility, "FOR_MEMBERS", (*visibility.FOR_MEMBERS, ConversationKind.TEAM))
    assert rows(statement.where(enterable_by(member)))


def test_a_line_of_one_group_is_no_line_of_another_where_somebody_is_on_the_team(world: World, inside: object) -> None:
    """Two memberships in one actor: what they are in one group opens nothing in the other."""
    ours, theirs = world.group(), world.group()
    line = line_of(world, world.person(ours))
    member, facilitator = world.person(ours).actor, world.person(theirs, Role.FACILITATOR).actor
    both = Actor(member.account_id, None, {**member.memberships, **facilitator.memberships})
    assert rows(select(Conversation.id).where(Conversation.id == line, enterable_by(both))) == []
    assert not may_enter(both, ours.scope.group_id, ConversationKind.TEAM, line)
    assert team.count_waiting(world.person(ours, Role.MODERATOR).actor, ours.scope) == 1
