"""What somebody can read about themselves from the team, for the copy that they take along: reasons, appeals, answers.

Only what stands on their own pages already. Who decided and who told is in none of it.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, select

from forum.base.db import rows
from forum.base.idents import write_post_id
from forum.base.keyring import Scope
from forum.base.parts import in_parts
from forum.leaving.held import own_posts
from moderation import author, own_place, reports, threads
from moderation.models import CaseItem, CaseKind, Decision
from moderation.statements import Statement

#: Bound values in one statement.
AT_ONCE = 400


def decided(scope: Scope, persona_id: bytes) -> list[dict[str, Any]]:
    """Chapter: what was decided about their words and their place, and why."""
    found = [
        {"post": write_post_id(post_id), **_reasons(told.statement, undone=told.undone)}
        for post_id in sorted(_with_reasons(own_posts(scope, persona_id)))
        for told in author.list_for(scope, post_id)
    ]
    places = own_place.list_for(scope, [persona_id])
    return found + [_reasons(one.statement, undone=one.undone) for one in places if one.decision.post_id is None]


def _with_reasons(posts: Sequence[int]) -> set[int]:
    told = select(Decision.post_id).where(Decision.statement.is_not(None))
    return {r.post_id for some in in_parts(posts, AT_ONCE) for r in rows(told.where(Decision.post_id.in_(some)))}


def _reasons(made: Statement, *, undone: bool) -> dict[str, Any]:
    return {
        "decided": made.choice.value,
        "why": made.words,
        "ground_rule": made.clause_uid,
        "until": made.until,
        "you_can_disagree_until": made.appeal_until,
        "taken_back": undone,
    }


def asked(scope: Scope, persona_id: bytes) -> list[dict[str, Any]]:
    """Chapter: what they asked to be looked at again, in their words, and what was answered."""
    about = {i.to_bytes(16) for i in own_posts(scope, persona_id)}
    about |= {one.id for one in own_place.list_for(scope, [persona_id])}
    kinds = (CaseItem.group_id == scope.group_id, CaseItem.kind.in_(threads.KINDS))
    found = rows(select(CaseItem.id, CaseItem.kind, CaseItem.about, CaseItem.decided).where(*kinds))
    told = _own_complaints(scope, persona_id, (one.id for one in found if one.kind is CaseKind.COMPLAINT))
    mine = [one for one in found if one.id in told or (one.kind is not CaseKind.COMPLAINT and one.about in about)]
    return sorted((_asked(scope, one) for one in mine), key=lambda one: one["said"][0]["on"] if one["said"] else "")


def _own_complaints(scope: Scope, persona_id: bytes, items: Iterable[bytes]) -> set[bytes]:
    parts = in_parts(list(items), AT_ONCE)
    return {told for some in parts for told in reports.find_sayings(scope, some, persona_id)}


def _asked(scope: Scope, item: Row) -> dict[str, Any]:
    said = [
        {"on": one.hour.date().isoformat(), "by": "the team" if one.from_team else "you", "words": one.words}
        for one in threads.list_messages(scope, item.id)
    ]
    return {"what": item.kind.value, "waits": not item.decided, "said": said}
