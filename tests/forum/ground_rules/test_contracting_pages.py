"""J6 through its pages, without a script: propose, second, say something, decide, and read what holds then."""

import re

import pytest

from forum.base import jobs
from forum.models import Role
from tests.world import GroupHere, Person, World, text_of

pytestmark = pytest.mark.pages

SAID = {
    "rule": "be-kind",
    "heading": "Be kind",
    "body": "Write gently. We are all tired here.",
    "why": "Most of us come here tired or low. A hard word can stay for days.",
    "summary": "We write more gently.",
    "rationale": "Hard words stay for days.",
}


@pytest.fixture
def people(world: World) -> list[Person]:
    group = world.group()
    return [world.person(group) for _n in range(4)] + [world.person(group, Role.FACILITATOR)]


def rules_of(group: GroupHere) -> str:
    return f"/g/{group.address}/rules"


def propose(wren: Person, **other: str) -> str:
    assert wren.group
    answer = wren.send(f"{rules_of(wren.group)}/propose", {**SAID, **other})
    assert answer.status_code == 303, text_of(answer)
    return str(answer.headers["Location"])


def token_on(person: Person, page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', person.get(page).get_data(as_text=True))
    assert found
    return found[1]


def second(heron: Person, page: str) -> None:
    sent = heron.send(f"{page}/second", {"body": "I want us to talk about this.", "token": token_on(heron, page)})
    assert sent.status_code == 303, text_of(sent)


def decide(world: World, people: list[Person], page: str) -> None:
    world.moment.go(days=3)
    assert people[4].send(f"{page}/call", {"mode": "consent"}).status_code == 303


def run(world: World, **delta: float) -> None:
    world.moment.go(**delta)
    with world.app.app_context():
        jobs.run_due(100)


def test_j6_a_group_changes_a_rule_through_its_pages(world: World, people: list[Person]) -> None:
    wren, heron, lark = people[:3]
    assert wren.group
    page = propose(wren)
    assert "needs a second person" in text_of(wren.get(page))
    assert "We write more gently" not in text_of(lark.get(f"{rules_of(wren.group)}/changes"))
    second(heron, page)
    run(world, seconds=11)
    listed = lark.get(f"{rules_of(wren.group)}/changes")
    assert "We write more gently" in text_of(listed)
    shown = text_of(lark.get(page))
    assert "Read the talk about it" in shown
    assert f"{wren.name} wants this." in shown
    decide(world, people, page)
    for person in people[:3]:
        assert person.send(f"{page}/choose", {"choice": "agree"}).status_code == 303
    assert "Nobody sees what you chose" in text_of(lark.get(f"{page}?done=chosen"))
    run(world, days=7)
    told = text_of(lark.get(page))
    assert "The group agreed to this." in told
    assert "I can live with this : 3" in told.replace(":", " :").replace("  ", " ")
    run(world, days=2)
    assert "We are all tired here." in text_of(world.visitor().get(rules_of(wren.group)))
    history = text_of(lark.get(f"{rules_of(wren.group)}/history?since=1&to=2"))
    assert "From version 1 to version 2" in history
    assert "This rule changed." in history


def test_c6_a_reason_against_it_through_the_page_leads_back_to_talking(world: World, people: list[Person]) -> None:
    wren, heron, lark = people[:3]
    page = propose(wren)
    second(heron, page)
    decide(world, people, page)
    form = {"rule": "be-kind", "body": "I forget things.", "objects": "yes", "masked": "yes"}
    refused = lark.send(f"{page}/say", {**form, "token": token_on(lark, page)})
    assert refused.status_code == 422
    assert "I forget things." in text_of(refused)
    sent = lark.send(f"{page}/say", {**form, "instead": "Keep it short.", "token": token_on(lark, page)})
    assert sent.status_code == 303
    for person in people[:3]:
        person.send(f"{page}/choose", {"choice": "agree"})
    run(world, days=7)
    told = text_of(wren.get(page))
    assert "so we talk again" in told
    assert "Read this reason" in told
    assert lark.name not in told
    ref = re.search(r'name="post" value="([^"]+)"', wren.get(page).get_data(as_text=True))
    assert ref
    assert wren.send(f"{page}/answer", {"post": ref[1], "answer": "We keep it short."}).status_code == 303
    assert "We keep it short." in text_of(lark.get(page))


def test_a_word_about_one_rule_stands_beside_it(world: World, people: list[Person]) -> None:
    wren, heron, lark = people[:3]
    page = propose(wren)
    second(heron, page)
    sent = lark.send(f"{page}/say", {"rule": "be-kind", "body": "I like it.", "token": token_on(lark, page)})
    assert sent.status_code == 303
    run(world, seconds=11)
    assert "About: Be kind" in text_of(wren.get(page))


def test_what_cannot_be_proposed_comes_back_with_its_words(people: list[Person]) -> None:
    wren = people[0]
    assert wren.group
    page = f"{rules_of(wren.group)}/propose"
    for field, words in {"summary": "", "rationale": "", "body": "", "heading": "x" * 121}.items():
        answer = wren.send(page, {**SAID, field: words})
        assert answer.status_code == 422
        assert "Something needs changing" in text_of(answer)
    answer = wren.send(page, {**SAID, "rule": "what-we-must-tell"})
    assert answer.status_code == 422
    assert "cannot change it" in text_of(answer)
    assert wren.send(page, {**SAID, "rule": "gone"}).status_code == 409


def test_a_rule_is_added_or_taken_out(world: World, people: list[Person]) -> None:
    wren = people[0]
    assert "This rule is new." in text_of(wren.get(propose(wren, rule="new", heading="Phones away")))
    assert "This rule is gone." in text_of(wren.get(propose(wren, remove="yes")))


def test_a_proposal_is_taken_back(people: list[Person]) -> None:
    wren, heron = people[:2]
    page = propose(wren)
    assert heron.send(f"{page}/give-up").status_code == 403
    assert wren.send(f"{page}/give-up").status_code == 303
    assert "The rules stay as they are" in text_of(wren.get(f"{page}?done=given_up"))


def test_a_proposal_of_another_group_is_not_there(world: World, people: list[Person]) -> None:
    page = propose(people[0])
    both = world.join(people[1], world.group())
    assert both.group
    elsewhere = page.replace(people[0].group.address, both.group.address)  # type: ignore[union-attr]
    assert both.get(page).status_code == 200
    assert both.get(elsewhere).status_code == 404


@pytest.mark.parametrize("query", ["?to=99999999999999999999", "?since=-1", "?to=x&since=y", ""])
def test_a_history_that_was_asked_for_oddly_is_the_whole_one(people: list[Person], query: str) -> None:
    wren = people[0]
    assert wren.group
    answer = wren.get(f"{rules_of(wren.group)}/history{query}")
    assert answer.status_code == 200
    assert "It holds now" in text_of(answer)


SAFETY = {"heading": "For now", "body": "Share no new names.", "reason": "Somebody looks for people."}


def add_for_safety(world: World, people: list[Person]) -> str:
    lead = people[4]
    assert lead.group
    page = f"{rules_of(lead.group)}/safety"
    answer = lead.send(page, {**SAFETY, "token": token_on(lead, page)})
    assert answer.status_code == 303, text_of(answer)
    return str(answer.headers["Location"])


def test_a_rule_for_safety_holds_at_once_and_ends_by_itself(world: World, people: list[Person]) -> None:
    assert people[4].group
    rules, safety = rules_of(people[4].group), f"{rules_of(people[4].group)}/safety"
    add_for_safety(world, people)
    told = text_of(world.visitor().get(rules))
    assert "Share no new names." in told
    assert "to keep people safe, with no vote" in told
    again = people[4].send(safety, {**SAFETY, "token": token_on(people[4], safety)})
    assert again.status_code == 409
    run(world, days=14, seconds=-1)
    assert "Share no new names." in text_of(world.visitor().get(rules))
    run(world, seconds=1)
    assert "Share no new names." not in text_of(world.visitor().get(rules))


def test_the_group_keeps_a_rule_for_safety(world: World, people: list[Person]) -> None:
    page = add_for_safety(world, people)
    assert people[4].group
    decide(world, people, page)
    for person in people[:3]:
        assert person.send(f"{page}/choose", {"choice": "agree"}).status_code == 303
    run(world, days=7)
    run(world, days=30)
    assert "Share no new names." in text_of(world.visitor().get(rules_of(people[4].group)))


def test_a_rule_for_safety_without_a_reason_is_none(world: World, people: list[Person]) -> None:
    lead = people[4]
    assert lead.group
    page = f"{rules_of(lead.group)}/safety"
    answer = lead.send(page, {**SAFETY, "reason": " ", "token": token_on(lead, page)})
    assert answer.status_code == 422
    assert "Share no new names." not in text_of(world.visitor().get(rules_of(lead.group)))


def test_j6_that_the_rules_stay_as_they_are_is_decided_too(world: World, people: list[Person]) -> None:
    wren, heron = people[:2]
    assert wren.group
    form = f"{rules_of(wren.group)}/propose"
    assert "stay as they are" not in text_of(wren.get(form)), "not before its time"
    world.moment.go(days=20)
    assert "stay as they are" in text_of(wren.get(form))
    assert "for half a year more" in text_of(wren.get(f"{form}?rule=stays"))
    page = propose(wren, rule="stays", summary="Our rules serve us well.")
    assert "All rules stay as they are." in text_of(wren.get(page))
    second(heron, page)
    decide(world, people, page)
    for person in people[:3]:
        person.send(f"{page}/choose", {"choice": "agree"})
    run(world, days=7)
    assert "The group agreed to this." in text_of(wren.get(page))
    run(world, days=2)
    shown = text_of(heron.get(rules_of(wren.group)))
    assert "This is version 2 of the rules." in shown
    mine = text_of(heron.get(f"{rules_of(wren.group)}/agree"))
    assert "You agreed to version" in mine, "nobody is asked again about the same words"
