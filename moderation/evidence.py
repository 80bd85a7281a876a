"""Sealed copies of what was judged, taken before anything can change it (decisions.md §6)."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update

from forum.base import clock, jobs
from forum.base.db import row, rows
from forum.base.idents import new_ident
from forum.base.keyring import Scope, the_keyring
from forum.base.rotation import Pass
from forum.base.transaction import here
from forum.policy.members import get_scope
from moderation.models import Decision, Evidence

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
    n: int = 0  #: which of the copies of words that wait it is, counted from 1


def keep(scope: Scope, post_id: int, copy: Copy) -> bytes:
    """Step: seal a copy."""
    evidence_id, ring = new_ident(), the_keyring()
    keep_until = (clock.now() + KEPT).date()
    value = json.dumps([copy.body, copy.lang, copy.reason, copy.title, copy.n], ensure_ascii=False).encode()
    here().execute(
        insert(Evidence).values(
            id=evidence_id,
            group_id=scope.group_id,
            post_id=post_id,
            sealed=ring.seal(scope, PLACE, evidence_id, value),
            keep_until=keep_until,
            key_id=ring.writing_id,
        )
    )
    jobs.enqueue("purge_evidence", {}, _day_after(keep_until), dedupe_key=f"purge_evidence:{keep_until}")
    return evidence_id


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
    """Sealed copies whose time is over are gone for good; the decisions about them stay."""
    over = select(Evidence.id).where(Evidence.keep_until < clock.today())
    here().execute(
        update(Decision)
        .where(Decision.evidence_id.in_(over))
        .values(evidence_id=None)
        .execution_options(synchronize_session=False)
    )
    here().execute(
        delete(Evidence).where(Evidence.keep_until < clock.today()).execution_options(synchronize_session=False)
    )


def open_copy(scope: Scope, evidence_id: bytes) -> Copy | None:
    """What was sealed, for the team of the group and its author; permission is asked by the caller."""
    found = row(select(Evidence.sealed).where(Evidence.id == evidence_id, Evidence.group_id == scope.group_id))
    if found is None:
        return None
    return Copy(*json.loads(the_keyring().unseal(scope, PLACE, evidence_id, found.sealed)))


def renewal() -> Pass:
    """How a rotation renews sealed copies."""
    return Pass(Evidence, Evidence.id, _renew)


def _renew(found: Any) -> None:
    scope, ring = get_scope(found.group_id), the_keyring()
    if scope is None:
        raise LookupError("Evidence without a group: the database was changed by hand.")
    value = ring.unseal(scope, PLACE, found.id, found.sealed)
    here().execute(
        update(Evidence)
        .where(Evidence.id == found.id)
        .values(sealed=ring.seal(scope, PLACE, found.id, value), key_id=ring.writing_id)
        .execution_options(synchronize_session=False)
    )
