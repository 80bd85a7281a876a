"""Quiet reactions: kind words under a post, never whose and never how many."""

from typing import Any

import pytest
from sqlalchemy import event, select

from forum.base import rotation
from forum.base.db import db, row, rows
from forum.base.errors import NotAllowed, NotFound
from forum.base.idents import write_post_id
from forum.base.transaction import transaction
from forum.conversations import choosing, reactions, usecases
from forum.leaving import steps
from forum.models import Conversation, Post, PostEvent, PostMark, Reaction, Role
from moderation import usecases as deciding
from tests.world import Person, World, conversation_url, post_url, text_of

WITH_YOU, THANKS, BEEN_THERE, SEE_YOU = 1, 2, 4, 8


def react(person: Person, post: int, mask: int) -> None:
    with person.world.app.app_context():
        reactions.react(person.actor, post, mask)


def feed(world: World, topic: bytes) -> int:
    with world.app.app_context():
        found = row(select(Conversation.feed_no).where(Conversation.id == topic))
        assert found
        return int(found.feed_no)


def test_kind_words_stand_under_a_post_without_name_and_number(world: World) -> None:
    group = world.group()
    wren, heron, robin = world.person(group), world.person(group), world.person(group)
    topic = world.topic(wren)
    post = world.reply(wren, topic, "A bad day.")
    for person in (heron, robin):
        answer = person.send(post_url(post, "react"), {"kind": ["0", "1"]})
        assert answer.status_code == 303
    page = text_of(wren.get(conversation_url(topic)))
    assert page.count("Others here say: “I am with you”, “Thank you”.") == 1
    assert "I see you" not in page
    for name in (heron.name, robin.name):
        assert name not in page
    assert "checked" in heron.get(post_url(post, "more")).text
    assert "Say something kind" not in wren.get(post_url(post, "more")).text


def test_l24_only_another_set_of_kinds_moves_anything(world: World) -> None:
    group = world.group()
    wren, heron, robin = world.person(group), world.person(group), world.person(group)
    topic = world.topic(wren)
    post = world.reply(wren, topic)
    react(heron, post, THANKS)
    first = feed(world, topic)
    react(robin, post, THANKS)
    react(heron, post, 0)
    assert feed(world, topic) == first
    react(robin, post, 0)
    assert feed(world, topic) == first + 1
    assert "Others here say" not in text_of(heron.get(conversation_url(topic)))
    with world.app.app_context():
        assert not rows(select(Reaction.tag))
        assert [r.kind for r in rows(select(PostEvent.kind).where(PostEvent.kind == "react"))] == ["react"] * 2


def test_a_post_that_only_wants_listening_can_have_them(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    post = world.reply(wren, world.topic(wren), mark=PostMark.LISTENING)
    react(heron, post, SEE_YOU)
    assert "“I see you”" in text_of(wren.get(post_url(post, "more")))


def test_not_on_ones_own_words_nor_on_what_is_gone_or_blocked(world: World) -> None:
    group, far = world.group(), world.group()
    wren, heron, warden = world.person(group), world.person(group), world.person(group, Role.MODERATOR)
    topic = world.topic(wren)
    mine, gone, hidden, blocked = (world.reply(wren, topic, f"Words {n}.") for n in range(4))
    masked = world.reply(heron, topic, masked=True)
    with world.app.app_context():
        usecases.withdraw_post(wren.actor, gone)
        deciding.hide_post(warden.actor, hidden, "For a test. Please write it anew.", "be-kind")
    for person, post in ((wren, mine), (heron, masked), (heron, gone), (heron, hidden)):
        with pytest.raises(NotAllowed):
            react(person, post, THANKS)
    with pytest.raises(NotFound):
        react(world.person(far), mine, THANKS)
    react(heron, mine, THANKS)
    react(wren, masked, THANKS)
    with world.app.app_context():
        choosing.block_author(heron.actor, blocked)
    with pytest.raises(NotAllowed):
        react(heron, blocked, THANKS)
    react(warden, blocked, THANKS)


def test_they_go_with_words_that_are_taken_back(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren)
    one, other = world.reply(wren, topic), world.reply(wren, topic)
    for post in (one, other):
        react(heron, post, THANKS)
    with world.app.app_context():
        usecases.withdraw_post(wren.actor, one)
        assert {r.post_id for r in rows(select(Reaction.post_id))} == {other}


def test_l24_nothing_is_seen_to_go_with_who_chose_it_and_nothing_leads_to_them(world: World) -> None:
    group = world.group()
    wren, heron, robin = world.person(group), world.person(group), world.person(group)
    topic = world.topic(wren)
    post = world.reply(wren, topic)
    react(heron, post, THANKS)
    react(robin, post, SEE_YOU)
    before, page = feed(world, topic), text_of(robin.get(conversation_url(topic)))
    with world.app.app_context():
        tags = {r.tag for r in rows(select(Reaction.tag))}
        with transaction():
            steps.forget_persona(group.scope, heron.persona_id)
        assert reactions.held(group.scope, heron.persona_id) == []
        assert len({r.tag for r in rows(select(Reaction.tag))} - tags) == 1
    assert feed(world, topic) == before
    assert text_of(robin.get(conversation_url(topic))) == page


def test_a_copy_of_what_is_held_names_the_posts_and_kinds(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    post = world.reply(wren, world.topic(wren))
    react(heron, post, THANKS | SEE_YOU)
    with world.app.app_context():
        held = reactions.held(group.scope, heron.persona_id)
        assert held == [{"post": write_post_id(post), "reactions": ["Thank you", "I see you"]}]
        assert reactions.held(group.scope, wren.persona_id) == []


def test_l27_a_row_tells_its_post_and_nothing_else(world: World) -> None:
    """What a thief of the database sees is alike for a name and an alias, for one kind and for all."""
    group = world.group()
    wren, heron, robin = world.person(group), world.person(group), world.person(group)
    topic = world.topic(wren)
    named, masked = world.reply(wren, topic), world.reply(wren, topic, masked=True)
    react(heron, named, THANKS)
    react(robin, masked, 15)
    react(heron, masked, SEE_YOU)
    with world.app.app_context():
        found = rows(select(*Reaction.__table__.columns))
        assert len({len(r.sealed) for r in found}) == 1
        assert {r.post_id for r in found} == {named, masked}
        columns = {column.name for column in Reaction.__table__.columns}
        assert columns == {"tag", "sealed", "key_id", "post_id"}, "no time and nobody"
        whole = b"".join(bytes(v) for r in found for v in (r.tag, r.sealed))
        for person in (wren, heron, robin):
            assert person.persona_id not in whole


def test_l27_reacting_binds_nobodys_id(world: World) -> None:
    """The transaction that keeps a reaction writes no row of its person, also when they wear an alias there."""
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren)
    world.reply(heron, topic, masked=True)
    post = world.reply(wren, topic, masked=True)
    written: list[Any] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.split()[0] in ("INSERT", "UPDATE", "DELETE"):
            written.append((statement, parameters))

    with world.app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
        reactions.react(heron.actor, post, THANKS)
        event.remove(db.engine, "before_cursor_execute", note)
    assert any("reaction" in statement for statement, _values in written)
    assert heron.persona_id.hex() not in repr(written)
    assert repr(heron.persona_id)[2:-1] not in repr(written)


def test_sec_s7_a_rotation_takes_reactions_along(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    post = world.reply(wren, world.topic(wren))
    react(heron, post, THANKS)
    with world.app.app_context():
        before = rows(select(Reaction.sealed))
        for _n in rotation.renew_all():
            pass
        after = rows(select(Reaction.sealed, Reaction.post_id))
        assert before[0].sealed != after[0].sealed
        assert after[0].post_id == post
        membership = heron.actor.membership_in(group.scope.group_id)
        assert membership
        assert reactions.find_mine(membership, post) == THANKS
        assert rows(select(Post.reacted).where(Post.id == post))[0].reacted == THANKS
