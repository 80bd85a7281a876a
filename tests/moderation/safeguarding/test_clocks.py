"""What falls due, and that it always does: lapse, repeats without an end, levels, clocks that jump, rows that are damaged."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from forum.base.db import row, rows
from forum.base.errors import Invalid
from forum.base.transaction import here as session
from forum.base.transaction import transaction
from moderation.safeguarding import chronology, handing, policy, ticking, timers, transitions
from moderation.safeguarding.cases import Case
from moderation.safeguarding.models import Concern, EventKind, Level, State, Timer
from moderation.safeguarding.people_models import ConcernPage
from moderation.safeguarding.transitions import Assessment
from tests.conftest import Clock
from tests.moderation.safeguarding.people import Scene, scene
from tests.world import World

WHY = "She writes every night that she cannot go on, and has a plan."


@pytest.fixture
def here(inside: Flask, world: World) -> Scene:
    """An organisation with all of its officers, and a group with both facilitators on duty round the clock."""
    found = scene(world)
    for weekday in range(7):
        world.on_duty(found.group, weekday, "00:00", "00:00")
    return found


def kinds(case: Case) -> list[EventKind]:
    """What stands in the chronology."""
    return [line.kind for line in chronology.lines(case)]


def intents() -> list[Any]:
    """Every call that was ever meant, as its unique parts."""
    columns = (ConcernPage.concern_id, ConcernPage.gen, ConcernPage.step, ConcernPage.responder_id, ConcernPage.channel)
    return [tuple(found) for found in rows(select(*columns))]


def test_sg2_the_database_itself_refuses_an_open_concern_without_a_clock(here: Scene) -> None:
    case = here.raise_one()
    there = update(Concern).where(Concern.id == case.id)
    with pytest.raises(IntegrityError), transaction():
        session().execute(there.values(due_at=None, timer=None))
    with pytest.raises(IntegrityError), transaction():
        session().execute(there.values(timer=None))
    with transaction():
        session().execute(there.values(due_at=None, timer=None, state=State.CLOSED))


def test_sg2_what_is_armed_is_the_earliest(here: Scene) -> None:
    case = here.raise_one()
    transitions.acknowledge(here.robin.actor, case.id, case.version)
    case = here.now(case.id)
    assert case.timer is Timer.TRIAGE
    assert case.due_at == min(case.clocks.values())


def test_sg8_acceptance_5_taken_and_then_forgotten_it_calls_again(here: Scene, moment: Clock) -> None:
    case = here.raise_one()
    transitions.acknowledge(here.robin.actor, case.id, case.version)
    stale = here.now(case.id).version
    moment.go(minutes=59)
    ticking.tick()
    assert here.now(case.id).owner_id == here.robin.persona_id
    moment.go(minutes=1)
    ticking.tick()
    case = here.now(case.id)
    assert (case.state, case.owner_id, case.gen) == (State.RAISED, None, 2)
    called = [line.codes for line in chronology.lines(case) if line.kind is EventKind.PAGED][-1]
    assert case.step >= 2, "whoever had their turn is not the first to be called again"
    assert called["responders"]
    with pytest.raises(Exception, match="changed"):
        transitions.triage(
            here.robin.actor, case.id, stale, Assessment(Level.LOW, WHY, wants="Sleep.", raiser_danger="no")
        )


def test_sg8_an_act_that_is_written_down_keeps_it(here: Scene, moment: Clock) -> None:
    case = here.raise_one()
    transitions.acknowledge(here.robin.actor, case.id, case.version)
    for _n in range(3):
        moment.go(minutes=50)
        transitions.write_note(here.robin.actor, case.id, EventKind.CONTACT_ATTEMPT, "I wrote to her.")
        ticking.tick()
    assert here.now(case.id).owner_id == here.robin.persona_id


def test_sg8_a_note_by_somebody_else_does_not(here: Scene, moment: Clock) -> None:
    case = here.raise_one()
    transitions.acknowledge(here.robin.actor, case.id, case.version)
    moment.go(minutes=50)
    transitions.write_note(here.sam.actor, case.id, EventKind.FACT, "I saw her on Monday.")
    moment.go(minutes=10)
    ticking.tick()
    assert here.now(case.id).owner_id is None


def test_sg4_nobody_answers_and_people_are_called_without_an_end(here: Scene, moment: Clock) -> None:
    case = here.raise_one(level=Level.IMMEDIATE)
    repeat = timedelta(minutes=case.numbers["repeat"])
    before, waits = len(intents()), []
    for _n in range(60):
        case = here.now(case.id)
        assert case.due_at is not None
        waits.append(case.due_at - moment.at)
        moment.go(seconds=waits[-1].total_seconds())
        ticking.tick()
        now = len(intents())
        assert now > before, "each step calls somebody"
        before = now
    assert max(waits) <= repeat
    assert here.now(case.id).state is State.RAISED


def test_sg5_nobody_on_the_table_and_the_next_step_runs_at_once(inside: Flask, world: World) -> None:
    here = scene(world)
    case = here.raise_one()
    assert EventKind.NO_ONE_ON_CALL in kinds(case)
    assert case.step > 1
    assert case.promise_unmet
    called = [line.codes["responders"] for line in chronology.lines(case) if line.kind is EventKind.PAGED]
    assert any(here.lead.id.hex() in one for one in called), "the organisation's own people"


def test_sg3_the_same_step_twice_means_one_call(here: Scene, moment: Clock) -> None:
    here.raise_one()
    for _n in range(4):
        moment.go(minutes=10)
        for _again in range(3):
            ticking.tick()
    found = intents()
    assert len(found) == len(set(found))


@pytest.mark.parametrize(("level", "higher"), [(Level.LOW, Level.MEDIUM), (Level.MEDIUM, Level.IMMEDIATE)])
def test_sg19_a_higher_level_makes_nothing_later(here: Scene, moment: Clock, level: Level, higher: Level) -> None:
    case = here.raise_one()
    transitions.acknowledge(here.robin.actor, case.id, case.version)
    said = Assessment(level, WHY, wants="Sleep.", raiser_danger="no")
    transitions.triage(here.robin.actor, case.id, here.now(case.id).version, said)
    moment.go(minutes=7)
    before = here.now(case.id)
    transitions.set_level(here.sam.actor, case.id, before.version, higher, "It is worse.")
    after = here.now(case.id)
    for name, at in after.clocks.items():
        assert at <= before.clocks.get(name, at)
        if name in timers.IN_TABLE:
            assert at <= timers.fresh(name, after.numbers, moment.at)


def test_sg19_a_lower_level_makes_nothing_later_either(here: Scene, moment: Clock) -> None:
    case = here.raise_one(level=Level.MEDIUM)
    transitions.acknowledge(here.robin.actor, case.id, case.version)
    before = here.now(case.id)
    transitions.set_level(here.sam.actor, case.id, before.version, Level.LOW, "It is better.")
    after = here.now(case.id)
    assert all(at <= before.clocks[name] for name, at in after.clocks.items())


@pytest.mark.parametrize("hours", [-1, 1])
def test_sg20_r10_a_clock_that_jumps_skips_no_call_and_makes_none_twice(here: Scene, moment: Clock, hours: int) -> None:
    case = here.raise_one(level=Level.IMMEDIATE)
    moment.go(minutes=3)
    ticking.tick()
    step = here.now(case.id).step
    moment.go(hours=hours)
    ticking.tick()
    moment.go(minutes=5, seconds=1)
    ticking.tick()
    after = here.now(case.id)
    assert step < after.step <= step + 2, "neither silence for an hour nor a whole hour's calls at once"
    assert after.due_at is not None
    assert after.due_at - moment.at <= timedelta(minutes=after.numbers["repeat"])
    assert len(intents()) == len(set(intents()))


def test_sg20_without_the_shift_an_hour_would_be_silent(here: Scene, moment: Clock) -> None:
    case = here.raise_one(level=Level.IMMEDIATE)
    moment.go(hours=-1)
    assert case.due_at is not None
    assert case.due_at - moment.at > timedelta(minutes=59)
    assert timers.shifted(case, moment.at) is not None


def test_a_damaged_row_does_not_keep_the_others_from_being_called_about(here: Scene, moment: Clock) -> None:
    broken, whole = here.raise_one(), here.raise_one()
    with transaction():
        session().execute(update(Concern).where(Concern.id == broken.id).values(sealed=b"nothing"))
    moment.go(minutes=16)
    ticking.tick(limit=1)
    ticking.tick(limit=1)
    assert here.now(whole.id).step > whole.step
    found = row(select(Concern.due_at).where(Concern.id == broken.id))
    assert found is not None
    assert found.due_at > moment.at, "it is tried again, and does not stand before all others"


def test_what_is_overdue_is_told_and_asked_for_again(here: Scene, moment: Clock) -> None:
    case = here.raise_one()
    transitions.acknowledge(here.robin.actor, case.id, case.version)
    moment.go(minutes=30)
    ticking.tick()
    case = here.now(case.id)
    assert EventKind.OVERDUE in kinds(case)
    assert case.clocks[Timer.TRIAGE] - moment.at == timedelta(minutes=15)
    assert case.owner_id == here.robin.persona_id


def test_the_person_answers_and_the_clock_ends(here: Scene) -> None:
    case = here.raise_one()
    transitions.acknowledge(here.robin.actor, case.id, case.version)
    assert Timer.SPOKEN in here.now(case.id).clocks
    with transaction():
        transitions.person_answered(case.id)
    after = here.now(case.id)
    assert after.spoken
    assert Timer.SPOKEN not in after.clocks


def test_a_call_that_reached_nobody_brings_the_next_step_now(here: Scene, moment: Clock) -> None:
    case = here.raise_one()
    with transaction():
        assert timers.hasten(case.id, case.gen, case.step)
        assert not timers.hasten(case.id, case.gen + 1, case.step)
    assert here.now(case.id).due_at == moment.at


def test_an_organisation_chooses_within_bounds_and_old_concerns_keep_theirs(here: Scene) -> None:
    before = here.raise_one()
    for level, minutes in ((Level.IMMEDIATE, 16), (Level.HIGH, 1)):
        with pytest.raises(Invalid):
            policy.require_bounds(level, "lapse", minutes)
    policy.require_bounds(Level.UNASSESSED, "lapse", 45)
    with transaction():
        policy.change(here.group.scope.organisation_id, Level.UNASSESSED.value, {"lapse": 45})
    assert here.now(before.id).numbers["lapse"] == 60
    assert here.raise_one().numbers["lapse"] == 45


def test_recusing_a_lapsed_holder_goes_on_after_their_step(here: Scene, moment: Clock) -> None:
    case = here.raise_one()
    transitions.acknowledge(here.lead.actor, case.id, case.version)
    handing.recuse(here.deputy.actor, case.id, here.lead.id, "The lead is his brother.")
    case = here.now(case.id)
    assert case.step > 3, "the lead's step lies behind"
