"""Taking words back, leaving a group, and thinking better of both for 21 days."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.base import erasures, jobs
from forum.base.db import rows
from forum.base.errors import NotAllowed, NotFound
from forum.conversations import polls, put_away, upkeep
from forum.leaving import usecases as leaving
from forum.leaving.usecases import Hidden
from forum.models import Errand, Farewell, MaskOwner, Persona, Poll, PollAnswer, Post, PutAway, Role, Standing
from forum.policy.actor import Actor
from tests.world import GroupHere, Person, World, conversation_url, text_of


@pytest.fixture
def group(world: World) -> GroupHere:
    return world.group()


def act(person: Person, name: str, *values: object) -> None:
    """One use case by somebody as who they are now."""
    assert person.group
    with person.world.app.app_context():
        getattr(leaving, name)(person.actor, person.group.scope, *values)


def run_jobs(world: World) -> None:
    with world.app.app_context():
        while jobs.run_due():
            pass


def pass_days(world: World, days: int) -> None:
    for _n in range(days):
        world.moment.go(days=1)
        run_jobs(world)
        with world.app.app_context():
            put_away.purge()


def reads(person: Person, topic: bytes) -> str:
    return text_of(person.get(conversation_url(topic)))


def test_words_go_everywhere_at_once_and_come_back(world: World, group: GroupHere) -> None:
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren, "A plum title", "The plum canary.")
    world.reply(heron, topic, "I quote you.", answers_id=first_post(world, topic))
    assert "plum" in reads(heron, topic)
    act(wren, "take_words_back", Hidden.APART)
    assert "plum" not in reads(heron, topic)
    assert "I quote you." in reads(heron, topic)
    act(wren, "bring_words_back")
    assert "The plum canary." in reads(heron, topic)
    assert "A plum title" in reads(heron, topic)


def ask_about_tea(world: World, wren: Person, heron: Person) -> bytes:
    topic = world.topic(wren, "Tea")
    with world.app.app_context():
        polls.start_poll(wren.actor, topic, "Plum tea?", ["Yes", "No"], 14)
        polls.answer(heron.actor, topic, 1)
    return topic


def test_a_question_goes_with_the_words_of_its_topic_and_comes_back_with_its_answers(
    world: World, group: GroupHere
) -> None:
    wren, heron = world.person(group), world.person(group)
    topic = ask_about_tea(world, wren, heron)
    act(wren, "take_words_back", Hidden.APART)
    assert "Plum" not in reads(heron, topic)
    with world.app.app_context():
        assert rows(select(Poll.question)) == [("",)]
    act(wren, "bring_words_back")
    with world.app.app_context():
        shown = polls.find_poll(heron.actor, topic)[1]
    assert shown
    assert (shown.question, shown.options, shown.mine) == ("Plum tea?", ("Yes", "No"), 1)


def test_a_question_that_cannot_come_back_is_gone_with_its_answers(world: World, group: GroupHere) -> None:
    wren, heron = world.person(group), world.person(group)
    ask_about_tea(world, wren, heron)
    act(wren, "take_words_back", Hidden.APART)
    pass_days(world, 21)
    with world.app.app_context():
        assert len(rows(select(PollAnswer.tag))) == 1
    pass_days(world, 1)
    with world.app.app_context():
        assert rows(select(Poll.id)) == rows(select(PollAnswer.tag)) == []


def first_post(world: World, topic: bytes) -> int:
    with world.app.app_context():
        return rows(select(Post.id).where(Post.conversation_id == topic).order_by(Post.seq))[0].id


def test_after_21_days_nothing_can_come_back(world: World, group: GroupHere) -> None:
    wren = world.person(group)
    world.topic(wren, body="The plum canary.")
    act(wren, "take_words_back", Hidden.APART)
    pass_days(world, 21)
    with world.app.app_context():
        assert rows(select(PutAway.tag)), "on the last day they still can"
    pass_days(world, 1)
    with world.app.app_context():
        assert not rows(select(PutAway.tag))
        assert not rows(select(Farewell.tag))
    with pytest.raises(NotFound):
        act(wren, "bring_words_back")


def test_words_under_an_alias_go_at_hours_of_their_own(world: World, group: GroupHere) -> None:
    wren, heron = world.person(group), world.person(group)
    topics = [world.topic(heron, f"Topic {n}") for n in range(4)]
    for topic in topics:
        world.reply(wren, topic, "The plum canary.", masked=True)
    act(wren, "take_words_back", Hidden.APART)
    assert all("plum" in reads(heron, topic) for topic in topics)
    start, gone = world.moment.at, {}
    while world.moment.at < start + timedelta(hours=73):
        world.moment.go(minutes=30)
        run_jobs(world)
        for topic in topics:
            if topic not in gone and "plum" not in reads(heron, topic):
                gone[topic] = world.moment.at
    assert len(gone) == 4
    assert len(set(gone.values())) > 1
    act(wren, "bring_words_back")
    assert all("plum" not in reads(heron, topic) for topic in topics), "they would come back in the same minute"
    pass_days(world, 4)
    assert all("plum" in reads(heron, topic) for topic in topics)


def test_words_under_an_alias_can_stay(world: World, group: GroupHere) -> None:
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(heron)
    world.reply(wren, topic, "The plum canary.", masked=True)
    act(wren, "take_words_back", Hidden.STAY)
    pass_days(world, 4)
    assert "plum" in reads(heron, topic)


def test_thinking_better_of_it_calls_off_what_has_not_gone(world: World, group: GroupHere) -> None:
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(heron)
    world.reply(wren, topic, "The plum canary.", masked=True)
    act(wren, "take_words_back", Hidden.APART)
    act(wren, "bring_words_back")
    pass_days(world, 5)
    assert "plum" in reads(heron, topic)
    with world.app.app_context():
        assert not rows(select(Errand.id))


def test_who_left_is_a_stranger_at_once_and_comes_back_under_the_same_name(world: World, group: GroupHere) -> None:
    wren = world.person(group, name="Mossy Heron")
    topic = world.topic(wren, body="It stays.")
    act(wren, "leave_group")
    assert wren.get(conversation_url(topic)).status_code == 404
    assert group.name not in text_of(wren.get("/"))
    act(wren, "come_back")
    assert "It stays." in reads(wren, topic)
    assert "Mossy Heron" in text_of(wren.get("/"))


def test_the_last_facilitator_needs_a_successor(world: World, group: GroupHere) -> None:
    wren = world.person(group, Role.FACILITATOR)
    with pytest.raises(NotAllowed):
        act(wren, "leave_group")
    world.person(group, Role.FACILITATOR)
    act(wren, "leave_group")
    act(wren, "come_back")
    with world.app.app_context():
        assert wren.actor.memberships[group.scope.group_id].role is Role.MEMBER


def test_after_21_days_nothing_leads_to_who_left(world: World, group: GroupHere) -> None:
    wren, heron = world.person(group, name="Mossy Heron"), world.person(group)
    topic = world.topic(wren, body="The plum canary.")
    world.reply(wren, topic, "Under an alias.", masked=True)
    act(wren, "leave_group", Hidden.STAY)
    pass_days(world, 22)
    with world.app.app_context():
        persona = rows(select(Persona.name, Persona.standing).where(Persona.id == wren.persona_id))[0]
        assert persona.standing is Standing.LEFT
        assert "Mossy" not in persona.name
        assert not rows(select(MaskOwner.mask_id))
        assert not Actor(wren.account_id).memberships
    assert "Under an alias." in reads(heron, topic)
    again = world.join(wren, group)
    assert again.persona_id != wren.persona_id
    with pytest.raises(NotFound):
        act(wren, "come_back")


def test_a_name_stays_while_words_stand_under_it(world: World, group: GroupHere) -> None:
    wren, heron = world.person(group, name="Mossy Heron"), world.person(group)
    topic = world.topic(wren, body="It stays.")
    act(wren, "leave_group")
    pass_days(world, 22)
    assert "Mossy Heron" in reads(heron, topic)
    assert "It stays." in reads(heron, topic)


def test_words_that_waited_wait_again_when_they_come_back(world: World, group: GroupHere) -> None:
    wren, mod = world.person(group), world.person(group, Role.MODERATOR)
    topic = world.topic(mod)
    world.reply(wren, topic, "See https://example.org for it.")
    act(wren, "take_words_back", Hidden.APART)
    act(wren, "bring_words_back")
    assert "example.org" not in reads(world.person(group), topic)
    waiting = text_of(mod.get(f"/g/{group.address}/team"))
    assert "has brought it back" in waiting or "It has a link" in waiting


def test_what_the_team_put_out_of_sight_does_not_come_back_to_sight(world: World, group: GroupHere) -> None:
    from moderation import usecases as deciding

    wren, mod = world.person(group), world.person(group, Role.MODERATOR)
    topic = world.topic(mod)
    post = world.reply(wren, topic, "The plum canary.")
    with world.app.app_context():
        deciding.hide_post(mod.actor, post, "It named somebody. Please write it anew.", "be-kind")
    act(wren, "take_words_back", Hidden.APART)
    act(wren, "bring_words_back")
    assert "plum" not in reads(mod, topic)
    with world.app.app_context():
        deciding.restore_post(mod.actor, post)
    assert "plum" in reads(mod, topic)


def test_a_restored_copy_knows_what_went_and_what_came_back(world: World, group: GroupHere) -> None:
    wren = world.person(group)
    world.topic(wren, body="The plum canary.")
    act(wren, "take_words_back", Hidden.APART)
    with world.app.app_context():
        gone = len(list(erasures.noted()))
    act(wren, "bring_words_back")
    with world.app.app_context():
        assert len(list(erasures.noted())) == gone - 1
        assert upkeep.replay_erasures() == 0
