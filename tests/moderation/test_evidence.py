"""Sealed copies: enough to decide by, however often somebody edits words that wait."""

import pytest
from sqlalchemy import select

from forum.base.db import rows
from forum.conversations import usecases
from forum.models import Role
from moderation import evidence
from moderation import usecases as moderation
from moderation.evidence import Copy, open_copy
from moderation.models import Evidence
from tests.world import Person, World


@pytest.fixture
def held(world: World) -> tuple[Person, Person, int]:
    group = world.group()
    wren, owl = world.person(group), world.person(group, Role.MODERATOR)
    return wren, owl, world.reply(wren, world.topic(wren), "Look: https://example.org/0")


def copies_of(world: World, person: Person, post_id: int) -> list[Copy]:
    assert person.group
    with world.app.app_context():
        ids = [r.id for r in rows(select(Evidence.id).where(Evidence.post_id == post_id))]
        found = [open_copy(person.group.scope, one) for one in ids]
        return sorted((copy for copy in found if copy), key=lambda copy: copy.n)


def edit(world: World, person: Person, post_id: int, n: int) -> None:
    with world.app.app_context():
        usecases.edit_post(person.actor, post_id, f"Look: https://example.org/{n}", "en")


def test_of_words_edited_all_night_the_first_copy_and_the_newest_stay(
    world: World, held: tuple[Person, Person, int]
) -> None:
    wren, _owl, post_id = held
    for n in range(1, 31):
        edit(world, wren, post_id, n)
    bodies = [copy.body.rpartition("/")[2] for copy in copies_of(world, wren, post_id)]
    assert len(bodies) == evidence.MOST_WAITING
    assert bodies == ["0", *map(str, range(31 - evidence.MOST_WAITING + 1, 31))]


def test_a_copy_that_a_decision_rests_on_is_never_pushed_out(world: World, held: tuple[Person, Person, int]) -> None:
    wren, owl, _post_id = held
    assert wren.group
    shown = world.reply(wren, world.topic(wren), "Plain words.")
    with world.app.app_context():
        moderation.hide_post(owl.actor, shown, "Too close to home. Please write it anew.", "be-kind")
        moderation.restore_post(owl.actor, shown)
    for n in range(25):
        edit(world, wren, shown, n)
    copies = copies_of(world, wren, shown)
    assert len(copies) == evidence.MOST_WAITING + 1
    assert [copy.body for copy in copies if copy.reason == "Too close to home. Please write it anew."] == [
        "Plain words."
    ]
