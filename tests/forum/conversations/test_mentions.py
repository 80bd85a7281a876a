"""A name with an @ is a row for that name and for nobody else, as long as the words are there."""

import pytest
from sqlalchemy import select, update

from forum.base.db import rows
from forum.base.idents import write_ident
from forum.base.transaction import here, transaction
from forum.conversations import mentions, usecases
from forum.groups import usecases as groups
from forum.models import Mask, Mention, Persona, Post, Role, Standing
from moderation import usecases as deciding
from tests.world import World, post_url, text_of


def named_in(world: World, post_id: int) -> set[bytes]:
    with world.app.app_context():
        return {r.persona_id for r in rows(select(Mention.persona_id).where(Mention.post_id == post_id))}


def test_words_name_a_member_by_the_longest_name(world: World) -> None:
    group = world.group()
    wren = world.person(group, name="Marsh Wren")
    short, long = world.person(group, name="Quiet"), world.person(group, name="Quiet Heron")
    topic = world.topic(wren)
    assert named_in(world, world.reply(wren, topic, "Thank you @quiet heron, and all.")) == {long.persona_id}
    assert named_in(world, world.reply(wren, topic, "@Quiet thank you @Marsh Wren")) == {
        short.persona_id,
        wren.persona_id,
    }
    assert named_in(world, world.reply(wren, topic, "Quiet Heron, me@quiet heron and @everyone @all @Quie")) == set()


def test_l6_an_alias_is_nobody_who_can_be_named(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren)
    masked = world.reply(heron, topic, "I would rather not say.", masked=True)
    page = wren.get(f"/c/{_ident(topic)}").get_data(as_text=True)
    alias = _alias_of(world, masked)
    assert alias in page
    assert (
        named_in(world, world.reply(wren, topic, f"Thank you @{alias}, @{alias.strip('()').split('(')[-1]}")) == set()
    )
    assert named_in(world, world.reply(wren, topic, f"Thank you @{heron.name}")) == {heron.persona_id}


def test_the_page_of_a_post_says_how_to_name_its_author_but_not_under_an_alias(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren)
    named, masked = world.reply(heron, topic), world.reply(heron, topic, masked=True)
    assert f"write @{heron.name} ." in text_of(wren.get(post_url(named, "more")))
    page = text_of(wren.get(post_url(masked, "more")))
    assert "To name this person" not in page
    assert heron.name not in page


def test_the_row_says_no_more_than_the_words_at_each_moment(world: World) -> None:
    group = world.group()
    wren, heron, finch = world.person(group), world.person(group), world.person(group)
    warden = world.person(group, Role.MODERATOR)
    post = world.reply(wren, world.topic(wren), f"Thank you @{heron.name}")
    with world.app.app_context():
        usecases.edit_post(wren.actor, post, f"Thank you @{finch.name}", "en")
    assert named_in(world, post) == {finch.persona_id}
    with world.app.app_context():
        deciding.hide_post(warden.actor, post, "For a test. Please write it anew.", "be-kind")
    assert named_in(world, post) == set()
    with world.app.app_context():
        deciding.restore_post(warden.actor, post)
    assert named_in(world, post) == {finch.persona_id}
    with world.app.app_context():
        usecases.withdraw_post(wren.actor, post)
    assert named_in(world, post) == set()


def test_words_that_are_held_or_sending_name_nobody_yet(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren)
    held = world.reply(wren, topic, f"@{heron.name} look at https://example.org and ring 07700 900123.")
    assert named_in(world, held) == set()
    assert named_in(world, world.reply(wren, topic, f"@{heron.name} hello")) == {heron.persona_id}


@pytest.mark.parametrize("masked", [False, True])
def test_l24_a_masked_post_and_a_named_one_write_the_same_rows(world: World, masked: bool) -> None:
    """Also for one's own name: a row left out would say who wrote it."""
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    post = world.reply(wren, world.topic(heron), f"@{heron.name} and @{wren.name}", masked=masked)
    assert named_in(world, post) == {heron.persona_id, wren.persona_id}


def test_who_left_and_who_took_another_name_is_not_called_any_more(world: World) -> None:
    group = world.group()
    wren, heron, finch = world.person(group), world.person(group), world.person(group)
    topic = world.topic(wren)
    before = world.reply(wren, topic, f"@{heron.name} and @{finch.name}")
    old = heron.name
    with world.app.app_context():
        groups.rename(heron.actor, group.scope, "Somebody Else")
        with transaction():
            here().execute(update(Persona).where(Persona.id == finch.persona_id).values(standing=Standing.LEFT))
    assert named_in(world, before) == {finch.persona_id}, "old words lead to the new name no more"
    assert named_in(world, world.reply(wren, topic, f"@{old} and @{finch.name}")) == set()
    assert named_in(world, world.reply(wren, topic, "@Somebody Else")) == {heron.persona_id}


def test_sec_s22_nobody_is_called_on_a_board_that_is_not_for_them(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    with world.app.app_context():
        body = f"@{heron.name}"
        assert mentions.find_named(group.scope.group_id, 0, body) == {heron.persona_id}
        assert mentions.find_named(group.scope.group_id, -1, body) == set()
        assert mentions.find_named(world.group().scope.group_id, 0, body) == set()
    assert wren.name


def test_a_crowd_is_not_called(world: World, inside: object) -> None:
    group = world.group()
    people = [world.person(group) for _n in range(mentions.MOST_NAMED + 2)]
    body = " ".join(f"@{person.name}." for person in people)
    assert len(mentions.find_named(group.scope.group_id, 0, body)) == mentions.MOST_NAMED


def _ident(conversation: bytes) -> str:
    return write_ident(conversation)


def _alias_of(world: World, post_id: int) -> str:
    with world.app.app_context():
        found = rows(select(Mask.alias).join(Post, Post.mask_id == Mask.id).where(Post.id == post_id))
    return str(found[0].alias)
