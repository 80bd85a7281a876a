"""What responders do with a concern: take it, say how serious it is, act, refer, plan, watch. Ends are in `closing`.

Every function is one transaction: the row, its clocks and its chronology change together or not at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from forum.base import clock
from forum.base.errors import Invalid, NotAllowed
from forum.base.words import _
from forum.policy.actor import Actor
from moderation.safeguarding import (
    acting,
    cases,
    chronology,
    exclusions,
    machine,
    paging,
    policy,
    queries,
    referral,
    ticking,
    timers,
    words,
)
from moderation.safeguarding.acting import LEAST_WORDS, Act, require_words
from moderation.safeguarding.cases import Case
from moderation.safeguarding.machine import HIGH_OR_MORE, SERIOUS
from moderation.safeguarding.models import NOTES, EventKind, Kind, Level, State, Timer


@dataclass(frozen=True)
class Assessment:
    """What triage says.

    :param wants: what the person wants; or :param why_not_asked: why nobody asked them. :param raiser_danger: "yes", "no" or
        "unknown": could whoever raised it be the danger? :param kind: None: as it was raised.
    """

    level: Level
    rationale: str
    wants: str = ""
    why_not_asked: str = ""
    raiser_danger: str = ""
    kind: Kind | None = None


RAISER_DANGER = ("no", "yes", "unknown")


def acknowledge(actor: Actor, concern_id: bytes, version: int) -> None:
    """T3: take it on. Everybody else's calls about it stop.

    :raises NotFound, NotAllowed, Conflict: see `acting.acting`; each function here raises these.
    """
    with acting.acting(actor, concern_id, version, "acknowledge") as act:
        act.go(looked_at=True)
        act.note(EventKind.ACKNOWLEDGED)
        paging.answer(act.me.id, concern_id)


def triage(actor: Actor, concern_id: bytes, version: int, said: Assessment) -> None:
    """T5: say how serious it is, and why. :raises Invalid: a reason of less than 30 characters, or something is missing."""
    rationale = require_words(said.rationale, "rationale", LEAST_WORDS)
    if said.level is Level.UNASSESSED:
        raise Invalid(_("Choose how serious it is."), "level")
    if not (said.wants.strip() or said.why_not_asked.strip()):
        raise Invalid(_("Write what the person wants, or why nobody asked them yet."), "wants")
    if said.raiser_danger not in RAISER_DANGER:
        raise Invalid(_("Could the person who raised this be the danger? Choose an answer."), "raiser_danger")
    with acting.acting(actor, concern_id, version, "triage") as act:
        before = act.case.level
        if before in HIGH_OR_MORE and SERIOUS[said.level] < SERIOUS[before]:
            raise NotAllowed(
                _("To lower this level a second person has to agree. Keep the level here, then ask for it.")
            )
        _assess(act, said, rationale)


def _assess(act: Act, said: Assessment, rationale: str) -> None:
    before = act.case.level
    given = dict(timers.for_level(act.case, said.level, act.now)) if before is not Level.UNASSESSED else {}
    numbers = act.case.policy[said.level.value]
    if before is Level.UNASSESSED and Timer.SPOKEN in act.case.clocks:
        given[Timer.SPOKEN] = timers.fresh(Timer.SPOKEN, numbers, act.now)
    if before is Level.UNASSESSED and said.level is Level.LOW and not act.me.is_tier:
        given[Timer.SIGHT] = timers.fresh(Timer.SIGHT, numbers, act.now)
    kind = said.kind or act.case.kind
    if act.case.kind is Kind.STAFF and kind is not Kind.STAFF:
        exclusions.keep_colleagues_out(act.case)
    if kind is Kind.STAFF:
        exclusions.keep_items_from_team(act.case)
    act.go(given, level=said.level, kind=kind, ever_high=act.case.ever_high or said.level in HIGH_OR_MORE)
    codes = {"level": said.level, "raiser_danger": said.raiser_danger, "kind": kind}
    act.note(EventKind.TRIAGED, rationale, codes=codes)
    if said.wants.strip():
        act.note(EventKind.SAID, said.wants.strip())
    else:
        act.note(EventKind.DECISION, said.why_not_asked.strip(), codes={"why_not_asked": True})
    if act.case.owner_id in exclusions.barred_ids(act.case):
        _pass_on(act)


def _pass_on(act: Act) -> None:
    """Step: it turned out to be about one of the team, so whoever is their colleague has it no more (SG7)."""
    paging.drop_for(act.case.id, exclusions.barred_ids(act.case))
    step = ticking.step_of(act.case, act.case.owner_id, act.now)
    act.case = ticking.go(act.case, machine.BY_NAME["recuse"], None, act.now, step=step)
    if not exclusions.are_enough(act.case):
        act.case = ticking.nobody_left(act.case, act.now)
    act.case = ticking.page(act.case, act.now)


def set_level(actor: Actor, concern_id: bytes, version: int, level: Level, why: str) -> bool:
    """T6, T7: another level; False if a second responder must still agree to lower it from high or immediate.

    :raises Invalid: no reason, or no change.
    """
    reason = require_words(why, "why")
    found = cases.find(concern_id)
    if level is Level.UNASSESSED or (found is not None and level is found.level):
        raise Invalid(_("Choose another level."), "level")
    raising = found is not None and SERIOUS[level] >= SERIOUS[found.level]
    with acting.acting(actor, concern_id, version, "raise_level" if raising else "lower_level") as act:
        if raising:
            _raise_level(act, level, reason)
            return True
        return _lower_level(act, level, reason)


def _raise_level(act: Act, level: Level, why: str) -> None:
    """People are called anew as the new level says: from its first step if nobody has it, else beside the ladder."""
    case, now = act.case, act.now
    clocks = timers.for_level(case, level, now)
    columns = {"level": level, "ever_high": case.ever_high or level in HIGH_OR_MORE}
    if case.state is State.RAISED:
        paging.stop(case.id)
        clocks[Timer.PAGE] = now
        columns |= {"gen": case.gen + 1, "step": 0}
    act.change(**columns, **timers.columns(clocks, now))
    act.note(EventKind.LEVEL, why, codes={"from": case.level, "to": level})
    if case.state is State.RAISED:
        act.case = ticking.page(act.case, now)
        return
    people = [one for one in exclusions.insiders(act.case) if one.is_tier or one.id == act.case.owner_id]
    ticking.call(act.case, people, now)


def _lower_level(act: Act, level: Level, why: str) -> bool:
    case, inside = act.case, words.open_inside(act.case)
    mine = queries.person_of(act.me, case.scope).ids
    if case.level in HIGH_OR_MORE and (inside.asked_level != level.value or inside.asked_by in mine):
        act.note(EventKind.LEVEL, why, codes={"asked": level, "from": case.level})
        act.case = words.change_inside(case, asked_level=level.value, asked_by=act.me.id)
        return False
    act.note(EventKind.LEVEL, why, codes={"from": case.level, "to": level})
    act.case = words.change_inside(act.case, asked_level="", asked_by=b"")
    clocks = timers.for_level(case, level, act.now)
    if case.level is Level.UNASSESSED and level is Level.LOW and not act.me.is_tier:
        clocks[Timer.SIGHT] = timers.fresh(Timer.SIGHT, case.numbers, act.now)
    act.change(level=level, **timers.columns(clocks, act.now))
    return True


def emergency(actor: Actor, concern_id: bytes) -> None:
    """T8: there is danger to life now. No form stands in the way, and nor does what somebody else changed meanwhile."""
    with acting.acting(actor, concern_id, None, "emergency") as act:
        case = act.case
        given = timers.for_level(case, Level.IMMEDIATE, act.now)
        for name in (Timer.LAPSE, Timer.REVIEW):
            given[name] = timers.fresh(name, case.policy[Level.IMMEDIATE.value], act.now)
        given.pop(Timer.EMERGENCY_RECORD, None)
        act.go(given, level=Level.IMMEDIATE, ever_high=True, looked_at=True)
        act.note(EventKind.EMERGENCY)
        people = [one for one in exclusions.insiders(act.case) if one.is_tier and one.id != act.me.id]
        ticking.call(act.case, people, act.now)


def record_emergency(actor: Actor, concern_id: bytes, who: str, at: datetime, ref: str, shared: str) -> None:
    """Within two hours after: who called, when, the reference, and what was shared. :raises Invalid: nothing about who."""
    caller = require_words(who, "who")
    said = "\n".join(part for part in (caller, ref.strip(), require_words(shared, "shared")) if part)
    with acting.adding(actor, concern_id) as act:
        act.note(EventKind.EMERGENCY_RECORDED, said, happened_at=min(at, act.now))
        _end_emergency_record(act)


def refer(actor: Actor, concern_id: bytes, version: int, said: Mapping[str, str]) -> None:
    """T9: pass it on to a body outside.

    :param said: by names of `referral.NAMES`. :raises Invalid: something is missing that can be said before.
    """
    told = referral.read(said)
    with acting.acting(actor, concern_id, version, "refer") as act:
        missing = referral.missing(told, act.case.kind)
        if "body" in missing or not referral.may_wait(act.case):
            referral.require_whole(told, act.case.kind)
        act.go({Timer.EMERGENCY_RECORD: _hasty_end(act)} if missing else None)
        act.note(EventKind.REFERRED, codes={"referral": told.packed(), "whole": not missing})


def _hasty_end(act: Act) -> datetime:
    """Until when the rest must be said: as long as for who called in the emergency, and no later than that."""
    fresh = timers.fresh(Timer.EMERGENCY_RECORD, act.case.numbers, act.now)
    return min(act.case.clocks.get(Timer.EMERGENCY_RECORD, fresh), fresh)


def complete_referral(actor: Actor, concern_id: bytes, said: Mapping[str, str]) -> None:
    """Say the rest of what was passed on in a hurry. :raises Invalid: something is missing. :raises NotAllowed: nothing is."""
    with acting.adding(actor, concern_id) as act:
        before = referral.owed(chronology.lines(act.case))
        if before is None or not act.case.is_open:
            raise NotAllowed(_("There is nothing to answer. Open the concern again and look where it stands."))
        told = referral.read(before.packed() | {name: value for name, value in said.items() if value.strip()})
        referral.require_whole(told, act.case.kind)
        act.note(EventKind.REFERRED, codes={"referral": told.packed(), "whole": True, "rest": True})
        _end_emergency_record(act)
        act.renew()


def _end_emergency_record(act: Act) -> None:
    """Step: its clock ends when both are there: who called, and all that was asked about who it was passed on to."""
    lines = chronology.lines(act.case)
    last = {line.kind: line.n for line in lines}
    if referral.owed(lines) is None and last.get(EventKind.EMERGENCY, 0) <= last.get(EventKind.EMERGENCY_RECORDED, 0):
        _end_clock(act, Timer.EMERGENCY_RECORD)


def received(actor: Actor, concern_id: bytes, version: int, words_back: str) -> None:
    """What the body that it was referred to said: they have it. Asked again in a week how it went on."""
    said = require_words(words_back, "words")
    with acting.acting(actor, concern_id, version, "offer") as act:
        if act.case.state is not State.REFERRED:
            raise NotAllowed(acting.why_not(act.case, act.way))
        act.note(EventKind.RECEIVED, said)
        clocks = act.case.clocks | {Timer.FOLLOW_UP: act.now + timedelta(days=7)}
        act.change(**timers.columns(clocks, act.now))


def plan(actor: Actor, concern_id: bytes, version: int, agreed: str, next_contact: datetime) -> None:
    """T10: what was agreed with the person, and when they are spoken to next.

    :raises Invalid: nothing agreed, or a date that is past or later than the level lets it wait.
    """
    said = require_words(agreed, "agreed")
    with acting.acting(actor, concern_id, version, "plan") as act:
        latest = timers.fresh(Timer.REVIEW, act.case.numbers, act.now)
        if not act.now < next_contact <= latest:
            raise Invalid(_("Choose a time from now on, and not too far away."), "next_contact")
        lapse = next_contact + timedelta(minutes=act.case.numbers["lapse"])
        act.go({Timer.LAPSE: min(lapse, latest)})
        act.note(EventKind.PLANNED, said, codes={"next_contact": next_contact.isoformat()})


def monitor(actor: Actor, concern_id: bytes, version: int, until: datetime, why: str) -> None:
    """T11: somebody asks again on a day. :raises Invalid: past, or more than 30 days away, or no reason."""
    said = require_words(why, "why")
    with acting.acting(actor, concern_id, version, "monitor") as act:
        if not act.now < until <= act.now + policy.LONGEST_MONITORING:
            raise Invalid(_("Choose a day within the next 30 days."), "until")
        act.go({Timer.FOLLOW_UP: until})
        act.note(EventKind.MONITORED, said, codes={"until": until.isoformat()})


def spoken(actor: Actor, concern_id: bytes, why_not: str) -> None:
    """Nobody could speak with the person, and this is why. Their own answer ends that clock by itself: `person_answered`."""
    said = require_words(why_not, "why_not")
    with acting.adding(actor, concern_id) as act:
        act.note(EventKind.SPOKEN, said, codes={"reached": False})
        act.change(spoken=True)
        _end_clock(act, Timer.SPOKEN)
        act.renew()


def person_answered(concern_id: bytes) -> None:
    """Step: the person wrote back, so somebody has spoken with them. Their words lie in their own line."""
    case = cases.lock(concern_id)
    if case.spoken and Timer.SPOKEN not in case.clocks:
        return
    chronology.note(case, EventKind.SPOKEN, None, codes={"reached": True})
    left = timers.without(case.clocks, Timer.SPOKEN)
    cases.change(case, spoken=True, **timers.columns(left, clock.now()))


def seen_by_lead(actor: Actor, concern_id: bytes) -> None:
    """An officer looked at a first "low". :raises NotAllowed: not an officer."""
    with acting.adding(actor, concern_id) as act:
        if not act.me.is_tier or not act.me.may_own:
            raise NotAllowed(_("The lead, a deputy or the independent contact has to do this. Ask one of them."))
        act.note(EventKind.SEEN_BY_LEAD)
        _end_clock(act, Timer.SIGHT)


def write_note(
    actor: Actor,
    concern_id: bytes,
    kind: EventKind,
    said: str,
    happened_at: datetime | None = None,
    corrects: int | None = None,
) -> int:
    """Write a note; gives its number. By whoever has it, it counts as an act: their time begins anew.

    :param kind: one of models.NOTES. :param corrects: the number of an earlier note, which stays.
    :raises Invalid: no words, no such kind, or no such earlier note.
    """
    words_of = require_words(said, "words")
    if kind not in NOTES:
        raise Invalid(_("Choose what kind of note it is."), "kind")
    with acting.adding(actor, concern_id) as act:
        if not act.case.is_open and corrects is None:
            raise NotAllowed(_("This concern is closed. If there is something new, open it again."))
        if corrects is not None and corrects not in {
            line.n for line in chronology.lines(act.case) if line.kind in NOTES
        }:
            raise Invalid(_("There is no such note to correct."), "corrects")
        at = min(happened_at, act.now) if happened_at else None
        n = act.note(kind, words_of, happened_at=at, corrects=corrects)
        if act.case.is_open:
            act.renew()
        return n


def note_viewed(actor: Actor, concern_id: bytes) -> None:
    """Somebody opened the record: once an hour for each of them."""
    with acting.adding(actor, concern_id) as act:
        lately = act.now - timedelta(hours=1)
        seen = [line for line in chronology.lines(act.case) if line.kind is EventKind.VIEWED and line.at > lately]
        if act.me.id not in {line.by_id for line in seen}:
            act.note(EventKind.VIEWED)


def wishes_no_action(concern_id: bytes) -> None:
    """Step, T20: the person asks for nothing to be done. It is a flag: only people end a concern."""
    case = cases.lock(concern_id)
    if not case.wants_no_action:
        chronology.note(case, EventKind.NO_ACTION_WISHED, None)
        cases.change(case, wants_no_action=True)


def _end_clock(act: Act, timer: Timer) -> Case:
    if not act.case.is_open:
        return act.case
    return act.change(**timers.columns(timers.without(act.case.clocks, timer), act.now))
