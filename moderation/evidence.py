"""Sealed copies of what was judged, taken before anything can change it (decisions.md §6)."""

import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, exists, insert, or_, select, update

from forum.base import clock, jobs, rotation
from forum.base.db import row, rows
from forum.base.idents import new_ident
from forum.base.keyring import Scope, the_keyring
from forum.base.rotation import Pass
from forum.base.transaction import here, write
from forum.policy.members import get_scope
from moderation.models import CaseItem, Choice, Decision, Effect, Evidence

#: Somebody can disagree with a decision for 183 days (EU DSA Art. 20: at least six months).
KEPT = timedelta(days=183)
PLACE = "evidence"
#: Words that waited: what was held first shows why, the rest what became of it. Somebody may edit a post all night.
MOST_WAITING = 20


@dataclass(frozen=True)
class Copy:
    """What a post said, and why it was judged so."""

    body: str
    lang: str
    reason: str
    title: str = ""  #: of the topic that the post opened
    n: int = 0  #: which of the copies of words that wait, or of what was told about, it is; counted from 1
    author: str = ""  #: as the words showed them when somebody told the team
    around: tuple[tuple[str, str, str, bool], ...] = ()  #: author, hour, words, and if these are the ones told about
    earlier: tuple[str, ...] = ()  #: what its author had written there before


def keep(scope: Scope, post_id: int, copy: Copy) -> bytes:
    """Step: seal a copy."""
    return _keep(scope, [copy.body, copy.lang, copy.reason, copy.title, copy.n], post_id=post_id)


def keep_for_item(scope: Scope, item_id: bytes, copy: Copy) -> bytes:
    """Step: seal what was told about, or what somebody noted about it: nothing can be found out from the post."""
    return _keep(scope, list(astuple(copy)), item_id=item_id)


def keep_statement(scope: Scope, fields: list[Any]) -> bytes:
    """Step: seal the reasons that an author reads. They hang on no post: what is kept of words lists only words."""
    return _keep(scope, fields)


def open_statement(scope: Scope, statement_id: bytes) -> list[Any] | None:
    """What `keep_statement` sealed, if it is still kept; permission is asked by the caller."""
    found = row(select(Evidence.sealed).where(Evidence.id == statement_id, Evidence.group_id == scope.group_id))
    return list(json.loads(the_keyring().unseal(scope, PLACE, statement_id, found.sealed))) if found else None


def list_copies(scope: Scope, item_id: bytes) -> list[Copy]:
    """What somebody told about, as it was each time, the first first. The caller asks who may know."""
    found = [open_copy(scope, r.id) for r in rows(select(Evidence.id).where(Evidence.item_id == item_id))]
    return sorted((copy for copy in found if copy and copy.n), key=lambda copy: copy.n)


def taken_down(post_id: Any) -> ColumnElement[bool]:
    """Whether the law forbids a post, as long as that decision holds: then its words are handed out to nobody.

    :param post_id: its number, or a column of a question about several.
    """
    taken = (Decision.post_id == post_id, Decision.choice == Choice.TAKE_DOWN, Effect.lifted_by.is_(None))
    return exists(select(Effect.id).join(Decision, Decision.id == Effect.decision_id).where(*taken))


def find_put_away(post_id: int) -> bytes | None:
    """The newest copy of words that a decision put away. A note about undoing one hangs on no post, and is no copy."""
    kept = select(Decision.evidence_id).join(Evidence, Evidence.id == Decision.evidence_id)
    about = (Decision.post_id == post_id, Evidence.post_id == post_id)
    found = row(kept.where(*about).order_by(Decision.decided_at.desc()).limit(1))
    return found.evidence_id if found else None


def first_authors(scope: Scope, item_ids: Sequence[bytes]) -> dict[bytes, str]:
    """The name that stood on what was told about, as it was the first time, by item. The caller asks who may know."""
    found = rows(select(Evidence.id, Evidence.item_id, Evidence.sealed).where(Evidence.item_id.in_(item_ids)))
    copies = [(r.item_id, _open(scope, r.id, r.sealed)) for r in found]
    return {item_id: copy.author for item_id, copy in copies if copy.n == 1}


def _keep(scope: Scope, fields: list[Any], post_id: int | None = None, item_id: bytes | None = None) -> bytes:
    evidence_id, ring = new_ident(), the_keyring()
    keep_until = (clock.now() + KEPT).date()
    value = json.dumps(fields, ensure_ascii=False).encode()
    write(
        _ADD,
        id=evidence_id,
        group_id=scope.group_id,
        post_id=post_id,
        item_id=item_id,
        sealed=ring.seal(scope, PLACE, evidence_id, value),
        keep_until=keep_until,
        key_id=ring.writing_id,
    )
    _purge_after(keep_until)
    return evidence_id


_ADD = insert(Evidence)


def keep_longer(item_id: bytes) -> None:
    """Step: what was told is decided now, and somebody can disagree from now on."""
    keep_until = (clock.now() + KEPT).date()
    write(_KEEP, item=item_id, keep_until=keep_until)
    _purge_after(keep_until)


_KEEP = update(Evidence).where(Evidence.item_id == bindparam("item"))


def keep_again(post_id: int) -> bytes | None:
    """Step: words are away already, and there is a second reason: their copy is kept as long as a new one would be."""
    if found := find_put_away(post_id):
        keep_until = (clock.now() + KEPT).date()
        change = update(Evidence).where(Evidence.id == found).values(keep_until=keep_until)
        here().execute(change.execution_options(synchronize_session=False))
        _purge_after(keep_until)
    return found


def _purge_after(keep_until: date) -> None:
    jobs.enqueue("purge_evidence", {}, _day_after(keep_until), dedupe_key=f"purge_evidence:{keep_until}")


def keep_waiting(scope: Scope, post_id: int, copy: Copy) -> None:
    """Step: seal a copy of words that wait. Of a post edited over and over the first and the newest ones stay."""
    before = _undecided(scope, post_id)
    for _n, evidence_id in before[1 : max(1, len(before) - MOST_WAITING + 2)]:
        here().execute(delete(Evidence).where(Evidence.id == evidence_id).execution_options(synchronize_session=False))
    keep(scope, post_id, replace(copy, n=before[-1][0] + 1 if before else 1))


def _undecided(scope: Scope, post_id: int) -> list[tuple[int, bytes]]:
    """Copies of this post's waiting words that no decision rests on, in their order."""
    decided = select(Decision.evidence_id).where(Decision.post_id == post_id, Decision.evidence_id.is_not(None))
    found = rows(select(Evidence.id).where(Evidence.post_id == post_id, Evidence.id.not_in(decided)))
    copies = [(open_copy(scope, r.id), r.id) for r in found]
    return sorted((copy.n, evidence_id) for copy, evidence_id in copies if copy)


def _day_after(day: date) -> datetime:
    return datetime.combine(day, time(), UTC) + timedelta(days=1)


@jobs.step("purge_evidence")
def purge(_payload: jobs.Payload) -> None:
    """Sealed copies whose time is over are gone for good; the decisions about them stay. What is open keeps its own."""
    undecided = select(CaseItem.id).where(CaseItem.decided.is_(False))
    past = (Evidence.keep_until < clock.today(), or_(Evidence.item_id.is_(None), Evidence.item_id.not_in(undecided)))
    over = select(Evidence.id).where(*past)
    here().execute(
        update(Decision)
        .where(Decision.evidence_id.in_(over))
        .values(evidence_id=None)
        .execution_options(synchronize_session=False)
    )
    here().execute(delete(Evidence).where(*past).execution_options(synchronize_session=False))


def open_copy(scope: Scope, evidence_id: bytes) -> Copy | None:
    """What was sealed, for the team of the group and its author; permission is asked by the caller."""
    found = row(select(Evidence.sealed).where(Evidence.id == evidence_id, Evidence.group_id == scope.group_id))
    if found is None:
        return None
    return _open(scope, evidence_id, found.sealed)


def _open(scope: Scope, evidence_id: bytes, sealed: bytes) -> Copy:
    return Copy(*json.loads(the_keyring().unseal(scope, PLACE, evidence_id, sealed)))


def renewal() -> Pass:
    """How a rotation renews sealed copies."""
    return Pass(Evidence, Evidence.id, rotation.renew_sealed(Evidence, get_scope))
