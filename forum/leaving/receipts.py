"""What stays of somebody's words once they are gone, in plain words and with days: for them, to print."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from forum.base.db import row, rows
from forum.base.keyring import Scope
from forum.conversations import masks
from forum.models import Conversation, ConversationKind, Group, Post, PostState
from forum.policy import kept


@dataclass(frozen=True)
class Evidence:
    """Sealed copies that go on the same day, and why there are any."""

    until_on: date
    decided: bool
    count: int


@dataclass(frozen=True)
class Receipt:
    """One group.

    :param named: posts that still stand under the name. :param places: posts of which an empty place is left.
    :param to_team: posts in conversations with the team. :param evidence: what is kept sealed.
    """

    group_name: str
    named: int
    places: int
    to_team: int
    evidence: Sequence[Evidence]


def receipt(scope: Scope, persona_id: bytes) -> Receipt:
    """What is kept, and what others still see. Ask it for this persona's holder alone: it looks behind their aliases."""
    mask_ids = [mask.id for mask in masks.list_worn(scope, persona_id)]
    own = (Post.persona_id == persona_id) | Post.mask_id.in_(mask_ids)
    found = rows(
        select(Post.id, Post.state, Post.mask_id, Conversation.kind)
        .join(Conversation, Conversation.id == Post.conversation_id)
        .where(own)
    )
    group = row(select(Group.name).where(Group.id == scope.group_id))
    stands = [r for r in found if r.state is not PostState.WITHDRAWN]
    return Receipt(
        group_name=group.name if group else "",
        named=sum(r.mask_id is None and r.kind is not ConversationKind.TEAM for r in stands),
        places=len(found) - len(stands),
        to_team=sum(r.kind is ConversationKind.TEAM for r in stands),
        evidence=_evidence(scope, [r.id for r in found]),
    )


def _evidence(scope: Scope, post_ids: Sequence[int]) -> list[Evidence]:
    counted = Counter((one.until_on, one.decided) for one in kept.list_kept(scope, post_ids))
    return [Evidence(until_on, decided, n) for (until_on, decided), n in sorted(counted.items())]


def wears_any(scope: Scope, persona_id: bytes) -> bool:
    """Whether words of this persona stand under an alias: only then the page asks about them."""
    worn = [mask.id for mask in masks.list_worn(scope, persona_id)]
    stands = select(func.count()).where(Post.mask_id.in_(worn), Post.state != PostState.WITHDRAWN)
    found = row(stands) if worn else None
    return bool(found and found[0])
