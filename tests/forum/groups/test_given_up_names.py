"""A name that somebody gave up is nobody else's for a month, or people would tell secrets to the wrong person."""

import pytest
from flask import Flask
from sqlalchemy import select

from forum.accounts import names
from forum.base.db import row, rows
from forum.base.errors import Invalid
from forum.base.rotation import renew_all
from forum.conversations.upkeep import prepare_for_backup
from forum.groups import given_up, usecases
from forum.models import GivenUpName
from tests.world import GroupHere, Person, World


@pytest.fixture
def group(world: World, inside: Flask) -> GroupHere:
    return world.group()


@pytest.fixture
def wren(world: World, group: GroupHere) -> Person:
    """Was called Quiet Fern until a moment ago."""
    person = world.person(group, name="Quiet Fern")
    assert usecases.rename(person.actor, group.scope, "Gentle Alder") == "Gentle Alder"
    return person


@pytest.mark.parametrize("posing", ["Quiet Fern", "QUIET-FERN", "Qu1et Fern"])
def test_nobody_takes_the_name_of_somebody_who_was_just_renamed(
    world: World, group: GroupHere, wren: Person, posing: str
) -> None:
    heron = world.person(group)
    with pytest.raises(Invalid, match="has a name like that"):
        usecases.rename(heron.actor, group.scope, posing)
    with pytest.raises(Invalid, match="has a name like that"):
        world.person(group, name=posing)
    assert usecases.rename(heron.actor, group.scope, "Some Other") == "Some Other"


def test_its_owner_takes_it_back(world: World, group: GroupHere, wren: Person) -> None:
    assert usecases.rename(wren.actor, group.scope, "Quiet Fern") == "Quiet Fern"
    left = rows(select(GivenUpName.tag))
    assert len(left) == 1, "now the other name is the one that was given up"
    with pytest.raises(Invalid):
        world.person(group, name="Gentle Alder")


def test_writing_the_same_name_in_another_way_gives_nothing_up(world: World, group: GroupHere, wren: Person) -> None:
    before = len(rows(select(GivenUpName.tag)))
    usecases.rename(wren.actor, group.scope, "Gentle alder")
    assert len(rows(select(GivenUpName.tag))) == before


def test_after_a_month_it_is_free(world: World, group: GroupHere, wren: Person) -> None:
    world.moment.go(days=30)
    with pytest.raises(Invalid):
        world.person(group, name="Quiet Fern")
    world.moment.go(days=1)
    prepare_for_backup()
    assert rows(select(GivenUpName.tag)) == []
    assert world.person(group, name="Quiet Fern").name == "Quiet Fern"


def test_in_another_group_the_name_is_free(world: World, wren: Person) -> None:
    assert world.person(world.group(), name="Quiet Fern").name == "Quiet Fern"


def test_it_is_not_offered(world: World, group: GroupHere, wren: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["Quiet Fern", "Calm Otter"] * 40)
    monkeypatch.setattr(names, "_pair", lambda *_lists: next(drawn))
    assert usecases.offer_names(group.scope.group_id, 1) == ["Calm Otter"]


def test_l24_a_thief_reads_neither_the_name_nor_whose_it_was(world: World, group: GroupHere, wren: Person) -> None:
    kept = row(select(GivenUpName.tag, GivenUpName.sealed, GivenUpName.day))
    assert kept
    for told in (b"quiet", names.skeleton("Quiet Fern").encode(), wren.persona_id, wren.account_id or b"?"):
        assert told not in (kept.tag + kept.sealed).lower()
        assert told not in kept.tag + kept.sealed
    list(renew_all())
    assert given_up.taken(group.scope, {names.skeleton("Quiet Fern")}), "sealed afresh, it is still found"
