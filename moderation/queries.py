"""Reading what waits for the team. Every query takes the actor; a member gets nothing, not even a count."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, func, select, tuple_

from forum.base.db import row, rows
from forum.base.errors import NotFound
from forum.conversations import queries as conversations
from forum.models import Conversation, Group, Mask, Organisation, Persona, Post, PostState
from forum.policy.actor import Actor
from forum.policy.permissions import Denial, may_look_after, require
from moderation.models import CaseItem, CaseKind, Choice, Decision
from moderation.permissions import CaseFacts

MOST_SHOWN = 50

_CASES = (
    select(
        CaseItem.id,
        CaseItem.kind,
        CaseItem.reasons,
        CaseItem.due_at,
        CaseItem.opened_hour,
        CaseItem.version,
        CaseItem.claim_gen,
        CaseItem.decided,
        CaseItem.group_id,
        CaseItem.post_id,
        Post.seq,
        Post.state,
        Post.html,
        Post.lang,
        Post.body,
        Post.changed_in,
        Conversation.id.label("conversation_id"),
        Conversation.title,
        Organisation.nation,
        func.coalesce(Persona.name, Mask.alias).label("author"),
    )
    .join(Post, Post.id == CaseItem.post_id)
    .join(Conversation, Conversation.id == Post.conversation_id)
    .join(Group, Group.id == Conversation.group_id)
    .join(Organisation, Organisation.id == Group.organisation_id)
    .outerjoin(Persona, Persona.id == Post.persona_id)
    .outerjoin(Mask, Mask.id == Post.mask_id)
)


def list_open(actor: Actor, group_id: bytes, after: bytes | None = None) -> Sequence[Row]:
    """What waits in a group, the earliest promise first: MOST_SHOWN, and one more if there are more.

    :param after: the case that the page before ended with, decided since or not: whoever clears a page misses nothing.
    :raises NotFound: not of the team.
    """
    require(may_look_after, actor, group_id)
    order = (CaseItem.due_at, CaseItem.opened_hour, CaseItem.id)
    waiting = _CASES.where(CaseItem.group_id == group_id, CaseItem.decided.is_(False))
    last = row(select(*order).where(CaseItem.id == after, CaseItem.group_id == group_id)) if after else None
    if last is not None:
        waiting = waiting.where(tuple_(*order) > tuple(last))
    return rows(waiting.order_by(*order).limit(MOST_SHOWN + 1))


def count_open(actor: Actor, group_id: bytes) -> int:
    """How many posts wait, for the team alone. What people told is counted apart: not everyone may know of all of it."""
    require(may_look_after, actor, group_id)
    of_posts = (CaseItem.group_id == group_id, CaseItem.post_id.is_not(None))
    found = row(select(func.count()).where(*of_posts, CaseItem.decided.is_(False)))
    return int(found[0]) if found else 0


def find_group_of_case(item_id: bytes) -> bytes | None:
    """Where a case belongs, to load the actor's membership; not a permission."""
    found = row(select(CaseItem.group_id).where(CaseItem.id == item_id))
    return found.group_id if found else None


def get_case(actor: Actor, item_id: bytes) -> tuple[Row, CaseFacts]:
    """A case with what the rules need to know.

    :raises NotFound: none such, or not of the team.
    """
    found = row(_CASES.where(CaseItem.id == item_id))
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    require(may_look_after, actor, found.group_id)
    return found, CaseFacts(found.group_id, is_mine(actor, found.group_id, found.post_id), found.state, found.decided)


def is_mine(actor: Actor, group_id: bytes, post_id: int) -> bool:
    """Whether the actor wrote this post, under a name or an alias: found by tag, so it tells them nothing else."""
    membership = actor.membership_in(group_id)
    post = row(select(Post.conversation_id).where(Post.id == post_id))
    if membership is None or post is None:
        return False
    own = conversations.mine(membership, post.conversation_id)
    return row(select(Post.id).where(Post.id == post_id, own)) is not None


def list_decisions(actor: Actor, group_id: bytes, post_id: int) -> Sequence[Row]:
    """What was decided about a post, newest first; the caller asks who may know."""
    return rows(
        select(Decision.id, Decision.choice, Decision.decided_at, Decision.evidence_id, Decision.item_id)
        .where(Decision.post_id == post_id, Decision.group_id == group_id)
        .order_by(Decision.decided_at.desc())
        .limit(MOST_SHOWN)
    )


def find_open_hold(post_id: int) -> bytes | None:
    """The open case that holds a post, inside a transaction."""
    found = row(
        select(CaseItem.id).where(
            CaseItem.post_id == post_id, CaseItem.kind == CaseKind.HOLD, CaseItem.decided.is_(False)
        )
    )
    return found.id if found else None


def is_in_appeal(post_id: int, since: datetime) -> bool:
    """Whether the team put this post away and somebody can still disagree: then it counts as an open item (decisions.md §6).

    :param since: decisions before then are past it.
    """
    away = (Decision.post_id == post_id, Decision.choice.in_((Choice.HIDE, Choice.KEEP_BACK)))
    hidden = (Post.id == post_id, Post.state == PostState.HIDDEN)
    decided = select(Decision.id).join(Post, Post.id == Decision.post_id)
    return row(decided.where(*away, *hidden, Decision.decided_at >= since).limit(1)) is not None
