"""What the author of a judged post learns: that it was decided, why, and every word they wrote."""

import pytest
from sqlalchemy import select

from forum.base import jobs
from forum.base.db import row, rows
from forum.conversations import usecases as posting
from forum.conversations.prepare import Words
from forum.models import Role
from moderation import decisions, usecases
from moderation.decisions import Verdict
from moderation.models import CaseItem, CaseKind, Choice, Evidence
from tests.world import Person, World, conversation_url, post_url, text_of

LINK = "Read https://example.org first."


def keep_back(world: World, author: Person, owl: Person, topic: bytes, *, masked: bool) -> int:
    """A post that the gate held and a moderator kept back."""
    with world.app.app_context():
        post_id = posting.submit_post(author.actor, topic, Words(LINK, masked=masked), f"kept{masked}").id
        case = row(select(CaseItem.id).where(CaseItem.post_id == post_id, CaseItem.kind == CaseKind.HOLD))
        assert case
        decisions.decide(
            owl.actor, case.id, Verdict(Choice.KEEP_BACK, 0, words="Please leave the link out.", clause_uid="links")
        )
    return post_id


@pytest.mark.parametrize("masked", [False, True])
def test_a_post_kept_back_is_found_again_by_its_author_with_reason_and_words(world: World, masked: bool) -> None:
    group = world.group()
    wren, heron, owl = world.person(group), world.person(group), world.person(group, Role.MODERATOR)
    topic = world.topic(heron)
    post_id = keep_back(world, wren, owl, topic, masked=masked)
    world.moment.go(seconds=11)

    page = wren.get(conversation_url(topic)).get_data(as_text=True)
    assert post_url(post_id, "more") in page, "the author is not told"
    more = wren.get(post_url(post_id, "more")).get_data(as_text=True)
    assert post_url(post_id, "decision") in more
    decision = text_of(wren.get(post_url(post_id, "decision")))
    assert "Please leave the link out." in decision
    assert LINK in decision


def test_nobody_else_sees_that_there_was_such_a_post(world: World) -> None:
    group = world.group()
    wren, heron, owl = world.person(group), world.person(group), world.person(group, Role.MODERATOR)
    topic = world.topic(wren)
    before = text_of(heron.get(conversation_url(topic)))
    post_id = keep_back(world, wren, owl, topic, masked=False)
    assert text_of(heron.get(conversation_url(topic))) == before
    for page in ("more", "decision", "sent"):
        assert heron.get(post_url(post_id, page)).status_code == 404
    assert owl.get(post_url(post_id, "decision")).status_code == 404


def test_a_post_put_away_later_tells_its_author_why(world: World) -> None:
    group = world.group()
    wren, owl = world.person(group), world.person(group, Role.MODERATOR)
    topic = world.topic(wren)
    said = world.reply(wren, topic, "My very own words.")
    assert "The team decided nothing" in text_of(wren.get(post_url(said, "decision")))
    with world.app.app_context():
        usecases.hide_post(owl.actor, said, "It names a neighbour.", "be-kind")
    assert "It names a neighbour." not in text_of(wren.get(post_url(said, "decision")))  # for ten seconds
    world.moment.go(seconds=11)
    decision = text_of(wren.get(post_url(said, "decision")))
    assert "It names a neighbour." in decision
    assert "My very own words." in decision
    assert owl.name not in decision


def test_sealed_copies_go_when_their_time_is_over(world: World) -> None:
    group = world.group()
    wren, owl = world.person(group), world.person(group, Role.MODERATOR)
    topic = world.topic(wren)
    said = world.reply(wren, topic, "Kept for half a year.")
    with world.app.app_context():
        usecases.hide_post(owl.actor, said, "A reason. Please write it anew.", "be-kind")
        world.moment.go(days=182)
        jobs.run_due()
        assert usecases.find_copy(owl.actor, group.scope, said)
        world.moment.go(days=3)
        jobs.run_due()
        assert usecases.find_copy(owl.actor, group.scope, said) is None
        assert rows(select(Evidence.id)) == []
