"""Disagreeing: an author with a decision about their words, somebody who told with what came of it; and asking about
one's own words. Whoever decided, told or is named never learns of it here: another person looks (moderation.not_for).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Row, exists, or_, select
from sqlalchemy.orm import aliased

from forum.base import clock
from forum.base.db import row, rows
from forum.base.errors import Conflict, NotFound
from forum.base.keyring import Scope
from forum.base.transaction import retrying, transaction
from forum.base.words import _
from forum.conversations import places, queries
from forum.conversations.places import Place
from forum.models import ConversationKind
from forum.policy.actor import Actor
from forum.policy.members import writer_in
from forum.policy.permissions import Denial
from moderation import audit, evidence, former, items, not_for, report_queries, reports, sight, statements, threads
from moderation.evidence import Copy
from moderation.models import TOLD, CaseItem, CaseKind, Choice, Decision, Source, Target
from moderation.threads import Message

#: What takes something away from an author, so that they can disagree.
APPEALABLE = (
    Choice.HIDE,
    Choice.KEEP_BACK,
    Choice.FOLD,
    Choice.LIMIT,
    Choice.LOCK,
    Choice.MOVE,
    Choice.TAKE_DOWN,
    Choice.CONFIRM,  # of what was proposed for a person: it stands on the post that it began with
)
#: Who acts in the audit chain when somebody disagrees: under an alias even a digest of their name would tell too much.
SOMEBODY = b"somebody"


@dataclass(frozen=True)
class Asked:
    """What somebody asked to be looked at again, for themselves.

    :param outcome: waits, uphold, vary, overturn or answered.
    """

    id: bytes
    kind: CaseKind
    messages: Sequence[Message]
    outcome: str
    due_at: datetime


# --- An author ---


@retrying
def appeal(actor: Actor, post_id: int, typed: str) -> bytes:
    """Disagree with the last decision that took one's words away, or say more about it; gives the item.

    :raises NotFound: no such post of theirs. :raises Invalid: no words, or too many.
    :raises Conflict: nothing was decided about it in the last 183 days, or it is undone.
    """
    words = threads.clean(typed)
    with transaction():
        place, me = _own(actor, post_id)
        decision = find_decision(place.scope, post_id)
        if decision is None:
            raise Conflict(_("There is nothing here to disagree with. Perhaps it was undone already."))
        return disagree(place.scope, decision, me, words)


def disagree(scope: Scope, decision: Row, me: Iterable[bytes], words: str) -> bytes:
    """Step: open an appeal against a decision, or say more on the open one; gives the item.

    :param decision: its columns. :param me: whoever it concerns, under each name. :param words: from `threads.clean`.
    """
    item_id = _find_open(CaseKind.APPEAL, decision.id) or _open_appeal(scope, decision, me)
    _say(scope, item_id, words)
    return item_id


def find_decision(scope: Scope, post_id: int) -> Row | None:
    """The newest decision that took something away from this post and holds; the caller asks who may know."""
    later = aliased(Decision)
    undone = exists(select(later.id).where(later.reverts_id == Decision.id))
    shown = or_(Decision.shown_from.is_(None), Decision.shown_from <= clock.now())
    about = (Decision.post_id == post_id, Decision.group_id == scope.group_id, Decision.choice.in_(APPEALABLE))
    return row(
        select(*Decision.__table__.columns)
        .where(*about, shown, ~undone, Decision.decided_at >= clock.now() - evidence.KEPT)
        .order_by(Decision.decided_at.desc())
        .limit(1)
    )


def _own(actor: Actor, post_id: int) -> tuple[Place, list[bytes]]:
    """Where one's own post stands, and who one is and was there."""
    scope = places.find_group_of_post(post_id)
    if scope is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    if before := former.find_own_post(actor, post_id):
        return before[1:]
    now = writer_in(actor, scope)
    _post, place, own = queries.get_row(now, post_id)
    if not own or place.kind is ConversationKind.TEAM:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return place, sight.me(now, scope)


def _open_appeal(scope: Scope, decision: Row, me: Iterable[bytes]) -> bytes:
    """Of a decision about a person no column says who asked: it is about the decision."""
    on_post = decision.post_id is not None
    item_id = items.new_item(
        scope,
        CaseKind.APPEAL,
        about=decision.post_id if on_post else decision.id,
        target=Target.POST if on_post else Target.DECISION,
        source=Source.SELF,
        decision_id=decision.id,
    )
    if copy := _judged(scope, decision):
        evidence.keep_for_item(scope, item_id, replace(copy, n=1))
    about = (decision.post_id or 0).to_bytes(16)
    told = {r.id for r in rows(select(CaseItem.id).where(CaseItem.about == about, CaseItem.kind.in_(TOLD)))}
    told |= {decision.item_id} if decision.item_id else set()
    not_for.keep_from(scope, item_id, {*me, *_who_decided(decision), *_who_is_in(scope, told)})
    audit.note("appeal.open", SOMEBODY, decision.id)
    return item_id


def _judged(scope: Scope, decision: Row) -> Copy | None:
    """The words that were judged, or those that the reasons quote, with what their author was told."""
    if copy := evidence.open_copy(scope, decision.evidence_id) if decision.evidence_id else None:
        return copy
    made = statements.find(scope, decision.statement) if decision.statement else None
    return Copy(made.quote, made.lang, made.words) if made else None


def _who_decided(decision: Row) -> set[bytes]:
    """Everyone who proposed, made, confirmed or upheld a decision."""
    again_or_first = [CaseItem.decision_id == decision.id]
    if decision.choice is Choice.CONFIRM:
        again_or_first.append(CaseItem.id == decision.item_id)
    again = select(CaseItem.id).where(or_(*again_or_first))
    upheld = rows(select(Decision.decided_by, Decision.confirmed_by).where(Decision.item_id.in_(again)))
    found = {decision.decided_by, decision.confirmed_by}
    return {one for one in found.union(*((r.decided_by, r.confirmed_by) for r in upheld)) if one}


def who_decided_about(item_id: bytes) -> set[bytes]:
    """Everyone who decided about an item, or upheld what was decided."""
    decisions = rows(select(*Decision.__table__.columns).where(Decision.item_id == item_id))
    return {one for decision in decisions for one in _who_decided(decision)}


def _who_is_in(scope: Scope, item_ids: Iterable[bytes]) -> set[bytes]:
    """Who told, and whom it names, of some items: unsealed in memory alone."""
    found: set[bytes] = set()
    for item_id in item_ids:
        found |= reports.list_tellers(scope, item_id) | not_for.list_named(scope, item_id)
    return found


def _find_open(kind: CaseKind, decision_id: bytes) -> bytes | None:
    wanted = (CaseItem.kind == kind, CaseItem.decision_id == decision_id, CaseItem.decided.is_(False))
    found = row(select(CaseItem.id).where(*wanted).limit(1))
    return bytes(found.id) if found else None


def _say(scope: Scope, item_id: bytes, words: str) -> None:
    threads.add(scope, item_id, words, from_team=False)
    threads.note_changed(item_id)


@retrying
def ask_about_own(actor: Actor, post_id: int, typed: str) -> bytes:
    """Ask the team about one's own words, whatever was decided; gives the item.

    :raises NotFound: no such post of theirs. :raises Invalid: no words, or too many.
    """
    words = threads.clean(typed)
    with transaction():
        place, me = _own(actor, post_id)
        item_id = items.open_item(
            place.scope, CaseKind.SELF, about=post_id, target=Target.POST, source=Source.SELF, names=me
        )
        _say(place.scope, item_id, words)
        audit.note("self.ask", SOMEBODY, item_id)
    return item_id


def list_asked(actor: Actor, post_id: int) -> tuple[Place, list[Asked]]:
    """What an author asked about one post of theirs, the latest first. :raises NotFound: no such post of theirs."""
    place, _me = _own(actor, post_id)
    kinds = (CaseItem.about == post_id.to_bytes(16), CaseItem.kind.in_((CaseKind.APPEAL, CaseKind.SELF)))
    found = rows(_ASKED.where(*kinds).order_by(CaseItem.opened_hour.desc(), CaseItem.round.desc()))
    return place, [_asked(place.scope, one) for one in found]


def list_appeals(scope: Scope, decision_id: bytes) -> list[Asked]:
    """What was asked about one decision, the latest first; the caller asks who may know."""
    about = (CaseItem.decision_id == decision_id, CaseItem.kind == CaseKind.APPEAL)
    found = rows(_ASKED.where(*about).order_by(CaseItem.opened_hour.desc(), CaseItem.round.desc()))
    return [_asked(scope, one) for one in found]


_ASKED = select(CaseItem.id, CaseItem.kind, CaseItem.decided, CaseItem.due_at)


def _asked(scope: Scope, item: Row) -> Asked:
    return Asked(item.id, item.kind, threads.list_messages(scope, item.id), _outcome(item), item.due_at)


def _outcome(item: Row) -> str:
    if not item.decided:
        return "waits"
    last = select(Decision.choice).where(Decision.item_id == item.id).order_by(Decision.decided_at.desc())
    found = row(last.limit(1))
    return str(found.choice.value) if found else "answered"


# --- Somebody who told ---


@retrying
def complain(actor: Actor, told_id: bytes, typed: str) -> bytes:
    """Say that one is not content with what came of a report of one's own, or say more about it; gives the item.

    :raises NotFound: no report of theirs. :raises Invalid: no words, or too many. :raises Conflict: it still waits.
    """
    words = threads.clean(typed)
    with transaction():
        mine = report_queries.get_mine(actor, told_id)
        scope, teller = _teller(actor, told_id)
        if not may_complain(mine):
            raise Conflict(_("Somebody still looks at this. You can say this once they have."))
        item_id = _own_complaint(scope, told_id, teller, waiting=True) or _open_complaint(actor, scope, told_id, teller)
        _say(scope, item_id, words)
    return item_id


def may_complain(mine: report_queries.Mine) -> bool:
    """Whether something came of it already."""
    return mine.outcome not in ("waits", "seen")


def _teller(actor: Actor, told_id: bytes) -> tuple[Scope, bytes]:
    """As whom the actor told it."""
    scope = sight.find_scope(told_id)
    for teller in filter(None, (*sight.me(actor, scope), actor.sign_in) if scope else ()):
        if scope is not None and reports.find_sayings(scope, [told_id], teller):
            return scope, teller
    raise NotFound(str(Denial.NOT_A_MEMBER.value))


def _own_complaint(scope: Scope, told_id: bytes, teller: bytes, *, waiting: bool) -> bytes | None:
    """The newest complaint of this person about what came of this report."""
    told = row(select(CaseItem.about).where(CaseItem.id == told_id))
    wanted = [CaseItem.kind == CaseKind.COMPLAINT, CaseItem.about == (told.about if told else b"")]
    if waiting:
        wanted.append(CaseItem.decided.is_(False))
    found = [r.id for r in rows(select(CaseItem.id).where(*wanted).order_by(CaseItem.round.desc()))]
    own = reports.find_sayings(scope, found, teller)
    return next((one for one in found if one in own and own[one][0].rule == told_id.hex()), None)


def _open_complaint(actor: Actor, scope: Scope, told_id: bytes, teller: bytes) -> bytes:
    told = row(select(CaseItem.target, CaseItem.about).where(CaseItem.id == told_id))
    assert told is not None
    about = select(Decision.id).where(Decision.item_id == told_id).order_by(Decision.decided_at.desc())
    last = row(about.limit(1))
    item_id = items.new_item(
        scope,
        CaseKind.COMPLAINT,
        about=told.about,
        target=told.target,
        source=Source.MEMBER,
        decision_id=last.id if last else None,
    )
    for copy in evidence.list_copies(scope, told_id):
        evidence.keep_for_item(scope, item_id, copy)
    reports.keep_pointer(scope, item_id, teller, told_id)
    part = who_decided_about(told_id) | _who_is_in(scope, [told_id])
    not_for.keep_from(scope, item_id, {*sight.me(actor, scope), *part})
    audit.note("complaint.open", SOMEBODY, told_id)
    return item_id


def find_complaint(actor: Actor, told_id: bytes) -> Asked | None:
    """What somebody said about what came of a report of theirs, and what came of that. :raises NotFound: not theirs."""
    scope, teller = _teller(actor, told_id)
    item_id = _own_complaint(scope, told_id, teller, waiting=False)
    item = row(_ASKED.where(CaseItem.id == item_id)) if item_id else None
    return _asked(scope, item) if item else None


def told_of(scope: Scope, complaint_id: bytes) -> bytes | None:
    """The report that a complaint is about: for a step that opens it again."""
    said = [one for saying in reports.list_sayings(scope, complaint_id) for one in saying]
    return bytes.fromhex(said[0].rule) if said else None
