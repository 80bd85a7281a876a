"""What is kept sealed about somebody's words, for their own receipt and copy (the port is forum.policy.kept)."""

from collections.abc import Sequence

from sqlalchemy import exists, select

from forum.base.db import rows
from forum.base.keyring import Scope
from forum.base.parts import in_parts
from forum.policy.kept import Kept
from moderation import evidence, reports
from moderation.models import CaseItem, Decision, Evidence

#: Bound values in one statement.
AT_ONCE = 400


def list_kept(scope: Scope, post_ids: Sequence[int]) -> list[Kept]:
    """The sealed copies that hang on these posts.

    What somebody told the team about them is not among it: it hangs on no post, and would say that they were told on.
    """
    found: list[Kept] = []
    for some in in_parts(post_ids, AT_ONCE):
        found += [_read(scope, r) for r in rows(_ABOUT.where(Evidence.post_id.in_(some)))]
    return found


_DECIDED = exists(select(Decision.id).where(Decision.evidence_id == Evidence.id)).label("decided")
_FORBIDDEN = evidence.taken_down(Evidence.post_id).label("forbidden")
_ABOUT = select(Evidence.id, Evidence.post_id, Evidence.keep_until, _DECIDED, _FORBIDDEN)


def _read(scope: Scope, found: object) -> Kept:
    copy = evidence.open_copy(scope, found.id)  # type: ignore[attr-defined]
    words = copy.body if copy and not found.forbidden else ""  # type: ignore[attr-defined]
    return Kept(found.post_id, found.keep_until, bool(found.decided), words)  # type: ignore[attr-defined]


def held(scope: Scope, persona_id: bytes) -> list[dict[str, str]]:
    """What this person told the team about others, in their own words, for their copy: a day and words, and never about whom."""
    items = [r.id for r in rows(select(CaseItem.id).where(CaseItem.group_id == scope.group_id))]
    found = []
    for some in in_parts(items, AT_ONCE):
        for sayings in reports.find_sayings(scope, some, persona_id).values():
            found += [{"told_on": one.told_on.isoformat(), "words": one.words} for one in sayings]
    return sorted(found, key=lambda one: one["told_on"])
