"""Members hear of each step of their rules, on their page of news and by a mail that says nothing; no step names anybody."""

import re

import pytest

from forum.base import jobs
from forum.conversations import choices, mailing, notices
from forum.ground_rules.told import Step, Told
from forum.models import Role
from tests.conftest import Clock
from tests.forum.conversations.test_mailing import confirmed, deliver, post
from tests.forum.ground_rules import at_hand
from tests.forum.ground_rules.contracting import Council
from tests.services import Smtp
from tests.world import Person, World, text_of

__all__ = ["post"]


def steps_for(person: Person) -> list[Told]:
    assert person.group
    with person.world.app.app_context():
        me = person.actor.membership_in(person.group.scope.group_id)
        assert me
        return list(notices.find(me, choices.find(me), "Europe/London").rules)


def names(person: Person) -> list[Step]:
    return [one.step for one in steps_for(person)]


def go(world: World, **delta: float) -> None:
    world.moment.go(**delta)
    with world.app.app_context():
        jobs.run_due(100)


@pytest.fixture
def council(world: World) -> Council:
    with world.app.app_context():
        return Council(world)


def test_each_step_of_a_change_is_news_once(world: World, council: Council) -> None:
    wren, _heron, lark = council.people[:3]
    with world.app.app_context():
        proposal = council.propose()
    assert steps_for(wren) == steps_for(lark) == [], "a draft is nobody's news"
    with world.app.app_context():
        council.second(proposal)
    assert [(one.step, one.mine) for one in steps_for(wren)] == [(Step.TALKING, True)]
    assert [(one.step, one.mine) for one in steps_for(lark)] == [(Step.TALKING, False)]
    go(world, hours=72)
    with world.app.app_context():
        council.call(proposal)
    assert names(lark) == [Step.DECIDING]
    go(world, days=7)
    assert names(lark) == [Step.LONGER]
    with world.app.app_context():
        council.choose(proposal, "agree", "agree", "agree")
    go(world, days=7)
    assert names(lark) == [Step.AGREED, Step.REVIEW], "the first rules are looked at again after four weeks"
    go(world, hours=23)
    assert names(lark) == [Step.AGREED, Step.REVIEW]
    go(world, hours=1)
    assert names(lark) == [Step.SOON, Step.AGREED, Step.REVIEW]
    go(world, hours=24)
    assert names(lark) == [Step.HOLDS, Step.AGREED]
    go(world, days=31)
    assert names(lark) == [], "who was away for longer finds it on its own page"
    go(world, days=182 - 31 - 14)
    assert names(lark) == [Step.REVIEW]
    go(world, days=14)
    assert names(lark) == [Step.REVIEW_NOW]


def test_a_change_without_enough_people_lapses_and_members_hear_of_it(world: World, council: Council) -> None:
    with world.app.app_context():
        council.deciding()
    go(world, days=7)
    go(world, days=7)
    assert names(council.people[2]) == [Step.LAPSED, Step.REVIEW]


def test_a_reason_and_a_no_are_news_without_a_name(world: World, council: Council) -> None:
    wren, heron, lark = council.people[:3]
    with world.app.app_context():
        objected = at_hand.decided_about(wren, heron, council.lead)
        at_hand.object_to(objected, lark)
        at_hand.close(objected, wren, heron, lark)
        refused = at_hand.decided_about(heron, wren, council.lead)
        at_hand.close(refused, wren, heron, lark, choice="abstain")
    assert set(names(council.people[3])) == {Step.OBJECTED, Step.REJECTED}


def test_a_rule_for_safety_is_news_and_so_is_its_end(world: World, council: Council) -> None:
    lead = council.lead
    assert lead.group
    page = f"/g/{lead.group.address}/rules/safety"
    form = {"heading": "For now", "body": "Share no new names.", "reason": "Somebody looks for people."}
    assert lead.send(page, {**form, "token": at_hand.form()}).status_code == 303
    assert set(names(council.people[0])) == {Step.SAFETY, Step.TALKING}
    go(world, days=14)
    assert Step.HOLDS in names(council.people[0])


def test_news_about_rules_can_be_put_aside_and_brought_back(world: World, council: Council) -> None:
    _wren, heron, lark = council.people[:3]
    with world.app.app_context():
        proposal = council.deciding()
    page = lark.get("/news")
    assert "We decide about this change." in text_of(page)
    assert lark.group
    here = f"/g/{lark.group.address}"
    assert "Something is new" in text_of(lark.get(here))
    seen = lark.send(f"{here}/news/read", {})
    assert "All of it counts as read." in text_of(seen)
    assert names(lark) == []
    was = re.search(r'name="was" value="([^"]+)"', seen.text)
    assert was
    assert lark.send(f"{here}/news/unread", {"was": was[1]}).status_code == 303
    assert names(lark) == [Step.DECIDING]
    assert "Your group decides about its rules now" in text_of(lark.get("/"))
    place = f"{here}/rules/changes/{re.search(r'/rules/changes/([a-z2-7]+)', page.text)[1]}"  # type: ignore[index]
    assert lark.send(f"{place}/choose", {"choice": "agree"}).status_code == 303
    assert names(lark) == [], "who chose has done what it asks for"
    assert names(heron) == [Step.DECIDING]
    with world.app.app_context():
        council.choose(proposal, "agree", "agree")
    go(world, days=7)
    assert names(lark) == [Step.AGREED], "the next step is news again"
    assert "decides about its rules" not in text_of(lark.get("/"))


def test_whoever_came_later_is_not_told_what_was_before(world: World, council: Council, moment: Clock) -> None:
    with world.app.app_context():
        council.deciding()
    go(world, days=7)
    go(world, days=7)
    moment.go(days=10)
    late = world.person(council.group)
    assert names(late) == []
    assert names(council.people[0]) == [Step.LAPSED, Step.REVIEW]


def test_a_step_sends_a_mail_that_says_nothing(world: World, council: Council, post: Smtp) -> None:
    lark = council.people[2]
    confirmed(world, lark, post)
    with world.app.app_context():
        proposal = council.deciding()
    deliver(world)
    deliver(world)
    assert len(post.messages) == 1
    whole = post.messages[0].as_string()
    assert "There is something new for you." in whole
    for secret in ("gently", "rule", "decide", council.group.name, council.people[0].name):
        assert secret not in whole
    with world.app.app_context():
        council.choose(proposal, "agree", "agree", "agree")
    go(world, days=7)
    mailing.forget()
    deliver(world)
    assert len(post.messages) == 2, "what came of it"


def test_a_group_elsewhere_is_no_news(world: World, council: Council) -> None:
    with world.app.app_context():
        council.deciding()
    other = world.person(world.group(), Role.MEMBER)
    assert names(other) == []
    assert "We decide" not in text_of(other.get("/news"))
