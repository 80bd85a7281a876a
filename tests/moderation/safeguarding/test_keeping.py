"""How long records are kept, that no clock ends one, and that two people delete what nobody needs any more."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DatabaseError

from forum.accounts import usecases as accounts
from forum.base import clock, jobs
from forum.base.db import rows
from forum.base.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.base.idents import write_ident
from forum.base.transaction import here, transaction
from forum.conversations import masks
from forum.leaving import sign_in_ends
from forum.leaving.usecases import read_hidden
from forum.web import sessions
from moderation.safeguarding import (
    cases,
    chronology,
    closing,
    concerns,
    deletion,
    details,
    export,
    keeping,
    opening_queries,
    opening_told,
    transitions,
    words,
)
from moderation.safeguarding.closing import Outcome
from moderation.safeguarding.key_models import ConcernTombstone, Way
from moderation.safeguarding.models import Concern, ConcernCopy, ConcernEvent, Kind, Origin, State
from tests.moderation.safeguarding.sealed import sealed
from tests.moderation.safeguarding.test_opening import Stage, emergency
from tests.moderation.safeguarding.test_sealed_pages import concern_about
from tests.world import Person, World, text_of

LONG = "The ambulance came; she is safe and with her sister now."


@pytest.fixture
def stage(world: World) -> Stage:
    """A concern that is open."""
    on = sealed(world)
    return Stage(on, concern_about(on))


def close(stage: Stage, outcome: Outcome = Outcome.NO_RISK_FOUND) -> None:
    """Two officers close it."""
    lead, deputy = stage.on.tier.lead, stage.on.tier.deputy
    emergency(stage, lead)
    transitions.record_emergency(stage.actor(lead), stage.concern, "Lee", clock.now(), "1", "Nothing.")
    transitions.spoken(stage.actor(lead), stage.concern, "She rang back at once.")
    closing.propose_close(stage.actor(lead), stage.concern, stage.case.version, outcome, LONG, help_offered=True)
    closing.confirm_close(stage.actor(deputy), stage.concern, stage.case.version)


def later(stage: Stage, years: int = 2) -> None:
    """Time goes by, and the officers sign in again."""
    stage.on.world.moment.go(days=366 * years)
    for person in (stage.on.tier.lead, stage.on.tier.deputy, stage.on.tier.independent):
        assert person.account_id
        with transaction():
            entered = accounts.enter_proved(person.account_id, None)
        person.client.set_cookie(sessions.COOKIE, entered.secret, domain="localhost", secure=True)


def delete_by(stage: Stage, act: Callable[..., None], person: Person) -> None:
    """One step of deleting, by somebody who gives a code."""
    stage.on.world.step_up(person)
    act(stage.actor(person), stage.concern, deletion.preview(stage.case).digest)


# --- How long ---


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_its_time(outcome: Outcome):
    assert outcome.value in keeping.YEARS


def test_a_child_a_death_and_the_team_are_kept_longer():
    day = date(2028, 2, 29)
    assert keeping.until("no_risk_found", Kind.ADULT, day) == date(2029, 3, 1)
    assert keeping.until("no_risk_found", Kind.CHILD, day) == date(2053, 3, 1)
    assert keeping.until("no_risk_found", Kind.STAFF, day) == date(2038, 3, 1)
    assert keeping.until("support_given", Kind.DEATH, day) is None
    assert keeping.until("staff_allegation_referred", Kind.STAFF, day) is None
    assert keeping.until("something new", Kind.ADULT, day) == date(2053, 3, 1)


def test_the_clock_begins_with_the_close_and_ends_with_a_new_worry(inside, stage: Stage):
    close(stage)
    assert stage.case.keep_until == keeping.years_after(clock.today(), 1)
    closing.reopen(stage.actor(stage.on.tier.lead), stage.concern, stage.case.version, "She wrote again tonight.")
    assert stage.case.keep_until is None


def test_an_officer_names_a_later_day_and_never_an_earlier_one(inside, stage: Stage):
    close(stage)
    lead, until = stage.actor(stage.on.tier.lead), stage.case.keep_until
    assert until
    with pytest.raises(Invalid):
        deletion.keep_until(lead, stage.concern, until - timedelta(days=1), "It is not needed.")
    deletion.keep_until(lead, stage.concern, until + timedelta(days=400), "The review asked for it.")
    assert stage.case.keep_until == until + timedelta(days=400)


# --- Two people ---


def test_sec_s24_two_officers_delete_and_a_stone_stays(inside, stage: Stage):
    tier = stage.on.tier
    close(stage)
    code, before = stage.case.code, words.open_inside(stage.case).key
    with pytest.raises(NotAllowed):
        delete_by(stage, deletion.propose, tier.lead)
    later(stage)
    assert [one.id for one in deletion.list_due(stage.on.lead)] == [stage.concern]
    with pytest.raises(Conflict):
        delete_by(stage, deletion.agree, tier.lead)
    delete_by(stage, deletion.propose, tier.lead)
    with pytest.raises(NotAllowed):
        delete_by(stage, deletion.agree, tier.lead)
    stage.on.world.second_step(stage.on.facilitator)
    with pytest.raises(NotAllowed):
        delete_by(stage, deletion.agree, stage.on.facilitator)
    digest = deletion.preview(stage.case).digest
    delete_by(stage, deletion.agree, tier.independent)
    (stone,) = deletion.list_stones(stage.on.lead)
    assert (stone.code, stone.outcome, stone.digest) == (code, "no_risk_found", digest)
    assert stone.gone_on == clock.today()
    for table in (ConcernEvent, ConcernCopy):
        assert rows(select(table.concern_id).where(table.concern_id == stage.concern)) == []
    gone = cases.find(stage.concern)
    assert gone is not None
    assert words.open_inside(gone).key != before
    assert words.open_inside(gone).subject_id == b""
    assert gone.subject_tag is None
    stage.on.world.step_up(tier.lead)
    with pytest.raises(NotFound):
        deletion.propose(stage.actor(tier.lead), stage.concern, digest)


def test_what_was_written_meanwhile_stops_it(inside, stage: Stage):
    tier = stage.on.tier
    close(stage)
    later(stage)
    delete_by(stage, deletion.propose, tier.lead)
    digest = deletion.preview(stage.case).digest
    for_a_day = stage.actor(tier.deputy)
    closing.set_hold(for_a_day, stage.concern, True, "A letter came about this today.")
    closing.set_hold(for_a_day, stage.concern, False, "It was about somebody else.")
    stage.on.world.step_up(tier.independent)
    with pytest.raises(Conflict):
        deletion.agree(stage.actor(tier.independent), stage.concern, digest)
    assert deletion.preview(stage.case).proposed_by is None
    delete_by(stage, deletion.propose, tier.lead)
    deletion.take_back(stage.actor(tier.deputy), stage.concern)
    with pytest.raises(Conflict):
        delete_by(stage, deletion.agree, tier.independent)
    assert chronology.lines(stage.case)


def test_sg17_a_hold_and_an_open_concern_beat_every_clock(inside, stage: Stage):
    tier = stage.on.tier
    later(stage, 40)
    with pytest.raises(NotAllowed):
        delete_by(stage, deletion.propose, tier.lead)
    close(stage)
    closing.set_hold(stage.actor(tier.lead), stage.concern, True, "The coroner asked for it.")
    later(stage)
    assert deletion.list_due(stage.on.lead) == []
    with pytest.raises(NotAllowed):
        delete_by(stage, deletion.propose, tier.lead)
    closing.set_hold(stage.actor(tier.lead), stage.concern, False, "The coroner has all.")
    delete_by(stage, deletion.propose, tier.lead)
    closing.set_hold(stage.actor(tier.lead), stage.concern, True, "The coroner asked once more.")
    with pytest.raises(NotAllowed):
        delete_by(stage, deletion.agree, tier.independent)
    assert chronology.lines(stage.case)


def test_never_4_no_job_ends_or_deletes_a_concern_by_age(inside, stage: Stage):
    close(stage)
    with transaction():
        here().execute(update(Concern).values(legal_hold=False))
    for _n in range(30):
        stage.on.world.moment.go(days=366)
        jobs.run_due()
    assert stage.case.state is State.CLOSED
    assert len(chronology.lines(stage.case)) > 3
    assert rows(select(ConcernTombstone.code)) == []


def test_the_database_refuses_to_drop_lines_of_what_is_not_gone(inside, stage: Stage):
    close(stage)
    with pytest.raises(DatabaseError), transaction():
        here().execute(delete(ConcernEvent).where(ConcernEvent.concern_id == stage.concern))
    assert chronology.lines(stage.case)


def test_the_member_still_reads_who_opened_their_details(inside, stage: Stage):
    tier = stage.on.tier
    emergency(stage, tier.lead)
    stage.open(tier.lead, stage.on.lead, stage.ask(tier.lead, Way.EMERGENCY))
    export.take(stage.actor(tier.lead), stage.concern, "For the review of it all.", others=False)
    close(stage)
    later(stage)
    delete_by(stage, deletion.propose, tier.lead)
    delete_by(stage, deletion.agree, tier.independent)
    assert len(stage.told()) == 1


# --- Leaving ---


def test_sg18_who_deletes_their_sign_in_takes_no_open_concern_along(inside, stage: Stage):
    member, scope = stage.on.member, stage.on.group.scope
    sign_in_ends.delete_account(stage.actor(member), read_hidden("now"))
    stage.on.world.moment.go(days=22)
    for _n in range(6):
        jobs.run_due()
    assert stage.case.is_open
    assert chronology.lines(stage.case)
    assert details.has_details(scope, member.persona_id)
    close(stage)
    stage.on.world.moment.go(days=2)
    for _n in range(3):
        jobs.run_due()
    assert not details.has_details(scope, member.persona_id)
    assert not opening_told.has_new(scope, member.persona_id)


@pytest.mark.pages
def test_sg18_who_deletes_their_sign_in_reads_what_stays_whether_or_not_somebody_worries(world: World) -> None:
    on = sealed(world)
    stage = Stage(on, concern_about(on))
    for one in (on.member, world.person(on.group)):
        answer = one.send("/going")
        assert answer.status_code == 200
        assert "Then what they told is kept, locked, until that is over." in text_of(answer)
    with world.app.app_context():
        assert stage.case.is_open


@pytest.mark.parametrize("why", ["open", "held", "over"])
def test_sg18_a_concern_about_an_alias_keeps_what_whoever_wears_it_left(inside, stage: Stage, why: str):
    on, scope = stage.on, stage.on.group.scope
    on.world.reply(on.member, on.world.topic(on.facilitator), "I have taken all of them.", masked=True)
    mask = masks.list_worn(scope, on.member.persona_id)[0].id
    close(stage)
    raised = concerns.Raise(scope, Kind.ADULT, Origin.MEMBER, b"form", "mask", mask, "Says they took pills.")
    stage.concern = concerns.raise_concern(raised).concern_id
    if why != "open":
        close(stage)
    if why == "held":
        on.world.step_up(on.tier.lead)
        closing.set_hold(stage.actor(on.tier.lead), stage.concern, True, "The inquest asks for it.")
    sign_in_ends.delete_account(stage.actor(on.member), read_hidden("now"))
    on.world.moment.go(days=22)
    for _n in range(6):
        jobs.run_due()
    assert masks.wearer_of(scope, mask) == masks.NOBODY
    assert opening_queries.has_something(stage.case) is (why != "over")
    if why == "open":
        with transaction():
            closed = {"state": State.CLOSED, "due_at": None, "timer": None, "clocks": "{}"}
            here().execute(update(Concern).where(Concern.id == stage.concern).values(**closed))
        on.world.moment.go(days=2)
        for _n in range(3):
            jobs.run_due()
        assert not details.has_details(scope, on.member.persona_id)
        assert words.open_inside(stage.case).wearer_id == b""


@pytest.mark.pages
def test_the_pages_show_what_would_go(world: World) -> None:
    on = sealed(world)
    stage = Stage(on, concern_about(on))
    here_is = f"/concerns/{write_ident(stage.concern)}/keep"
    assert "It is not closed" in text_of(on.tier.lead.get(here_is))
    with world.app.app_context():
        close(stage)
    world.step_up(on.tier.lead)
    form = {"day": "2099-01-01", "why": "The review asked for it."}
    assert on.tier.lead.send(here_is, {**form, "day": "soon"}).status_code == 422
    assert on.tier.lead.send(here_is, form).status_code == 303
    assert "2099-01-01" in text_of(on.tier.lead.get(here_is))
    assert on.tier.lead.send(here_is.replace("/keep", "/delete"), {"say": "propose"}).status_code == 403
    assert on.tier.lead.get("/safeguarding/records").status_code == 200
    assert on.member.get("/safeguarding/records").status_code == 404
