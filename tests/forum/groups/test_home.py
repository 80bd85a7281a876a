"""Home: what is unread and what comes next, in three questions, the same for an alias as for everybody."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from forum.base.transaction import here, transaction
from forum.groups import home, unread
from forum.groups.home_questions import TOPICS
from forum.models import Board, Persona, Role, SignInKind, Standing
from forum.web import shells
from tests.conftest import START
from tests.statements import statements
from tests.world import Person, World, conversation_url, text_of


def read_all(person: Person, conversation: bytes, seq: int) -> None:
    assert person.send(f"{conversation_url(conversation)}/read", {"seq": str(seq)}).status_code == 303


def unread_at_home(person: Person) -> str:
    """What home says of the only group."""
    said = text_of(person.get("/"))
    return next(w for w in ("Nothing new to read", "1 new post", "2 new posts", "3 new posts") if w in said)


def test_home_counts_what_is_new(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren)
    world.reply(wren, topic)
    assert unread_at_home(heron) == "2 new posts"
    read_all(heron, topic, 1)
    assert unread_at_home(heron) == "1 new post"
    read_all(heron, topic, 2)
    assert unread_at_home(heron) == "Nothing new to read"


def test_home_counts_no_post_that_waits_or_was_put_away(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren)
    read_all(heron, topic, 1)
    world.reply(wren, topic, "Look at https://example.org and ring 07700 900123.")
    assert unread_at_home(heron) == "Nothing new to read"
    world.reply(wren, topic, "And after it.")
    assert unread_at_home(heron) == "1 new post"


def test_l19_home_counts_my_own_masked_posts_as_those_of_others(world: World) -> None:
    """Two people with the same marker, one of whom wrote the masked post: both are told the same number."""
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(world.person(group))
    for person in (wren, heron):
        read_all(person, topic, 1)
    world.reply(wren, topic, "Under an alias.", masked=True)
    assert unread_at_home(wren) == unread_at_home(heron) == "1 new post"


def test_home_says_no_number_above_99(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    for _topic in range(6):
        topic = world.topic(wren)
        for n in range(19):
            world.reply(wren, topic, f"Thought {n}.")
    assert "More than 99 new posts" in text_of(heron.get("/"))


def test_home_says_who_looks_next(world: World) -> None:
    group = world.group()
    world.on_duty(group, 0, "19:00", "21:00")
    assert "The next person looks today at 19:00." in text_of(world.person(group).get("/"))
    world.moment.go(hours=18)
    assert "Someone from the team is here until 21:00." in text_of(world.person(group).get("/"))


def test_home_counts_no_board_that_is_not_for_me(world: World) -> None:
    group = world.group()
    wren, warden = world.person(group), world.person(group, Role.FACILITATOR)
    world.topic(warden)
    assert unread_at_home(wren) == "1 new post"
    with world.app.app_context(), transaction():
        here().execute(update(Board).where(Board.id == group.board).values(readers=-1))
    assert unread_at_home(wren) == "Nothing new to read"
    assert unread_at_home(warden) == "1 new post"


def test_home_of_one_who_left_says_nothing_of_the_group(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    assert group.name in text_of(wren.get("/"))
    with world.app.app_context(), transaction():
        here().execute(update(Persona).where(Persona.id == wren.persona_id).values(standing=Standing.LEFT))
    left = text_of(wren.get("/"))
    assert group.name not in left
    assert "You are in no group yet." in left


@pytest.fixture
def asked(app: Flask) -> Iterator[list[str]]:
    with app.app_context(), statements() as said:
        yield said


def test_home_takes_three_queries_for_three_groups(world: World, asked: list[str]) -> None:
    groups = [world.group() for _ in range(3)]
    wren = world.person(groups[0])
    for group in groups[1:]:
        world.join(wren, group)
    for group in groups:
        author = world.person(group)
        for _topic in range(2):
            world.topic(author)
    home.forget()
    shells.forget()

    def count() -> int:
        before = len(asked)
        page = wren.get("/")
        assert text_of(page).count("2 new posts") == 3
        return len(asked) - before

    assert count() == 7, "four, and three more to make the page"
    assert count() == 3
    unread._tails.clear()
    assert count() == 3


def test_home_asks_once_for_a_way_back(world: World) -> None:
    wren = world.person(world.group())
    assert "You have no way back yet" in text_of(wren.get("/"))
    wren.send("/way-back")
    assert "You have no way back yet" not in text_of(wren.get("/"))


def test_home_of_a_sign_in_that_ended_is_the_page_for_visitors(world: World) -> None:
    group = world.group()
    wren = world.person(group, device=SignInKind.SHARED)
    assert "Your groups" in text_of(wren.get("/"))
    world.moment.go(hours=13)
    assert "Your groups" not in text_of(wren.get("/"))


OLD = timedelta(days=28 + 49)
READERS = {"the team": -1, "members of more than 30 days": 30}


@pytest.mark.parametrize("readers", READERS.values(), ids=READERS)
def test_a_busy_board_that_is_not_for_me_hides_nothing_of_the_others(
    world: World, asked: list[str], readers: int
) -> None:
    """More topics than home looks at, all later than the one that a newcomer may read."""
    group = world.group(boards=("Say hello", "For some"))
    facilitator, newcomer = world.person(group, Role.FACILITATOR), world.person(group)
    old = world.person(group)
    world.topic(facilitator, "For everybody")
    world.moment.go(hours=1)
    with world.app.app_context(), transaction():
        here().execute(update(Board).where(Board.id == group.boards[1]).values(readers=readers))
        here().execute(update(Persona).where(Persona.id == old.persona_id).values(joined_on=START.date() - OLD))
    elsewhere = replace(group, boards=group.boards[::-1])
    for n in range(TOPICS + 1):
        world.topic(replace(facilitator, group=elsewhere), f"For some {n}")
    assert unread_at_home(newcomer) == "1 new post"
    assert "More than 8 new posts" in text_of(facilitator.get("/"))
    assert ("More than 8 new posts" in text_of(old.get("/"))) == (readers > 0)
    before = len(asked)
    assert unread_at_home(newcomer) == "1 new post"
    assert len(asked) - before == 3


def test_a_busy_board_that_was_closed_hides_nothing_of_the_others(world: World) -> None:
    group = world.group(boards=("Say hello", "Old"))
    wren, heron = world.person(group), world.person(group)
    world.topic(wren, "For everybody")
    world.moment.go(hours=1)
    for n in range(TOPICS + 1):
        world.topic(replace(wren, group=replace(group, boards=group.boards[::-1])), f"On the old board {n}")
    assert "More than 8 new posts" in text_of(heron.get("/"))
    with world.app.app_context(), transaction():
        here().execute(update(Board).where(Board.id == group.boards[1]).values(retired_at=START))
    assert unread_at_home(heron) == "1 new post"
