"""The doors: two taps, whatever else is shut, the same words whatever is found, and true words about who is called."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from forum.base.db import row, rows
from forum.base.idents import new_ident
from forum.base.transaction import here, transaction
from forum.groups import kept_out
from forum.models import Persona, Post, Role
from moderation.models import CaseItem, CaseKind
from moderation.safeguarding import cases, chronology, words
from moderation.safeguarding.models import Kind, Level, Origin, State
from tests.safeguarding import Tier
from tests.world import BASE, GroupHere, Person, World, conversation_url, post_url, text_of

pytestmark = pytest.mark.pages


def concerns(world: World) -> list[cases.Case]:
    with world.app.app_context():
        return cases.list_by()


def tap(person: Person, path: str, data: dict[str, str] | None = None):
    """Send a form as a page that was open all night: without a form token."""
    return person.client.post(path, data=data or {}, base_url=BASE)


def test_i_need_help_stands_on_a_members_page_and_is_two_taps_away(world: World, group: GroupHere, tier: Tier) -> None:
    wren = world.person(group)
    page = wren.get(f"/g/{group.address}").get_data(as_text=True)
    assert f'href="/g/{group.address}/help"' in page  # the first tap
    opened = wren.get(f"/g/{group.address}/help").get_data(as_text=True)
    form = re.search(rf'<form method="post" action="(/g/{group.address}/need-help)">', opened)
    assert form  # the second
    answer = wren.send(form[1], follow_redirects=True)
    assert "We have heard you" in text_of(answer)
    assert "tel:116123" in answer.get_data(as_text=True)
    (case,) = concerns(world)
    assert (case.origin, case.state, case.group_id) == (Origin.SELF, State.RAISED, group.scope.group_id)


def test_the_answer_says_truly_who_is_here(world: World, group: GroupHere, tier: Tier) -> None:
    wren = world.person(group)
    said = text_of(wren.send(f"/g/{group.address}/need-help", follow_redirects=True))
    assert "we call the person on duty for safety now" in said
    assert "Nobody has seen this yet." in said


def test_never_5_nobody_is_promised_where_nobody_is_called(world: World, group: GroupHere) -> None:
    wren = world.person(group)
    page = text_of(wren.get(f"/g/{group.address}/help"))
    assert "Sending this calls no one." in page
    assert "we call" not in page
    answer = wren.send(f"/g/{group.address}/need-help", follow_redirects=True)
    assert "Your words are kept" in text_of(answer)
    assert "I need help." in text_of(answer)
    assert concerns(world) == []
    worry = wren.send(f"/g/{group.address}/worried", {"body": "Jay sounded low."}, follow_redirects=True)
    assert "This calls no one." in text_of(worry)
    assert "we call" not in text_of(worry)


def test_a_second_tap_while_people_are_called_is_no_second_concern(world: World, group: GroupHere, tier: Tier) -> None:
    wren = world.person(group)
    first = wren.send(f"/g/{group.address}/need-help", {"token": "one"})
    again = wren.send(f"/g/{group.address}/need-help", {"token": "two"})
    assert first.location == again.location
    assert len(concerns(world)) == 1


def test_the_same_form_sent_twice_is_one_concern(world: World, group: GroupHere, tier: Tier) -> None:
    wren = world.person(group)
    for _time in range(2):
        wren.send(f"/g/{group.address}/worried", {"token": "one", "body": "Jay sounded low."})
    assert len(concerns(world)) == 1
    wren.send(f"/g/{group.address}/worried", {"token": "two", "body": "Jay sounded low."})
    assert len(concerns(world)) == 2


# --- never_8: nothing shuts them -------------------------------------------------------------------------------------


def test_never_8_an_old_form_token_does_not_shut_the_doors(world: World, group: GroupHere, tier: Tier) -> None:
    wren = world.person(group)
    assert tap(wren, f"/g/{group.address}/need-help", {"csrf_token": "old"}).status_code == 303
    assert tap(wren, f"/g/{group.address}/worried", {"csrf_token": "old"}).status_code == 200
    assert len(concerns(world)) == 2
    assert tap(wren, "/devices/leave-all", {"csrf_token": "old"}).status_code in (403, 404, 405)


def test_never_8_rules_that_were_not_agreed_do_not_shut_them(world: World, group: GroupHere, tier: Tier) -> None:
    wren = world.person(group)
    with world.app.app_context(), transaction():
        here().execute(update(Persona).where(Persona.id == wren.persona_id).values(agreed_version_id=None))
    refused = wren.send(f"/b/{group.board.hex()}/topics", {"title": "Hello", "body": "Hello"})
    assert refused.status_code != 200
    assert wren.send(f"/g/{group.address}/need-help").status_code == 303
    assert len(concerns(world)) == 1


def test_never_8_somebody_kept_out_for_weeks_gets_through(world: World, group: GroupHere, tier: Tier) -> None:
    wren = world.person(group)
    with world.app.app_context(), transaction():
        kept_out.suspend(group.scope, wren.persona_id, world.moment.at + timedelta(days=14), new_ident())
    assert wren.get(conversation_url(world.topic(world.person(group)))).status_code == 404
    assert wren.send(f"/g/{group.address}/need-help").status_code == 303
    assert len(concerns(world)) == 1


def test_never_8_somebody_without_a_sign_in_gets_through(world: World, group: GroupHere, tier: Tier) -> None:
    visitor = world.visitor()
    page = visitor.get("/help").get_data(as_text=True)
    assert '<form method="post" action="/need-help">' in page
    answer = tap(visitor, "/need-help", {"token": "one"})
    talk = visitor.get(answer.location)
    assert "Keep the address of this page." in text_of(talk)
    (case,) = concerns(world)
    assert (case.origin, case.group_id) == (Origin.VISITOR, None)


def test_never_8_a_sign_in_that_ended_over_night_gets_through(world: World, group: GroupHere, tier: Tier) -> None:
    """The form of a member's page, sent by somebody who is signed out by now."""
    answer = tap(world.visitor(), f"/g/{group.address}/need-help", {"token": "one"})
    assert answer.status_code == 303
    assert len(concerns(world)) == 1


def test_never_8_no_limit_counts_at_the_doors(world: World, group: GroupHere, tier: Tier) -> None:
    visitor = world.visitor()
    for n in range(40):
        assert tap(visitor, "/worried", {"token": f"form {n}", "body": "Jay"}).status_code == 200
    assert len(concerns(world)) == 40


def test_never_8_a_form_of_another_site_is_not_taken(world: World, group: GroupHere, tier: Tier) -> None:
    answer = world.visitor().client.post("/need-help", headers={"Sec-Fetch-Site": "cross-site"}, base_url=BASE)
    assert answer.status_code == 403
    assert "tel:999" in answer.get_data(as_text=True)


# --- I'm worried about someone ----------------------------------------------------------------------------------------


def test_whoever_worries_reads_the_same_whatever_is_found(world: World, group: GroupHere, tier: Tier) -> None:
    wren, jay = world.person(group), world.person(group, name="Jolly Jay")
    seen = {
        text_of(wren.send(f"/g/{group.address}/worried", {"token": f"t {who}", "title": who}))
        for who in (jay.name, "Nobody Here", "", "zzz")
    }
    assert len(seen) == 1
    assert jay.name not in seen.pop()


def test_a_worry_by_somebody_outside_reads_the_same_whatever_is_found(
    world: World, group: GroupHere, tier: Tier
) -> None:
    jay = world.person(group, name="Jolly Jay")
    seen = {
        text_of(tap(world.visitor(), "/worried", {"token": f"t {who}", "title": who, "place": group.address}))
        for who in (jay.name, "Nobody Here")
    }
    assert len(seen) == 1


def test_a_name_that_is_one_persons_is_whom_it_is_about(world: World, group: GroupHere, tier: Tier) -> None:
    wren, jay = world.person(group), world.person(group, name="Jolly Jay")
    wren.send(f"/g/{group.address}/worried", {"title": "jolly jay", "body": "They sounded low.", "kind": "child"})
    (case,) = concerns(world)
    with world.app.app_context():
        inside = words.open_inside(case)
        said = " ".join(line.words for line in chronology.lines(case))
    assert (inside.subject_kind, inside.subject_id) == ("persona", jay.persona_id)
    assert (inside.raiser_kind, inside.raiser_id) == ("persona", wren.persona_id)
    assert case.kind is Kind.CHILD
    assert "They sounded low." in said


def test_a_worry_about_a_post_is_a_concern_with_a_copy_of_it(world: World, group: GroupHere, tier: Tier) -> None:
    wren, jay = world.person(group), world.person(group)
    post = world.reply(jay, world.topic(jay), "I cannot see a way on.")
    answer = wren.send(post_url(post, "worry"), {"body": "Please look."})
    assert "Thank you for telling us" in text_of(answer)
    (case,) = concerns(world)
    with world.app.app_context():
        assert [copy.body for copy in chronology.copies(case)] == ["I cannot see a way on."]
        assert words.open_inside(case).subject_id == jay.persona_id
        assert row(select(func.count()).select_from(CaseItem).where(CaseItem.kind == CaseKind.WELFARE))[0] == 0


def test_a_worry_about_a_post_is_an_item_where_nobody_is_called(world: World, group: GroupHere) -> None:
    wren, jay = world.person(group), world.person(group)
    post = world.reply(jay, world.topic(jay), "I cannot see a way on.")
    answer = wren.send(post_url(post, "worry"), {"body": "Please look."})
    assert answer.status_code == 303
    assert concerns(world) == []
    with world.app.app_context():
        assert row(select(func.count()).select_from(CaseItem).where(CaseItem.kind == CaseKind.WELFARE))[0] == 1


def test_never_1_the_post_of_somebody_in_distress_stays_as_it_is(world: World, group: GroupHere, tier: Tier) -> None:
    wren, jay = world.person(group), world.person(group)
    topic = world.topic(jay, body="I can't keep myself safe tonight.")
    with world.app.app_context():
        before = rows(select(Post.id, Post.state, Post.body).where(Post.conversation_id == topic))
    wren.send(post_url(before[0].id, "worry"), {"body": "Please look."})
    jay.send(f"/g/{group.address}/need-help")
    with world.app.app_context():
        assert rows(select(Post.id, Post.state, Post.body).where(Post.conversation_id == topic)) == before
    assert "keep myself safe tonight" in text_of(wren.get(conversation_url(topic)))
    assert jay.get(f"/g/{group.address}").status_code == 200


# --- A facilitator's form --------------------------------------------------------------------------------------------


def test_a_facilitators_three_fields_are_kept_at_once(world: World, group: GroupHere, tier: Tier) -> None:
    lead = world.person(group, Role.FACILITATOR)
    page = lead.get(f"/g/{group.address}/concerns/new").get_data(as_text=True)
    assert len(re.findall(r"<(?:textarea|input type=\"text\"|input[^>]*type=\"text\")", page)) <= 2
    form = {"title": "Somebody", "body": "They wrote that they took pills.", "urgent": "now"}
    answer = tap(lead, f"/g/{group.address}/concerns/new", form)
    assert answer.status_code == 303
    (case,) = concerns(world)
    assert (case.origin, case.level) == (Origin.FACILITATOR, Level.IMMEDIATE)


def test_a_facilitators_form_is_not_there_for_others(world: World, group: GroupHere, tier: Tier) -> None:
    assert world.person(group).get(f"/g/{group.address}/concerns/new").status_code == 404
    assert world.visitor().get(f"/g/{group.address}/concerns/new").status_code == 401
    assert world.person(group, Role.FACILITATOR).get(f"/g/{group.address}/concerns/new").status_code == 200
