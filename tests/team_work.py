"""What waits for somebody of a team, and their decisions, through the real list and the one way to decide."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from forum.base.db import rows
from forum.base.keyring import Scope
from forum.policy.actor import Actor
from moderation import decisions, queue
from moderation.decisions import Verdict
from moderation.models import CaseItem, Choice


def waiting(actor: Actor, scope: Scope) -> Sequence[Row[Any]]:
    """What this moderator's list shows, as rows. Needs an application context."""
    shown = [line.id for line in queue.list_open(actor, scope).lines]
    wanted = (CaseItem.id, CaseItem.post_id, CaseItem.kind, CaseItem.reasons, CaseItem.version, CaseItem.claim_gen)
    return rows(select(*wanted).where(CaseItem.id.in_(shown)).order_by(CaseItem.due_at, CaseItem.id))


def end(actor: Actor, item: Row[Any], choice: Choice, words: str = "", clause_uid: str = "") -> None:
    """Decide about one of them."""
    decisions.decide(actor, item.id, Verdict(choice, item.version, item.claim_gen, words, clause_uid))
