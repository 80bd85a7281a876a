"""What newcomers read before they join: made up by the facilitators, marked so, and never members' words."""

import pytest
from flask import Flask
from sqlalchemy import select

from forum.base.db import rows
from forum.base.errors import Invalid, NotAllowed, NotFound
from forum.groups import examples
from forum.groups.examples import MOST_EXAMPLES, Voice
from forum.models import Example, ExamplePost, Listing, Role
from tests.binding import bind
from tests.world import GroupHere, Person, World, text_of

FORM = {
    "title": "A long day",
    "name-1": "Made Up",
    "words-1": "Is *anybody* there? <script>alert(1)</script>",
    "name-2": "Also Made",
    "words-2": "I am.",
}


@pytest.fixture
def group(world: World) -> GroupHere:
    return world.group()


@pytest.fixture
def keeper(world: World, group: GroupHere) -> Person:
    return world.person(group, Role.FACILITATOR)


def kept(world: World, group: GroupHere) -> list[str]:
    with world.app.app_context():
        return [example.title for example in examples.list_examples(group.scope.group_id)]


def test_a_stranger_reads_what_the_facilitator_made_up_and_is_told_so(
    world: World, group: GroupHere, keeper: Person
) -> None:
    assert "Read an example" not in text_of(world.visitor().get(f"/g/{group.address}"))
    assert keeper.send(f"/g/{group.address}/examples/new", FORM).status_code == 303
    stranger = world.visitor()
    assert "Read an example" in text_of(stranger.get(f"/g/{group.address}"))
    page = stranger.get(f"/g/{group.address}/examples")
    said = text_of(page)
    assert "The team made these up" in said
    assert said.count("( made up )") + said.count("(made up)") == 2
    html = page.get_data(as_text=True)
    assert "<em>anybody</em>" in html
    assert "&lt;script&gt;alert(1)" in html


def test_an_example_is_changed_moved_and_taken_away(world: World, group: GroupHere, keeper: Person) -> None:
    for title in ("One", "Two", "Three"):
        keeper.send(f"/g/{group.address}/examples/new", FORM | {"title": title})
    with world.app.app_context():
        three = keeper.actor and examples.list_examples(group.scope.group_id)[2].id
        examples.move_up(keeper.actor, group.scope, three)
    assert kept(world, group) == ["One", "Three", "Two"]
    with world.app.app_context():
        changed = [Voice("Made Up", "Other words."), Voice("Also Made", "Yes.")]
        examples.save_example(keeper.actor, group.scope, three, "Third", changed)
    assert kept(world, group) == ["One", "Third", "Two"]
    with world.app.app_context():
        examples.remove_example(keeper.actor, group.scope, three)
        assert not rows(select(ExamplePost.ord).where(ExamplePost.example_id == three))
    assert kept(world, group) == ["One", "Two"]


def test_it_is_seen_once_more_before_it_is_taken_away(world: World, group: GroupHere, keeper: Person) -> None:
    world.example(group, "Still here")
    page = keeper.get(f"/g/{group.address}/examples/list").get_data(as_text=True)
    path = page.split('/remove"')[0].rsplit('href="', 1)[1]
    assert "It cannot be brought back" in text_of(keeper.get(f"{path}/remove"))
    assert kept(world, group) == ["Still here"]
    keeper.send(f"{path}/remove")
    assert kept(world, group) == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"name-2": "", "words-2": ""}, "name-1"),
        ({"name-2": " "}, "name-2"),
        ({"words-2": " "}, "words-2"),
        ({"words-2": "x" * 2_001}, "words-2"),
        ({"name-1": "x" * 31}, "name-1"),
    ],
)
def test_refused_words_come_back_with_the_field(
    world: World, group: GroupHere, keeper: Person, wrong: dict[str, str], field: str
) -> None:
    answer = keeper.send(f"/g/{group.address}/examples/new", FORM | wrong)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert f'href="#{field}"' in page
    assert "I am." in page or "words-2" in wrong
    assert kept(world, group) == []


def test_a_made_up_voice_has_nobodys_name(world: World, group: GroupHere, keeper: Person) -> None:
    member = world.person(group, name="Mossy Lantern")
    answer = keeper.send(f"/g/{group.address}/examples/new", FORM | {"name-2": "mossy  lantern"})
    assert answer.status_code == 422
    assert "like that" in text_of(answer)
    assert member.name not in kept(world, group)


def test_a_group_has_room_for_a_few(world: World, group: GroupHere, keeper: Person) -> None:
    for n in range(MOST_EXAMPLES):
        world.example(group, f"Number {n}")
    assert keeper.send(f"/g/{group.address}/examples/new", FORM).status_code == 403
    assert len(kept(world, group)) == MOST_EXAMPLES


def test_nobody_else_changes_them(inside: Flask, world: World, group: GroupHere) -> None:
    example = world.example(group)
    far = world.person(world.group(), Role.FACILITATOR)
    voices = [Voice("A", "a"), Voice("B", "b")]
    for person, error in (
        (world.person(group), NotFound),
        (world.person(group, Role.MODERATOR), NotAllowed),
        (far, NotFound),
    ):
        for act in (
            lambda p: examples.save_example(p.actor, group.scope, example, "Mine", voices),
            lambda p: examples.save_example(p.actor, group.scope, None, "Mine", voices),
            lambda p: examples.move_up(p.actor, group.scope, example),
            lambda p: examples.remove_example(p.actor, group.scope, example),
        ):
            with pytest.raises(error):
                act(person)
    assert kept(world, group) == ["A made-up evening"]


def test_an_example_of_another_group_is_not_found(inside: Flask, world: World, keeper: Person) -> None:
    elsewhere = world.group()
    example = world.example(elsewhere)
    assert keeper.group
    for act in (examples.move_up, examples.remove_example):
        with pytest.raises(NotFound):
            act(keeper.actor, keeper.group.scope, example)
    with pytest.raises(NotFound):
        examples.save_example(keeper.actor, keeper.group.scope, example, "Mine", [Voice("A", "a"), Voice("B", "b")])
    assert kept(world, elsewhere) == ["A made-up evening"]


def test_what_is_checked_is_checked_before_anything_is_written(inside: Flask, world: World, keeper: Person) -> None:
    assert keeper.group
    with pytest.raises(Invalid):
        examples.save_example(keeper.actor, keeper.group.scope, None, "Title", [Voice("Alone", "Hello.")])
    assert not rows(select(Example.id))


@pytest.mark.parametrize("page", ["examples", "inside", "who-reads", "paper"])
def test_a_group_that_shows_only_its_name_tells_strangers_no_more(world: World, group: GroupHere, page: str) -> None:
    world.example(group)
    member, stranger = world.person(group), world.visitor()
    assert stranger.get(f"/g/{group.address}/{page}").status_code == 200
    world.configure(group, listing=Listing.BY_NAME)
    assert stranger.get(f"/g/{group.address}/{page}").status_code == 404
    assert member.get(f"/g/{group.address}/{page}").status_code == 200


def test_c2_an_example_says_nothing_that_the_rules_refuse(world: World, group: GroupHere, keeper: Person) -> None:
    with_link = {**FORM, "words-2": "Read https://example.org first."}
    with world.app.app_context():
        bind(group.scope, {"links": "none"})
    refused = keeper.send(f"/g/{group.address}/examples/new", with_link)
    assert refused.status_code == 422
    assert "Nobody posts links here." in text_of(refused)
    assert "This is our rule" in text_of(refused)
    with world.app.app_context():
        bind(group.scope, {"links": "open"})
    assert keeper.send(f"/g/{group.address}/examples/new", with_link).status_code == 303
