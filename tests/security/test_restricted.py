"""T3: somebody whom the team restricted gets new words in through no door, under no face, from no device; help stays open."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.base import clock
from forum.base.db import rows
from forum.base.idents import new_ident, write_ident
from forum.base.transaction import transaction
from forum.conversations import drafts, restrictions
from forum.conversations.drafts import Kept
from forum.models import Post, PostState, Role
from moderation import usecases
from tests.world import Person, World, conversation_url, post_url, text_of

WORDS = "Needle in the hay."


class Story:
    """Wren wrote under their name, and under an alias in another topic, and is restricted now."""

    def __init__(self, world: World) -> None:
        self.world, self.group = world, world.group()
        self.wren, self.heron = world.person(self.group, name="Wren"), world.person(self.group, name="Heron")
        self.owl = world.person(self.group, Role.MODERATOR, name="Owl")
        self.own_topic, self.topic = world.topic(self.wren), world.topic(self.heron)
        self.said = world.reply(self.wren, self.topic, "Something cruel.")
        self.other = world.topic(self.heron, "Another topic")

    def hold(self) -> None:
        usecases.hold_author(self.owl.actor, self.said)

    def pause(self) -> None:
        with transaction():
            until = clock.now() + timedelta(days=7)
            restrictions.pause(self.group.scope, self.wren.persona_id, until, new_ident())

    def seen(self) -> bool:
        """Whether the words stand anywhere for others."""
        self.world.settle()
        return bool(rows(select(Post.id).where(Post.body.contains(WORDS), Post.state == PostState.VISIBLE)))


@pytest.fixture
def story(world: World, inside: object) -> Story:
    return Story(world)


def reply(story: Story, who: Person) -> None:
    who.send(f"{conversation_url(story.topic)}/posts", {"body": WORDS, "token": write_ident(new_ident())})


def reply_elsewhere(story: Story, who: Person) -> None:
    who.send(f"{conversation_url(story.other)}/posts", {"body": WORDS, "token": write_ident(new_ident())})


def topic(story: Story, who: Person) -> None:
    page = f"/b/{write_ident(story.group.board)}/write"
    who.send(page, {"title": "A new one", "body": WORDS, "token": write_ident(new_ident())})


def alias(story: Story, who: Person) -> None:
    form = {"body": WORDS, "masked": "yes", "name": "hidden", "token": write_ident(new_ident())}
    who.send(f"{conversation_url(story.other)}/posts", form)


def edit(story: Story, who: Person) -> None:
    who.send(post_url(story.said, "edit"), {"body": WORDS})


def draft(story: Story, who: Person) -> None:
    """Kept before it began, sent after."""
    token = write_ident(new_ident())
    kept = Kept(WORDS, lang="en", token=token)
    drafts.keep_draft(who.actor, story.group.scope.group_id, story.topic, kept)
    who.send(f"{conversation_url(story.topic)}/posts", {"body": WORDS, "token": token})


def question(story: Story, who: Person) -> int:
    form = {"question": "Tea or coffee?", "option-0": "Tea", "option-1": "Coffee", "days": "7"}
    return who.send(f"{conversation_url(story.own_topic)}/poll", form).status_code


def about_me(story: Story, who: Person) -> int:
    return who.send(f"/g/{story.group.address}/about-me", {"offers": "A cup of tea."}).status_code


DOORS: list[Callable[[Story, Person], None]] = [reply, reply_elsewhere, topic, alias, edit, draft]
#: What nobody reads first is refused, with the words kept.
REFUSING: list[Callable[[Story, Person], int]] = [question, about_me]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("restriction", [Story.hold, Story.pause])
def test_t3_no_door_lets_words_of_somebody_restricted_through(
    story: Story, restriction: Callable[[Story], None], door: Callable[[Story, Person], None]
) -> None:
    restriction(story)
    door(story, story.wren)
    assert not story.seen()
    door(story, story.world.signed_in_again(story.wren))
    assert not story.seen()


@pytest.mark.parametrize("door", REFUSING)
@pytest.mark.parametrize("restriction", [Story.hold, Story.pause])
def test_t3_what_nobody_reads_first_is_refused(
    story: Story, restriction: Callable[[Story], None], door: Callable[[Story, Person], int]
) -> None:
    restriction(story)
    assert door(story, story.wren) in (403, 422)


@pytest.mark.parametrize("door", REFUSING)
def test_t3_the_same_is_kept_for_somebody_who_is_not(story: Story, door: Callable[[Story, Person], int]) -> None:
    assert door(story, story.wren) == 303


@pytest.mark.parametrize("door", DOORS)
def test_t3_the_same_doors_are_open_to_somebody_who_is_not(story: Story, door: Callable[[Story, Person], None]) -> None:
    door(story, story.wren)
    assert story.seen()


@pytest.mark.parametrize("restriction", [Story.hold, Story.pause])
def test_t3_reading_taking_back_and_help_stay_open(story: Story, restriction: Callable[[Story], None]) -> None:
    restriction(story)
    wren, address = story.wren, story.group.address
    assert wren.get(conversation_url(story.topic)).status_code == 200
    assert "116 123" in text_of(wren.get(f"/g/{address}/help"))
    asked = wren.send(f"/g/{address}/ask", {"body": "Why?", "token": write_ident(new_ident())})
    assert asked.status_code == 303
    assert wren.send(post_url(story.said, "withdraw")).status_code == 303
    first = rows(select(Post.id).where(Post.conversation_id == story.topic, Post.seq == 1))[0].id
    assert wren.send(post_url(first, "report")).status_code == 303


def test_t3_nobody_else_is_restricted(story: Story) -> None:
    story.pause()
    reply(story, story.heron)
    assert story.seen()
