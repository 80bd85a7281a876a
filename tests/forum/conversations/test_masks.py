"""Aliases: one in one conversation, another in the next, and what the team does reaches the person behind both."""

import pytest
from sqlalchemy import select

from forum.accounts.name_words import FIRST, SECOND, STONES, TREES
from forum.base.db import row, rows
from forum.base.errors import NotAllowed
from forum.conversations import masks, queries, usecases
from forum.conversations.prepare import Words
from forum.models import Mask, Post, PostState, Role
from moderation import usecases as decisions
from tests.team_work import waiting
from tests.world import Person, World


def author_of(reader: Person, topic: bytes, post_id: int) -> str:
    return str(next(p.author for p in queries.list_posts(reader.actor, topic, 1) if p.id == post_id))


def test_one_alias_in_a_conversation_and_another_in_the_next(world: World, inside: object) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    here, there = world.topic(heron), world.topic(heron)
    first, again = (world.reply(wren, here, f"Words {n}.", masked=True) for n in range(2))
    elsewhere = world.reply(wren, there, "Words there.", masked=True)

    assert author_of(heron, here, first) == author_of(heron, here, again) != wren.name
    worn = {p: row(select(Post.mask_id).where(Post.id == p)) for p in (first, again, elsewhere)}
    assert worn[first] == worn[again] != worn[elsewhere]


def test_two_people_never_share_an_alias_in_a_conversation(world: World, inside: object) -> None:
    group = world.group()
    people = [world.person(group) for _n in range(6)]
    topic = world.topic(people[0])
    for one in people:
        world.reply(one, topic, "Under an alias.", masked=True)
    found = [r.alias for r in rows(select(Mask.alias).where(Mask.conversation_id == topic))]
    assert len(found) == len(set(found)) == 6


def test_aliases_of_one_person_are_drawn_anew_each_time(world: World, inside: object) -> None:
    """Were they made from the person, twelve topics would show one name, or one order of names for two people."""
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    drawn: dict[str, list[str]] = {wren.name: [], heron.name: []}
    for _n in range(12):
        topic = world.topic(heron)
        for who in (wren, heron):
            drawn[who.name].append(author_of(heron, topic, world.reply(who, topic, masked=True)))
    assert all(len(set(names)) > 4 for names in drawn.values())
    assert drawn[wren.name] != drawn[heron.name]


def test_an_alias_is_no_name_of_a_member(world: World, inside: object) -> None:
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren)
    assert author_of(wren, topic, world.reply(wren, topic, masked=True)) in STONES + TREES
    assert not set(STONES + TREES) & set(FIRST + SECOND)


def test_the_choice_is_fixed_when_it_is_posted(world: World, inside: object) -> None:
    """An edit changes words alone, and later posts under the other name leave the earlier ones as they are."""
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(heron)
    masked = world.reply(wren, topic, "Under an alias.", masked=True)
    named = world.reply(wren, topic, "Under my name.")
    before = [author_of(heron, topic, p) for p in (masked, named)]
    for post in (masked, named):
        usecases.edit_post(wren.actor, post, "Said otherwise.", "en")
    assert [author_of(heron, topic, p) for p in (masked, named)] == before
    assert before[1] == wren.name


def test_only_its_wearer_may_change_or_take_back_masked_words(world: World, inside: object) -> None:
    group = world.group()
    wren, heron, owl = world.person(group), world.person(group), world.person(group, Role.MODERATOR)
    topic = world.topic(heron)
    said = world.reply(wren, topic, "Mine.", masked=True)
    for other in (heron, owl):
        with pytest.raises(NotAllowed):
            usecases.edit_post(other.actor, said, "Not mine.", "en")
        with pytest.raises(NotAllowed):
            usecases.withdraw_post(other.actor, said)
    usecases.edit_post(wren.actor, said, "Mine, again.", "en")
    usecases.withdraw_post(wren.actor, said)
    assert author_of(heron, topic, said) != wren.name


def test_moderators_act_on_the_alias(world: World, inside: object) -> None:
    """Hiding and bringing back go by the post; the alias stays, also after both."""
    group = world.group()
    wren, heron, owl = world.person(group), world.person(group), world.person(group, Role.MODERATOR)
    topic = world.topic(heron)
    said = world.reply(wren, topic, "Something unkind.", masked=True)
    alias = author_of(heron, topic, said)
    decisions.hide_post(owl.actor, said, "Please say it more kindly.", "be-kind")
    assert author_of(owl, topic, said) == alias
    decisions.restore_post(owl.actor, said)
    again = world.reply(wren, topic, "Said kindly.", masked=True)
    assert author_of(heron, topic, said) == author_of(heron, topic, again) == alias


def test_moderators_never_judge_their_own_masked_words(world: World, inside: object) -> None:
    group = world.group()
    owl, finch = world.person(group, Role.MODERATOR), world.person(group, Role.FACILITATOR)
    topic = world.topic(world.person(group))
    said = world.reply(owl, topic, "Something unkind.", masked=True)
    with pytest.raises(NotAllowed, match="wrote this yourself"):
        decisions.hide_post(owl.actor, said, "I would rather not have said it.", "be-kind")
    decisions.hide_post(finch.actor, said, "Please say it more kindly.", "be-kind")


def test_holding_an_alias_holds_that_alias_and_tells_nothing_about_a_name(world: World, inside: object) -> None:
    group = world.group()
    wren, heron, owl = world.person(group), world.person(group), world.person(group, Role.MODERATOR)
    here, there, known = (world.topic(heron, f"Topic {n}") for n in range(3))
    said = world.reply(wren, here, "Under an alias.", masked=True)
    world.reply(wren, known, "Under another one.", masked=True)
    decisions.hold_author(owl.actor, said)
    for topic, masked in ((here, True), (here, False), (there, True), (there, False), (known, True)):
        written = usecases.submit_post(wren.actor, topic, Words("More.", masked=masked), f"{topic.hex()}{masked}")
        held = masked and topic is not known
        assert written.state is (PostState.HELD if held else PostState.SENDING)


@pytest.mark.parametrize("who", ["wren", "heron"])
def test_while_somebody_is_held_new_aliases_wait_whosever_they_are(world: World, inside: object, who: str) -> None:
    """What binds the one who is held is the same for everybody, so a moderator who watches learns nothing."""
    group = world.group()
    people = {"wren": world.person(group), "heron": world.person(group)}
    owl = world.person(group, Role.MODERATOR)
    topic, other, later = (world.topic(people["heron"], f"Topic {n}") for n in range(3))
    said = world.reply(people["wren"], topic, "Under an alias.", masked=True)
    decisions.hold_author(owl.actor, said)
    first = usecases.submit_post(people[who].actor, other, Words("A new one.", masked=True), "a")
    second = usecases.submit_post(people[who].actor, other, Words("Again.", masked=True), "b")
    assert (first.state, second.state) == (PostState.HELD, PostState.HELD)
    cases = {c.reasons for c in waiting(owl.actor, group.scope) if c.post_id == first.id}
    assert cases == {"new_alias"}
    world.moment.go(hours=25)
    free = usecases.submit_post(people[who].actor, later, Words("Tomorrow.", masked=True), "c")
    assert free.state is PostState.SENDING


def test_a_mask_leads_to_its_wearer_with_the_keyring_alone(world: World, inside: object) -> None:
    group, other = world.group(), world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(heron)
    world.reply(wren, topic, masked=True)
    worn = masks.find_mask(group.scope, wren.persona_id, topic)
    assert worn
    assert masks.wearer_of(group.scope, worn.id) == wren.persona_id
    assert masks.find_mask(group.scope, heron.persona_id, topic) is None
    assert masks.find_mask(other.scope, wren.persona_id, topic) is None
