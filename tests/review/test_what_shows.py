"""Attacks on aliases, and on what is remembered after it has changed."""

import re

import pytest

from forum.base.errors import Invalid
from forum.conversations import fragments
from forum.conversations import usecases as posting
from forum.conversations.prepare import Words
from forum.groups import usecases as groups
from forum.models import Role
from moderation import queue, roles
from moderation import usecases as deciding
from tests.world import World, conversation_url, text_of


def test_l17_a_moderator_cannot_find_a_name_by_holding_an_alias(world: World, inside: object) -> None:
    """Two taps: hold the author of a masked post, then look whose harmless words wait "for this person is held"."""
    group = world.group()
    wren, owl = world.person(group), world.person(group, Role.MODERATOR)
    others = [world.person(group) for _n in range(3)]
    topic = world.topic(others[0])
    masked = world.reply(wren, topic, "What I never told anyone.", masked=True)
    deciding.hold_author(owl.actor, masked)
    for person in (*others, wren):
        posting.submit_post(person.actor, topic, Words("Good morning to you all."), f"form of {person.name}")
    named = {c.author for c in queue.list_open(owl.actor, group.scope).lines if "held_author" in c.reasons}
    assert wren.name not in named


def test_an_old_name_goes_from_pages_that_were_read_before(world: World) -> None:
    """Somebody sees that the name says too much, and changes it."""
    group = world.group()
    wren, heron = world.person(group, name="Jane Millbrook"), world.person(group)
    topic = world.topic(wren)
    assert "Jane Millbrook" in text_of(heron.get(conversation_url(topic)))
    with world.app.app_context():
        groups.rename(wren.actor, group.scope, "Quiet Fern")
    world.moment.go(minutes=1)
    seen = text_of(heron.get(conversation_url(topic)))
    assert "Jane Millbrook" not in seen
    assert "Quiet Fern" in seen


def test_somebody_no_longer_of_the_team_is_not_shown_as_one(world: World) -> None:
    group = world.group()
    owl, heron = world.person(group, Role.MODERATOR), world.person(group)
    topic = world.topic(owl)
    assert "(moderator)" in text_of(heron.get(conversation_url(topic)))
    with world.app.app_context():
        roles.set_role(group.scope, owl.name, Role.MEMBER)
    world.moment.go(minutes=1)
    assert "(moderator)" not in text_of(heron.get(conversation_url(topic)))


@pytest.mark.parametrize("name", ["Slate", "qUARTZ", "Maple Slate", "Slate 2"])
def test_nobody_can_go_by_what_an_alias_is_called(world: World, name: str) -> None:
    """Whoever is called Slate writes beside the alias Slate: others take the two for one."""
    group = world.group()
    with pytest.raises(Invalid), world.app.app_context():
        groups.rename(world.person(group).actor, group.scope, name)


def test_pages_kept_in_memory_are_few_however_often_a_topic_changes(world: World) -> None:
    """Somebody edits one long post and reads again, a thousand times: what was kept for the pages before is of no use."""
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren)
    said = world.reply(wren, topic, "\U0001f33f" * 10_000)
    for n in range(5):
        with world.app.app_context():
            posting.edit_post(wren.actor, said, "\U0001f33f" * 10_000 + str(n), "en")
        assert wren.get(conversation_url(topic)).status_code == 200
    assert len(fragments._pages) == 1


def test_l1_an_alias_is_not_marked_with_the_language_of_its_wearers_screen(world: World) -> None:
    """One member reads the pages in Urdu and writes in English. Their posts must not be the ones marked as Urdu."""
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(heron)
    wren.client.set_cookie("__Host-lang", "ur", domain="localhost", secure=True)
    for masked, body in (("", "Good morning."), ("yes", "It happened last night."), ("yes", "السلام علیکم")):
        sent = wren.send(
            f"{conversation_url(topic)}/posts", {"body": body, "masked": masked, "token": body, "lang": ""}
        )
        assert sent.status_code == 303
    world.settle()
    page = heron.get(conversation_url(topic)).get_data(as_text=True)
    marked = re.findall(r'class="cg-post__body" lang="(\w+)"[^>]*>(.*?)</div>', page, re.S)
    assert [lang for lang, words in marked if "morning" in words or "last night" in words] == ["en", "en"]
    assert [lang for lang, words in marked if "السلام" in words] == ["ur"]
