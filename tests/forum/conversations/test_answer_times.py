"""The page after posting says when answers come here: measured in this group, by the hour, and never kinder than it is."""

from collections.abc import Iterator

import pytest

from forum.conversations import answer_times
from forum.conversations.answer_times import Usual
from tests.conftest import Clock
from tests.world import GroupHere, Person, World, post_url, text_of


@pytest.fixture(autouse=True)
def afresh() -> Iterator[None]:
    answer_times.forget()
    yield
    answer_times.forget()


def usual(world: World, group: GroupHere) -> Usual | None:
    with world.app.app_context():
        return answer_times.usual(group.scope.group_id, "Europe/London")


def begin(world: World, author: Person, other: Person | None, hours: int) -> None:
    """A topic, and an answer so many hours later."""
    topic = world.topic(author)
    world.reply(author, topic, "One thing more.")
    if other is not None:
        world.moment.go(hours=hours)
        world.reply(other, topic)


def test_half_and_most_are_counted_from_the_topic_to_the_first_words_of_somebody_else(
    world: World, moment: Clock
) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    for hours in (1, 2, 3, 5, 9):
        moment.go(hours=1)
        assert usual(world, group) is None, "four tell nothing"
        begin(world, wren, heron, hours)
    moment.go(hours=1)
    assert usual(world, group) == Usual(3, 5, slow_nights=False)
    sent = world.reply(wren, world.topic(wren), "And now?")
    page = text_of(wren.get(post_url(sent, "sent")))
    assert "Half of all topics here get an answer within 3 hours. Most get one within 5 hours." in page
    assert usual(world, world.group()) is None, "each group by itself"


def test_topics_that_nobody_answered_count_as_ones_that_wait(world: World, moment: Clock) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    for hours in (1, 1, 1):
        begin(world, wren, heron, hours)
    for _n in range(2):
        begin(world, wren, None, 0)
    moment.go(hours=3)
    assert usual(world, group) is None, "two are too young to tell"
    moment.go(days=3)
    assert usual(world, group) == Usual(1, None, slow_nights=False)
    for _n in range(3):
        begin(world, wren, None, 0)
    moment.go(days=3)
    assert usual(world, group) is None, "five of eight got none: nobody is promised anything"
    sent = world.reply(wren, world.topic(wren), "And now?")
    assert "Half of all topics" not in text_of(wren.get(post_url(sent, "sent")))


def test_nights_that_take_longer_are_said(world: World, moment: Clock) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    for _day in range(5):
        begin(world, wren, heron, 6)
        moment.go(hours=4)
        begin(world, wren, heron, 1)
        moment.go(hours=13)
        moment.at = moment.at.replace(hour=2, minute=0)
    moment.go(hours=1)
    found = usual(world, group)
    assert found is not None
    assert found.slow_nights
    with world.app.test_request_context():
        assert "At night it takes longer." in answer_times.sentence(group.scope.group_id, "Europe/London")


def test_it_is_measured_once_an_hour_and_old_topics_are_left_out(world: World, moment: Clock) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    for _n in range(5):
        begin(world, wren, heron, 1)
    moment.at = moment.at.replace(minute=0)
    moment.go(hours=1)
    assert usual(world, group) == Usual(1, 1, slow_nights=False)
    begin(world, wren, heron, 0)
    begin(world, wren, None, 0)
    assert usual(world, group) == Usual(1, 1, slow_nights=False)
    moment.go(days=61)
    assert usual(world, group) is None


def test_l24_an_alias_that_answers_its_own_topic_counts_as_everybody_sees_it(world: World, moment: Clock) -> None:
    """Were it left out, the sentence would change with who wears it."""
    found = []
    for own in (True, False):
        group = world.group()
        wren, heron = world.person(group), world.person(group)
        for _n in range(5):
            topic = world.topic(wren)
            moment.go(hours=2)
            world.reply(wren if own else heron, topic, masked=True)
        moment.go(hours=1)
        found.append(usual(world, group))
    assert found[0] == found[1] == Usual(2, 2, slow_nights=False)
