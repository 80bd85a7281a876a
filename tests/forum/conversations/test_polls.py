"""A question to everybody in a topic: nobody sees how it goes while it is open, and nobody who chose what, ever."""

from typing import Any

import pytest
from sqlalchemy import select

from forum.base import rotation
from forum.base.db import rows
from forum.base.errors import Invalid, NotAllowed, NotFound
from forum.base.transaction import transaction
from forum.conversations import polls, usecases
from forum.leaving import steps
from forum.models import Poll, PollAnswer, Post, Role
from tests.world import Person, World, conversation_url, post_url, text_of

ASK = {"question": "Tea or coffee?", "option-0": "Tea", "option-1": "Coffee", "option-2": "", "days": "7"}


def poll_url(topic: bytes, page: str = "") -> str:
    return f"{conversation_url(topic)}/poll{page}"


def ask(person: Person, topic: bytes) -> None:
    assert person.send(poll_url(topic), ASK).status_code == 303


def choose(person: Person, topic: bytes, option: int) -> None:
    assert person.send(poll_url(topic, "/answer"), {"option": str(option)}).status_code == 303


def first_post(world: World, topic: bytes) -> int:
    with world.app.app_context():
        return int(rows(select(Post.id).where(Post.conversation_id == topic, Post.seq == 1))[0].id)


def test_whoever_began_a_topic_asks_and_others_answer(world: World) -> None:
    group = world.group()
    wren, heron, robin = world.person(group), world.person(group), world.person(group)
    topic = world.topic(wren)
    assert "A question to everyone here" not in text_of(heron.get(conversation_url(topic)))
    assert poll_url(topic) in wren.get(post_url(first_post(world, topic), "more")).text
    assert poll_url(topic) not in heron.get(post_url(first_post(world, topic), "more")).text
    ask(wren, topic)
    assert poll_url(topic) in heron.get(conversation_url(topic)).text
    for person, option in ((wren, 0), (heron, 0), (robin, 1)):
        choose(person, topic, option)
    choose(robin, topic, 0)
    world.moment.go(days=8)
    page = text_of(world.signed_in_again(robin).get(poll_url(topic)))
    assert "Tea 3 of 3" in page
    assert "Coffee 0 of 3" in page


def test_somebody_under_an_alias_asks_in_their_own_topic(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren, masked=True)
    ask(wren, topic)
    page = heron.get(poll_url(topic)).text
    assert "Tea or coffee?" in page
    assert wren.name not in page
    with world.app.app_context():
        assert {column.name for column in Poll.__table__.columns}.isdisjoint({"persona_id", "by", "mask_id"})


def test_who_may_ask_and_what(world: World) -> None:
    group = world.group()
    wren, heron, warden = world.person(group), world.person(group), world.person(group, Role.MODERATOR)
    topic, other = world.topic(wren), world.topic(wren)
    with world.app.app_context():
        with pytest.raises(NotAllowed):
            polls.start_poll(heron.actor, topic, "Tea?", ["Yes", "No"], 7)
        with pytest.raises(NotFound):
            polls.start_poll(world.person(world.group()).actor, topic, "Tea?", ["Yes", "No"], 7)
        for question, options, days in (
            ("", ["Yes", "No"], 7),
            ("Tea?", ["Yes"], 7),
            ("Tea?", ["Yes", "yes"], 7),
            ("Tea?", ["Yes", "x" * 81], 7),
            ("Tea?", ["Yes", "No"], 400),
            ("Ring me: 07700 900123?", ["Yes", "No"], 7),
        ):
            with pytest.raises(Invalid):
                polls.start_poll(wren.actor, topic, question, options, days)
        polls.start_poll(wren.actor, topic, "Tea?", ["Yes", "No"], 7)
        polls.start_poll(warden.actor, other, "Tea?", ["Yes", "No"], 7)
        with pytest.raises(NotAllowed):
            polls.start_poll(wren.actor, topic, "Again?", ["Yes", "No"], 7)
    refused = wren.send(poll_url(world.topic(wren)), {**ASK, "question": "See https://example.org"})
    assert refused.status_code == 422
    assert "See https://example.org" in refused.text


def test_l27_while_it_is_open_a_page_is_the_same_however_many_answered(world: World) -> None:
    group = world.group()
    wren, reader = world.person(group), world.person(group)
    topic = world.topic(wren)
    ask(wren, topic)
    before = text_of(reader.get(poll_url(topic)))
    for n in range(6):
        choose(world.person(group), topic, n % 2)
    assert text_of(reader.get(poll_url(topic))) == before
    world.moment.go(days=8)
    assert "Tea 3 of 6" in text_of(world.signed_in_again(reader).get(poll_url(topic)))


def test_too_few_answers_are_shown_to_nobody(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren)
    ask(wren, topic)
    for person in (wren, heron):
        choose(person, topic, 0)
    world.moment.go(days=8)
    page = text_of(world.signed_in_again(wren).get(poll_url(topic)))
    assert "Too few people answered" in page
    assert " of 2" not in page


def test_an_answer_can_be_taken_back_until_it_closes(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren)
    ask(wren, topic)
    choose(wren, topic, 1)
    assert "Take my answer back" in text_of(wren.get(poll_url(topic)))
    wren.send(poll_url(topic, "/answer"), {"back": "yes"})
    with world.app.app_context():
        assert not rows(select(PollAnswer.tag))
    assert wren.send(poll_url(topic, "/answer"), {"option": "5"}).status_code == 422
    world.moment.go(days=8)
    late = world.signed_in_again(wren).send(poll_url(topic, "/answer"), {"option": "1"})
    assert late.status_code == 403


def dump(world: World) -> dict[bytes, Any]:
    with world.app.app_context():
        return {r.tag: r for r in rows(select(*PollAnswer.__table__.columns))}


def test_l24_two_nightly_dumps_tell_neither_who_nor_what(world: World) -> None:
    group = world.group()
    people = [world.person(group) for _n in range(4)]
    topic = world.topic(people[0])
    ask(people[0], topic)
    for person, option in zip(people[:3], (0, 0, 1), strict=True):
        choose(person, topic, option)
    one = dump(world)
    choose(people[0], topic, 1)
    choose(people[3], topic, 1)
    other = dump(world)
    assert len(one) == 3
    assert set(one) <= set(other)
    for night in (one, other):
        assert len({len(r.sealed) for r in night.values()}) == 1
        assert len({r.sealed for r in night.values()}) == len(night), "equal answers look different"
        for person in people:
            assert not [r for r in night.values() if person.persona_id in r.sealed]
    assert set(PollAnswer.__table__.columns.keys()) == {"tag", "sealed", "key_id", "poll_id"}, "no time and nobody"


def test_a_question_goes_with_the_words_that_began_its_topic_and_an_answer_with_its_person(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren)
    world.reply(heron, topic)
    ask(wren, topic)
    for person in (wren, heron):
        choose(person, topic, 0)
    with world.app.app_context():
        held = polls.held(group.scope, heron.persona_id)
        assert held == [{"topic": conversation_url(topic)[3:], "answer_number": 1}]
        with transaction():
            steps.forget_persona(group.scope, heron.persona_id)
        assert len(rows(select(PollAnswer.tag))) == 1
        usecases.withdraw_post(wren.actor, first_post(world, topic))
        assert not rows(select(PollAnswer.tag))
        assert not rows(select(Poll.id))
    assert "Tea or coffee?" not in wren.get(poll_url(topic)).text


def test_sec_s7_a_rotation_takes_answers_along(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren)
    ask(wren, topic)
    choose(wren, topic, 1)
    before = dump(world)
    with world.app.app_context():
        for _n in rotation.renew_all():
            pass
    assert [r.sealed for r in before.values()] != [r.sealed for r in dump(world).values()]
    assert 'value="1" checked' in " ".join(wren.get(poll_url(topic)).text.split())
