"""Acceptance 4: killed with -9 at every commit of a concern's ways, under tickers in two processes. Nothing is lost or twice.

The killed processes are forks of this one: they write to the same database through the program's own use cases.
"""

import os
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from weakref import WeakKeyDictionary

import pytest
from flask import Flask
from sqlalchemy import select

from forum.base import clock, failpoints, hot
from forum.base.db import db, rows
from forum.base.errors import Conflict
from forum.base.transaction import transaction
from moderation.safeguarding import cases, chronology, closing, handing, ticking, transitions
from moderation.safeguarding.cases import Case
from moderation.safeguarding.closing import Outcome
from moderation.safeguarding.models import Concern, EventKind, Level, State, Timer
from moderation.safeguarding.people_models import ConcernPage
from moderation.safeguarding.transitions import Assessment
from tests.moderation.safeguarding.people import Scene, scene
from tests.world import World

WHY = "She writes every night that she cannot go on, and has a plan."
ONCE = b"the form of this test"
#: An hour of the story passes in each second, so that what lapses does so while it is watched.
FASTER = 3_600
TICKS_FOR_S = 0.6
_kept_open: list[object] = []


def go_on(here: Scene) -> Iterator[None]:
    """The story of one concern through all of its ways; each step is acknowledged before the next begins."""
    case = here.raise_one(ONCE)
    yield
    robin, lead, deputy = here.robin.actor, here.lead.actor, here.deputy.actor

    def version() -> int:
        return here.now(case.id).version  # as each step finds it

    said = Assessment(Level.MEDIUM, WHY, wants="To sleep.", raiser_danger="no")
    soon = clock.now() + timedelta(hours=12)
    told = {"body": "Social care", "basis": "vital_interests", "consent": "given", "wants": "A bed for the night."}
    told |= dict.fromkeys(("needs_care", "at_risk", "cannot_protect"), "unknown")
    steps: list[Callable[[], object]] = [
        lambda: transitions.acknowledge(robin, case.id, version()),
        lambda: transitions.triage(robin, case.id, version(), said),
        lambda: transitions.write_note(robin, case.id, EventKind.FACT, "She lives alone."),
        lambda: transitions.set_level(deputy, case.id, version(), Level.HIGH, "It is worse."),
        lambda: transitions.set_level(robin, case.id, version(), Level.MEDIUM, "She is with her sister."),
        lambda: transitions.set_level(deputy, case.id, version(), Level.MEDIUM, "I spoke with the sister."),
        lambda: transitions.plan(robin, case.id, version(), "We write daily.", soon),
        lambda: transitions.refer(lead, case.id, version(), told),
        lambda: transitions.monitor(robin, case.id, version(), soon, "Better."),
        lambda: handing.offer(robin, case.id, version(), here.lead.id, "She wants to be called before noon."),
        lambda: handing.accept(lead, case.id, version()),
        lambda: closing.propose_close(
            lead, case.id, version(), Outcome.SUPPORT_GIVEN, WHY, help_offered=True
        ),
        lambda: closing.reject_close(deputy, case.id, version(), "Nobody has spoken with her."),
        lambda: handing.recuse(deputy, case.id, here.lead.id, "The lead is his brother."),
        lambda: transitions.emergency(deputy, case.id),
        lambda: transitions.record_emergency(deputy, case.id, "I called 999", clock.now(), "", "Name and town"),
        lambda: closing.propose_close(
            deputy, case.id, version(), Outcome.EMERGENCY_CALLED, WHY, help_offered=True
        ),
        lambda: closing.confirm_close(here.confirmer.actor, case.id, version()),
        lambda: closing.reopen(robin, case.id, version(), "She wrote again tonight."),
    ]  # fmt: skip
    for step in steps:
        while True:
            try:
                step()
            except Conflict:
                continue  # a ticker was quicker: the form is sent again, as a person would
            break
        yield


STEPS = 20
#: The commits at which somebody dies each time; the others at night.
EACH_TIME = (1, 7, 18)


@contextmanager
def fork(work: Callable[[int], object], armed: str = "", at: int = 1) -> Iterator[tuple[int, int]]:
    """Do `work(pipe)` in a process of its own, killed when it reaches `armed` for the `at`-th time."""
    reads, writes = os.pipe()
    pid = os.fork()
    if pid == 0:  # pragma: no cover - the child is killed or leaves at once
        _child(lambda: work(writes), armed, at)
    os.close(writes)
    try:
        yield pid, reads
    finally:
        os.close(reads)


def _child(work: Callable[[], object], armed: str, at: int) -> None:
    """Nothing of the parent's connections may be used or closed here."""
    _kept_open.extend([*map(list, hot._at_hand.values())])
    hot._at_hand = WeakKeyDictionary()
    for engine in db.engines.values():
        engine.dispose(close=False)
    failpoints._armed, failpoints._left = armed, at
    try:
        work()
    except BaseException:  # noqa: BLE001 - said, since pytest sees nothing of a child
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def ended(pid: int) -> int:
    """How a child ended: 0, 1 for a mistake, -9 when it was killed."""
    _pid, status = os.waitpid(pid, 0)
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def story(here: Scene, pipe: int) -> None:
    """The person at the browser: one byte for each answer they got."""
    for _acknowledged in go_on(here):
        os.write(pipe, b".")


def tick(_pipe: int) -> None:
    """A ticker for whom time runs."""
    began, base = time.monotonic(), clock.now()
    clock.use(lambda: base + timedelta(seconds=(time.monotonic() - began) * FASTER))
    while time.monotonic() - began < TICKS_FOR_S:
        ticking.tick()


def every() -> list[Case]:
    """All concerns there are."""
    return [found for one in rows(select(Concern.id)) if (found := cases.find(one.id)) is not None]


def problems() -> list[str]:
    """What must never be, whoever died when."""
    found = []
    for case in every():
        if case.is_open and case.due_at is None:
            found.append("an open concern without a clock")
        if (case.state is State.RAISED) != (case.owner_id is None) and case.is_open:
            found.append(f"{case.state} with owner {case.owner_id!r}")
        kinds = [line.kind for line in chronology.lines(case)]
        if kinds.count(EventKind.LAPSED) + kinds.count(EventKind.REOPENED) + 1 > case.gen:
            found.append("a line of the record without its effect")
        calls = rows(select(ConcernPage.gen, ConcernPage.step).where(ConcernPage.concern_id == case.id).distinct())
        if EventKind.PAGED in kinds and not calls:
            found.append("the record says that people were called, and nobody was")
        if len(calls) > kinds.count(EventKind.PAGED):
            found.append("people were called, and the record does not say so")
    intents = [
        tuple(one)
        for one in rows(
            select(
                ConcernPage.concern_id,
                ConcernPage.gen,
                ConcernPage.step,
                ConcernPage.responder_id,
                ConcernPage.channel,
            )
        )
    ]
    return found + ([] if len(intents) == len(set(intents)) else ["the same call twice"])


#: What a step leaves that cannot be taken back by the next: the record of the chronology, in this order.
LEAVES = (
    EventKind.RAISED, EventKind.ACKNOWLEDGED, EventKind.TRIAGED, EventKind.FACT, EventKind.LEVEL, EventKind.LEVEL,
    EventKind.LEVEL, EventKind.PLANNED,
    EventKind.REFERRED, EventKind.MONITORED, EventKind.OFFERED, EventKind.HANDED_OVER, EventKind.CLOSE_PROPOSED,
    EventKind.CLOSE_REJECTED, EventKind.EXCLUDED, EventKind.EMERGENCY, EventKind.EMERGENCY_RECORDED,
    EventKind.CLOSE_PROPOSED, EventKind.CLOSED, EventKind.REOPENED,
)  # fmt: skip


@pytest.fixture
def here(inside: Flask, world: World) -> Scene:
    """People, and nothing raised yet."""
    return scene(world)


def test_the_story_goes_through_every_way_that_people_go(here: Scene) -> None:
    assert sum(1 for _acknowledged in go_on(here)) == STEPS == len(LEAVES)
    (case,) = every()
    kinds = [line.kind for line in chronology.lines(case) if line.kind in LEAVES]
    assert kinds == list(LEAVES)
    assert problems() == []


@pytest.mark.faults
@pytest.mark.parametrize("place", ["before commit", "after commit"])
@pytest.mark.parametrize(
    "at", [n if n in EACH_TIME else pytest.param(n, marks=pytest.mark.nightly) for n in range(1, STEPS + 1)]
)
def test_sg1_what_was_acknowledged_survives_a_kill_at_each_commit(here: Scene, place: str, at: int) -> None:
    with fork(lambda pipe: story(here, pipe), place, at) as (pid, answers):
        assert ended(pid) == -signal.SIGKILL
        acknowledged = len(os.read(answers, 64))
    assert acknowledged == at - 1
    found = every()
    kept = [line.kind for case in found for line in chronology.lines(case) if line.kind in LEAVES]
    assert kept == list(LEAVES[: at if place == "after commit" else at - 1])
    assert problems() == []
    here.raise_one(ONCE)
    assert len(every()) == 1, "the same form once more is the same concern"


# --- The ways that are not one person's own: T4, T19, T20, T21 ---


def lapse() -> None:
    """An hour goes by, and nobody wrote anything down."""
    base = clock.now()
    clock.use(lambda: base + timedelta(minutes=61))
    ticking.tick()


def wish(case: Case) -> None:
    """The person wants nothing done."""
    with transaction():
        transitions.wishes_no_action(case.id)


def rest(here: Scene) -> Iterator[None]:
    """Two concerns that become one, and one that names everybody; each step is acknowledged before the next begins."""
    one, other = here.raise_one(ONCE), here.raise_one(b"another form")
    named = frozenset({here.robin.persona_id, here.sam.persona_id, here.lead.id, here.deputy.id, here.independent.id})
    steps: list[Callable[[], object]] = [
        lambda: wish(one),
        lambda: transitions.acknowledge(here.robin.actor, one.id, here.now(one.id).version),
        lapse,
        lambda: closing.merge(here.sam.actor, one.id, here.now(one.id).version, other.id),
        lambda: here.raise_one(b"names everybody", involved=named),
    ]
    for step in steps:
        step()
        yield


#: What the steps leave, in their order.
LEFT = (EventKind.NO_ACTION_WISHED, EventKind.ACKNOWLEDGED, EventKind.LAPSED, EventKind.MERGED)
#: Commits of the whole story: those of a step, and what a step looks at besides.
COMMITS = 8


def left() -> list[EventKind]:
    """The lines of all records that the steps of `rest` leave."""
    return [line.kind for case in every() for line in chronology.lines(case) if line.kind in LEFT]


def test_the_rest_goes_through_the_other_ways(here: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    reached: list[str] = []
    monkeypatch.setattr(failpoints, "reach", reached.append)
    monkeypatch.setattr(clock, "_source", clock._source)  # put back once time went on in it
    assert sum(1 for _acknowledged in rest(here)) == len(LEFT) + 1
    assert reached.count("after commit") == reached.count("before commit") == COMMITS, "else a place is not killed at"
    assert sorted(left()) == sorted(LEFT)
    assert problems() == []
    assert [case.state for case in every()].count(State.MERGED) == 1
    assert [case for case in every() if Timer.NOBODY_LEFT in case.clocks]


@pytest.mark.faults
@pytest.mark.parametrize("place", ["before commit", "after commit"])
@pytest.mark.parametrize(
    "at", [n if n in (5, 7) else pytest.param(n, marks=pytest.mark.nightly) for n in range(1, COMMITS + 1)]
)
def test_sg1_a_lapse_a_merge_and_one_that_names_everybody_survive_a_kill(here: Scene, place: str, at: int) -> None:
    def go(pipe: int) -> None:
        for _acknowledged in rest(here):
            os.write(pipe, b".")

    with fork(go, place, at) as (pid, answers):
        assert ended(pid) == -signal.SIGKILL
        acknowledged = len(os.read(answers, 64))
    assert set(LEFT[:acknowledged]) <= set(left()) <= set(LEFT[: acknowledged + 1])
    assert problems() == []
    merged = [case for case in every() if case.state is State.MERGED]
    assert all(cases.find(case.merged_into or b"") for case in merged)
    assert (EventKind.MERGED in left()) is bool(merged), "never half of it"
    for _n in range(3):
        ticking.tick()
    assert problems() == []


@pytest.mark.faults
@pytest.mark.both
@pytest.mark.parametrize("place", ["before commit", "after commit"])
def test_sg3_tickers_in_two_processes_one_killed_call_each_step_once(here: Scene, place: str) -> None:
    for n in range(4):
        here.raise_one(b"form %d" % n)
    for at in (1, 3):
        with fork(tick) as (living, _none), fork(tick, place, at) as (dying, _none_either):
            assert ended(dying) == -signal.SIGKILL
            assert ended(living) == 0
        assert problems() == []
    for case in every():
        assert case.state is State.RAISED
        steps = sorted({r.step for r in rows(select(ConcernPage.step).where(ConcernPage.concern_id == case.id))})
        said = [line.codes["step"] for line in chronology.lines(case) if line.codes.get("step")]
        assert said == sorted(set(said)), "each step once, in its order"
        assert set(steps) <= set(said)


@pytest.mark.faults
@pytest.mark.both
def test_sg8_people_and_two_tickers_at_once_leave_nothing_half_done(here: Scene) -> None:
    with fork(tick) as (one, _a), fork(tick) as (other, _b), fork(lambda pipe: story(here, pipe)) as (person, _c):
        assert ended(one) == 0
        assert ended(other) == 0
        assert ended(person) in (0, 1), "a lapse may have come between: then the person is told, and nothing is lost"
    assert problems() == []
    (case,) = every()
    assert case.is_open
