"""Each way of a concern: who may go it, what stands in the record afterwards, and which clock runs then."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from forum.base.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.base.transaction import transaction
from forum.models import Role
from moderation.safeguarding import chronology, closing, handing, queries, ticking, transitions
from moderation.safeguarding.cases import Case
from moderation.safeguarding.closing import Outcome
from moderation.safeguarding.models import EventKind, Kind, Level, State, Timer
from moderation.safeguarding.transitions import Assessment
from tests.conftest import Clock
from tests.moderation.safeguarding.people import Scene, scene
from tests.world import Person, World

WHY = "She writes every night that she cannot go on, and has a plan."
ANSWERS = {
    "body": "Adult social care",
    "basis": "vital_interests",
    "consent": "given",
    "wants": "A bed for the night.",
    "needs_care": "yes",
    "at_risk": "yes",
    "cannot_protect": "unknown",
}


@pytest.fixture
def here(inside: Flask, world: World) -> Scene:
    """An organisation with all of its officers, and a group."""
    return scene(world)


def kinds(case: Case) -> list[EventKind]:
    """What stands in the chronology, calls left out."""
    calls = (EventKind.PAGED, EventKind.NO_ONE_ON_CALL)
    return [line.kind for line in chronology.lines(case) if line.kind not in calls]


def taken(here: Scene, by: Person | None = None) -> Case:
    """A concern that a facilitator took on."""
    case = here.raise_one()
    transitions.acknowledge((by or here.robin).actor, case.id, case.version)
    return here.now(case.id)


def triaged(here: Scene, level: Level = Level.MEDIUM) -> Case:
    """And assessed."""
    case = taken(here)
    said = Assessment(level, WHY, wants="To sleep.", raiser_danger="no")
    transitions.triage(here.robin.actor, case.id, case.version, said)
    return here.now(case.id)


def left(case: Case, timer: Timer, moment: Clock) -> timedelta:
    """How long until a clock falls due."""
    return case.clocks[timer] - moment.at


def test_t1_the_same_form_raises_one_concern(here: Scene) -> None:
    first, again = here.raise_one(b"form"), here.raise_one(b"form")
    assert first.id == again.id
    assert first.id != here.raise_one(b"another form").id


def test_t1_people_are_called_in_the_same_moment(here: Scene) -> None:
    case = here.raise_one()
    assert case.state is State.RAISED
    assert case.step > 0
    assert EventKind.PAGED in [line.kind for line in chronology.lines(case)]


def test_t1_the_words_and_the_person_are_sealed(here: Scene) -> None:
    case = here.raise_one(said="I am worried about the blue door.")
    assert b"blue door" not in case.sealed
    assert here.wren.persona_id not in case.sealed
    assert "blue door" in chronology.lines(case)[0].words


def test_t3_whoever_takes_it_has_it(here: Scene, moment: Clock) -> None:
    case = taken(here)
    assert (case.state, case.owner_id, case.looked_at) == (State.ACKNOWLEDGED, here.robin.persona_id, True)
    assert left(case, Timer.LAPSE, moment) == timedelta(hours=1)
    assert Timer.PAGE not in case.clocks
    assert EventKind.ACKNOWLEDGED in kinds(case)


def test_t3_two_at_once_the_second_is_told(here: Scene) -> None:
    case = here.raise_one()
    transitions.acknowledge(here.robin.actor, case.id, case.version)
    with pytest.raises(Conflict):
        transitions.acknowledge(here.sam.actor, case.id, case.version)
    assert here.now(case.id).owner_id == here.robin.persona_id


def test_t3_a_member_a_moderator_and_the_confirmer_find_nothing(here: Scene, world: World) -> None:
    case = here.raise_one()
    moderator = world.person(here.group, Role.MODERATOR)
    for actor in (here.wren.actor, moderator.actor, here.confirmer.actor, world.visitor().actor):
        with pytest.raises(NotFound):
            transitions.acknowledge(actor, case.id, case.version)
    transitions.acknowledge(here.independent.actor, case.id, case.version)


def test_t3_officers_of_another_organisation_find_nothing(here: Scene, world: World) -> None:
    case = here.raise_one()
    elsewhere = world.group("Another Trust")
    other = world.person(elsewhere, Role.FACILITATOR)
    with pytest.raises(NotFound):
        queries.get(other.actor, case.id)
    assert queries.get(here.deputy.actor, case.id)[0].id == case.id


def test_t5_triage_needs_a_reason_and_what_the_person_wants(here: Scene) -> None:
    case = taken(here)
    whole = Assessment(Level.MEDIUM, WHY, wants="To sleep.", raiser_danger="no")
    for lacking in (
        replace(whole, rationale="Too short."),
        replace(whole, wants=""),
        replace(whole, raiser_danger=""),
        replace(whole, level=Level.UNASSESSED),
    ):
        with pytest.raises(Invalid):
            transitions.triage(here.robin.actor, case.id, case.version, lacking)
    with pytest.raises(NotAllowed):
        transitions.triage(here.sam.actor, case.id, case.version, whole)
    transitions.triage(here.robin.actor, case.id, case.version, whole)
    assert here.now(case.id).state is State.TRIAGED


def test_t5_a_first_low_needs_the_leads_eyes_within_a_day(here: Scene, moment: Clock) -> None:
    case = triaged(here, Level.LOW)
    assert left(case, Timer.SIGHT, moment) == timedelta(hours=24)
    with pytest.raises(NotAllowed):
        transitions.seen_by_lead(here.sam.actor, case.id)
    transitions.seen_by_lead(here.lead.actor, case.id)
    assert Timer.SIGHT not in here.now(case.id).clocks


def test_t6_anybody_may_raise_the_level_and_people_are_called_anew(here: Scene) -> None:
    case = here.raise_one()
    transitions.set_level(here.sam.actor, case.id, case.version, Level.IMMEDIATE, "He is on the bridge.")
    now = here.now(case.id)
    assert (now.level, now.gen, now.ever_high) == (Level.IMMEDIATE, case.gen + 1, True)
    assert EventKind.LEVEL in kinds(now)


def test_t7_from_high_a_second_responder_agrees(here: Scene) -> None:
    case = triaged(here, Level.HIGH)
    assert not transitions.set_level(here.robin.actor, case.id, case.version, Level.LOW, "She is with her sister.")
    case = here.now(case.id)
    assert case.level is Level.HIGH
    assert not transitions.set_level(here.robin.actor, case.id, case.version, Level.LOW, "I said so before.")
    case = here.now(case.id)
    assert case.level is Level.HIGH, "the same person twice is one person"
    assert transitions.set_level(here.sam.actor, case.id, case.version, Level.LOW, "I spoke with the sister.")
    assert here.now(case.id).level is Level.LOW
    assert here.now(case.id).ever_high, "it was serious once: two people close it"


def test_t7_one_person_lowers_from_medium(here: Scene) -> None:
    case = triaged(here, Level.MEDIUM)
    assert transitions.set_level(here.robin.actor, case.id, case.version, Level.LOW, "She sleeps again.")
    assert here.now(case.id).level is Level.LOW


def test_t8_an_emergency_is_never_refused_for_what_is_missing(here: Scene, moment: Clock) -> None:
    case = here.raise_one()
    transitions.emergency(here.sam.actor, case.id)
    case = here.now(case.id)
    assert (case.state, case.owner_id, case.level) == (State.EMERGENCY, here.sam.persona_id, Level.IMMEDIATE)
    assert left(case, Timer.EMERGENCY_RECORD, moment) == timedelta(hours=2)
    transitions.record_emergency(here.sam.actor, case.id, "I called 999", moment.at, "CAD 12", "Name and town")
    assert Timer.EMERGENCY_RECORD not in here.now(case.id).clocks


def test_t8_an_emergency_leaves_whoever_has_it(here: Scene) -> None:
    case = triaged(here)
    transitions.emergency(here.lead.actor, case.id)
    assert here.now(case.id).owner_id == here.robin.persona_id


def test_t9_a_facilitator_refers_only_what_is_immediate(here: Scene, moment: Clock) -> None:
    case = triaged(here)
    with pytest.raises(NotAllowed):
        transitions.refer(here.robin.actor, case.id, case.version, ANSWERS)
    with pytest.raises(Invalid):
        transitions.refer(here.lead.actor, case.id, case.version, ANSWERS | {"consent": "refused"})
    transitions.refer(here.lead.actor, case.id, case.version, ANSWERS)
    case = here.now(case.id)
    assert case.state is State.REFERRED
    assert left(case, Timer.FOLLOW_UP, moment) >= timedelta(days=2)
    urgent = triaged(here, Level.IMMEDIATE)
    transitions.refer(here.robin.actor, urgent.id, urgent.version, ANSWERS)
    assert here.now(urgent.id).state is State.REFERRED


def test_t10_t11_a_plan_and_then_a_watch_with_a_day(here: Scene, moment: Clock) -> None:
    case = triaged(here)
    with pytest.raises(Invalid):
        transitions.plan(here.robin.actor, case.id, case.version, "We write daily.", moment.at - timedelta(hours=1))
    transitions.plan(here.robin.actor, case.id, case.version, "We write daily.", moment.at + timedelta(days=1))
    case = here.now(case.id)
    assert case.state is State.SUPPORTING
    assert left(case, Timer.LAPSE, moment) > timedelta(days=1)
    with pytest.raises(Invalid):
        transitions.monitor(here.robin.actor, case.id, case.version, moment.at + timedelta(days=31), "Better.")
    transitions.monitor(here.robin.actor, case.id, case.version, moment.at + timedelta(days=14), "Better.")
    assert left(here.now(case.id), Timer.FOLLOW_UP, moment) == timedelta(days=14)


def test_t4_a_missed_follow_up_calls_people_again(here: Scene, moment: Clock) -> None:
    case = triaged(here)
    transitions.monitor(here.robin.actor, case.id, case.version, moment.at + timedelta(days=3), "Better.")
    moment.go(days=3, seconds=1)
    ticking.tick()
    case = here.now(case.id)
    assert (case.state, case.owner_id, case.gen) == (State.RAISED, None, 2)


def test_sg16_a_hand_over_has_somebody_at_every_moment(here: Scene) -> None:
    case = triaged(here)
    handing.offer(here.robin.actor, case.id, case.version, here.lead.id, "She wants to be called before noon.")
    case = here.now(case.id)
    assert (case.owner_id, case.offered_to) == (here.robin.persona_id, here.lead.id)
    with pytest.raises(NotAllowed):
        handing.accept(here.sam.actor, case.id, case.version)
    handing.accept(here.lead.actor, case.id, case.version)
    case = here.now(case.id)
    assert (case.owner_id, case.offered_to) == (here.lead.id, None)
    assert Timer.OFFER not in case.clocks
    assert Timer.LAPSE in case.clocks


def test_sg16_an_offer_that_nobody_takes_ends(here: Scene, moment: Clock) -> None:
    case = triaged(here, Level.HIGH)
    handing.offer(here.robin.actor, case.id, case.version, here.lead.id, "She wants to be called before noon.")
    moment.go(minutes=15)
    ticking.tick()
    case = here.now(case.id)
    assert (case.owner_id, case.offered_to) == (here.robin.persona_id, None)
    assert EventKind.OFFER_ENDED in kinds(case)


def test_sg7_whoever_is_named_loses_it_in_the_same_moment(here: Scene) -> None:
    case = triaged(here)
    handing.recuse(here.sam.actor, case.id, here.robin.persona_id, "She is his sister.")
    now = here.now(case.id)
    assert (now.state, now.owner_id, now.gen) == (State.RAISED, None, case.gen + 1)
    with pytest.raises(NotFound):
        queries.get(here.robin.actor, case.id)
    assert queries.get(here.sam.actor, case.id)[0].id == case.id


def test_sg7_an_offer_to_whoever_is_named_ends(here: Scene) -> None:
    case = triaged(here)
    handing.offer(here.robin.actor, case.id, case.version, here.sam.persona_id, "She wants to be called.")
    handing.recuse(here.robin.actor, case.id, here.sam.persona_id, "She is not safe for him.")
    now = here.now(case.id)
    assert (now.owner_id, now.offered_to) == (here.robin.persona_id, None)
    with pytest.raises(NotFound):
        handing.accept(here.sam.actor, case.id, now.version)


def test_t21_with_nobody_left_the_outside_body_is_called(here: Scene) -> None:
    case = here.raise_one()
    for one in (here.robin.persona_id, here.sam.persona_id, here.lead.id):
        handing.recuse(here.independent.actor, case.id, one, "They are all named in it.")
    handing.recuse(here.deputy.actor, case.id, here.deputy.id, "I am named in it, too.")
    case = here.now(case.id)
    assert Timer.NOBODY_LEFT not in case.clocks, "the independent contact holds it, the confirmer confirms"
    handing.recuse(here.independent.actor, case.id, here.independent.id, "I am named in it, too.")
    case = here.now(case.id)
    assert Timer.NOBODY_LEFT in case.clocks
    last = [line for line in chronology.lines(case) if line.kind is EventKind.PAGED][-1]
    assert here.confirmer.id.hex() in last.codes["responders"]


def propose(here: Scene, case: Case, by: Person | None = None) -> Case:
    """Its holder says that it can be closed."""
    closing.propose_close(
        (by or here.robin).actor, case.id, case.version, Outcome.SUPPORT_GIVEN, WHY, help_offered=True
    )
    return here.now(case.id)


def test_sg9_a_serious_concern_is_closed_by_two(here: Scene) -> None:
    case = propose(here, triaged(here, Level.HIGH))
    for one in (here.robin, here.sam):
        with pytest.raises(NotAllowed):
            closing.confirm_close(one.actor, case.id, case.version)
    closing.confirm_close(here.confirmer.actor, case.id, case.version)
    case = here.now(case.id)
    assert (case.state, case.due_at, case.timer, case.outcome) == (State.CLOSED, None, None, "support_given")


def test_t16_one_that_was_never_serious_is_closed_by_whoever_has_it(here: Scene) -> None:
    case = propose(here, triaged(here))
    closing.confirm_close(here.robin.actor, case.id, case.version)
    assert here.now(case.id).state is State.CLOSED


@pytest.mark.parametrize("kind", [Kind.CHILD, Kind.DEATH])
def test_sg9_what_is_about_a_child_or_a_death_needs_two(here: Scene, kind: Kind) -> None:
    case = here.raise_one(kind=kind)
    transitions.acknowledge(here.robin.actor, case.id, case.version)
    said = Assessment(Level.MEDIUM, WHY, wants="To sleep.", raiser_danger="no")
    transitions.triage(here.robin.actor, case.id, here.now(case.id).version, said)
    case = propose(here, here.now(case.id))
    with pytest.raises(NotAllowed):
        closing.confirm_close(here.robin.actor, case.id, case.version)
    closing.confirm_close(here.lead.actor, case.id, case.version)


def test_t17_a_close_can_be_refused(here: Scene) -> None:
    case = propose(here, triaged(here, Level.HIGH))
    closing.reject_close(here.lead.actor, case.id, case.version, "Nobody has spoken with her.")
    case = here.now(case.id)
    assert (case.state, case.outcome, case.owner_id) == (State.TRIAGED, None, here.robin.persona_id)
    assert Timer.LAPSE in case.clocks


def test_t15_it_is_not_closed_with_an_emergency_that_nobody_wrote_down(here: Scene, moment: Clock) -> None:
    case = here.raise_one()
    transitions.emergency(here.robin.actor, case.id)
    case = here.now(case.id)
    with pytest.raises(NotAllowed):
        propose(here, case)
    transitions.record_emergency(here.robin.actor, case.id, "I called 999", moment.at, "", "Name and town")
    assert propose(here, here.now(case.id)).state is State.CLOSE_PROPOSED


def test_t18_something_new_opens_the_same_concern_again(here: Scene) -> None:
    case = propose(here, triaged(here))
    closing.confirm_close(here.robin.actor, case.id, case.version)
    closing.reopen(here.sam.actor, case.id, here.now(case.id).version, "She wrote again tonight.")
    case = here.now(case.id)
    assert (case.state, case.level, case.gen, case.owner_id) == (State.RAISED, Level.HIGH, 2, None)
    assert case.due_at is not None
    assert case.closed_on is None


def test_t19_two_about_one_person_become_one_with_the_earlier_clock(here: Scene, moment: Clock) -> None:
    one = here.raise_one(said="He gave his cat away.")
    moment.go(minutes=5)
    other = here.raise_one(said="He said goodbye.")
    transitions.acknowledge(here.robin.actor, other.id, other.version)
    due = here.now(one.id).due_at
    closing.merge(here.sam.actor, one.id, here.now(one.id).version, other.id)
    gone, target = here.now(one.id), here.now(other.id)
    assert (gone.state, gone.due_at, gone.merged_into) == (State.MERGED, None, other.id)
    assert target.due_at is not None
    assert due is not None
    assert target.due_at <= due
    assert "He gave his cat away." in [line.words for line in chronology.lines(target)]


def test_t19_two_about_different_people_stay_two(here: Scene, world: World) -> None:
    one = here.raise_one()
    other = here.raise_one(subject_id=world.person(here.group).persona_id)
    with pytest.raises(NotAllowed):
        closing.merge(here.sam.actor, one.id, one.version, other.id)
    assert here.now(one.id).is_open


def test_t19_whom_one_must_not_reach_the_other_must_not(here: Scene) -> None:
    one, other = here.raise_one(involved=frozenset({here.robin.persona_id})), here.raise_one()
    closing.merge(here.sam.actor, one.id, one.version, other.id)
    with pytest.raises(NotFound):
        queries.get(here.robin.actor, other.id)


def test_t20_a_wish_for_nothing_is_a_flag(here: Scene) -> None:
    case = triaged(here)
    with transaction():
        transitions.wishes_no_action(case.id)
    now = here.now(case.id)
    assert now.wants_no_action
    assert now.state is case.state
    assert now.clocks == case.clocks


def test_notes_are_never_changed_and_a_correction_names_the_old_one(here: Scene) -> None:
    case = taken(here)
    n = transitions.write_note(here.robin.actor, case.id, EventKind.FACT, "She lives alone.")
    fixed = transitions.write_note(here.robin.actor, case.id, EventKind.FACT, "She lives with him.", corrects=n)
    lines = {line.n: line for line in chronology.lines(here.now(case.id))}
    assert (lines[n].words, lines[fixed].corrects) == ("She lives alone.", n)
    with pytest.raises(Invalid):
        transitions.write_note(here.robin.actor, case.id, EventKind.FACT, "Nothing", corrects=1)
    with pytest.raises(Invalid):
        transitions.write_note(here.robin.actor, case.id, EventKind.CLOSED, "Nothing")


def test_sg17_a_hold_is_set_by_officers(here: Scene) -> None:
    case = triaged(here)
    with pytest.raises(NotAllowed):
        closing.set_hold(here.robin.actor, case.id, True, "The inquest asks for it.")
    closing.set_hold(here.lead.actor, case.id, True, "The inquest asks for it.")
    assert here.now(case.id).legal_hold
