"""What somebody may see of a conversation's posts: the same question as a predicate and as SQL, on one screen.

A test drives both over every combination and fails when they differ.
"""

from sqlalchemy import ColumnElement, and_, false, or_

from forum.models import Conversation, Post, PostState
from forum.policy.actor import Actor

#: A place that others have seen stays a place: words taken back or put away leave a line that says so.
SHOWN = (PostState.VISIBLE, PostState.HIDDEN, PostState.WITHDRAWN)


def can_see(actor: Actor, group_id: bytes, state: PostState, ever_shown: bool, mine: bool) -> bool:
    """Whether `actor` may see a post.

    :param ever_shown: it was visible to the group at some time (`changed_in` > 0).
    :param mine: the actor wrote it, under a name or an alias; known by tag to them alone.
    """
    membership = actor.membership_in(group_id)
    if membership is None:
        return False
    if state in SHOWN and ever_shown:
        return True
    return mine or (membership.on_team and state is PostState.HELD)


def visible_to(actor: Actor, mine: ColumnElement[bool] | None = None) -> ColumnElement[bool]:
    """`can_see` as SQL, for a query that joins Post to Conversation.

    :param mine: what makes a row the actor's own in this query; None where their own waiting words are not asked for.
    """
    groups = list(actor.memberships)
    teams = [g for g, m in actor.memberships.items() if m.on_team]
    shown = and_(Post.state.in_(SHOWN), Post.changed_in > 0)
    waiting = and_(Post.state == PostState.HELD, Conversation.group_id.in_(teams)) if teams else false()
    own = mine if mine is not None else false()
    return and_(Conversation.group_id.in_(groups), or_(shown, waiting, own))
