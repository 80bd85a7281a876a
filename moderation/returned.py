"""Words that their author took back and brought back: what people told about them, and ended meanwhile, waits again.

Whoever looked while the words were away saw nothing to decide about. Otherwise taking words back for a day would be a way
past every report.
"""

from datetime import datetime

from sqlalchemy import func, select

from forum.base.db import row, rows
from forum.base.keyring import Scope
from forum.content.notes import Fold
from forum.models import PostEvent
from moderation import audit, reports
from moderation.meanwhile import FOLDS, RULE
from moderation.models import CaseItem, Decision, Effect, EffectKind, Target


def reopen(scope: Scope, post_id: int) -> Fold:
    """Step: what ended while these words were away waits anew; gives the reasons for which they may be folded still."""
    away_since = _away_since(post_id)
    for item_id in _ended_since(post_id, away_since) if away_since else []:
        reports.look_again(scope, item_id)
        audit.note("report.again", RULE, item_id)
    return _still_folded(post_id)


def _away_since(post_id: int) -> datetime | None:
    """The hour in which they were last taken back; of words that nobody had seen it is not kept."""
    gone = select(func.max(PostEvent.hour).label("at"))
    found = row(gone.where(PostEvent.post_id == post_id, PostEvent.kind == "withdraw"))
    return found.at if found else None


def _ended_since(post_id: int, since: datetime) -> list[bytes]:
    """Within that hour it is not known which came first. Then somebody looks once more."""
    last = select(Decision.item_id, func.max(Decision.decided_at).label("at")).group_by(Decision.item_id).subquery()
    about = (CaseItem.about == post_id.to_bytes(16), CaseItem.target == Target.POST)
    ended = select(CaseItem.id).join(last, last.c.item_id == CaseItem.id)
    kinds = CaseItem.kind.in_(list(FOLDS))
    return [r.id for r in rows(ended.where(*about, kinds, CaseItem.decided, last.c.at >= since))]


def _still_folded(post_id: int) -> Fold:
    about = (CaseItem.about == post_id.to_bytes(16), CaseItem.kind.in_(list(FOLDS)))
    open_now = rows(select(CaseItem.kind).where(*about, CaseItem.decided.is_(False)))
    reasons = Fold(0)
    for item in open_now:
        reasons |= FOLDS[item.kind]
    by_team = (Effect.post_id == post_id, Effect.kind == EffectKind.FOLD, Effect.lifted_by.is_(None))
    return reasons | Fold.TEAM if row(select(Effect.id).where(*by_team).limit(1)) else reasons
