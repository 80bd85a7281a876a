"""Each setting says what it costs, in people and hours, before it is saved."""

import pytest

from forum.groups import costs
from forum.models import Role
from tests.world import GroupHere, Person, World, text_of

CARD = {"benefits": "You are not alone here.", "who_for": "Anyone who cares."}


@pytest.fixture
def group(world: World) -> GroupHere:
    return world.group()


@pytest.fixture
def facilitator(world: World, group: GroupHere) -> Person:
    return world.person(group, Role.FACILITATOR)


def ask(group: GroupHere, person: Person, **form: str) -> str:
    return text_of(person.send(f"/g/{group.address}/settings", CARD | form))


def test_holding_newcomers_says_how_many_and_how_long(world: World, group: GroupHere, facilitator: Person) -> None:
    for day in range(7):
        world.on_duty(group, day, "09:00", "21:00")
    first, second = world.person(group), world.person(group)
    topic = world.topic(first)
    for person in (first, second, second):
        world.reply(person, topic)
    said = ask(group, facilitator, hold_newcomers="yes")
    assert "would have been 2 posts under a name" in said
    # Twelve hours of each day nobody is there: 12, 11 … 1 hours of waiting, 78 of 24 hours.
    assert "On average someone looks after 3 hours." in said
    assert "Nothing is saved yet." in said
    assert not held(world, group, facilitator)
    ask(group, facilitator, hold_newcomers="yes", sure="yes")
    assert held(world, group, facilitator)
    assert "that was 2 posts" in ask(group, facilitator)


def held(world: World, group: GroupHere, person: Person) -> bool:
    return "checked" in person.get(f"/g/{group.address}/settings").get_data(as_text=True)


def test_first_posts_of_long_ago_do_not_count(world: World, group: GroupHere) -> None:
    world.topic(world.person(group))
    with world.app.app_context():
        assert costs.count_first_posts(group.scope.group_id) == 1
    world.moment.go(days=31)
    with world.app.app_context():
        assert costs.count_first_posts(group.scope.group_id) == 0


def test_words_say_how_many_posts_would_have_waited(world: World, group: GroupHere, facilitator: Person) -> None:
    member = world.person(group)
    topic = world.topic(member, body="A night of kestrels.")
    world.reply(member, topic, "Nothing of that kind.")
    said = ask(group, facilitator, words="kestrels\nharriers")
    assert "Of the last 2 posts in 30 days, 1 would have waited." in said
    assert "The duty table is empty" in said


def test_the_card_says_who_reads_it(world: World, group: GroupHere, facilitator: Person) -> None:
    world.person(group)
    said = ask(group, facilitator, hours="Most evenings.")
    assert "for its 2 members and for everyone who looks at it from outside" in said
    answer = facilitator.send(f"/g/{group.address}/settings", CARD | {"hours": "Most evenings.", "sure": "yes"})
    assert answer.status_code == 303
    assert "Most evenings." in text_of(world.visitor().get(f"/g/{group.address}"))


def test_saving_what_is_there_asks_nothing(world: World, group: GroupHere, facilitator: Person) -> None:
    assert facilitator.send(f"/g/{group.address}/settings", CARD).status_code == 303


@pytest.mark.parametrize(
    "wrong", [{"benefits": " "}, {"who_for": "x" * 2001}, {"hours": "x" * 201}, {"words": "w\n" * 501}]
)
def test_a_wrong_form_is_refused_and_kept(
    world: World, group: GroupHere, facilitator: Person, wrong: dict[str, str]
) -> None:
    answer = facilitator.send(
        f"/g/{group.address}/settings", CARD | {"expect": "Kind words."} | wrong | {"sure": "yes"}
    )
    assert answer.status_code == 422
    assert "Kind words." in answer.get_data(as_text=True)


def test_the_preview_carries_every_word_on(world: World, group: GroupHere, facilitator: Person) -> None:
    page = facilitator.send(f"/g/{group.address}/settings", CARD | {"expect": 'Some "quoted" <words>.'})
    assert 'name="expect" value="Some &#34;quoted&#34; &lt;words&gt;."' in page.get_data(as_text=True)
