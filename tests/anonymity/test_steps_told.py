"""C5, L24: news about a group's rules name nobody, and telling them leaves nothing behind that leads to anybody."""

import pytest
from flask import Flask

from forum.base import jobs
from forum.base.db import db
from forum.ground_rules import votes
from forum.models import Role
from tests.anonymity.traces import changed, everything, leads_to, listening
from tests.forum.ground_rules import at_hand
from tests.world import Person, World

#: The vote, and what follows from its end: nothing for a member.
OF_THE_END = {"charter_vote", "charter_proposal", "charter_version", "clause", "job"}


@pytest.fixture
def decided(world: World, inside: Flask) -> tuple[World, list[Person], bytes]:
    group = world.group()
    people = [world.person(group) for _one in range(5)]
    lead = world.person(group, Role.FACILITATOR)
    made = at_hand.decided_about(people[0], people[1], lead)
    at_hand.object_to(made, people[2])
    return world, [*people, lead], made


def test_c5_no_news_of_a_step_name_who_took_part(decided: tuple[World, list[Person], bytes]) -> None:
    world, people, made = decided
    reader = people[4]
    for person, choice in zip(people[1:4], ("agree", "object", "abstain"), strict=True):
        votes.choose(person.actor, made, choice)
    for _step in range(4):
        page = reader.get("/news").text
        assert "of our rules" in page or "this change" in page
        for person in people[:4] + people[5:]:
            assert person.name not in page
            assert not leads_to(page, person.persona_id, person.account_id or b"")
        world.moment.go(days=7)
        jobs.run_due(100)


def test_c5_the_news_are_the_same_whoever_chose_what(decided: tuple[World, list[Person], bytes]) -> None:
    _world, people, made = decided

    def page() -> str:
        return people[4].get("/news").text.split("<main", 1)[1].split("csrf", 1)[0]

    before = page()
    votes.choose(people[1].actor, made, "agree")
    votes.choose(people[3].actor, made, "object")
    assert "We decide about this change." in before
    assert page() == before


def test_l24_the_end_of_a_vote_writes_no_row_for_anybody_who_is_to_be_told(
    decided: tuple[World, list[Person], bytes],
) -> None:
    world, people, made = decided
    for person in people[1:5]:
        votes.choose(person.actor, made, "agree")
    world.settle()
    world.moment.go(days=7)
    before = everything()
    with listening() as told:
        jobs.run_due(100)
    db.session.rollback()
    assert set(changed(before, everything())) <= OF_THE_END
    assert "charter_vote" in told.written_tables()
    electors = [person.persona_id for person in people[1:5]]
    writes = [one for one in told.statements if one[0].upper().startswith(("INSERT", "UPDATE", "DELETE"))]
    assert writes
    for statement, values in writes:
        assert not leads_to(values, *electors), statement
