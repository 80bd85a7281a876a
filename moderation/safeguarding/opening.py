"""Opening sealed contact details: asked for, agreed by somebody else, opened by whoever asked; each step in the record.

The order is the promise (SG10): who opens what and why, and what the member will read of it, are committed before one letter
is. If they cannot be written, nothing is opened.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update

from forum.accounts import second_factor
from forum.base import clock, failpoints
from forum.base.errors import Conflict, NotAllowed
from forum.base.idents import new_ident
from forum.base.transaction import here, transaction
from forum.base.words import _
from forum.policy import record
from forum.policy.actor import Actor
from moderation.safeguarding import (
    boxes,
    cases,
    chronology,
    details,
    key_queries,
    key_steps,
    keys,
    opening_jobs,
    opening_queries,
    opening_rules,
    opening_told,
    paging,
    queries,
    words,
)
from moderation.safeguarding.cases import Case
from moderation.safeguarding.key_models import DetailOpening, Stage, Way
from moderation.safeguarding.keys import Unlocked
from moderation.safeguarding.models import EventKind
from moderation.safeguarding.opening_queries import PLACE, Opening
from moderation.safeguarding.opening_rules import LOOKED_AT_FOR, REVIEWED_WITHIN, Asked
from moderation.safeguarding.responders import TIER, Responder


@dataclass(frozen=True)
class Opened:
    """What was opened, for the one page that shows it. Nowhere else, and never in a log."""

    fields: dict[str, str] = field(repr=False)
    until: datetime


# --- Asking ---


def ask(actor: Actor, concern_id: bytes, way: Way, wanted: Asked) -> bytes:
    """Ask to open some of a person's contact details; gives the asking's id.

    Alone (Way.EMERGENCY, Way.TWO_HALVES) it is agreed at once and reviewed by somebody else within a day.

    :raises NotFound: no such concern for this person. :raises Invalid: with the field. :raises NotAllowed: with words.
    """
    queries.get(actor, concern_id)
    second_factor.require_step_up(actor)
    with transaction():
        cases.lock(concern_id)
        case, me = queries.get(actor, concern_id)
        lines, others = chronology.lines(case), opening_queries.who_could_agree(case, me)
        asked = opening_rules.check(wanted, case, lines)
        unanswered = opening_rules.went_unanswered(lines, clock.now())
        opening_rules.require_way(way, asked, case, me, len(others), unanswered)
        _require_possible(case, me)
        return _keep_asking(case, me, way, asked, others)


def _require_possible(case: Case, me: Responder) -> None:
    if not opening_queries.has_something(case):
        raise NotAllowed(_("This person left no contact details, so there is nothing to open."))
    own = key_queries.find_holder(me.id)
    if own is None or own.checked_on is None:
        raise NotAllowed(_("Make a key of your own first, and try it. Or ask the lead to open them."))


def _keep_asking(case: Case, me: Responder, way: Way, asked: Asked, others: Sequence[Responder]) -> bytes:
    now, opening_id, alone = clock.now(), new_ident(), way is not Way.TWO_PEOPLE
    kept = replace(asked, asked_at=now.isoformat(), agreed_at=now.isoformat() if alone else "")
    values = {"id": opening_id, "concern_id": case.id, "way": way, "asked_by": me.id}
    stage = Stage.AGREED if alone else Stage.ASKED
    here().execute(insert(DetailOpening).values(**values, stage=stage, sealed=_seal(case, opening_id, kept)))
    codes = {"opening": opening_id.hex(), "way": way.value, **_codes(kept)}
    chronology.note(case, EventKind.IDENTITY_ASKED, me, kept.purpose, codes=codes)
    record.note("details.ask", me.id, opening_id, _audit(way, kept))
    if not alone:
        kind, called = paging.call_now(case, others, now)
        chronology.note(case, EventKind(kind), None, codes={**called, "why": "details"})
    return opening_id


def _codes(asked: Asked) -> dict[str, Any]:
    return {"fields": list(asked.fields), "basis": asked.basis, "grounds": asked.grounds, "line": asked.line}


def _audit(way: Way, asked: Asked) -> str:
    return f"{way.value} {asked.basis} {asked.grounds} {' '.join(asked.fields)}"


# --- A second person ---


def agree(actor: Actor, opening_id: bytes, typed: str) -> None:
    """Say yes to what somebody else asked for.

    :param typed: the words of one's own key; needed where a facilitator asked, who has no key to the details.
    :raises NotFound: no such asking for this person. :raises NotAllowed: not theirs to agree to. :raises Invalid: the words.
    """
    seen = opening_queries.get(actor, opening_id)
    second_factor.require_step_up(actor)
    _require_second(seen)
    envelope = _envelope(seen, typed) if _for_facilitator(seen) else None
    with transaction():
        found = _locked(actor, opening_id)
        _require_second(found)
        asked = replace(found.asked, agreed_at=clock.now().isoformat())
        kept = {"sealed": _seal(found.case, opening_id, asked), "envelope": envelope}
        _change(found, stage=Stage.AGREED, agreed_by=found.me.id, **kept)
        codes = {"opening": opening_id.hex(), "agreed": True}
        chronology.note(found.case, EventKind.DECISION, found.me, "", codes=codes)
        record.note("details.agree", found.me.id, opening_id, _audit(found.way, asked))
        if envelope is not None:
            key_steps.note_tried(found.me.id)
            opening_jobs.forget_later(opening_id)


def _envelope(seen: Opening, typed: str) -> bytes:
    """The wanted fields, boxed to the key of the facilitator who asked. Nobody reads them on the way."""
    unlocked = keys.unlock(seen.me.id, typed)
    _require_key(seen, unlocked)
    persona_id, asker = opening_queries.find_subject(seen.case), key_queries.find_holder(seen.asked_by)
    if persona_id is None or asker is None:
        raise NotAllowed(_("Whoever asked has no key any more. Open it yourself, or ask them to make one."))
    fields = details.open_fields(seen.case.scope, persona_id, unlocked, seen.asked.fields)
    return boxes.seal(asker.public, json.dumps(fields).encode())


def refuse(actor: Actor, opening_id: bytes, why: str) -> None:
    """Say no to what somebody else asked for. :raises NotFound, NotAllowed: as for `agree`. :raises Invalid: no reason."""
    clean = opening_rules.check_words(why, "why")
    with transaction():
        found = _locked(actor, opening_id)
        _require_second(found)
        asked = replace(found.asked, refused_why=clean)
        _change(found, stage=Stage.REFUSED, agreed_by=found.me.id, sealed=_seal(found.case, opening_id, asked))
        chronology.note(found.case, EventKind.IDENTITY_REFUSED, found.me, clean, codes={"opening": opening_id.hex()})
        record.note("details.refuse", found.me.id, opening_id)


def _require_second(found: Opening) -> None:
    if found.me.role not in TIER or found.is_mine:
        raise NotAllowed(_("Someone else has to agree to this. Ask the lead or a deputy."))
    if found.stage is not Stage.ASKED:
        raise Conflict(_("Somebody answered this already."))


def _for_facilitator(found: Opening) -> bool:
    asker = key_queries.find_holder(found.asked_by)
    return asker is not None and asker.group_id is not None


# --- Opening ---


def open_details(actor: Actor, opening_id: bytes, typed: str) -> Opened:
    """Open what was agreed; within an hour of the first time, look again.

    :param typed: the words of one's own key. :raises NotFound: no such asking for this person.
    :raises NotAllowed: not theirs, not agreed, or its time is over. :raises Invalid: wrong words. :raises TooMany: slow down.
    """
    seen = opening_queries.get(actor, opening_id)
    second_factor.require_step_up(actor)
    _require_openable(seen)
    unlocked = keys.unlock(seen.me.id, typed, released=seen.way is Way.TWO_HALVES)
    if seen.envelope is None:
        _require_key(seen, unlocked)
    with transaction():
        found = _locked(actor, opening_id)
        _require_openable(found)
        until = _note_opening(found)
    failpoints.reach("after the opening is on record")
    return Opened(_plain(found, unlocked), until)


def _require_openable(found: Opening) -> None:
    if found.asked_by != found.me.id:
        raise NotAllowed(_("Only whoever asked can open this."))
    if not found.can_be_opened:
        raise NotAllowed(_("This cannot be opened any more, or nobody agreed to it yet. Ask again if you need it."))
    if not found.case.is_open:
        raise NotAllowed(_("This concern is closed. Reopen it if there is something new."))
    if found.stage is Stage.AGREED and found.way is not Way.TWO_PEOPLE:
        lines = chronology.lines(found.case)
        unanswered = found.way is Way.EMERGENCY or opening_rules.went_unanswered(lines, clock.now())
        opening_rules.require_way(found.way, found.asked, found.case, found.me, 0, unanswered)


def _require_key(found: Opening, unlocked: Unlocked) -> None:
    persona_id = opening_queries.find_subject(found.case)
    if persona_id is None or not details.can_open(found.case.scope, persona_id, unlocked):
        raise NotAllowed(_("Your key does not open these details. Ask an officer who holds the key."))


def _note_opening(found: Opening) -> datetime:
    """Step: the audit chain, the record, and what the member reads. All of it, or nothing is opened."""
    codes = {"opening": found.id.hex(), "way": found.way.value, **_codes(found.asked)}
    if found.stage is Stage.OPENED and found.until is not None:
        chronology.note(found.case, EventKind.VIEWED, found.me, "", codes=codes)
        record.note("details.again", found.me.id, found.id)
        return found.until
    now = clock.now()
    until = now + LOOKED_AT_FOR
    review_by = now + REVIEWED_WITHIN if opening_rules.needs_review(found.way, found.asked) else None
    record.note("details.open", found.me.id, found.id, _audit(found.way, found.asked))
    opening_told.tell(found, now)
    _change(found, stage=Stage.OPENED, until=until, review_by=review_by)
    case = cases.change(found.case, identity_opened=True)
    chronology.note(case, EventKind.IDENTITY_OPENED, found.me, found.asked.purpose, codes=codes)
    key_steps.note_tried(found.me.id)
    if review_by is not None:
        opening_jobs.look_later(found.id, review_by)
    return until


def _plain(found: Opening, unlocked: Unlocked) -> dict[str, str]:
    if found.envelope is not None:
        return dict(json.loads(boxes.unseal(unlocked.own, found.envelope)))
    persona_id = opening_queries.find_subject(found.case)
    assert persona_id is not None, "`_require_key` found one"
    return details.open_fields(found.case.scope, persona_id, unlocked, found.asked.fields)


# --- Inside ---


def _locked(actor: Actor, opening_id: bytes) -> Opening:
    """The asking as it is, with its concern locked: two who answer at once take turns."""
    cases.lock(opening_queries.get(actor, opening_id).case.id)
    return opening_queries.get(actor, opening_id)


def _seal(case: Case, opening_id: bytes, asked: Asked) -> bytes:
    packed = json.dumps(asked.packed(), ensure_ascii=False).encode("utf-8", "surrogatepass")
    return words.seal_with(words.open_inside(case).key, PLACE, opening_id, packed)


def _change(found: Opening, **columns: Any) -> None:
    change = update(DetailOpening).where(DetailOpening.id == found.id).values(columns)
    here().execute(change.execution_options(synchronize_session=False))
