"""After a death: those who were close have one person each who looks after them, and a time at which they are called."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from forum.base.db import rows
from forum.base.errors import Invalid, NotAllowed, NotFound
from forum.base.idents import write_ident
from moderation.safeguarding import chronology, closing, death, ladder, ticking, watches, watching
from moderation.safeguarding.cases import Case
from moderation.safeguarding.closing import Outcome
from moderation.safeguarding.death import Step
from moderation.safeguarding.models import Kind, Timer
from moderation.safeguarding.people_models import ConcernPage
from tests.conftest import Clock
from tests.moderation.safeguarding.people import Scene, arm, scene
from tests.moderation.safeguarding.test_referral import of_kind
from tests.moderation.safeguarding.test_ways import WHY
from tests.world import World, text_of

CLOSE = "Heron wrote with her each night."


@pytest.fixture
def here(inside: Flask, world: World) -> Scene:
    """An organisation whose people are called."""
    found = scene(world)
    arm(found.group.scope.organisation_id)
    return found


def dead(here: Scene, *, checked: bool = True) -> Case:
    """A concern about a death that a facilitator has."""
    case = of_kind(here, Kind.DEATH)
    if checked:
        death.note_step(here.robin.actor, case.id, Step.CHECKED, "Her sister rang us.")
    return here.now(case.id)


def watched(here: Scene, case: Case, moment: Clock, days: int = 2) -> int:
    """Samphire looks after Heron."""
    due = moment.at + timedelta(days=days)
    return watching.begin(here.robin.actor, case.id, CLOSE, here.sam.persona_id, due)


def called(case: Case) -> set[bytes]:
    """Whom calls beside the ladder meant."""
    beside = (ConcernPage.concern_id == case.id, ConcernPage.step >= ladder.BESIDE)
    return {r.responder_id for r in rows(select(ConcernPage.responder_id).where(*beside))}


def test_sg2_whoever_was_close_has_somebody_and_a_time_that_runs(here: Scene, moment: Clock) -> None:
    case = dead(here)
    n = watched(here, case, moment)
    (one,) = watches.list_open(chronology.lines(case))
    assert (one.n, one.who, one.owner_id) == (n, CLOSE, here.sam.persona_id)
    assert here.now(case.id).clocks[Timer.WATCH] == moment.at + timedelta(days=2)
    assert Step.WATCH in death.done(chronology.lines(case))
    for late in (timedelta(0), timedelta(days=15)):
        with pytest.raises(Invalid):
            watching.begin(here.robin.actor, case.id, CLOSE, here.sam.persona_id, moment.at + late)
    with pytest.raises(Invalid):
        watching.begin(here.robin.actor, case.id, CLOSE, here.wren.persona_id, moment.at + timedelta(days=1))


def test_nobody_is_looked_after_before_a_second_source_said_so(here: Scene, moment: Clock) -> None:
    case = dead(here, checked=False)
    with pytest.raises(NotAllowed, match="second source"):
        watched(here, case, moment)
    death.note_step(here.robin.actor, case.id, Step.CHECKED, "Her sister rang us.")
    watched(here, case, moment)
    other = of_kind(here, Kind.ADULT)
    with pytest.raises(NotAllowed, match="not about a death"):
        watched(here, other, moment)


def test_sg4_who_was_to_ask_is_called_until_it_is_written_down(here: Scene, moment: Clock) -> None:
    case = dead(here)
    n = watched(here, case, moment, days=1)
    watching.begin(here.robin.actor, case.id, "His partner.", here.robin.persona_id, moment.at + timedelta(days=9))
    before = called(case)
    moment.go(hours=24, seconds=1)
    ticking.tick()
    assert here.sam.persona_id in called(case) - before
    assert Timer.WATCH in [line.codes.get("timer") for line in chronology.lines(case)]
    again = here.now(case.id).clocks[Timer.WATCH]
    assert moment.at < again <= moment.at + timedelta(hours=4)
    watching.looked(here.sam.actor, case.id, n, "She slept. Her sister stays.", moment.at + timedelta(days=3))
    assert here.now(case.id).clocks[Timer.WATCH] == moment.at + timedelta(days=3)
    watching.looked(here.sam.actor, case.id, n, "She wants no more calls.", None)
    (left,) = watches.list_open(chronology.lines(case))
    assert here.now(case.id).clocks[Timer.WATCH] == left.due_at
    with pytest.raises(NotFound):
        watching.looked(here.sam.actor, case.id, n, "Again.", None)


def test_t15_a_death_is_not_closed_while_somebody_is_looked_after(here: Scene, moment: Clock) -> None:
    case = dead(here)
    n = watched(here, case, moment)
    case = here.now(case.id)
    with pytest.raises(NotAllowed, match="still looked after"):
        closing.propose_close(here.robin.actor, case.id, case.version, Outcome.DIED, WHY, help_offered=True)
    watching.looked(here.sam.actor, case.id, n, "She is with her family.", None)
    case = here.now(case.id)
    assert Timer.WATCH not in case.clocks
    closing.propose_close(here.robin.actor, case.id, case.version, Outcome.DIED, WHY, help_offered=True)


def test_the_page_begins_a_watch_and_writes_down_how_somebody_is(here: Scene, moment: Clock) -> None:
    case = dead(here)
    page = f"/concerns/{write_ident(case.id)}"
    due = (moment.at + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    form = {"who": CLOSE, "owner": write_ident(here.sam.persona_id), "due": due}
    assert here.robin.send(f"{page}/watch", form | {"owner": ""}).status_code == 422
    assert here.robin.send(f"{page}/watch", form).status_code == 303
    shown = text_of(here.sam.get(page))
    assert CLOSE in shown
    assert "Samphire asks how they are, until" in shown
    (one,) = watches.list_open(chronology.lines(case))
    told = {"watch": str(one.n), "words": "She slept.", "due": ""}
    assert here.sam.send(f"{page}/watched", told).status_code == 303
    assert watches.list_open(chronology.lines(case)) == []


def test_the_facilitators_own_time_is_a_step_as_the_others_are(here: Scene) -> None:
    """You lost somebody, too: it is asked for last, and never before it is sure."""
    case = dead(here, checked=False)
    with pytest.raises(NotAllowed, match="second source"):
        death.note_step(here.robin.actor, case.id, Step.DEBRIEF, "We met on Monday, all four.")
    death.note_step(here.robin.actor, case.id, Step.CHECKED, "Her sister rang us.")
    page = f"/concerns/{write_ident(case.id)}"
    for step in (Step.SEALED, Step.TOLD, Step.WATCH):
        assert here.lead.person.send(f"{page}/death-{step}", {"words": "It is done."}).status_code == 303, step
    assert "When did you meet, and who was there?" in text_of(here.robin.get(page))
    assert here.robin.send(f"{page}/death-debrief", {"words": "We met on Monday, all four."}).status_code == 303
    assert Step.DEBRIEF in death.done(chronology.lines(here.now(case.id)))
    assert "When did you meet, and who was there?" not in text_of(here.robin.get(page))
