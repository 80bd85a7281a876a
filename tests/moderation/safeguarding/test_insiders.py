"""What one insider could do, and what happens to calls once somebody lost their role or turned out to be named."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from forum.base import jobs
from forum.base.db import rows
from forum.base.errors import NotAllowed, NotFound
from forum.base.idents import write_ident
from forum.base.transaction import here as session
from forum.base.transaction import transaction
from forum.models import Officer, OfficerRole, OfficerStanding, Persona, Role
from moderation.safeguarding import (
    channels,
    chronology,
    doors,
    handing,
    officers,
    queries,
    resets,
    responders,
    sending,
    ticking,
    transitions,
    watchdog,
    without_role,
)
from moderation.safeguarding.cases import Case
from moderation.safeguarding.channels import Way
from moderation.safeguarding.doors import Worry
from moderation.safeguarding.models import Concern, EventKind, Level, State, Timer
from moderation.safeguarding.people_models import ChannelKind, ConcernPage
from moderation.safeguarding.sending import Message
from tests.conftest import Clock
from tests.moderation.safeguarding.people import Officeholder, Scene, arm, officer, scene
from tests.world import Person, World

LATE = "Calls about people at risk are late"
#: Tokens of forms.
NOISE = re.compile(r"[A-Za-z0-9_=-]{40,}")


@pytest.fixture
def here(inside: Flask, world: World) -> Scene:
    """An organisation whose people are called, each in a mailbox of their own."""
    found = scene(world)
    arm(found.group.scope.organisation_id)
    for one in (found.lead, found.deputy, found.independent, found.confirmer):
        reachable(one.id)
    for person in (found.robin, found.sam):
        reachable(person.persona_id)
    watchdog.forget()
    return found


def reachable(ident: bytes) -> None:
    """They can be called by mail."""
    way = replace(Way(f"{ident.hex()[:12]}@example.org"), tested_on="2026-11-01")
    channels.keep(ident, ChannelKind.MAIL, way)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What left the machine: to whom, and the words."""
    went: list[tuple[str, str]] = []

    def note(_kind: ChannelKind, way: Way, message: Message) -> None:
        went.append((way.address, message.text))

    monkeypatch.setattr(sending, "send_text", note)
    return went


def reached(sent: list[tuple[str, str]]) -> set[str]:
    """To whom something went."""
    return {address for address, _text in sent}


def mailbox(ident: bytes) -> str:
    """Where somebody is called."""
    return f"{ident.hex()[:12]}@example.org"


# --- Calls that were written before somebody lost their role ---------------------------------------------------------


def demote(persona_id: bytes) -> None:
    """They look after nobody here any more."""
    with transaction():
        changed = update(Persona).where(Persona.id == persona_id).values(role=Role.MEMBER)
        session().execute(changed.execution_options(synchronize_session=False))


@pytest.mark.parametrize("gone", [True, False], ids=["who lost the role", "its twin"])
def test_sg4_a_written_call_does_not_go_to_who_lost_the_role_and_the_next_is_called_at_once(
    here: Scene, sent: list[tuple[str, str]], gone: bool
) -> None:
    here.world.on_duty(here.group, 0, "00:00", "23:59")
    demote(here.sam.persona_id)
    here.raise_one()
    if gone:
        demote(here.robin.persona_id)
    sending.send_all()
    assert (mailbox(here.robin.persona_id) in reached(sent)) is not gone
    ticking.tick()
    sending.send_all()
    assert (mailbox(here.lead.id) in reached(sent)) is gone, "at once, and else after its time"


def test_sg4_what_somebody_had_who_lost_the_role_is_called_about_within_a_minute(here: Scene) -> None:
    case = here.raise_one()
    transitions.acknowledge(here.robin.actor, case.id, case.version)
    assert without_role.let_go_all() == 0, "its twin"
    assert here.now(case.id).owner_id == here.robin.persona_id
    demote(here.robin.persona_id)
    assert without_role.let_go_all() == 1
    now = here.now(case.id)
    assert (now.owner_id, now.state) == (None, State.RAISED)


def test_sg7_a_call_that_is_tried_again_says_no_code_of_what_was_kept_from_them(
    here: Scene, sent: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch, moment: Clock
) -> None:
    here.world.on_duty(here.group, 0, "00:00", "23:59")
    first, second = here.raise_one(), here.raise_one()
    with monkeypatch.context() as patched:
        patched.setattr(sending, "send_text", _refuse)
        sending.send_all()
    handing.recuse(here.lead.actor, first.id, here.robin.persona_id, "He is his brother.")
    moment.go(minutes=1)
    sending.send_all()
    said = " ".join(text for address, text in sent if address == mailbox(here.robin.persona_id))
    assert second.code in said
    assert first.code not in said
    assert "concerns need you" not in said


def _refuse(*_given: object) -> None:
    raise OSError("full")


def test_the_watchdog_is_quiet_once_an_officer_left_whose_calls_failed(
    here: Scene, monkeypatch: pytest.MonkeyPatch, moment: Clock
) -> None:
    monkeypatch.setattr(sending, "send_text", _refuse)
    here.raise_one(level=Level.IMMEDIATE)
    sending.send_all()
    moment.go(seconds=121)
    assert watchdog.overdue(moment.at) > watchdog.LATE_S, "its twin: as long as they are in office"
    for ident in (here.lead.id, here.robin.persona_id, here.sam.persona_id, here.deputy.id):
        with transaction():
            ticking.let_go(ident)
    monkeypatch.undo()
    ticking.tick()
    assert watchdog.overdue(moment.at) == 0


def test_the_watchdog_is_quiet_once_the_channel_of_a_failed_call_is_gone(
    here: Scene, monkeypatch: pytest.MonkeyPatch, moment: Clock
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(sending, "send_text", _refuse)
        here.raise_one(level=Level.IMMEDIATE)
        sending.send_all()
    channels.remove(here.lead.id, ChannelKind.MAIL)
    moment.go(seconds=20)
    monkeypatch.setattr(sending, "send_text", lambda *_given: None)
    sending.send_all()
    ticking.tick()
    moment.go(seconds=121)
    sending.send_all()
    ticking.tick()
    assert watchdog.overdue(moment.at) == 0


# --- Counting --------------------------------------------------------------------------------------------------------


@pytest.mark.pages
def test_sg6_a_late_call_changes_no_byte_for_whom_it_names_and_the_operator_reads_the_truth(
    here: Scene, monkeypatch: pytest.MonkeyPatch, moment: Clock
) -> None:
    pages = (f"/g/{here.group.address}/duty", "/safeguarding", "/safeguarding/readiness")
    before = [(who.get(page).text, page) for who, page in ((here.robin, pages[0]), (here.lead.person, pages[2]))]
    here.raise_one(involved=frozenset({here.robin.persona_id, here.lead.id}))
    for module in ("moderation.safeguarding.ticking.help_out", "moderation.safeguarding.lazily.help_out"):
        monkeypatch.setattr(module, lambda: None, raising=False)
    with transaction():
        session().execute(update(Concern).values(due_at=moment.at - timedelta(minutes=9)))
    watchdog.forget()
    assert here.world.visitor().get("/healthz/safeguarding").status_code == 503
    assert LATE in here.sam.get(pages[0]).text, "its twin"
    assert "Calls are late" in here.deputy.person.get(pages[2]).text, "its twin"
    for (text, page), who in zip(before, (here.robin, here.lead.person), strict=True):
        assert NOISE.sub("", who.get(page).text) == NOISE.sub("", text)
    assert LATE not in here.lead.person.get(pages[1]).text


# --- One person, and everybody else kept out -------------------------------------------------------------------------


def sees(here: Scene, who: Person | Officeholder, case: Case) -> bool:
    """Whether the concern exists for them."""
    try:
        queries.get(who.actor, case.id)
    except NotFound:
        return False
    return True


def clock_of_body(here: Scene, case: Case) -> bool:
    """Whether the outside body is being called."""
    return Timer.NOBODY_LEFT in here.now(case.id).clocks


def test_t14_nobody_takes_it_alone_from_the_last_officer_besides_themselves(
    here: Scene, sent: list[tuple[str, str]]
) -> None:
    case = here.raise_one()
    for one in (here.lead.id, here.deputy.id, here.sam.persona_id):
        assert handing.recuse(here.robin.actor, case.id, one, "They are named in it."), "its twin"
    lines = len(chronology.lines(case))
    assert not handing.recuse(here.robin.actor, case.id, here.independent.id, "They are named in it, too.")
    assert sees(here, here.independent, case)
    assert clock_of_body(here, case)
    sending.send_all()
    assert mailbox(here.confirmer.id) in reached(sent)
    said = str(chronology.lines(case)[lines:])
    assert here.independent.id.hex() not in said
    assert "named in it, too" not in said


@pytest.mark.parametrize("yes", [True, False])
def test_t21_the_outside_body_decides_whom_one_person_alone_cannot_keep_out(here: Scene, yes: bool) -> None:
    case = here.raise_one(involved=frozenset({here.lead.id, here.deputy.id}))
    assert not sees(here, here.confirmer, case)
    form = {"responder": write_ident(here.independent.id), "why": "They are named in it, too."}
    answer = here.robin.send(f"/concerns/{write_ident(case.id)}/recuse", form)
    assert "We call a person from outside" in here.robin.get(answer.headers["Location"]).text
    assert "You are asked to decide" in here.confirmer.person.get(f"/concerns/{write_ident(case.id)}").text
    assert "You are asked to decide" not in here.independent.person.get(f"/concerns/{write_ident(case.id)}").text
    if yes:
        assert handing.recuse(here.confirmer.actor, case.id, here.independent.id, "She told me so herself.")
    else:
        handing.leave_in(here.confirmer.actor, case.id)
    assert sees(here, here.independent, case) is not yes
    assert not clock_of_body(here, case), "Robin may hold it, and the confirmer close it"
    assert not sees(here, here.confirmer, case)


def test_t14_whoever_steps_back_is_never_held_up(here: Scene) -> None:
    case = here.raise_one(involved=frozenset({here.lead.id, here.deputy.id}))
    assert handing.recuse(here.independent.actor, case.id, here.independent.id, "She is my sister.")
    assert not sees(here, here.independent, case)


# --- All of them are named (T21) -------------------------------------------------------------------------------------


def everybody(here: Scene) -> frozenset[bytes]:
    """All who could take a concern."""
    officers = (here.lead.id, here.deputy.id, here.independent.id)
    return frozenset({*officers, here.robin.persona_id, here.sam.persona_id})


def interim(here: Scene) -> Officeholder:
    """Somebody whom an admin named, and who came in."""
    found = officer(here.world, here.group, OfficerRole.INTERIM, "Somebody new")
    with transaction():
        waits = update(Officer).where(Officer.id == found.id).values(standing=OfficerStanding.WAITING)
        session().execute(waits.execution_options(synchronize_session=False))
    return found


def test_t21_an_interim_lead_is_named_by_an_admin_and_agreed_to_by_the_outside_body(here: Scene) -> None:
    case, other = here.raise_one(involved=everybody(here)), here.raise_one()
    page = f"/concerns/{write_ident(case.id)}"
    assert "name an interim lead" in here.confirmer.person.get(page).text
    new = interim(here)
    for one in (here.lead, here.confirmer):
        here.world.step_up(one.person)
    with pytest.raises(NotAllowed):
        officers.agree(here.lead.actor, new.id)
    assert not sees(here, new, case)
    officers.agree(here.confirmer.actor, new.id)
    assert sees(here, new, case)
    assert not sees(here, new, other), "what others can hold is not for them"
    assert not clock_of_body(here, case)
    asked = select(ConcernPage.responder_id).where(ConcernPage.concern_id == case.id, ConcernPage.channel == "page")
    assert new.id in {r.responder_id for r in rows(asked)}, "they are called at once"
    assert EventKind.INTERIM in [line.kind for line in chronology.lines(here.now(case.id))]
    transitions.acknowledge(new.actor, case.id, here.now(case.id).version)
    assert here.now(case.id).owner_id == new.id
    assert "Somebody new" in here.confirmer.person.get("/safeguarding/readiness").text
    assert "Somebody new" not in here.lead.person.get("/safeguarding/readiness").text, (
        "they would know that one names them"
    )


def test_t21_the_confirmer_agrees_to_nobody_but_an_interim_lead(here: Scene) -> None:
    new = officer(here.world, here.group, OfficerRole.DEPUTY, "A friend of theirs")
    with transaction():
        waits = update(Officer).where(Officer.id == new.id).values(standing=OfficerStanding.WAITING)
        session().execute(waits.execution_options(synchronize_session=False))
    for one in (here.lead, here.confirmer):
        here.world.step_up(one.person)
    with pytest.raises(NotAllowed):
        officers.agree(here.confirmer.actor, new.id)
    officers.agree(here.lead.actor, new.id)
    assert responders.find_officer(new.actor)


@pytest.mark.parametrize("outside", [True, False], ids=["an outside body can be called", "nobody can"])
def test_never_5_nobody_is_promised_when_everybody_is_named(here: Scene, outside: bool) -> None:
    if not outside:
        channels.remove(here.confirmer.id, ChannelKind.MAIL)
    names = "The lead, The deputy, The independent, Robin and Samphire all did it."
    done = doors.worry_in_group(here.wren.actor, here.group.scope, Worry(words=names), "form", "en")
    expected = "we call a person from outside" if outside else "nobody can be called about it just now"
    assert expected in done.sentence
    twin = doors.worry_in_group(here.wren.actor, here.group.scope, Worry(words="Robin did it."), "form 2", "en")
    assert "We call others of the team" in twin.sentence


# --- One officer against another -------------------------------------------------------------------------------------


def told(here: Scene, sent: list[tuple[str, str]], one: Officeholder) -> str:
    """What one officer was told on their own channel."""
    for _n in range(3):
        jobs.run_due()
    return " ".join(text for address, text in sent if address == mailbox(one.id))


def test_whose_second_steps_are_to_go_is_told_on_their_own_channel_and_can_stop_it(
    here: Scene, sent: list[tuple[str, str]]
) -> None:
    for one in (here.deputy, here.independent):
        here.world.step_up(one.person)
    resets.agree(here.deputy.actor, here.lead.id)
    assert "Somebody says that you lost your second steps" in told(here, sent, here.lead)
    resets.agree(here.independent.actor, here.lead.id)
    assert "Two people say" in told(here, sent, here.lead)
    assert told(here, sent, here.deputy) == "", "its twin: nobody else is told"
    assert "See it and stop it" in here.lead.person.get("/safeguarding").text
    assert "See it and stop it" not in here.deputy.person.get("/safeguarding").text
    resets.stop(here.lead.actor, here.lead.id)
    assert "See it and stop it" not in here.lead.person.get("/safeguarding").text


def test_an_officer_ends_anothers_office_only_with_a_second_one(here: Scene, sent: list[tuple[str, str]]) -> None:
    another = officer(here.world, here.group, OfficerRole.DEPUTY, "A second deputy")
    for one in (here.lead, here.deputy, here.independent):
        here.world.step_up(one.person)
    officers.end(here.lead.actor, here.deputy.id)
    assert responders.find_officer(here.deputy.actor), "one is not two"
    assert "wants to end your office" in told(here, sent, here.deputy)
    with pytest.raises(NotAllowed):
        officers.end(here.lead.actor, here.deputy.id)
    officers.let_stay(here.deputy.actor, here.deputy.id)
    with pytest.raises(NotFound):
        officers.let_stay(here.deputy.actor, here.deputy.id)
    officers.end(here.independent.actor, here.deputy.id)
    assert responders.find_officer(here.deputy.actor), "what was stopped begins anew"
    officers.end(here.lead.actor, here.deputy.id)
    assert responders.find_officer(here.deputy.actor) is None
    assert responders.find_officer(another.actor)


def ended_by_two(here: Scene) -> None:
    """Lead and independent contact send a deputy away, one right after the other."""
    officer(here.world, here.group, OfficerRole.DEPUTY, "A second deputy")
    for one in (here.lead, here.independent):
        here.world.step_up(one.person)
        officers.end(one.actor, here.deputy.id)
    assert responders.find_officer(here.deputy.actor) is None


def test_two_who_are_quick_send_nobody_away_unseen(here: Scene, sent: list[tuple[str, str]], moment: Clock) -> None:
    ended_by_two(here)
    heard = told(here, sent, here.deputy)
    assert "wants to end your office" in heard
    assert "Your office for safety has ended." in heard
    assert "Two officers ended the office of another." in told(here, sent, here.confirmer), "whoever is from outside"
    assert told(here, sent, here.lead) == told(here, sent, here.independent) == "", "they did it"
    moment.go(hours=25)
    told(here, sent, here.deputy)
    assert channels.kinds_of(here.deputy.id) == [], "their ways of being called go, too"
    assert channels.kinds_of(here.confirmer.id), "its twin"


def test_who_is_not_reached_at_once_is_tried_again(
    here: Scene, sent: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch, moment: Clock
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(sending, "send_text", _refuse)
        ended_by_two(here)
        jobs.run_due()
    moment.go(hours=1)
    assert "Your office for safety has ended" in told(here, sent, here.deputy)


def test_the_end_of_an_interim_lead_is_told_to_nobody_else(here: Scene, sent: list[tuple[str, str]]) -> None:
    new = officer(here.world, here.group, OfficerRole.INTERIM, "Somebody new")
    reachable(new.id)
    here.world.step_up(here.confirmer.person)
    officers.end(here.confirmer.actor, new.id)
    assert "Your office for safety has ended" in told(here, sent, new)
    assert reached(sent) == {mailbox(new.id)}


def test_who_ends_their_own_office_is_told_nothing_and_their_ways_go_at_once(
    here: Scene, sent: list[tuple[str, str]]
) -> None:
    officer(here.world, here.group, OfficerRole.DEPUTY, "A second deputy")
    here.world.step_up(here.deputy.person)
    officers.end(here.deputy.actor, here.deputy.id)
    assert channels.kinds_of(here.deputy.id) == []
    assert told(here, sent, here.deputy) == told(here, sent, here.confirmer) == ""


def test_nobody_sends_the_last_confirmer_away(here: Scene) -> None:
    for one in (here.lead, here.deputy):
        here.world.step_up(one.person)
    with pytest.raises(NotAllowed):
        officers.end(here.lead.actor, here.confirmer.id)
    officer(here.world, here.group, OfficerRole.CONFIRMER, "Another from outside")
    officers.end(here.lead.actor, here.confirmer.id)
    officers.end(here.deputy.actor, here.confirmer.id)
    assert responders.find_officer(here.confirmer.actor) is None


def test_the_page_says_who_is_to_go_and_how_to_stop_it(here: Scene) -> None:
    officer(here.world, here.group, OfficerRole.DEPUTY, "A second deputy")
    here.world.step_up(here.lead.person)
    path = f"/safeguarding/officers/{write_ident(here.deputy.id)}/end"
    assert here.lead.person.send(path).status_code == 303
    page = "/safeguarding/readiness"
    assert "wants this office to end" in here.deputy.person.get(page).text
    assert here.deputy.person.send(path, {"answer": "stay"}).status_code == 303
    assert "wants this office to end" not in here.deputy.person.get(page).text
