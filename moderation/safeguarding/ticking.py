"""What falls due: the next call, an acknowledgement that lapses, a decision that is not there.

Done by the ticker, by requests on their way and by `flask safeguarding tick`, all at once if need be: each concern in a
transaction of its own, locked, and looked at again under the lock. What is written down once is never written twice.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from forum.base import clock, failpoints, keyring
from forum.base.db import row, rows
from forum.base.errors import Busy, NotFound, origin
from forum.base.transaction import hurried, transaction
from moderation.safeguarding import (
    cases,
    chronology,
    exclusions,
    gone_back,
    ladder,
    machine,
    paging,
    queries,
    responders,
    timers,
    watches,
    words,
)
from moderation.safeguarding.cases import Case
from moderation.safeguarding.ladder import Whom
from moderation.safeguarding.models import Concern, EventKind, Level, State, Timer
from moderation.safeguarding.responders import Responder, ResponderRole

log = logging.getLogger(__name__)

#: In one pass; the next one follows within a second.
AT_ONCE = 50
#: A row that cannot be read must not stand before all others: it is tried again after this long, and an admin is told.
AFTER_A_FAILURE = timedelta(minutes=1)
#: Clocks of one concern that fall due together are all served in one pass: there are no more than these.
MOST_CLOCKS = len(Timer)


def tick(limit: int = AT_ONCE) -> int:
    """Do what is due; gives how many concerns were looked at. Safe from any number of processes at once."""
    now = clock.now()
    # Two questions: one with "or" looks through every open concern (100 ms of 10,000), each of these at an index alone.
    due = rows(select(Concern.id).where(Concern.due_at <= now).order_by(Concern.due_at).limit(limit))
    jumped = rows(select(Concern.id).where(Concern.armed_at > now + timers.WANDERING).limit(limit))
    found = list(dict.fromkeys(concern.id for concern in (*due, *jumped)))
    for concern_id in found:
        _one(concern_id)
        time.sleep(0)  # a turn for everyone else: fifty in a row kept the event loop for half a second
    return len(found)


def work(_n: int) -> None:
    """A second's work of the thread beside the ticker."""
    keyring.refresh()
    tick()


def is_due() -> bool:
    """Whether anything waits: one look at an index."""
    return row(select(Concern.id).where(Concern.due_at <= clock.now()).limit(1)) is not None


def help_out() -> None:
    """The same on the way of somebody who only wants to read: they neither wait for it nor fail with it."""
    try:
        with hurried():
            if is_due():
                tick(limit=3)
    except (Busy, DBAPIError) as error:
        log.warning("concerns were left for the ticker %s", origin(error))


def _one(concern_id: bytes) -> None:
    try:
        with transaction():
            _advance(concern_id)
        failpoints.reach("after a concern moved")
    except Busy:
        raise
    except Exception as error:  # noqa: BLE001 - one row that is damaged must not keep all others from being called about
        log.error("a concern could not be moved on %s", origin(error))
        with transaction():
            cases.put_off(concern_id, clock.now() + AFTER_A_FAILURE)


def _advance(concern_id: bytes) -> None:
    try:
        case = cases.lock(concern_id, skip_locked=True)
    except NotFound:
        return  # another process has it in hand
    now = clock.now()
    if (back := timers.shifted(case, now)) is not None:
        case = cases.change(case, **timers.columns(back, now))
    for _n in range(MOST_CLOCKS):
        if case.due_at is None or case.timer is None or case.due_at > now:
            return
        case = _WORK[case.timer](case, now)


def begin(case: Case) -> Case:
    """Step: a concern that was just raised: the first people are called in the same transaction."""
    if not exclusions.are_enough(case):
        case = nobody_left(case, clock.now())
    return page(case, clock.now())


# --- What each clock does -------------------------------------------------------------------------------------------


def page(case: Case, now: datetime) -> Case:
    """Step, T2: call whoever is next, or say in the chronology that nobody is there and go on to the step after it."""
    done = paging.run_step(case, now)
    for kind, codes in done.events:
        chronology.note(case, EventKind(kind), None, codes=codes)
    return cases.change(case, step=done.step, **timers.columns(case.clocks | {Timer.PAGE: done.due_at}, now))


def lapse(case: Case, now: datetime) -> Case:
    """Step, T4: nobody wrote down in time that they did anything. Calling goes on with whoever comes after them."""
    had_it = case.owner_id.hex() if case.owner_id else ""
    chronology.note(case, EventKind.LAPSED, None, codes={"timer": case.timer, "state": case.state, "owner": had_it})
    gone_back.tell_later(case)
    step = step_of(case, case.owner_id, now)
    return go(case, machine.BY_NAME["lapse"], None, now, step=step)


def let_go(responder_id: bytes) -> None:
    """Step: somebody answers for nobody any more. What they had is called about at once: its clocks may be weeks away.
    What they were being called about goes to whoever comes next.
    """
    paging.leave(responder_id)
    theirs = (Concern.due_at.is_not(None), Concern.owner_id == responder_id)
    for found in rows(select(Concern.id).where(*theirs)):
        lapse(cases.lock(found.id), clock.now())


def overdue(case: Case, now: datetime) -> Case:
    """Step: what was due is not there. Whoever has it and the officers are called, again and again until it is."""
    timer = case.timer
    assert timer is not None
    chronology.note(case, EventKind.OVERDUE, None, codes={"timer": timer})
    people = exclusions.eligible(case, responders.all_of(case.scope))
    wanted = [one for one in people if one.may_own and (one.is_tier or one.id == case.owner_id)]
    call(case, wanted or people, now, urgent=False)
    again = now + timedelta(minutes=case.numbers["repeat"])
    return cases.change(case, **timers.columns(case.clocks | {timer: again}, now))


def call_watchers(case: Case, now: datetime) -> Case:
    """Step: somebody who was close to a member who died was to be spoken with. Whoever looks after them is called, with the
    officers, again and again until it is written down how they are."""
    late = {one.owner_id for one in watches.list_open(chronology.lines(case)) if one.due_at <= now}
    chronology.note(case, EventKind.OVERDUE, None, codes={"timer": Timer.WATCH})
    people = [one for one in exclusions.insiders(case) if one.is_tier or one.id in late]
    call(case, people, now, urgent=False)
    again = now + timedelta(minutes=case.numbers["repeat"])
    return cases.change(case, **timers.columns(case.clocks | {Timer.WATCH: again}, now))


def end_offer(case: Case, now: datetime) -> Case:
    """Step: nobody took it over in time; whoever gave it has it still, and is told."""
    chronology.note(case, EventKind.OFFER_ENDED, None)
    holder = [one for one in responders.all_of(case.scope) if one.id == case.owner_id]
    call(case, holder, now, urgent=False)
    return cases.change(case, offered_to=None, **timers.columns(timers.without(case.clocks, Timer.OFFER), now))


def nobody_left(case: Case, now: datetime) -> Case:
    """Step, T21: too few are left to hold it and to close it, or one person says that the last other officer must not see
    it. The outside body is called until somebody is appointed, or until they decided.
    """
    clocks = dict(case.clocks)
    if exclusions.are_enough(case) and not words.open_inside(case).asked_out:
        clocks.pop(Timer.NOBODY_LEFT, None)
        return cases.change(case, **timers.columns(clocks, now))
    call(case, exclusions.outside_body(case), now)
    clocks[Timer.NOBODY_LEFT] = timers.fresh(Timer.NOBODY_LEFT, case.numbers, now)
    return cases.change(case, **timers.columns(clocks, now))


def go_on_with_interim(organisation_id: bytes) -> None:
    """Step, T21: somebody was appointed. Whatever waited for that is called about at once."""
    now = clock.now()
    for found in cases.list_by(Concern.organisation_id == organisation_id, Concern.due_at.is_not(None)):
        if Timer.NOBODY_LEFT in found.clocks:
            case = nobody_left(cases.lock(found.id), now)
            if Timer.NOBODY_LEFT not in case.clocks:
                chronology.note(case, EventKind.INTERIM, None)
            if case.state is State.RAISED:
                page(case, now)


def call(case: Case, people: list[Responder], now: datetime, *, urgent: bool = True) -> None:
    """Step: call these people beside the ladder, and write down whom. :param urgent: as for `paging.call_now`."""
    kind, codes = paging.call_now(case, people, now, urgent=urgent)
    chronology.note(case, EventKind(kind), None, codes=codes)


def call_holder(case: Case, now: datetime) -> None:
    """Step: something new was said or seen. Whoever has it is called, else the officers: a follow-up may be weeks away.

    Nobody has assessed what is new, so it counts as high. While people are being called anyway, nothing is added.
    """
    if case.state is State.RAISED or not case.is_open:
        return
    insiders = exclusions.insiders(case)
    wanted = [one for one in insiders if one.id == case.owner_id] or [one for one in insiders if one.is_tier]
    if not paging.was_called(case, wanted, now):
        kind, codes = paging.call_now(case, wanted, now, level=Level.HIGH)
        chronology.note(case, EventKind(kind), None, codes=codes)


_WORK: dict[Timer, Callable[[Case, datetime], Case]] = {
    Timer.PAGE: page,
    Timer.LAPSE: lapse,
    Timer.FOLLOW_UP: lapse,
    Timer.CONFIRM: lapse,
    Timer.TRIAGE: overdue,
    Timer.SPOKEN: overdue,
    Timer.REVIEW: overdue,
    Timer.SIGHT: overdue,
    Timer.EMERGENCY_RECORD: overdue,
    Timer.WATCH: call_watchers,
    Timer.OFFER: end_offer,
    Timer.NOBODY_LEFT: nobody_left,
}


def go(
    case: Case,
    way: machine.Transition,
    me: Responder | None,
    now: datetime,
    given: timers.Clocks | None = None,
    **columns: Any,
) -> Case:
    """Step: take a concern one of the table's ways; gives what it is then. The caller asked whether it may be gone.

    :param given: clocks whose end was said. :param columns: what else changes in its row.
    """
    who = queries.person_of(me, case.scope) if me else None
    then = machine.after(way, queries.facts_of(case), who)
    level = columns.get("level", case.level)
    running = timers.after(case.clocks, way, then.state, case.policy[level.value], now, given or {})
    if case.state is State.RAISED and then.state is not State.RAISED:
        paging.stop(case.id)
    values = {
        "state": then.state,
        "owner_id": then.owner_id,
        "offered_to": then.offered_to,
        "proposed_by": then.proposed_by,
        "gen": then.gen,
        "step": 0 if way.new_gen else case.step,
    }
    return cases.change(case, **values | columns, **timers.columns(running, now))


def step_of(case: Case, owner_id: bytes | None, now: datetime) -> int:
    """How many steps of the ladder lie behind once this person had their turn: the next one calls somebody else."""
    stairs = ladder.of_policy(case.numbers, case.level.value)
    owner = responders.get(case.scope, owner_id) if owner_id else None
    if owner is None:
        return 0
    on_call = {one.id for one in responders.on_duty(case.scope, now)}
    whom = {
        ResponderRole.FACILITATOR: Whom.ON_CALL if owner.id in on_call else Whom.CO,
        ResponderRole.LEAD: Whom.TIER_FIRST,
        ResponderRole.DEPUTY: Whom.TIER_SECOND,
    }.get(owner.role, Whom.EVERYONE)
    return ladder_place(stairs, whom)


def ladder_place(stairs: ladder.Ladder, whom: Whom) -> int:
    """The number of the first step that calls these people; of those it never calls by themselves, the last but one."""
    places = [n for n, step in enumerate(stairs.steps, start=1) if whom in step.whom]
    return places[0] if places else 0
