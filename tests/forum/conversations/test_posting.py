"""The path of one post: written once, seen by the right people, taken back for good."""

import pytest
from sqlalchemy import func, select, update

from forum.base import jobs
from forum.base.db import row, rows
from forum.base.errors import Invalid, NotAllowed, NotFound
from forum.base.transaction import here, transaction
from forum.conversations import board_queries, places, queries, usecases
from forum.conversations.prepare import Words
from forum.models import Conversation, Persona, Post, PostEvent, PostState, PostVersion
from tests.world import World


def state_of(post_id: int) -> PostState:
    found = row(select(Post.state).where(Post.id == post_id))
    assert found
    return PostState(found.state)


def test_a_post_is_sending_for_ten_seconds_then_the_group_sees_it(world: World, inside: object) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    written = usecases.start_topic(wren.actor, group.board, "A first topic", Words("Hello, all."), "t1")

    assert written.state is PostState.SENDING
    assert queries.list_posts(heron.actor, written.conversation_id, 1) == []
    assert board_queries.list_topics(heron.actor, group.board) == []

    world.moment.go(seconds=9)
    assert jobs.run_due() == 0
    world.moment.go(seconds=2)
    assert jobs.run_due() == 1

    seen = queries.list_posts(heron.actor, written.conversation_id, 1)
    assert [(p.seq, p.author, p.state) for p in seen] == [(1, wren.name, PostState.VISIBLE)]
    assert [t.title for t in board_queries.list_topics(heron.actor, group.board)] == ["A first topic"]


def test_the_same_form_twice_is_one_post(world: World, inside: object) -> None:
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren)
    first = usecases.submit_post(wren.actor, topic, Words("Once."), "token")
    second = usecases.submit_post(wren.actor, topic, Words("Once. "), "token")

    assert second.id == first.id
    found = row(select(func.count()).where(Post.conversation_id == topic))
    assert found
    assert found[0] == 2


def test_a_stranger_gets_the_same_answer_as_for_nothing(world: World, inside: object) -> None:
    group, other = world.group(), world.group("Another Trust")
    topic = world.topic(world.person(group))
    stranger = world.person(other)

    with pytest.raises(NotFound) as here:
        usecases.submit_post(stranger.actor, topic, Words("Let me in."), "t")
    with pytest.raises(NotFound) as nowhere:
        usecases.submit_post(stranger.actor, bytes(16), Words("Let me in."), "t")
    assert here.value.message == nowhere.value.message


def test_rules_come_first(world: World, inside: object) -> None:
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren)
    with transaction():
        here().execute(update(Persona).where(Persona.id == wren.persona_id).values(agreed_version_id=None))
    with pytest.raises(NotAllowed, match="ground rules"):
        usecases.submit_post(wren.actor, topic, Words("Before the rules."), "t")


def test_withdrawing_empties_every_copy(world: World, inside: object) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren)
    said = world.reply(wren, topic, "canary-one")
    usecases.edit_post(wren.actor, said, "canary-two", "en")
    answer = world.reply(heron, topic, "With a quote.", answers_id=said)
    usecases.withdraw_post(wren.actor, said)

    assert state_of(said) is PostState.WITHDRAWN
    assert rows(select(PostVersion.id)) == []
    for table in (Post, PostVersion, PostEvent, Conversation):
        text = repr(rows(select(*table.__table__.columns)))
        assert "canary" not in text
    quoting = next(p for p in queries.list_posts(heron.actor, topic, 1) if p.id == answer)
    assert quoting.answered_state is PostState.WITHDRAWN
    assert quoting.answered_body == ""
    assert quoting.changed_in == places.get_place(heron.actor, topic).feed_no


def test_only_the_author_edits_and_withdraws(world: World, inside: object) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren)
    said = world.reply(wren, topic, "Mine.")
    usecases.edit_post(wren.actor, said, "Mine, again.", "en")
    with pytest.raises(NotAllowed):
        usecases.edit_post(heron.actor, said, "Not mine.", "en")
    with pytest.raises(NotAllowed):
        usecases.withdraw_post(heron.actor, said)
    usecases.withdraw_post(wren.actor, said)


def test_a_held_post_moves_no_public_number(world: World, inside: object) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren)
    before = places.get_place(heron.actor, topic)
    held = usecases.submit_post(wren.actor, topic, Words("Look at https://example.org now."), "t")
    world.settle()
    after = places.get_place(heron.actor, topic)

    assert held.state is PostState.HELD
    assert after == before
    assert [p.id for p in queries.list_changes(heron.actor, topic, before.feed_no)] == []
    later = world.reply(heron, topic)
    seq = row(select(Post.seq).where(Post.id == later))
    assert seq
    assert seq.seq == held.seq + 1


def test_too_long_says_what_to_do(world: World, inside: object) -> None:
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren)
    world.reply(wren, topic, "a" * 20_000)
    with pytest.raises(Invalid, match="parts"):
        usecases.submit_post(wren.actor, topic, Words("a" * 20_001), "t2")
