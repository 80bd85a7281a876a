"""SG1 and SG2 through the browser's eyes: what a responder sees, does, and is refused; and the talk with the person."""

import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from forum.base.idents import write_ident
from forum.models import OfficerRole, Role
from moderation.safeguarding import cases, chronology
from moderation.safeguarding.models import EventKind, Level, State, Timer
from tests.safeguarding import Tier, arm
from tests.world import GroupHere, Person, World, text_of

pytestmark = pytest.mark.pages

WHY = "They wrote three times that they cannot go on, and gave no plan."
TRIAGE = {"level": "high", "rationale": WHY, "wants": "Somebody to talk to.", "raiser_danger": "no"}


@pytest.fixture
def wren(world: World, group: GroupHere) -> Person:
    """Somebody who asked for help; `wren.pages` are their talk."""
    person = world.person(group)
    person.send(f"/g/{group.address}/need-help")
    return person


def only(world: World) -> cases.Case:
    with world.app.app_context():
        (case,) = cases.list_by()
    return case


def kinds(world: World) -> list[EventKind]:
    with world.app.app_context():
        return [line.kind for line in chronology.lines(only(world))]


def go(world: World, person: Person, way: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
    case = only(world)
    form = {"version": str(case.version), **(data or {})}
    return person.send(f"/concerns/{write_ident(case.id)}/{way}", form, **options)


def record(world: World, person: Person) -> TestResponse:
    return person.get(f"/concerns/{write_ident(only(world).id)}")


def talk_of(person: Person, group: GroupHere) -> str:
    """The address of their talk: the second tap leads there again while nobody has it."""
    return str(person.send(f"/g/{group.address}/need-help").location).partition("?")[0]


def test_the_list_shows_the_time_left_on_the_next_promise(world: World, tier: Tier, wren: Person) -> None:
    page = text_of(tier.lead.get("/concerns"))
    assert only(world).code in page
    assert "left" in page or "late" in page
    assert "Nobody has it" in page


def test_the_list_is_there_for_responders_alone(world: World, group: GroupHere, tier: Tier, wren: Person) -> None:
    facil, moder = world.person(group, Role.FACILITATOR), world.person(group, Role.MODERATOR)
    assert only(world).code in text_of(facil.get("/concerns"))
    for other in (wren, moder, world.admin(group.scope.organisation_id)):
        assert other.get("/concerns").status_code == 404
        assert record(world, other).status_code == 404
    assert world.visitor().get("/concerns").status_code == 401


def test_a_responder_of_another_organisation_finds_nothing(world: World, tier: Tier, wren: Person) -> None:
    far = world.group("Other Trust")
    lead = arm(world, far).lead
    assert only(world).code not in text_of(lead.get("/concerns"))
    assert record(world, lead).status_code == 404


def test_it_is_taken_with_one_tap(world: World, tier: Tier, wren: Person, group: GroupHere) -> None:
    page = record(world, tier.lead).get_data(as_text=True)
    assert "I have this" in page
    assert go(world, tier.lead, "acknowledge").status_code == 303
    assert only(world).state is State.ACKNOWLEDGED
    assert only(world).owner_id == tier.ids[OfficerRole.LEAD]
    assert "You have it" in text_of(tier.lead.get("/concerns"))
    assert "Lee Lead has it" in text_of(tier.deputy.get("/concerns"))


def test_who_was_slower_is_told_and_sees_where_it_stands(world: World, tier: Tier, wren: Person) -> None:
    seen = only(world).version
    go(world, tier.lead, "acknowledge")
    slower = go(world, tier.deputy, "acknowledge", {"version": str(seen)})
    assert slower.status_code == 409
    assert "Somebody changed this a moment ago" in text_of(slower)


def test_triage_asks_what_the_person_wants_and_if_the_raiser_could_be_the_danger(
    world: World, tier: Tier, wren: Person
) -> None:
    go(world, tier.lead, "acknowledge")
    for missing in ("level", "rationale", "wants", "raiser_danger"):
        refused = go(world, tier.lead, "triage", TRIAGE | {missing: ""})
        assert refused.status_code == 422, missing
        assert f'href="#triage-{missing}"' in refused.get_data(as_text=True), missing
    assert go(world, tier.lead, "triage", TRIAGE).status_code == 303
    assert (only(world).state, only(world).level) == (State.TRIAGED, Level.HIGH)


def test_words_of_a_refused_form_come_back(world: World, tier: Tier, wren: Person) -> None:
    go(world, tier.lead, "acknowledge")
    refused = go(world, tier.lead, "triage", TRIAGE | {"level": ""}).get_data(as_text=True)
    assert WHY in refused


def test_an_emergency_asks_for_no_form(world: World, tier: Tier, wren: Person) -> None:
    answer = go(world, tier.lead, "emergency", {"version": "0"}, follow_redirects=True)
    assert only(world).state is State.EMERGENCY
    assert "Call 999." in text_of(answer)
    assert Timer.EMERGENCY_RECORD in only(world).clocks
    said = {"who": "Lee called 999", "ref": "4711", "shared": "Name and street."}
    assert go(world, tier.lead, "record-emergency", said).status_code == 303
    assert Timer.EMERGENCY_RECORD not in only(world).clocks


def test_from_the_first_word_to_the_end_with_two_people(
    world: World, tier: Tier, wren: Person, group: GroupHere
) -> None:
    go(world, tier.lead, "acknowledge")
    go(world, tier.lead, "triage", TRIAGE)
    go(world, tier.lead, "note", {"kind": "fact", "words": "Third message this week."})
    asked = {"needs_care": "yes", "at_risk": "no", "cannot_protect": "no", "wants": "A talk."}
    told = {"body": "Their GP", "basis": "consent", "consent": "given"}
    assert go(world, tier.lead, "refer", told).status_code == 422
    assert go(world, tier.lead, "refer", told | asked).status_code == 303
    assert "Do they need care or support?: Yes" in text_of(record(world, tier.lead))
    go(world, tier.lead, "received", {"words": "The surgery answered."})
    soon = f"{world.moment.at.date()}T23:30"
    assert go(world, tier.lead, "plan", {"agreed": "A call each day.", "next_contact": soon}).status_code == 303
    later = f"{world.moment.at.date().replace(day=28)}T10:00"
    assert go(world, tier.lead, "monitor", {"until": later, "why": "How the week went."}).status_code == 303
    end = {"outcome": "support_given", "words": WHY, "help_offered": "yes"}
    assert go(world, tier.lead, "propose-close", end).status_code == 303
    assert go(world, tier.lead, "confirm-close").status_code == 403  # it was high: a second person
    assert go(world, tier.deputy, "confirm-close").status_code == 303
    assert only(world).state is State.CLOSED
    assert "Closed" in text_of(record(world, tier.deputy))
    assert go(world, tier.deputy, "reopen", {"why": "A new message."}).status_code == 303
    assert only(world).state is State.RAISED


def test_a_hand_over_is_asked_for_and_taken(world: World, tier: Tier, wren: Person) -> None:
    go(world, tier.lead, "acknowledge")
    to = write_ident(tier.ids[OfficerRole.DEPUTY])
    assert go(world, tier.lead, "offer", {"to": to, "briefing": "Call them at nine."}).status_code == 303
    assert only(world).owner_id == tier.ids[OfficerRole.LEAD]
    assert go(world, tier.deputy, "accept").status_code == 303
    assert only(world).owner_id == tier.ids[OfficerRole.DEPUTY]


def test_whoever_steps_back_finds_nothing_any_more(world: World, tier: Tier, wren: Person) -> None:
    go(world, tier.lead, "acknowledge")
    me = write_ident(tier.ids[OfficerRole.LEAD])
    answer = go(world, tier.lead, "recuse", {"responder": me, "why": "I know them."})
    assert answer.location == "/concerns"
    assert record(world, tier.lead).status_code == 404
    assert only(world).code not in text_of(tier.lead.get("/concerns"))
    assert only(world).owner_id is None
    assert record(world, tier.deputy).status_code == 200


def test_lowering_a_high_level_takes_two(world: World, tier: Tier, wren: Person) -> None:
    go(world, tier.lead, "acknowledge")
    go(world, tier.lead, "triage", TRIAGE)
    asked = go(world, tier.lead, "level", {"level": "low", "why": "They are with family."}, follow_redirects=True)
    assert "A second person has to agree" in text_of(asked)
    assert only(world).level is Level.HIGH
    go(world, tier.deputy, "level", {"level": "low", "why": "I read it and agree."})
    assert only(world).level is Level.LOW


def test_a_way_that_does_not_exist_is_no_page(world: World, tier: Tier, wren: Person) -> None:
    assert go(world, tier.lead, "vanish").status_code == 404


# --- The talk ---------------------------------------------------------------------------------------------------------


def test_words_that_were_not_read_are_a_try_and_an_answer_means_spoken(
    world: World, tier: Tier, wren: Person, group: GroupHere
) -> None:
    here_ = talk_of(wren, group)
    go(world, tier.lead, "acknowledge")
    assert go(world, tier.lead, "write", {"body": "Are you safe right now?", "token": "a"}).status_code == 303
    assert kinds(world).count(EventKind.CONTACT_ATTEMPT) == 1
    assert not only(world).spoken
    assert "They have not read it yet." in text_of(record(world, tier.lead))
    page = text_of(wren.get(here_))
    assert "Are you safe right now?" in page
    assert "A person has seen this." in page
    assert "They read it" in text_of(record(world, tier.lead))
    assert not only(world).spoken
    wren.client.post(f"{here_}/words", data={"body": "Yes. Thank you.", "token": "b"}, base_url="https://localhost")
    assert only(world).spoken
    assert Timer.SPOKEN not in only(world).clocks
    assert "Yes. Thank you." in text_of(record(world, tier.lead))


def test_the_first_words_of_somebody_who_asked_are_not_an_answer(
    world: World, tier: Tier, wren: Person, group: GroupHere
) -> None:
    wren.send(f"{talk_of(wren, group)}/words", {"body": "It is bad tonight."})
    assert not only(world).spoken
    assert EventKind.SAID in kinds(world)


def test_the_talk_is_read_by_whoever_has_it_and_by_others_only_if_the_person_says_so(
    world: World, tier: Tier, wren: Person, group: GroupHere
) -> None:
    facil = world.person(group, Role.FACILITATOR)
    here_ = talk_of(wren, group)
    wren.send(f"{here_}/words", {"body": "Only for you."})
    go(world, tier.lead, "acknowledge")
    assert "Only for you." in text_of(record(world, tier.lead))
    for other in (tier.deputy, facil):
        assert "Only for you." not in text_of(record(world, other))
    wren.send(f"{here_}/readers", {"shared": "yes"})
    for other in (tier.deputy, facil):
        assert "Only for you." in text_of(record(world, other))
    wren.send(f"{here_}/readers", {"shared": "no"})
    assert "Only for you." not in text_of(record(world, facil))


def test_a_talk_is_there_for_its_person_alone(world: World, tier: Tier, wren: Person, group: GroupHere) -> None:
    here_ = talk_of(wren, group)
    assert wren.get(here_).status_code == 200
    for other in (world.person(group), tier.lead, world.person(group, Role.FACILITATOR)):
        assert other.get(here_).status_code == 404
        assert other.send(f"{here_}/words", {"body": "Hello"}).status_code == 404
    assert world.visitor().get(here_).status_code in (401, 404)


def test_only_whoever_has_it_writes(world: World, tier: Tier, wren: Person) -> None:
    assert go(world, tier.lead, "write", {"body": "Hello"}).status_code == 403
    go(world, tier.lead, "acknowledge")
    assert go(world, tier.deputy, "write", {"body": "Hello"}).status_code == 403
    assert go(world, tier.lead, "write", {"body": "Hello"}).status_code == 303


def test_nobody_writes_first_where_it_could_put_them_at_risk(world: World, tier: Tier, group: GroupHere) -> None:
    jay, teller = world.person(group, name="Jolly Jay"), world.person(group)
    teller.send(f"/g/{group.address}/worried", {"title": "Jolly Jay", "do_not_write": "yes", "body": "He reads all."})
    go(world, tier.lead, "acknowledge")
    refused = go(world, tier.lead, "write", {"body": "Hello"})
    assert refused.status_code == 403
    assert "Do not write first here" in text_of(refused)
    assert "/talk/" not in jay.get("/messages").get_data(as_text=True)


def test_a_person_others_worry_about_finds_what_was_written_to_them(world: World, tier: Tier, group: GroupHere) -> None:
    jay, teller = world.person(group, name="Jolly Jay"), world.person(group)
    teller.send(f"/g/{group.address}/worried", {"title": "Jolly Jay", "body": "They sounded low."})
    assert "/talk/" not in jay.get("/messages").get_data(as_text=True)
    go(world, tier.lead, "acknowledge")
    go(world, tier.lead, "write", {"body": "How are you today?"})
    found = re.search(r'href="(/talk/[^"]+)"', jay.get("/messages").get_data(as_text=True))
    assert found
    page = text_of(jay.get(found[1]))
    assert "How are you today?" in page
    assert teller.name not in page
    assert "They sounded low." not in page
    assert "/talk/" not in teller.get("/messages").get_data(as_text=True)


def test_what_the_person_wants_is_written_down_and_ends_nothing(
    world: World, tier: Tier, wren: Person, group: GroupHere
) -> None:
    wren.send(f"{talk_of(wren, group)}/no-action")
    assert only(world).wants_no_action
    assert only(world).is_open
    assert "They want nothing done" in text_of(record(world, tier.lead))


def test_words_after_the_end_begin_anew(world: World, tier: Tier, wren: Person, group: GroupHere) -> None:
    here_ = talk_of(wren, group)
    first = only(world)
    go(world, tier.lead, "acknowledge")
    go(world, tier.lead, "triage", TRIAGE | {"level": "low"})
    go(world, tier.lead, "propose-close", {"outcome": "support_given", "words": WHY, "help_offered": "yes"})
    go(world, tier.lead, "confirm-close")
    assert "This has come to an end." in text_of(wren.get(here_))
    wren.send(f"{here_}/words", {"body": "It is bad again."})
    with world.app.app_context():
        again = [case for case in cases.list_by() if case.id != first.id]
        assert cases.find(first.id).state is State.CLOSED  # type: ignore[union-attr]
    assert [case.state for case in again] == [State.RAISED]
    assert "It is bad again." in text_of(wren.get(here_))
