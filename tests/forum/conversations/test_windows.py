"""What a reader finds on which page, and what an edit that has to wait does to it."""

import re

from sqlalchemy import select
from werkzeug.test import TestResponse

from forum.base.db import row
from forum.conversations import places, queries, usecases
from forum.models import Post, PostState, Role
from moderation.models import CaseKind, Choice
from tests.team_work import end, waiting
from tests.world import World, conversation_url, text_of

PAGE = places.PAGE


def shown_on(answer: TestResponse) -> list[int]:
    """The places on a page, in the order shown."""
    return [int(found) for found in re.findall(r'data-seq="(\d+)"', answer.get_data(as_text=True))]


def test_a_page_is_twenty_places_and_a_place_never_moves(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren)  # place 1
    for n in range(2, 25):
        world.reply(wren, topic, "See https://example.org." if n == 5 else f"Post {n}.")
    address = conversation_url(topic)

    first = heron.get(f"{address}?page=1")
    assert shown_on(first) == [n for n in range(1, PAGE + 1) if n != 5]
    assert f'href="{address}?page=2"' in first.get_data(as_text=True)
    assert shown_on(heron.get(f"{address}?page=2")) == [21, 22, 23, 24]
    assert shown_on(heron.get(f"{address}?page=99")) == [21, 22, 23, 24]

    with world.app.app_context():
        seventh = row(select(Post.id).where(Post.conversation_id == topic, Post.seq == 7))
        assert seventh
        usecases.withdraw_post(wren.actor, seventh.id)
    assert shown_on(heron.get(f"{address}?page=1")) == shown_on(first)
    assert shown_on(heron.get(f"{address}?page=2")) == [21, 22, 23, 24]


def test_a_waiting_post_makes_no_page(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren)
    for n in range(2, PAGE + 1):
        world.reply(wren, topic, f"Post {n}.")
    held = world.reply(wren, topic, "See https://example.org.")
    assert "?page=2" not in heron.get(conversation_url(topic)).get_data(as_text=True)

    with world.app.app_context():  # its place is on a second page, which is there once it may be seen
        assert row(select(Post.seq).where(Post.id == held))[0] == PAGE + 1  # type: ignore[index]
        usecases.edit_post(wren.actor, held, "No link any more.", "en")
    world.reply(wren, topic, "One more.")
    assert "?page=2" in heron.get(conversation_url(topic)).get_data(as_text=True)


def test_a_held_edit_takes_the_post_and_its_quotes_out_of_sight(world: World) -> None:
    group = world.group()
    wren, heron, owl = world.person(group), world.person(group), world.person(group, Role.MODERATOR)
    topic = world.topic(wren)
    said = world.reply(wren, topic, "The first words.")
    world.reply(heron, topic, "An answer.", answers_id=said)
    address = conversation_url(topic)
    assert text_of(heron.get(address)).count("The first words.") == 2  # the post, and its quote

    with world.app.app_context():
        feed = places.get_place(heron.actor, topic).feed_no
        edited = usecases.edit_post(wren.actor, said, "New words, at https://example.org.", "en")
        assert edited.state is PostState.HELD
        changed = queries.list_changes(heron.actor, topic, feed)
        assert (said, PostState.HELD) in [(c.id, c.state) for c in changed]

    for reader in (heron, owl):
        seen = text_of(reader.get(address))
        assert "The first words." not in seen
        assert "New words" not in seen
    assert "New words" in text_of(wren.get(address))

    with world.app.app_context():
        case = next(c for c in waiting(owl.actor, group.scope) if c.kind is CaseKind.HOLD)
        end(owl.actor, case, Choice.RELEASE)
    assert text_of(heron.get(address)).count("New words") == 2
