"""What must never happen (safeguarding §3.10), acceptance cases 1 and 2, and the numbers to call on every page that fails."""

import re
from typing import Any

import pytest
from sqlalchemy import func, select

import wsgi
from forum.base.db import row, rows
from forum.base.idents import write_ident
from forum.base.transaction import transaction
from forum.content import crisis
from forum.conversations import mail_addresses
from forum.models import OfficerRole, Post, PostState, Restriction, Role
from moderation import decisions, report_targets, reports
from moderation.decisions import Verdict
from moderation.models import CaseItem, CaseKind, Choice
from moderation.reports import Saying
from moderation.safeguarding import cases, chronology, sending, ticking
from moderation.safeguarding.models import EventKind, Kind, Level, State
from moderation.safeguarding.people_models import ConcernPage
from tests.safeguarding import arm
from tests.security.answers import ERRORS, answer_of
from tests.security.scene import add_role, plain, scene_of
from tests.world import BASE, GroupHere, Person, World, conversation_url, post_url, text_of

pytestmark = pytest.mark.pages

WHY = "They wrote three times tonight that they cannot go on."
DISTRESS = "I can't keep myself safe tonight."


@pytest.fixture
def group(world: World) -> GroupHere:
    return world.group()


def only(world: World) -> cases.Case:
    with world.app.app_context():
        (case,) = cases.list_by()
    return case


def lines(world: World) -> list[chronology.Line]:
    with world.app.app_context():
        return chronology.lines(only(world))


def called(world: World) -> set[bytes]:
    with world.app.app_context():
        return {bytes(r.responder_id) for r in rows(select(ConcernPage.responder_id))}


def go(world: World, person: Person, way: str, data: dict[str, Any] | None = None) -> int:
    case = only(world)
    form = {"version": str(case.version), **(data or {})}
    return person.send(f"/concerns/{write_ident(case.id)}/{way}", form).status_code


# --- Acceptance ------------------------------------------------------------------------------------------------------


def test_acceptance_1_a_night_time_crisis_with_nobody_on_the_rota(world: World, group: GroupHere) -> None:
    for weekday in range(7):
        world.on_duty(group, weekday, "08:00", "23:00")
    tier, wren, heron = arm(world, group), world.person(group), world.person(group)
    assert world.moment.at.hour < 8
    topic = world.topic(wren, "A bad night", DISTRESS)
    page = wren.get(conversation_url(topic)).get_data(as_text=True)
    assert f'href="/g/{group.address}/help"' in page
    answer = wren.send(f"/g/{group.address}/need-help", follow_redirects=True)
    said, html = text_of(answer), answer.get_data(as_text=True)
    for contact in crisis.contacts("england")[:2]:
        assert f"tel:{contact.tel_digits}" in html
    assert "8:00" in said or "08:00" in said  # nobody of the team is here until then
    assert "we call the person on duty for safety now" in said
    assert "Nobody has seen this yet." in said
    case = only(world)
    assert case.state is State.RAISED
    assert case.numbers == case.policy[Level.HIGH.value]  # unassessed counts as high
    assert tier.ids[OfficerRole.LEAD] in called(world)  # at once, and not after twenty minutes
    assert EventKind.NO_ONE_ON_CALL in {line.kind for line in lines(world)}
    assert DISTRESS in text_of(heron.get(conversation_url(topic)))
    with world.app.app_context():
        assert row(select(func.count()).select_from(Restriction))[0] == 0
        assert row(select(Post.state).where(Post.conversation_id == topic)).state is PostState.VISIBLE
    assert wren.send(f"{conversation_url(topic)}/posts", {"body": "Still here.", "token": "t" * 26}).status_code == 303


def pages_of(world: World, group: GroupHere, person: Person) -> dict[str, bytes]:
    """What a facilitator can look at in which a concern could leave a trace."""
    paths = ("/", "/concerns", "/concerns?closed=yes", "/news", "/messages", f"/g/{group.address}",
             f"/g/{group.address}/team", f"/g/{group.address}/lines", f"/g/{group.address}/search?words=low",
             f"/g/{group.address}/help", "/my-reports", "/about-my-place")  # fmt: skip
    return {path: _plain(person, path) for path in paths}


def _plain(person: Person, path: str) -> bytes:
    body = plain(person.get(path), path)
    return re.sub(rb'name="token" value="[a-z2-7]+"', b"", body)


def test_acceptance_2_and_never_3_a_facilitator_who_is_named_sees_no_trace(world: World, group: GroupHere) -> None:
    tier = arm(world, group)
    robin = world.person(group, Role.FACILITATOR, name="Robin Red")
    tied = world.person(group, Role.FACILITATOR, name="Tied Tern")
    wren = world.person(group)
    before = {one.name: pages_of(world, group, one) for one in (robin, tied)}
    worry = {"body": "robin red shouted at me.", "involved": write_ident(tied.persona_id)}
    assert wren.send(f"/g/{group.address}/worried", worry).status_code == 200
    assert {one.name: pages_of(world, group, one) for one in (robin, tied)} == before
    assert not {robin.persona_id, tied.persona_id} & called(world)
    assert tier.ids[OfficerRole.LEAD] in called(world)  # at once: nobody else is eligible
    address = f"/concerns/{write_ident(only(world).id)}"
    assert tier.lead.get(address).status_code == 200
    for _step in range(6):
        world.moment.go(minutes=20)
        with world.app.app_context():
            ticking.tick()
    assert not {robin.persona_id, tied.persona_id} & called(world)
    assert only(world).code not in text_of(robin.get("/concerns"))
    assert robin.get(address).status_code == tied.get(address).status_code == 404


def test_acceptance_2_its_twin_who_is_not_named_sees_it_and_is_called(world: World, group: GroupHere) -> None:
    arm(world, group)
    robin, wren = world.person(group, Role.FACILITATOR, name="Robin Red"), world.person(group)
    before = pages_of(world, group, robin)
    wren.send(f"/g/{group.address}/worried", {"body": "Jay sounded low."})
    assert pages_of(world, group, robin)["/concerns"] != before["/concerns"]


# --- Never -----------------------------------------------------------------------------------------------------------


def test_never_1_a_post_in_distress_is_answered_by_more_than_a_rule(world: World, group: GroupHere) -> None:
    """It stands at once, or waits for a person; and it never ends in nothing but a notice about rules."""
    arm(world, group)
    wren = world.person(group)
    topic = world.topic(wren, "A bad night", DISTRESS)
    with world.app.app_context():
        post = row(select(Post.id, Post.state).where(Post.conversation_id == topic))
    assert post.state in (PostState.VISIBLE, PostState.HELD)
    sent = wren.get(post_url(post.id, "sent"))
    assert "tel:116123" in sent.get_data(as_text=True)
    assert "/help" in sent.get_data(as_text=True)


def test_never_2_a_concern_outlives_calls_that_fail_a_restart_and_time(world: World, group: GroupHere) -> None:
    """No mail goes out here, nobody answers for ten days, and the program is started anew on what it wrote."""
    arm(world, group)
    wren = world.person(group)
    wren.send(f"/g/{group.address}/need-help")
    first = [line.n for line in lines(world)]
    for _time in range(6):
        world.moment.go(hours=40)
        with world.app.app_context():
            sending.send_all()
            ticking.tick()
    again = wsgi.create_app(world.app.extensions["settings"])
    with again.app_context():
        (case,) = cases.list_by()
        kept = [line.n for line in chronology.lines(case)]
    assert case.is_open
    assert case.due_at is not None
    assert kept[: len(first)] == first
    assert kept == list(range(1, len(kept) + 1))


def test_never_7_no_level_and_no_label_reaches_a_peer_or_the_person(world: World, group: GroupHere) -> None:
    tier, wren, heron = arm(world, group), world.person(group), world.person(group)
    topic = world.topic(wren, "A bad night", DISTRESS)
    paths = ("/", f"/g/{group.address}", conversation_url(topic))
    before = [_plain(heron, path) for path in paths]
    talk = str(wren.send(f"/g/{group.address}/need-help").location).partition("?")[0]
    go(world, tier.lead, "acknowledge")
    triage = {"level": "immediate", "rationale": WHY, "wants": "To talk.", "raiser_danger": "no"}
    assert go(world, tier.lead, "triage", triage) == 303
    assert [_plain(heron, path) for path in paths] == before
    own = text_of(wren.get(talk)) + text_of(wren.get("/messages"))
    for label in ("immediate", "Danger to life", "level", "risk", WHY):
        assert label not in own
    with world.app.app_context():
        assert row(select(func.count()).select_from(Restriction))[0] == 0


def test_never_10_whom_a_worry_is_about_never_learns_who_raised_it(world: World, group: GroupHere) -> None:
    tier = arm(world, group)
    jay, teller = world.person(group, name="Jolly Jay"), world.person(group, name="Told Teal")
    topic = world.topic(jay)
    post = world.reply(jay, topic, DISTRESS)
    teller.send(post_url(post, "worry"), {"body": "Told Teal here: please look."})
    go(world, tier.lead, "acknowledge")
    go(world, tier.lead, "write", {"body": "How are you today?"})
    paths = ("/", "/messages", "/news", conversation_url(topic), post_url(post, "more"))
    found = re.search(r'href="(/talk/[^"]+)"', jay.get("/messages").get_data(as_text=True))
    assert found
    for path in (*paths, found[1]):
        assert "Told Teal" not in jay.get(path).get_data(as_text=True), path
    assert "Told Teal" in text_of(tier.lead.get(f"/concerns/{write_ident(only(world).id)}"))


def test_never_12_an_admin_has_no_way_to_a_concern(world: World, group: GroupHere) -> None:
    arm(world, group)
    wren = world.person(group)
    for admin in (world.admin(group.scope.organisation_id), world.admin()):
        before = {path: _plain(admin, path) for path in ("/admin", "/admin/reports", "/admin/outsiders")}
        talk = str(wren.send(f"/g/{group.address}/need-help", {"token": "one"}).location).partition("?")[0]
        ident = write_ident(only(world).id)
        for path in ("/concerns", f"/concerns/{ident}", talk, f"/g/{group.address}/concerns/new"):
            assert admin.get(path).status_code == 404, path
        for way in ("acknowledge", "note", "recuse", "emergency"):
            assert admin.send(f"/concerns/{ident}/{way}", {"version": "0"}).status_code == 404, way
        assert {path: _plain(admin, path) for path in before} == before


def test_never_14_method_details_are_folded_and_somebody_talks_with_the_author(world: World, group: GroupHere) -> None:
    """A concern about a post takes nothing from the moderators: the words are folded, the person is looked after."""
    tier = arm(world, group)
    jay, teller = world.person(group), world.person(group)
    owl = world.person(group, Role.MODERATOR)
    topic = world.topic(teller, "Hard nights", "How are you all?")
    post = world.reply(jay, topic, "Here is how much of it I would take.")
    teller.send(post_url(post, "worry"), {"body": "Please look."})
    with world.app.app_context():
        told = reports.tell(
            teller.actor, CaseKind.REPORT, lambda now: report_targets.of_post(now, post), Saying(words="A method.")
        )
        item = row(select(CaseItem.version, CaseItem.claim_gen).where(CaseItem.id == told))
        seen = row(select(Post.changed_in).where(Post.id == post))
        verdict = Verdict(Choice.FOLD, item.version, item.claim_gen, WHY, "be-kind", seen=seen.changed_in)
        decisions.decide(owl.actor, told, verdict)
    assert '<details class="nhsuk-details cg-fold">' in teller.get(conversation_url(topic)).get_data(as_text=True)
    assert only(world).state is State.RAISED
    go(world, tier.lead, "acknowledge")
    assert go(world, tier.lead, "write", {"body": "How are you today?"}) == 303
    assert jay.get(conversation_url(topic)).status_code == 200


# --- SG13 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ERRORS)
def test_sg13_the_numbers_stand_in_the_html_of_every_page_that_fails(world: World, status: int) -> None:
    scene = scene_of(world)
    page = answer_of(scene, add_role(scene, "visitor"), status).get_data(as_text=True)
    assert "tel:999" in page
    assert "tel:116123" in page


def test_sg13_the_numbers_stand_where_somebody_raises_a_concern_and_on_the_page_of_last_resort(
    world: World, group: GroupHere
) -> None:
    arm(world, group)
    wren, lead = world.person(group), world.person(group, Role.FACILITATOR)
    visitor = world.visitor()
    pages = [wren.get(f"/g/{group.address}/{page}") for page in ("help", "worried")]
    pages += [visitor.get(page) for page in ("/help", "/worried", "/need-help", "/help/numbers")]
    pages += [lead.get(f"/g/{group.address}/concerns/new"), wren.send(f"/g/{group.address}/worried")]
    pages += [wren.send(f"/g/{group.address}/need-help", follow_redirects=True)]
    pages += [visitor.client.post("/worried", data={"title": "x" * 500}, base_url=BASE)]
    for answer in pages:
        assert "tel:999" in answer.get_data(as_text=True)
    from forum.web.errors import back_soon

    assert "tel:116123" in back_soon(world.app)


# --- Under 18, and a death -------------------------------------------------------------------------------------------


def test_whoever_says_they_are_under_18_keeps_place_and_words_and_reads_child_lines_first(
    world: World, group: GroupHere
) -> None:
    tier, wren = arm(world, group), world.person(group)
    facil = world.person(group, Role.FACILITATOR)
    topic = world.topic(wren, "About me", "I am fifteen.")
    talk = str(wren.send(f"/g/{group.address}/need-help").location).partition("?")[0]
    wren.send(f"{talk}/words", {"body": "Hello."})
    go(world, tier.lead, "acknowledge")
    assert "Hello." not in text_of(facil.get(f"/concerns/{write_ident(only(world).id)}"))
    page = wren.get(talk).get_data(as_text=True)
    assert page.index("tel:116123") < page.index("tel:08001111")
    wren.send(f"{talk}/young")
    assert only(world).kind is Kind.CHILD
    page = wren.get(talk).get_data(as_text=True)
    here = page.index("<main")
    assert page.index("tel:08001111", here) < page.index("tel:116123", here)
    assert "So nobody is alone with it." in page
    assert "I am fifteen." in text_of(wren.get(conversation_url(topic)))
    shown = text_of(facil.get(f"/concerns/{write_ident(only(world).id)}"))
    assert "Hello." in shown  # never one adult alone with a child
    wren.send(f"{talk}/readers", {"shared": "no"})
    assert "Hello." in text_of(facil.get(f"/concerns/{write_ident(only(world).id)}")), "nor by an old form"
    assert "do not promise to keep it secret" in shown


def has_mail(world: World, person: Person) -> bool:
    """Whether mail goes to somebody in the group."""
    assert person.group
    with world.app.app_context():
        return mail_addresses.find(person.group.scope, person.persona_id) is not None


def test_a_death_is_checked_before_anything_is_done_and_can_be_undone(world: World, group: GroupHere) -> None:
    tier = arm(world, group)
    jay, teller = world.person(group, name="Jolly Jay"), world.person(group)
    facil = world.person(group, Role.FACILITATOR)
    topic = world.topic(jay, "About me", "I was here.")
    teller.send(f"/g/{group.address}/worried", {"title": "Jolly Jay", "kind": "death", "body": "His sister told me."})
    with world.app.app_context(), transaction():
        for one in (jay, teller):
            mail_addresses.keep(group.scope, one.persona_id, mail_addresses.fresh("somebody@example.org", "en"))
    assert only(world).kind is Kind.DEATH
    go(world, tier.lead, "acknowledge")
    for step in ("sealed", "told", "memorial"):
        assert go(world, tier.lead, f"death-{step}", {"words": "Now."}) == 403, step
    assert jay.get(conversation_url(topic)).status_code == 200
    assert go(world, tier.lead, "death-checked", {"words": "His sister rang us, and a notice."}) == 303
    assert go(world, facil, "death-sealed", {"words": "The family asked."}) == 403
    assert go(world, tier.lead, "death-sealed", {"words": "The family asked."}) == 303
    assert jay.get(conversation_url(topic)).status_code == 404
    assert not has_mail(world, jay), "nothing reminds anybody of them"
    assert has_mail(world, teller), "its twin"
    assert "I was here." in text_of(teller.get(conversation_url(topic)))
    assert go(world, tier.lead, "death-undone", {"why": "He rang us himself."}) == 303
    assert jay.get(conversation_url(topic)).status_code == 200
    assert go(world, tier.lead, "death-told", {"words": "Now."}) == 403  # all begins anew with the check
