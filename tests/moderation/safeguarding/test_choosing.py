"""What a lead sets for their organisation: how soon people are called, how long records are kept. Within bounds, and written down."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from forum.accounts.second_factor import StepUpNeeded
from forum.base.db import rows
from forum.base.errors import Invalid, NotAllowed, NotFound
from moderation.models import AuditEntry
from moderation.safeguarding import choosing, closing, keeping, policy
from moderation.safeguarding.closing import Outcome
from moderation.safeguarding.models import Kind, Level
from tests.conftest import Clock
from tests.moderation.safeguarding.people import Scene, scene
from tests.moderation.safeguarding.test_ways import WHY, triaged
from tests.world import World, text_of

TIMES, YEARS = "/safeguarding/times", "/safeguarding/keeping"


@pytest.fixture
def here(inside: Flask, world: World) -> Scene:
    """An organisation with all of its officers; the lead gave a code just now."""
    found = scene(world)
    world.step_up(found.lead.person)
    return found


def audited(action: str) -> list[str]:
    """What the audit chain says of this kind of act."""
    return [r.codes for r in rows(select(AuditEntry.codes).where(AuditEntry.action == action))]


def test_the_lead_sets_times_and_the_next_concern_goes_by_them(here: Scene, moment: Clock) -> None:
    before = here.raise_one()
    page = here.lead.person.get(f"{TIMES}/change?level=high")
    assert "From 5 to 15. Ours: 10." in text_of(page)
    form = {"level": "high", "step_2": "5", "step_3": "12", "repeat": "10"}
    assert here.lead.person.send(TIMES, form).status_code == 303
    after = here.raise_one()
    assert [step[0] for step in after.numbers["steps"]] == [0, 5, 12, 30, 45]
    assert after.numbers["repeat"] == 10
    assert [step[0] for step in here.now(before.id).numbers["steps"]] == [0, 10, 20, 30, 45]
    assert "instead of 10 minutes" in text_of(here.deputy.person.get(TIMES))
    assert "high step_2 5" in audited("concern.times")
    assert "unassessed step_2 5" in audited("concern.times")


def test_times_stay_within_bounds_and_in_order(here: Scene) -> None:
    for level, form in (
        ("high", {"step_2": "16"}),
        ("high", {"step_2": "4"}),
        ("immediate", {"step_2": "4"}),
        ("high", {"step_2": "15", "step_3": "12"}),
        ("high", {"repeat": "soon"}),
    ):
        answer = here.lead.person.send(TIMES, {"level": level, **form})
        assert answer.status_code == 422, (level, form)
    assert policy.of_organisation(here.group.scope.organisation_id) == policy.first()
    assert audited("concern.times") == []
    choosing.choose_times(here.lead.actor, Level.HIGH, {"step_2": 15, "step_3": 16})


def test_sec_s18_times_and_years_need_a_code(here: Scene, moment: Clock) -> None:
    moment.go(minutes=11)
    with pytest.raises(StepUpNeeded):
        choosing.choose_times(here.lead.actor, Level.HIGH, {"step_2": 5})
    with pytest.raises(StepUpNeeded):
        choosing.choose_years(here.lead.actor, {"support_given": 5})
    here.world.step_up(here.lead.person)
    choosing.choose_times(here.lead.actor, Level.HIGH, {"step_2": 5})
    choosing.choose_years(here.lead.actor, {"support_given": 5})


def test_only_the_lead_and_deputies_set_and_whoever_answers_for_it_reads(here: Scene) -> None:
    here.world.step_up(here.independent.person)
    here.world.step_up(here.deputy.person)
    for page in (TIMES, YEARS):
        assert here.independent.person.get(page).status_code == 200
        assert here.confirmer.person.get(page).status_code == 404
        assert here.robin.get(page).status_code == 404
    with pytest.raises(NotAllowed):
        choosing.choose_times(here.independent.actor, Level.HIGH, {"step_2": 5})
    with pytest.raises(NotFound):
        choosing.choose_years(here.robin.actor, {"support_given": 5})
    assert here.independent.person.send(TIMES, {"level": "high", "step_2": "5"}).status_code == 403
    choosing.choose_times(here.deputy.actor, Level.HIGH, {"step_2": 5})


def test_another_organisation_keeps_its_own_times(here: Scene, world: World) -> None:
    other = world.group("Another Trust").scope.organisation_id
    choosing.choose_times(here.lead.actor, Level.LOW, {"triage": 2_160})
    choosing.choose_years(here.lead.actor, {"signposted": 2})
    assert policy.of_organisation(other) == policy.first()
    assert keeping.years_of(other) == keeping.YEARS


def test_a_record_is_kept_as_long_as_its_organisation_says(here: Scene, moment: Clock) -> None:
    assert here.lead.person.send(YEARS, {"support_given": "5"}).status_code == 303
    case = triaged(here)
    closing.propose_close(here.robin.actor, case.id, case.version, Outcome.SUPPORT_GIVEN, WHY, help_offered=True)
    closing.confirm_close(here.robin.actor, case.id, here.now(case.id).version)
    closed = here.now(case.id)
    assert closed.closed_on is not None
    assert closed.keep_until == keeping.years_after(closed.closed_on, 5)
    assert audited("concern.years") == ["support_given 5"]
    choosing.choose_years(here.lead.actor, {"support_given": 2})
    assert here.now(case.id).keep_until == keeping.years_after(closed.closed_on, 5)


def test_years_have_floors_and_some_are_for_a_person_to_name(here: Scene) -> None:
    for form in (
        {"adult_referred_s42": "5"},
        {"child_referred": "24"},
        {"support_given": "0"},
        {"support_given": "76"},
    ):
        assert here.lead.person.send(YEARS, form).status_code == 422, form
    with pytest.raises(Invalid):
        choosing.choose_years(here.lead.actor, {"died": 3})
    assert keeping.years_of(here.group.scope.organisation_id) == keeping.YEARS
    choosing.choose_years(here.lead.actor, {"adult_referred_s42": 6, "child_referred": 40})
    years, today = keeping.years_of(here.group.scope.organisation_id), date(2026, 2, 1)
    assert keeping.until("adult_referred_s42", Kind.ADULT, today, years) == date(2032, 2, 1)
    assert keeping.until("support_given", Kind.CHILD, today, years) == date(2051, 2, 1)
    assert keeping.until("died", Kind.ADULT, today, years) is None
