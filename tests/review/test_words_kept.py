"""Attacks on the promise that nobody's words are lost, let through unread, or kept after they were taken back."""

from typing import Any

import pytest
from sqlalchemy import Row, select, update

from forum.base import erasures
from forum.base.db import row, rows
from forum.base.errors import Conflict
from forum.base.idents import write_ident
from forum.base.transaction import here, transaction
from forum.conversations import upkeep
from forum.conversations import usecases as posting
from forum.conversations.prepare import Words
from forum.models import Conversation, Post, PostState, PostVersion, Role
from moderation import usecases as deciding
from moderation.models import CaseKind, Choice
from tests.team_work import end, waiting
from tests.world import GroupHere, Person, World, conversation_url, sent_post, text_of

LINK = "Please read https://example.org first."


def hold_of(owl: Person, group: GroupHere, post_id: int) -> Row[Any]:
    """The open case that holds a post."""
    found = waiting(owl.actor, group.scope)
    return next(c for c in found if c.post_id == post_id and c.kind is CaseKind.HOLD)


def body_of(post_id: int) -> tuple[str, PostState]:
    found = row(select(Post.body, Post.state).where(Post.id == post_id))
    assert found
    return found.body, found.state


def test_words_changed_after_the_team_read_them_are_not_let_through(world: World, inside: object) -> None:
    group = world.group()
    wren, owl = world.person(group), world.person(group, Role.MODERATOR)
    said = world.reply(wren, world.topic(world.person(group)), LINK)
    case = hold_of(owl, group, said)

    posting.edit_post(wren.actor, said, "Something that nobody of the team has read.", "en")
    with pytest.raises(Conflict, match="changed"):
        end(owl.actor, case, Choice.RELEASE)
    assert body_of(said)[1] is PostState.HELD

    case = hold_of(owl, group, said)
    end(owl.actor, case, Choice.RELEASE)
    assert body_of(said) == ("Something that nobody of the team has read.", PostState.VISIBLE)


def test_words_can_still_be_changed_after_an_earlier_version_was_erased(world: World, inside: object) -> None:
    group = world.group()
    wren = world.person(group)
    said = world.reply(wren, world.topic(wren), "One.")
    for body in ("Two.", "Three."):
        posting.edit_post(wren.actor, said, body, "en")
    first = row(select(PostVersion.id).where(PostVersion.post_id == said, PostVersion.n == 1))
    assert first
    posting.erase_version(wren.actor, said, first.id)

    posting.edit_post(wren.actor, said, "Four.", "en")
    kept = rows(select(PostVersion.body).where(PostVersion.post_id == said).order_by(PostVersion.n))
    assert [v.body for v in kept] == ["Two.", "Three."]
    assert body_of(said)[0] == "Four."


def test_r7_words_changed_before_sending_again_are_kept(world: World) -> None:
    """The line was slow and the page said to send again. In between somebody wrote what had happened since."""
    group = world.group()
    wren = world.person(group)
    path = f"{conversation_url(world.topic(wren))}/posts"
    form = {"body": "I feel bad tonight.", "token": "the-same-form"}
    first = sent_post(wren.send(path, form))
    assert sent_post(wren.send(path, form)) == first
    longer = sent_post(wren.send(path, {**form, "body": "I feel bad tonight. I took all my tablets."}))
    with world.app.app_context():
        assert body_of(longer)[0] == "I feel bad tonight. I took all my tablets."
        assert body_of(first)[0] == "I feel bad tonight."


def test_r7_one_token_in_two_topics_loses_neither_text(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    here, there = world.topic(wren), world.topic(wren, "Another topic")
    form = {"body": "I hear you.", "token": "the-same-form"}
    sent = [sent_post(wren.send(f"{conversation_url(topic)}/posts", form)) for topic in (here, there)]
    with world.app.app_context():
        where = [row(select(Post.conversation_id).where(Post.id == post)) for post in sent]
    assert [w.conversation_id for w in where if w] == [here, there]


def test_a_title_is_screened_like_the_words_below_it(world: World, inside: object) -> None:
    group = world.group()
    wren, owl = world.person(group), world.person(group, Role.MODERATOR)
    started = posting.start_topic(wren.actor, group.board, "Ring me on 07700 900123", Words("Any time."), "t")
    assert started.state is PostState.HELD
    assert hold_of(owl, group, started.id).reasons == "phone"


def test_an_erasure_is_in_the_ledger_before_the_row_is_gone(
    world: World, inside: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ledger that cannot be written (full disk, crash) must not leave an erasure that a restore undoes."""
    group = world.group()
    wren = world.person(group)
    said = world.reply(wren, world.topic(wren), "With my address.")
    posting.edit_post(wren.actor, said, "Without it.", "en")
    version = row(select(PostVersion.id).where(PostVersion.post_id == said))
    assert version

    def full(*_what: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(erasures, "note", full)
        with pytest.raises(OSError, match="space"):
            posting.erase_version(wren.actor, said, version.id)
    assert row(select(PostVersion.id).where(PostVersion.id == version.id))

    posting.erase_version(wren.actor, said, version.id)
    assert ("post_version", version.id) in list(erasures.noted())
    assert row(select(PostVersion.id).where(PostVersion.id == version.id)) is None


def test_keeping_an_edit_back_does_not_destroy_the_words_before_it(world: World, inside: object) -> None:
    group = world.group()
    wren, owl = world.person(group), world.person(group, Role.MODERATOR)
    said = world.reply(wren, world.topic(wren), "Words that everyone had read.")
    posting.edit_post(wren.actor, said, LINK, "en")
    case = hold_of(owl, group, said)
    end(owl.actor, case, Choice.KEEP_BACK, "Please say it without the link.", "be-kind")
    assert "Words that everyone had read." in [v.body for v in rows(select(PostVersion.body))]


def test_taking_the_first_words_of_a_topic_back_takes_its_title_too(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren, "My husband John hits me")
    with world.app.app_context():
        first = row(select(Post.id).where(Post.conversation_id == topic))
        assert first
        posting.withdraw_post(wren.actor, first.id)
    pages = text_of(heron.get(conversation_url(topic))) + text_of(heron.get(f"/b/{write_ident(group.board)}"))
    assert "My husband John" not in pages


def test_a_title_put_away_comes_back_with_its_post(world: World, inside: object) -> None:
    group = world.group()
    wren, owl = world.person(group), world.person(group, Role.MODERATOR)
    topic = world.topic(wren, "A title that names somebody")
    first = row(select(Post.id).where(Post.conversation_id == topic))
    assert first
    deciding.hide_post(owl.actor, first.id, "It names somebody. Please write it anew.", "be-kind")
    titles = [r.title for r in rows(select(Conversation.title))]
    assert titles == [""]
    deciding.restore_post(owl.actor, first.id)
    assert [r.title for r in rows(select(Conversation.title))] == ["A title that names somebody"]


def test_a_group_that_holds_newcomers_holds_them_until_they_were_read(world: World, inside: object) -> None:
    group = world.group()
    world.configure(group, hold_newcomers=True)
    wren, owl = world.person(group), world.person(group, Role.MODERATOR)
    topic = world.topic(world.person(group, Role.FACILITATOR))
    first = posting.submit_post(wren.actor, topic, Words("My first."), "a")
    second = posting.submit_post(wren.actor, topic, Words("My second."), "b")
    assert (first.state, second.state) == (PostState.HELD, PostState.HELD)
    case = hold_of(owl, group, first.id)
    end(owl.actor, case, Choice.RELEASE)
    assert posting.submit_post(wren.actor, topic, Words("My third."), "c").state is PostState.SENDING


def test_what_people_took_back_stays_gone_after_a_restore(world: World, inside: object) -> None:
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren)
    said = world.reply(wren, topic, "Taken back after the backup.")
    before = row(select(Post.body, Post.html).where(Post.id == said))
    assert before
    posting.withdraw_post(wren.actor, said)
    with transaction():  # the restore of a backup from before
        values = {"state": PostState.VISIBLE, "body": before.body, "html": before.html}
        here().execute(update(Post).where(Post.id == said).values(values))
    assert upkeep.replay_erasures() == 1
    assert row(select(Post.body, Post.state).where(Post.id == said)) == ("", PostState.WITHDRAWN)
    assert upkeep.replay_erasures() == 0


def test_words_the_team_put_away_can_still_be_taken_back_for_good(world: World, inside: object) -> None:
    group = world.group()
    wren, owl = world.person(group), world.person(group, Role.MODERATOR)
    said = world.reply(wren, world.topic(wren), "Not to come back.")
    deciding.hide_post(owl.actor, said, "A reason. Please write it anew.", "be-kind")
    posting.withdraw_post(wren.actor, said)
    with pytest.raises(Conflict):
        deciding.restore_post(owl.actor, said)
