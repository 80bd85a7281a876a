"""What the gate and the page of one post ask about decisions."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, select

from forum.base.db import row, rows
from forum.conversations import queries as conversations
from forum.models import Post, PostState
from forum.policy.actor import Actor
from moderation.models import Choice, Decision

#: On the page of one post.
MOST_SHOWN = 50


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


def is_in_appeal(post_id: int, since: datetime) -> bool:
    """Whether the team put this post away and somebody can still disagree: then it counts as an open item (decisions.md §6).

    :param since: decisions before then are past it.
    """
    away = (Decision.post_id == post_id, Decision.choice.in_((Choice.HIDE, Choice.KEEP_BACK)))
    hidden = (Post.id == post_id, Post.state == PostState.HIDDEN)
    decided = select(Decision.id).join(Post, Post.id == Decision.post_id)
    return row(decided.where(*away, *hidden, Decision.decided_at >= since).limit(1)) is not None
