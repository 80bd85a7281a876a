"""Deleting a record whose time is over: shown first, proposed by one officer, done by another. A stone stays in its place.

No clock does it, and nothing does it to what is open or held for a legal reason (§3.10: a concern never ends by age).
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, func, insert, select

from forum.accounts import second_factor
from forum.base import clock
from forum.base.db import row, rows
from forum.base.errors import Conflict, Invalid, NotAllowed
from forum.base.idents import new_ident
from forum.base.transaction import here, transaction
from forum.base.words import _
from forum.policy import record
from forum.policy.actor import Actor
from moderation.safeguarding import cases, chronology, exclusions, opening_rules, queries, responders, words
from moderation.safeguarding.cases import Case
from moderation.safeguarding.key_models import ConcernDeletion, ConcernTombstone, DetailOpening, RecordExport
from moderation.safeguarding.models import Concern, ConcernCopy, ConcernEvent, EventKind, State
from moderation.safeguarding.people_models import ConcernPage
from moderation.safeguarding.responders import TIER, Responder
from moderation.safeguarding.talk_models import ConcernTalk, ConcernWord
from moderation.safeguarding.words import Inside

#: What hangs on a concern and goes with it. Who opened somebody's details stays on that person's own page.
PARTS: tuple[Any, ...] = (ConcernWord, ConcernTalk, ConcernEvent, ConcernCopy, DetailOpening, RecordExport, ConcernPage)


@dataclass(frozen=True)
class Preview:
    """What would go. :param digest: of every line; what is written meanwhile changes it. :param proposed_by: a responder."""

    lines: int
    copies: int
    exports: int
    openings: int
    digest: str
    proposed_by: bytes | None


# --- Looking ---


def list_due(me: Responder) -> list[Case]:
    """Records whose time is over, of those this officer sees."""
    return [case for case in queries.list_for(me, closed=True) if me.role in TIER and why_not(case) == ""]


def why_not(case: Case) -> str:
    """Why a record cannot be deleted now; "" if it can."""
    if case.gone_on is not None:
        return _("It is deleted already.")
    if case.state is not State.CLOSED:
        return _("It is not closed. Only a closed concern can be deleted.")
    if case.legal_hold:
        return _("It is kept for a legal reason.")
    if case.keep_until is None:
        return _("Nobody has named the day until which it is kept.")
    if clock.today() < case.keep_until:
        return _("It is kept until %(day)s.", day=case.keep_until.isoformat())
    return ""


def preview(case: Case) -> Preview:
    """What would go, and whether somebody proposed it. The caller asks who may see it."""
    found = row(
        select(ConcernDeletion.proposed_by, ConcernDeletion.preview).where(ConcernDeletion.concern_id == case.id)
    )
    digest = _digest(case)
    stands = found.proposed_by if found and found.preview == digest else None
    copies, exports = _count(ConcernCopy, case), _count(RecordExport, case)
    return Preview(_count(ConcernEvent, case), copies, exports, _count(DetailOpening, case), digest, stands)


def _count(model: Any, case: Case) -> int:
    found = row(select(func.count().label("n")).select_from(model).where(model.concern_id == case.id))
    return int(found.n) if found else 0


def _digest(case: Case) -> str:
    """A hash of all that the record says. It says nothing to whoever has not the record."""
    parts = [
        repr((one.n, one.kind.value, one.at.isoformat(), one.by_name, one.words, dict(one.codes)))
        for one in chronology.lines(case)
    ]
    return hashlib.sha256("\n".join([case.code, *parts, *map(repr, chronology.copies(case))]).encode()).hexdigest()


# --- Deciding ---


def keep_until(actor: Actor, concern_id: bytes, day: date, why: str) -> None:
    """Name the day until which a closed record is kept: never an earlier one than it has.

    :raises Invalid: an earlier day, or no reason. :raises NotAllowed: not an officer, or it is open. :raises NotFound: none.
    """
    clean = opening_rules.check_words(why, "why")
    with transaction():
        case, me = _locked(actor, concern_id)
        if case.state is not State.CLOSED:
            raise NotAllowed(_("It is not closed yet. How long it is kept counts from the close."))
        if day < (case.keep_until or clock.today()):
            raise Invalid(_("Choose a later day. A record is never kept for less than it was to be."), "day")
        case = cases.change(case, keep_until=day)
        chronology.note(case, EventKind.HELD, me, clean, codes={"keep_until": day.isoformat()})
        record.note("concern.keep", me.id, case.id, day.isoformat())


def propose(actor: Actor, concern_id: bytes, digest: str) -> None:
    """Say that a record can go. Another officer has to agree.

    :param digest: of what was shown. :raises Conflict: it changed since. :raises NotAllowed: it is kept, or no officer.
    """
    queries.get(actor, concern_id)
    second_factor.require_step_up(actor)
    with transaction():
        case, me = _locked(actor, concern_id)
        _require(case, digest)
        here().execute(delete(ConcernDeletion).where(ConcernDeletion.concern_id == case.id))
        here().execute(insert(ConcernDeletion).values(concern_id=case.id, proposed_by=me.id, preview=digest))
        record.note("concern.delete.propose", me.id, case.id)


def take_back(actor: Actor, concern_id: bytes) -> None:
    """It stays: any officer who sees it may say so. :raises NotFound, NotAllowed: as for `propose`."""
    with transaction():
        case, me = _locked(actor, concern_id)
        here().execute(delete(ConcernDeletion).where(ConcernDeletion.concern_id == case.id))
        record.note("concern.delete.stop", me.id, case.id)


def agree(actor: Actor, concern_id: bytes, digest: str) -> None:
    """Delete it, as the second officer. What it said cannot be brought back: its key is forgotten, too.

    :raises NotAllowed: the same person, nobody proposed it, or it is kept. :raises Conflict: it changed since.
    """
    queries.get(actor, concern_id)
    second_factor.require_step_up(actor)
    with transaction():
        case, me = _locked(actor, concern_id)
        _require(case, digest)
        proposed = preview(case).proposed_by
        if proposed is None:
            raise Conflict(_("No one asks for this now. Look at the record again."))
        if proposed in responders.same_person(case.scope, me.id):
            raise NotAllowed(_("You asked for it. One more of you has to agree."))
        record.note("concern.delete", me.id, case.id, f"{case.outcome} {digest[:16]}")
        _bury(case, digest)
        for merged in _merged_into(case):
            _bury(merged, _digest(merged))


def _require(case: Case, digest: str) -> None:
    if reason := why_not(case):
        raise NotAllowed(reason)
    if _digest(case) != digest:
        raise Conflict(_("Somebody wrote into the record since. Look at it again."))


def _locked(actor: Actor, concern_id: bytes) -> tuple[Case, Responder]:
    case = cases.lock(concern_id)
    me = queries.require(actor, case)
    if me.role not in TIER:
        raise NotAllowed(_("The lead, a deputy or the independent contact has to do this. Ask one of them."))
    return case, me


def _merged_into(case: Case) -> list[Case]:
    return [one for one in cases.list_by(Concern.merged_into == case.id) if one.gone_on is None and not one.legal_hold]


def _bury(case: Case, digest: str) -> None:
    """Step: a stone with code, outcome, days and hash; then everything else goes, and the key of it all."""
    today = clock.today()
    stone = {
        "code": case.code,
        "outcome": case.outcome or case.state.value,
        "raised_on": case.raised_hour.date(),
        "closed_on": case.closed_on or today,
        "gone_on": today,
        "digest": digest,
    }
    here().execute(insert(ConcernTombstone).values(concern_id=case.id, **stone))
    empty = words.seal_inside(case.scope, case.id, Inside(once=new_ident()))
    cases.change(case, gone_on=today, **empty)  # first: the database refuses to delete lines of what is not gone
    for model in PARTS:
        gone = delete(model).where(model.concern_id == case.id)
        here().execute(gone.execution_options(synchronize_session=False))
    here().execute(delete(ConcernDeletion).where(ConcernDeletion.concern_id == case.id))


def list_stones(me: Responder) -> list[Any]:
    """What is left of deleted records: code, outcome, raised_on, closed_on, gone_on, digest. For officers.

    Whom a concern did not reach, its stone does not reach.
    """
    stones = select(ConcernTombstone).join(Concern, Concern.id == ConcernTombstone.concern_id)
    gone = cases.list_by(Concern.organisation_id == me.organisation_id, Concern.gone_on.is_not(None))
    hidden = exclusions.hidden_from(me, gone)
    found = rows(
        stones.with_only_columns(*ConcernTombstone.__table__.columns)
        .where(Concern.organisation_id == me.organisation_id)
        .order_by(ConcernTombstone.gone_on)
    )
    return [one for one in found if one.concern_id not in hidden]
