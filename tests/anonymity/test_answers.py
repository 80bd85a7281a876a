"""L24, C7: an answer to new rules changes no row of whoever gave it before Monday, so that a thief with a copy of each night
cannot put the words under an alias of that day beside the one who answered on that day."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from forum.base import clock
from forum.base.db import db, rows
from forum.base.transaction import transaction
from forum.conversations import upkeep
from forum.ground_rules import agreeing, answers, queries, usecases
from forum.ground_rules.usecases import Answers
from forum.models import Agreement
from forum.policy.members import actor_in
from tests.anonymity.traces import Row, changed, everything, leads_to, listening
from tests.forum.ground_rules.changing import AFTER_GRACE, change_rules
from tests.world import GroupHere, Person, World, text_of


@pytest.fixture
def quiet(world: World, inside: Flask) -> tuple[GroupHere, list[Person]]:
    """A group whose rules changed long ago, and nobody answered yet."""
    group = world.group()
    people = [world.person(group) for _one in range(6)]
    change_rules(group)
    world.moment.go(seconds=AFTER_GRACE.total_seconds())
    return group, people


def agree(person: Person) -> None:
    assert person.group
    found = agreeing.find_again(person.actor, person.group.scope)
    assert found
    agreeing.agree_again(person.actor, person.group.scope, found.rules.version_id, Answers({}, "en", "read_aloud"))


def fresh(person: Person) -> Any:
    assert person.group
    return actor_in(person.actor, person.group.scope).memberships[person.group.scope.group_id]


def night(world: World) -> dict[str, set[Row]]:
    """What the dump of this night holds."""
    upkeep.prepare_for_backup()
    db.session.rollback()
    found = everything()
    world.moment.go(days=1)
    return found


def named_by(before: dict[str, set[Row]], after: dict[str, set[Row]], people: list[Person]) -> set[str]:
    """The attack, by somebody who has the two dumps alone: whose id stands in a row that is new or different."""
    rows_told = [row for some in changed(before, after).values() for row in some]
    return {one.name for one in people if any(leads_to(row, one.persona_id) for row in rows_told)}


def agree_at_once(person: Person) -> None:
    """As the program did before: the rows of whoever answers change."""
    assert person.group
    rules = queries.find_rules(person.group.scope.group_id)
    assert rules
    with transaction():
        usecases.keep_agreement(person.persona_id, rules, Answers({}))


@pytest.mark.parametrize(("way", "found"), [(agree, 0), (agree_at_once, 1)])
def test_l24_nobody_is_named_by_the_night_after_an_answer(
    world: World, quiet: tuple[GroupHere, list[Person]], way: Callable[[Person], None], found: int
) -> None:
    """The control shows that the attack would find who answered."""
    group, people = quiet
    topic = world.topic(world.person(group))
    world.settle()
    _to_a_tuesday(world)
    before = night(world)
    way(people[0])
    world.reply(people[0], topic, "I would rather not say who I am.", masked=True)
    assert named_by(before, night(world), people) == {one.name for one in people[:found]}


def _to_a_tuesday(world: World) -> None:
    while clock.today().weekday() != 1:
        world.moment.go(days=1)


def test_c7_the_answer_counts_at_once_everywhere(world: World, quiet: tuple[GroupHere, list[Person]]) -> None:
    group, people = quiet
    wren, heron = people[:2]
    assert not fresh(wren).agreed
    topic = world.topic(world.person(group))
    agree(wren)
    assert fresh(wren).agreed
    assert not fresh(wren).asked
    assert (fresh(heron).agreed, fresh(heron).asked) == (False, True), "nobody else's"
    world.reply(wren, topic, "Now I can write.")
    assert "The ground rules are new" not in text_of(wren.get("/"))
    assert "The ground rules are new" in text_of(heron.get("/"))
    mine = agreeing.find_mine(wren.actor, group.scope)
    assert mine
    assert (mine.n, mine.method) == (2, "read_aloud")


def test_answers_of_a_week_stand_in_the_tables_from_its_monday_on(
    world: World, quiet: tuple[GroupHere, list[Person]]
) -> None:
    group, people = quiet
    _to_a_tuesday(world)
    for person in people[:3]:
        agree(person)
    assert answers.bring_in_due() == 0
    world.moment.go(days=6)
    with listening() as told:
        assert answers.bring_in_due() == 3
    assert "persona" in told.written_tables()
    days = {r.agreed_on.weekday() for r in rows(select(Agreement.agreed_on).where(Agreement.method == "read_aloud"))}
    assert days == {0}, "a Monday, whatever the day was"
    assert answers.bring_in_due() == 0
    assert fresh(people[0]).agreed
    assert agreeing.find_agreed(people[0].actor, group.scope).agreed == 3


def test_an_answer_to_a_version_before_is_none_to_a_newer_one(
    world: World, quiet: tuple[GroupHere, list[Person]]
) -> None:
    group, people = quiet
    wren, heron = people[:2]
    agree(wren)
    change_rules(group, body="Write even more gently.")
    world.moment.go(seconds=AFTER_GRACE.total_seconds())
    assert (fresh(wren).agreed, fresh(wren).asked) == (False, True)
    assert "The ground rules are new" in text_of(wren.get("/"))
    agree(heron)
    change_rules(group, body="Write even more gently. Please.", material=False)
    assert fresh(heron).agreed, "an editorial change asks nobody anew"
    assert "The ground rules are new" not in text_of(heron.get("/"))
    again = agreeing.find_again(wren.actor, group.scope)
    assert again
    assert again.before
    assert again.before.n == 2, "what they answered last, though it stood in no table"


def test_an_answer_can_be_taken_back_before_its_monday(world: World, quiet: tuple[GroupHere, list[Person]]) -> None:
    group, people = quiet
    wren = people[0]
    agree(wren)
    agreeing.take_back(wren.actor, group.scope)
    assert not fresh(wren).agreed
    world.moment.go(days=14)
    answers.bring_in_due()
    assert not fresh(wren).agreed
