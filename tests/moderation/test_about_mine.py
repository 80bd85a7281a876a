"""One place where decisions and answers about one's own words arrive: asked for by tag, under any face."""

import pytest

from forum.models import Role
from moderation import about_mine, appeals, usecases
from tests.world import Person, World, text_of


class Group:
    """A moderator, a member who writes with and without a name, and another."""

    def __init__(self, world: World) -> None:
        self.world, self.group = world, world.group()
        self.robin = world.person(self.group, Role.MODERATOR)
        self.member, self.other = world.person(self.group), world.person(self.group)
        topic = world.topic(self.other)
        self.named = world.reply(self.member, topic, "Under my name.")
        self.masked = world.reply(self.member, topic, "Without it.", masked=True)

    def about(self, who: Person) -> list[tuple[int, str, str]]:
        found = about_mine.list_for(who.actor, self.group.scope)
        return [(one.post_id, one.choice, one.asked) for one in found]

    def hide(self, post_id: int) -> None:
        usecases.hide_post(self.robin.actor, post_id, "Please be kind to each other here.", "be-kind")
        self.world.moment.go(seconds=11)


@pytest.fixture
def group(world: World, inside: None) -> Group:
    return Group(world)


@pytest.mark.parametrize("which", ["named", "masked"])
def test_a_decision_arrives_with_whose_words_they_are_and_nobody_else(group: Group, which: str) -> None:
    post_id = getattr(group, which)
    group.hide(post_id)
    assert group.about(group.member) == [(post_id, "hide", "")]
    assert group.about(group.other) == group.about(group.robin) == []
    assert "The team put your words out of sight" in text_of(group.member.get("/messages"))
    assert "About your words" not in text_of(group.other.get("/messages"))


def test_nothing_arrives_before_it_can_be_read(group: Group) -> None:
    usecases.hide_post(group.robin.actor, group.named, "Please be kind to each other here.", "be-kind")
    assert group.about(group.member) == []
    group.world.moment.go(seconds=11)
    assert len(group.about(group.member)) == 1


def test_a_question_about_ones_own_words_and_an_appeal_stand_there_too(group: Group) -> None:
    appeals.ask_about_own(group.member.actor, group.masked, "Please change one word.")
    group.hide(group.named)
    appeals.appeal(group.member.actor, group.named, "I meant no harm by it.")
    assert group.about(group.member) == [(group.named, "hide", "waits"), (group.masked, "", "waits")]
    page = text_of(group.member.get("/messages"))
    assert "You asked about your words" in page
    assert group.about(group.other) == []


def test_somebody_without_any_of_it_has_an_empty_list(group: Group) -> None:
    assert group.about(group.member) == []
