"""What the team decided about somebody's words and what they asked about them: found by tag when they ask, under any face.

Nothing is written for anybody who is to be told: a row in a box, made with a decision about an alias, would lead to its wearer.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, or_, select

from forum.base import clock
from forum.base.db import rows
from forum.base.keyring import Scope
from forum.conversations import masks
from forum.models import Post
from forum.policy.actor import Actor
from forum.policy.asking import About
from moderation import author, sight
from moderation.models import CaseItem, CaseKind, Decision

#: On a page of one's own; what is older stands on the pages of the posts.
MOST_SHOWN = 20
#: One's own questions are looked for among the latest of a group, as one's own reports are.
MOST_SEARCHED = 2_000
ASKED = (CaseKind.APPEAL, CaseKind.SELF)


def list_for(actor: Actor, scope: Scope) -> Sequence[About]:
    """Posts of the actor's about which the team decided, or they asked; the latest first. A stranger has none."""
    personas = sight.me(actor, scope)
    if not personas:
        return []
    mine = _is_mine(scope, personas)
    asked = _list_asked(scope, mine)
    posts = [*dict.fromkeys((*_list_decided(scope, mine), *asked))]
    return [one for post_id in posts[:MOST_SHOWN] if (one := _about(scope, post_id, asked.get(post_id, "")))]


def _is_mine(scope: Scope, personas: Collection[bytes]) -> ColumnElement[bool]:
    worn = [mask.id for one in personas for mask in masks.list_worn(scope, one)]
    return or_(Post.persona_id.in_(personas), Post.mask_id.in_(worn))


def _list_decided(scope: Scope, mine: ColumnElement[bool]) -> list[int]:
    """Posts with a decision whose reasons can be read by now."""
    shown = (Decision.group_id == scope.group_id, Decision.statement.is_not(None), Decision.shown_from <= clock.now())
    found = select(Decision.post_id).join(Post, Post.id == Decision.post_id).where(*shown, mine)
    return [r.post_id for r in rows(found.order_by(Decision.decided_at.desc(), Decision.id).limit(2 * MOST_SHOWN))]


def _list_asked(scope: Scope, mine: ColumnElement[bool]) -> dict[int, str]:
    """Posts about which somebody asked, with "waits" or "answered"."""
    of_group = (CaseItem.group_id == scope.group_id, CaseItem.kind.in_(ASKED), CaseItem.about.is_not(None))
    latest = select(CaseItem.about, CaseItem.decided).where(*of_group)
    found = rows(latest.order_by(CaseItem.opened_hour.desc(), CaseItem.id).limit(MOST_SEARCHED))
    states: dict[int, str] = {}
    for item in found:
        if not item.decided or int.from_bytes(item.about) not in states:
            states[int.from_bytes(item.about)] = "answered" if item.decided else "waits"
    own = {r.id for r in rows(select(Post.id).where(Post.id.in_(states), mine))} if states else set()
    return {post_id: state for post_id, state in states.items() if post_id in own}


def _about(scope: Scope, post_id: int, asked: str) -> About | None:
    told = author.list_for(scope, post_id)
    if not told:
        return About(post_id, "", undone=False, asked=asked) if asked else None
    return About(post_id, told[0].statement.choice.value, told[0].undone, asked)
