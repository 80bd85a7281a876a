"""T9: nobody passes a concern on, or says at its end that they did, without the answers that the law asks for. Emergencies first."""

import json
from dataclasses import asdict
from datetime import timedelta

import pytest
from flask import Flask

from forum.base.errors import Invalid, NotAllowed
from moderation.safeguarding import chronology, closing, export_content, export_pdf, referral, transitions
from moderation.safeguarding.cases import Case
from moderation.safeguarding.closing import Outcome
from moderation.safeguarding.export_content import Taken
from moderation.safeguarding.models import EventKind, Kind, Level, State, Timer
from moderation.safeguarding.transitions import Assessment
from tests.conftest import Clock
from tests.moderation.safeguarding.people import Scene, scene
from tests.moderation.safeguarding.test_ways import ANSWERS, WHY, taken, triaged
from tests.world import World

CHILD = {
    "body": "Children's services",
    "basis": "safeguarding",
    "consent": "not_sought",
    "why": "Asking could put them in danger.",
    "child_threshold": "significant_harm",
    "known": "Bruises. Alone with an uncle tonight.",
}


@pytest.fixture
def here(inside: Flask, world: World) -> Scene:
    """An organisation with all of its officers, and a group."""
    return scene(world)


def of_kind(here: Scene, kind: Kind) -> Case:
    """A concern that a facilitator assessed, or of the team an officer."""
    by = here.lead if kind is Kind.STAFF else here.robin
    case = here.raise_one()
    transitions.acknowledge(by.actor, case.id, case.version)
    said = Assessment(Level.MEDIUM, WHY, wants="To sleep.", raiser_danger="no", kind=kind)
    transitions.triage(by.actor, case.id, here.now(case.id).version, said)
    return here.now(case.id)


@pytest.mark.parametrize(
    "lacking",
    [*ANSWERS, "consent refused, no reason", "consent as the basis, and refused", "no such answer"],
)
def test_t9_an_adult_is_not_passed_on_without_an_answer(here: Scene, lacking: str) -> None:
    case = triaged(here)
    said = {
        "consent refused, no reason": ANSWERS | {"consent": "refused"},
        "consent as the basis, and refused": ANSWERS | {"consent": "refused", "basis": "consent", "why": WHY},
        "no such answer": ANSWERS | {"at_risk": "perhaps"},
    }.get(lacking) or {name: value for name, value in ANSWERS.items() if name != lacking}
    with pytest.raises(Invalid):
        transitions.refer(here.lead.actor, case.id, case.version, said)
    assert here.now(case.id).state is State.TRIAGED
    transitions.refer(here.lead.actor, case.id, case.version, ANSWERS)
    assert here.now(case.id).state is State.REFERRED


def test_t9_of_a_child_it_asks_what_harm_and_who_is_there(here: Scene) -> None:
    case = of_kind(here, Kind.CHILD)
    for lacking in ("child_threshold", "known", "why"):
        with pytest.raises(Invalid):
            transitions.refer(here.lead.actor, case.id, case.version, CHILD | {lacking: ""})
    with pytest.raises(Invalid):
        transitions.refer(here.lead.actor, case.id, case.version, ANSWERS)
    transitions.refer(here.lead.actor, case.id, case.version, CHILD)
    assert here.now(case.id).state is State.REFERRED


def test_t9_about_the_team_either_of_both_is_asked_and_of_the_dead_neither(here: Scene) -> None:
    for kind, said in ((Kind.STAFF, CHILD), (Kind.STAFF, ANSWERS)):
        case = of_kind(here, kind)
        transitions.refer(here.lead.actor, case.id, case.version, said)
        assert here.now(case.id).state is State.REFERRED
    case = of_kind(here, Kind.DEATH)
    plain = {"body": "The coroner", "basis": "legal_duty", "consent": "not_sought", "why": "They have died."}
    transitions.refer(here.lead.actor, case.id, case.version, plain)
    case = of_kind(here, Kind.STAFF)
    with pytest.raises(Invalid):
        transitions.refer(here.lead.actor, case.id, case.version, plain)


def test_t9_an_emergency_goes_out_first_and_is_asked_about_afterwards(here: Scene, moment: Clock) -> None:
    case = triaged(here, Level.IMMEDIATE)
    with pytest.raises(Invalid):
        transitions.refer(here.robin.actor, case.id, case.version, {"basis": "safeguarding"})
    transitions.refer(here.robin.actor, case.id, case.version, {"body": "Police"})
    case = here.now(case.id)
    assert case.state is State.REFERRED
    assert case.clocks[Timer.EMERGENCY_RECORD] == moment.at + timedelta(hours=2)
    with pytest.raises(NotAllowed, match="Answer the rest"):
        closing.propose_close(here.robin.actor, case.id, case.version, Outcome.SUPPORT_GIVEN, WHY, help_offered=True)
    with pytest.raises(Invalid):
        transitions.complete_referral(here.robin.actor, case.id, {"basis": "vital_interests"})
    transitions.complete_referral(here.robin.actor, case.id, ANSWERS | {"body": ""})
    case = here.now(case.id)
    assert Timer.EMERGENCY_RECORD not in case.clocks
    assert referral.owed(chronology.lines(case)) is None
    assert chronology.lines(case)[-1].codes["referral"] == ANSWERS | {"body": "Police"}
    with pytest.raises(NotAllowed):
        transitions.complete_referral(here.robin.actor, case.id, ANSWERS)
    closing.propose_close(here.robin.actor, case.id, case.version, Outcome.SUPPORT_GIVEN, WHY, help_offered=True)


def test_t8_t9_in_an_emergency_both_are_asked_for(here: Scene, moment: Clock) -> None:
    case = taken(here)
    transitions.emergency(here.robin.actor, case.id)
    transitions.refer(here.robin.actor, case.id, here.now(case.id).version, {"body": "Police"})
    transitions.complete_referral(here.robin.actor, case.id, ANSWERS)
    assert Timer.EMERGENCY_RECORD in here.now(case.id).clocks
    transitions.record_emergency(here.robin.actor, case.id, "I called 999", moment.at, "", "Name and town")
    assert Timer.EMERGENCY_RECORD not in here.now(case.id).clocks


@pytest.mark.parametrize("outcome", ["adult_referred_s42", "adult_below_threshold", "police", "health_team"])
def test_t15_no_end_says_that_it_was_passed_on_if_it_was_not(here: Scene, outcome: str) -> None:
    case, end = triaged(here), Outcome(outcome)
    with pytest.raises(Invalid, match="Pass it on first"):
        closing.propose_close(here.robin.actor, case.id, case.version, end, WHY, help_offered=True)
    transitions.refer(here.lead.actor, case.id, case.version, ANSWERS)
    case = here.now(case.id)
    with pytest.raises(Invalid):
        closing.propose_close(here.robin.actor, case.id, case.version, Outcome.CHILD_REFERRED, WHY, help_offered=True)
    closing.propose_close(here.robin.actor, case.id, case.version, end, WHY, help_offered=True)


def test_sg15_the_answers_stand_typed_in_the_copy_of_the_record(here: Scene) -> None:
    case = triaged(here)
    transitions.refer(here.lead.actor, case.id, case.version, ANSWERS)
    case = here.now(case.id)
    taken_by = Taken("Lee", "lead", "2026-11-23T10:00:00+00:00", "For the council.", others=True, names=())
    told = export_content.told_of(case, chronology.lines(case), taken_by)
    line = next(one for one in told["lines"] if one["kind"] == EventKind.REFERRED.value)
    assert json.loads(json.dumps(line["codes"])) == {"referral": ANSWERS, "whole": True}
    assert asdict(referral.Referral(**line["codes"]["referral"]))["at_risk"] == "yes"
    assert ("at_risk", "yes") in export_pdf._codes(line["codes"])
    assert export_pdf.draw(told, "a copy").startswith(b"%PDF")
