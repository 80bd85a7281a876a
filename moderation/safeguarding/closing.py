"""The end of a concern: proposed, agreed to by a second person where it was serious, opened again; two that are one."""

import enum

from forum.base import clock
from forum.base.errors import Invalid, NotAllowed
from forum.base.transaction import transaction
from forum.base.words import _
from forum.policy.actor import Actor
from moderation.safeguarding import (
    acting,
    cases,
    chronology,
    exclusions,
    keeping,
    machine,
    paging,
    queries,
    referral,
    ticking,
    timers,
    watching,
)
from moderation.safeguarding.acting import require_words
from moderation.safeguarding.cases import Case
from moderation.safeguarding.models import EventKind, Kind, Level, Timer
from moderation.safeguarding.responders import Responder


class Outcome(enum.StrEnum):
    """What came of it. How long the record is kept hangs on this."""

    NO_RISK_FOUND = "no_risk_found"
    SUPPORT_GIVEN = "support_given"
    SIGNPOSTED = "signposted"
    WELFARE_PLAN = "welfare_plan"
    EMERGENCY_CALLED = "emergency_called"
    ATTENDED_SAFE = "attended_safe"
    ADULT_REFERRED_S42 = "adult_referred_s42"
    ADULT_BELOW_THRESHOLD = "adult_below_threshold"
    CHILD_REFERRED = "child_referred"
    POLICE = "police"
    HEALTH_TEAM = "health_team"
    STAFF_ALLEGATION_REFERRED = "staff_allegation_referred"
    UNABLE_TO_CONTACT = "unable_to_contact"
    WITHDRAWN_NO_RISK = "withdrawn_no_risk"
    RAISED_TO_HARM = "raised_to_harm"  #: whoever raised it looked for the person, or wanted to hurt them
    DIED = "died"
    DUPLICATE = "duplicate"


def propose_close(
    actor: Actor, concern_id: bytes, version: int, outcome: Outcome, said: str, *, help_offered: bool
) -> None:
    """T15: say that it can be closed, and what came of it.

    :param help_offered: help lines and other ways were offered to the person, or it says why not.
    :raises Invalid: no words, or nothing was offered, or the record is not complete.
    """
    clean = require_words(said, "words", acting.LEAST_WORDS)
    if not help_offered:
        raise Invalid(_("Offer the person help lines first, or write why that was not possible."), "help_offered")
    with acting.acting(actor, concern_id, version, "propose_close") as act:
        _require_complete(act.case, outcome)
        act.go(outcome=outcome.value, proposed_by=act.me.id)
        act.note(EventKind.CLOSE_PROPOSED, clean, codes={"outcome": outcome})


def _require_complete(case: Case, outcome: Outcome) -> None:
    lines = chronology.lines(case)
    watching.require_none(lines)
    if referral.owed(lines) is not None:
        raise NotAllowed(_("Answer the rest about whom you passed it on to first."))
    referral.require_for_end(outcome, lines)
    missing = {Timer.EMERGENCY_RECORD, Timer.SIGHT} & set(case.clocks)
    if Timer.EMERGENCY_RECORD in missing:
        raise NotAllowed(_("Write down the emergency call first: who called, when, and what was shared."))
    if missing:
        raise NotAllowed(_("The lead or a deputy has to look at this first. Ask one of them."))


def confirm_close(actor: Actor, concern_id: bytes, version: int) -> None:
    """T16: agree that it is closed. How long the record is kept counts from today."""
    with acting.acting(actor, concern_id, version, "confirm_close") as act:
        act.note(EventKind.CLOSED, codes={"outcome": act.case.outcome})
        today, case = clock.today(), act.case
        years = keeping.years_of(case.organisation_id)
        act.go(closed_on=today, keep_until=keeping.until(case.outcome, case.kind, today, years))
        paging.stop(concern_id)


def reject_close(actor: Actor, concern_id: bytes, version: int, why: str) -> None:
    """T17: it is not at its end. :raises Invalid: no reason."""
    said = require_words(why, "why")
    with acting.acting(actor, concern_id, version, "reject_close") as act:
        act.go(outcome=None)
        act.note(EventKind.CLOSE_REJECTED, said)


def reopen(actor: Actor, concern_id: bytes, version: int, why: str) -> None:
    """T18: there is something new. The same concern, counted as high until somebody looked. :raises Invalid: no reason."""
    said = require_words(why, "why")
    with acting.acting(actor, concern_id, version, "reopen") as act:
        act.go(level=Level.HIGH, ever_high=True, outcome=None, closed_on=None, keep_until=None)
        act.note(EventKind.REOPENED, said)
        act.case = ticking.begin(act.case)


def merge(actor: Actor, concern_id: bytes, version: int, into_id: bytes) -> None:
    """T19: two are about the same person; the other one takes this one's record in, and the earlier of both clocks.

    Whom either must not reach, the one that is left must not reach.
    :raises NotAllowed: they are about different people, or the other one is not open.
    """
    if concern_id == into_id:
        raise Invalid(_("Choose another concern."), "into")
    with transaction():
        found = {one: cases.lock(one) for one in sorted((concern_id, into_id))}
        case, target = found[concern_id], found[into_id]
        me = queries.require(actor, case)
        queries.require(actor, target)
        if case.version != version:
            raise acting.stale()
        way = machine.BY_NAME["merge"]
        if not machine.may(way, queries.facts_of(case), queries.person_of(me, case.scope)):
            raise NotAllowed(acting.why_not(case, way))
        if not target.is_open or not _is_about_the_same(case, target):
            raise NotAllowed(_("These two are not about the same person, or the other one is closed."))
        watching.require_none(chronology.lines(case))
        _absorb(case, target, me)


def _is_about_the_same(case: Case, target: Case) -> bool:
    return case.subject_tag is not None and case.subject_tag == target.subject_tag and case.scope == target.scope


def _absorb(case: Case, target: Case, me: Responder) -> None:
    now = clock.now()
    chronology.note(case, EventKind.MERGED, me, codes={"into": target.code})
    chronology.note(target, EventKind.ABSORBED, me, codes={"code": case.code})
    for line in chronology.lines(case):
        if line.words or "referral" in line.codes:
            told = {name: line.codes[name] for name in ("referral", "whole") if name in line.codes}
            codes = {"from": case.code, "n": line.n} | told
            chronology.note(target, line.kind, me, line.words, codes=codes, happened_at=line.happened_at or line.at)
    for copy in chronology.copies(case):
        chronology.keep_copy(target, copy)
    kept_out = exclusions.excluded_ids(case)
    exclusions.keep_from(case, exclusions.excluded_ids(target))
    exclusions.keep_from(target, kept_out)
    paging.drop_for(target.id, kept_out)
    stricter = max(case.level, target.level, key=lambda level: machine.SERIOUS[level])
    clocks = _earlier(case, target)
    flags = {name: getattr(case, name) or getattr(target, name) for name in _KEPT_FLAGS}
    kind = case.kind if target.kind is Kind.ADULT else target.kind
    target = cases.change(target, level=stricter, kind=kind, **flags, **timers.columns(clocks, now))
    if target.owner_id in kept_out:
        target = ticking.go(target, machine.BY_NAME["recuse"], None, now)
    if not exclusions.are_enough(target):
        ticking.nobody_left(target, now)
    ticking.go(case, machine.BY_NAME["merge"], me, now, merged_into=target.id, closed_on=clock.today())
    if kind is Kind.STAFF:
        exclusions.keep_items_from_team(target)
    paging.stop(case.id)


#: What was true of either is true of the one that is left: else a second person's yes or a hold would end by it.
_KEPT_FLAGS = ("ever_high", "do_not_write", "identity_opened", "legal_hold", "wants_no_action")
#: What somebody must still write down or look at, whichever of the two it was asked of.
_OWED = (Timer.EMERGENCY_RECORD, Timer.SIGHT)


def _earlier(case: Case, target: Case) -> timers.Clocks:
    """The target's clocks with what is still owed in the other one; its first one no later than what was due there."""
    if case.due_at is None or target.timer is None or target.due_at is None:
        return target.clocks
    owed = {
        name: min(case.clocks[name], target.clocks.get(name, case.clocks[name]))
        for name in _OWED
        if name in case.clocks
    }
    return target.clocks | {target.timer: min(target.due_at, case.due_at)} | owed


def set_hold(actor: Actor, concern_id: bytes, on: bool, why: str) -> None:
    """Keep the record whatever its clock of keeping says, or stop doing so. :raises NotAllowed: not an officer."""
    said = require_words(why, "why")
    with acting.adding(actor, concern_id) as act:
        if not act.me.is_tier or not act.me.may_own:
            raise NotAllowed(_("The lead, a deputy or the independent contact has to do this. Ask one of them."))
        act.change(legal_hold=on)
        act.note(EventKind.HELD if on else EventKind.HOLD_ENDED, said)
