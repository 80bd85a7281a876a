"""Side ways by which a concern could be lost, fall silent, or reach somebody it must not: each of them was open once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from forum.base import clock
from forum.base.db import rows
from forum.base.errors import NotAllowed
from forum.base.idents import new_ident
from forum.base.transaction import here as session
from forum.base.transaction import transaction
from forum.models import Officer, OfficerRole
from forum.policy.concern import Signal
from moderation.safeguarding import (
    cases,
    channels,
    closing,
    deletion,
    desk,
    doors,
    exclusions,
    officers,
    opening_rules,
    queries,
    responders,
    restoring,
    talk,
    talking,
    ticking,
    transitions,
    watchdog,
)
from moderation.safeguarding.cases import Case
from moderation.safeguarding.channels import Way
from moderation.safeguarding.chronology import Line
from moderation.safeguarding.models import Concern, EventKind, Kind, Level, Origin, State, Timer
from moderation.safeguarding.people_models import ChannelKind, ConcernPage
from moderation.safeguarding.transitions import Assessment
from tests.conftest import Clock
from tests.moderation.safeguarding.people import Officeholder, Scene, arm, officer, scene
from tests.world import Person, World

WHY = "She writes every night that she cannot go on, and has a plan."


@pytest.fixture
def here(inside: Flask, world: World) -> Scene:
    """An organisation whose people are called."""
    found = scene(world)
    arm(found.group.scope.organisation_id)
    return found


def only() -> Case:
    """The one concern there is."""
    (case,) = cases.list_by()
    return case


def called(case: Case) -> set[bytes]:
    """Whom calls about a concern mean."""
    return {r.responder_id for r in rows(select(ConcernPage.responder_id).where(ConcernPage.concern_id == case.id))}


def count_calls(case: Case) -> int:
    """How many intents to call there are."""
    return len(rows(select(ConcernPage.id).where(ConcernPage.concern_id == case.id)))


def assess(here: Scene, case: Case, by: Person | Officeholder, level: Level, kind: Kind | None = None) -> Case:
    """It is taken and assessed."""
    transitions.acknowledge(by.actor, case.id, case.version)
    said = Assessment(level, WHY, wants="To sleep.", raiser_danger="no", kind=kind)
    transitions.triage(by.actor, case.id, here.now(case.id).version, said)
    return here.now(case.id)


def watched(here: Scene, case: Case, moment: Clock) -> Case:
    """Somebody has it, and asks again next week; it is a day later."""
    case = assess(here, case, here.robin, Level.MEDIUM)
    transitions.spoken(here.robin.actor, case.id, "They are asleep and safe.")
    transitions.monitor(
        here.robin.actor, case.id, here.now(case.id).version, moment.at + timedelta(days=6), "A week is fine."
    )
    moment.go(days=1)
    ticking.tick()
    return here.now(case.id)


def reads(here: Scene, who: Person) -> list[bytes]:
    """What a facilitator finds in the list."""
    me = responders.find(who.actor, here.group.scope)
    assert me is not None
    return [case.id for case in queries.list_for(me)]


# --- Whom it names ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("in_group", [True, False])
def test_an_officer_who_is_named_is_not_called(here: Scene, in_group: bool) -> None:
    worry = doors.Worry(words="It was THE LEAD who frightened her.", kind=Kind.STAFF)
    if in_group:
        doors.worry_in_group(here.wren.actor, here.group.scope, worry, "a form", "en")
    else:
        doors.worry_outside("", worry, "a form")
    case = only()
    assert here.lead.id in exclusions.excluded_ids(case)
    assert here.deputy.id not in exclusions.excluded_ids(case)
    assert here.lead.id not in called(case)


def test_a_facilitator_who_mentions_the_lead_can_still_reach_them(here: Scene) -> None:
    worry = doors.Worry(words="I told The lead of it last week.")
    doors.raise_as_facilitator(here.robin.actor, here.group.scope, worry, "a form", "en")
    assert here.lead.id not in exclusions.excluded_ids(only())


def test_nobody_is_called_in_a_mailbox_that_somebody_named_reads_too(here: Scene) -> None:
    for who in (here.robin, here.sam):
        way = replace(Way("team@example.org"), tested_on=clock.today().isoformat())
        channels.keep(who.persona_id, ChannelKind.MAIL, way)
    case = here.raise_one(involved=frozenset({here.robin.persona_id}))
    mails = (ConcernPage.concern_id == case.id, ConcernPage.channel == ChannelKind.MAIL)
    assert rows(select(ConcernPage.id).where(*mails)) == []
    assert rows(select(ConcernPage.id).where(ConcernPage.concern_id == here.raise_one().id, mails[1]))


# --- What one of the team is said to have done -----------------------------------------------------------------------


def test_sg7_a_facilitator_who_finds_that_it_is_about_the_team_has_it_no_more(here: Scene) -> None:
    case = assess(here, here.raise_one(), here.robin, Level.LOW, Kind.STAFF)
    assert (case.state, case.owner_id) == (State.RAISED, None)
    assert reads(here, here.robin) == []
    assert Timer.PAGE in case.clocks


def test_colleagues_do_not_read_it_once_it_is_about_something_else(here: Scene) -> None:
    case = assess(here, here.raise_one(kind=Kind.STAFF), here.lead, Level.MEDIUM, Kind.ADULT)
    assert case.owner_id == here.lead.id
    assert reads(here, here.robin) == []


def test_colleagues_do_not_read_it_once_the_person_says_how_young_they_are(here: Scene) -> None:
    case = here.raise_one(kind=Kind.STAFF, origin=Origin.SELF)
    with transaction():
        talk_id = talk.open_for(case, here.wren.persona_id)
    talking.say_young(talk.get_own(here.wren.actor, talk_id))
    assert here.now(case.id).kind is Kind.CHILD
    assert reads(here, here.robin) == []


def test_an_officer_who_is_of_the_team_can_take_what_they_are_called_about(here: Scene) -> None:
    with transaction():
        both = update(Officer).where(Officer.id == here.deputy.id).values(account_id=here.sam.account_id)
        session().execute(both)
    case = here.raise_one(kind=Kind.STAFF)
    me = next(one for one in exclusions.insiders(case) if one.id == here.deputy.id)
    assert "acknowledge" in {way.name for way in queries.ways(case, me)}
    named = here.raise_one(kind=Kind.STAFF, involved=frozenset({here.sam.persona_id}))
    assert here.deputy.id not in {one.id for one in exclusions.insiders(named)}


# --- What is new while somebody has it -------------------------------------------------------------------------------


def test_words_of_the_person_call_whoever_has_it(here: Scene, moment: Clock) -> None:
    case = here.raise_one(origin=Origin.SELF)
    with transaction():
        talk_id = talk.open_for(case, here.wren.persona_id)
    case = watched(here, case, moment)
    before = count_calls(case)
    talking.write_as_person(talk.get_own(here.wren.actor, talk_id), "I cannot go on.", "one")
    after = count_calls(case)
    assert after > before
    talking.write_as_person(talk.get_own(here.wren.actor, talk_id), "Please.", "two")
    assert count_calls(case) == after, "the call is a moment old"
    moment.go(minutes=16)
    talking.write_as_person(talk.get_own(here.wren.actor, talk_id), "Now.", "three")
    assert count_calls(case) > after


def test_somebody_who_struggles_again_in_a_room_calls_whoever_has_it(here: Scene, moment: Clock) -> None:
    signal = Signal(here.group.scope, "struggling", new_ident(), persona_id=here.wren.persona_id)
    with transaction():
        desk.Desk().note(signal)
    case = watched(here, only(), moment)
    before = count_calls(case)
    with transaction():
        desk.Desk().note(signal)
    assert count_calls(case) > before


def test_one_facilitator_does_not_put_an_unassessed_concern_away_unseen(here: Scene) -> None:
    case = here.raise_one()
    transitions.set_level(here.robin.actor, case.id, case.version, Level.LOW, WHY)
    assert Timer.SIGHT in here.now(case.id).clocks


def test_whoever_only_confirms_does_not_look_in_the_place_of_the_lead(here: Scene) -> None:
    case = assess(here, here.raise_one(), here.robin, Level.LOW)
    with transaction():
        cases.change(cases.lock(case.id), state=State.CLOSE_PROPOSED)
    with pytest.raises(NotAllowed):
        transitions.seen_by_lead(here.confirmer.actor, case.id)
    transitions.seen_by_lead(here.deputy.actor, case.id)
    assert Timer.SIGHT not in here.now(case.id).clocks


def test_what_somebody_had_who_left_their_office_is_called_about_at_once(here: Scene, moment: Clock) -> None:
    case = assess(here, here.raise_one(), here.deputy, Level.LOW)
    in_weeks = moment.at + timedelta(days=29)
    transitions.monitor(here.deputy.actor, case.id, case.version, in_weeks, "They are well, and write each week.")
    before = count_calls(case)
    officer(here.world, here.group, OfficerRole.DEPUTY, "A second deputy")
    here.world.step_up(here.deputy.person)
    officers.end(here.deputy.actor, here.deputy.id)
    ticking.tick()
    case = here.now(case.id)
    assert (case.state, case.owner_id) == (State.RAISED, None)
    assert case.due_at is not None
    moment.go(days=5)
    ticking.tick()
    assert count_calls(case) > before


# --- Rows that are damaged -------------------------------------------------------------------------------------------


def damage(case: Case) -> None:
    """It does not open with this keyring."""
    with transaction():
        session().execute(update(Concern).where(Concern.id == case.id).values(sealed=b"nothing"))


def test_the_watchdog_sees_a_concern_that_cannot_be_moved_on(here: Scene, moment: Clock) -> None:
    damage(here.raise_one())
    moment.go(minutes=16)
    for _n in range(4):
        ticking.tick()
        moment.go(minutes=1)
    ticking.tick()
    assert watchdog.overdue(moment.at) > watchdog.LATE_S


def test_sg21_after_a_restore_one_damaged_row_leaves_no_other_uncalled(here: Scene) -> None:
    found = sorted((here.raise_one(), here.raise_one(), here.raise_one()), key=lambda case: case.id)
    damage(found[0])
    assert restoring.call_anew() == 3
    assert [here.now(case.id).gen for case in found[1:]] == [2, 2]


# --- Two that are one ------------------------------------------------------------------------------------------------


def test_t19_what_was_asked_of_either_is_asked_of_the_one_that_is_left(here: Scene, moment: Clock) -> None:
    case, target = here.raise_one(kind=Kind.CHILD), here.raise_one()
    transitions.emergency(here.robin.actor, case.id)
    with transaction():
        cases.change(cases.lock(case.id), identity_opened=True, legal_hold=True)
    moment.go(minutes=16)
    ticking.tick()
    case = here.now(case.id)
    assert case.state is State.RAISED
    closing.merge(here.sam.actor, case.id, case.version, target.id)
    left = here.now(target.id)
    assert (left.kind, left.identity_opened, left.legal_hold) == (Kind.CHILD, True, True)
    assert Timer.EMERGENCY_RECORD in left.clocks


# --- Doors, keys and stones --------------------------------------------------------------------------------------------------


@pytest.mark.pages
def test_never_8_a_second_tap_by_somebody_without_a_sign_in_is_answered(here: Scene, world: World) -> None:
    visitor, form = world.visitor(), {"token": "once-and-the-same-form"}
    for _n in range(2):
        answer = visitor.client.post("/need-help", data=form, base_url="https://localhost")
        assert answer.status_code == 303
        assert visitor.client.get(answer.headers["Location"], base_url="https://localhost").status_code == 200
    assert only().origin is Origin.VISITOR


def test_offering_it_again_and_again_does_not_release_half_a_key(moment: Clock) -> None:
    def line(n: int, kind: EventKind, **codes: int) -> Line:
        return Line(n, kind, moment.at + timedelta(seconds=n), codes=codes)

    beside = [line(n + 2, EventKind.PAGED, step=1_000_000 + n) for n in range(3)]
    later = moment.at + timedelta(minutes=5)
    assert not opening_rules.went_unanswered([line(1, EventKind.EMERGENCY), *beside], later)
    assert opening_rules.went_unanswered([line(1, EventKind.EMERGENCY), *beside], moment.at + timedelta(minutes=10))
    steps = [line(n + 2, EventKind.PAGED, step=n) for n in range(1, 4)]
    assert opening_rules.went_unanswered(steps, later)


def test_sg6_the_stone_of_a_record_is_not_shown_to_whom_the_record_named(here: Scene) -> None:
    case = here.raise_one(kind=Kind.STAFF, involved=frozenset({here.lead.id}))
    with transaction():
        ended = {"state": State.CLOSED, "clocks": "{}", "due_at": None, "timer": None, "armed_at": None}
        deletion._bury(cases.change(cases.lock(case.id), outcome="staff_allegation_referred", **ended), "of its lines")
    stones = {
        role: deletion.list_stones(
            next(one for one in responders.of_organisation(case.organisation_id) if one.id == role)
        )
        for role in (here.lead.id, here.deputy.id)
    }
    assert stones[here.lead.id] == []
    assert [stone.code for stone in stones[here.deputy.id]] == [case.code]
