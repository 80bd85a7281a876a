"""What somebody may see of a conversation's posts: the same question as a predicate and as SQL, on one screen.

A test drives both over every combination and fails when they differ.
"""

from sqlalchemy import ColumnElement, and_, bindparam, false, or_

from forum.models import Board, Conversation, ConversationKind, Post, PostState
from forum.policy.actor import Actor, Membership
from forum.policy.audience import EVERYONE, includes, reach, readable_by

#: A place that others have seen stays a place: words taken back or put away leave a line that says so.
SHOWN = (PostState.VISIBLE, PostState.HIDDEN, PostState.WITHDRAWN)
#: What every member of a group may read. Any other kind is for those whom a rule names.
FOR_MEMBERS = (ConversationKind.TOPIC, ConversationKind.ROOM)


def can_see(
    actor: Actor,
    group_id: bytes,
    state: PostState,
    ever_shown: bool,
    mine: bool,
    kind: ConversationKind = ConversationKind.TOPIC,
    conversation_id: bytes = b"",
    readers: int = EVERYONE,
) -> bool:
    """Whether `actor` may see a post.

    :param ever_shown: it was visible to the group at some time (`changed_in` > 0).
    :param mine: the actor wrote it, under a name or an alias; known by tag to them alone.
    :param conversation_id: where it stands, for a line to the team. :param readers: of its board.
    """
    if not _knows(actor, group_id, kind, conversation_id):
        return False
    if mine:
        return True  # words stay their author's, also on a board that is not for them any more
    if not may_enter(actor, group_id, kind, conversation_id, readers):
        return False
    membership = actor.membership_in(group_id)
    return (state in SHOWN and ever_shown) or (
        membership is not None and membership.on_team and state is PostState.HELD
    )


def may_enter(
    actor: Actor, group_id: bytes, kind: ConversationKind, conversation_id: bytes, readers: int = EVERYONE
) -> bool:
    """Whether `actor` may read in a conversation: members what is for members, in a live room those who were let in and
    the team; a line to the team its owner and the team.

    :param readers: of its board, as `forum.policy.audience` counts.
    """
    membership = actor.membership_in(group_id)
    for_them = membership is None or kind not in FOR_MEMBERS or includes(readers, membership)
    if kind is ConversationKind.ROOM:
        for_them = membership is not None and (membership.on_team or conversation_id in actor.rooms)
    return for_them and _knows(actor, group_id, kind, conversation_id)


def _knows(actor: Actor, group_id: bytes, kind: ConversationKind, conversation_id: bytes) -> bool:
    """The same without its board: of what is not for them they know no more than that it is there."""
    membership = actor.membership_in(group_id)
    if kind in FOR_MEMBERS:
        return membership is not None
    if kind is not ConversationKind.TEAM:
        return False
    return conversation_id in actor.lines or (membership is not None and membership.on_team)


def visible_to(actor: Actor, mine: ColumnElement[bool] | None = None) -> ColumnElement[bool]:
    """`can_see` as SQL, for a query that joins Post to Conversation.

    :param mine: what makes a row the actor's own in this query; None where their own waiting words are not asked for.
    """
    teams = _teams(actor)
    shown = and_(Post.state.in_(SHOWN), Post.changed_in > 0)
    waiting = and_(Post.state == PostState.HELD, Conversation.group_id.in_(teams)) if teams else false()
    own = and_(_known_to(actor), mine) if mine is not None else false()
    return or_(own, and_(enterable_by(actor), or_(shown, waiting)))


def enterable_by(actor: Actor) -> ColumnElement[bool]:
    """`may_enter` as SQL."""
    boards = [readable_by(membership) for membership in actor.memberships.values()]
    for_them = or_(Conversation.kind.not_in(FOR_MEMBERS), *boards)
    let_in = or_(Conversation.id.in_(list(actor.rooms)), Conversation.group_id.in_(_teams(actor)))
    return and_(_known_to(actor), for_them, or_(Conversation.kind != ConversationKind.ROOM, let_in))


def _teams(actor: Actor) -> list[bytes]:
    return [group_id for group_id, membership in actor.memberships.items() if membership.on_team]


def visible_on_boards() -> ColumnElement[bool]:
    """`visible_to` for words that stand on the boards of one group, in a statement that is compiled once.

    Joins Post, Conversation and Board; asked with the values of `on_boards_for`.
    """
    return and_(
        Post.state == PostState.VISIBLE,
        Post.changed_in > 0,
        Conversation.kind == ConversationKind.TOPIC,
        Conversation.group_id == bindparam("group"),
        Board.readers.between(bindparam("least"), bindparam("greatest")),
    )


def on_boards_for(membership: Membership) -> dict[str, bytes | int]:
    """Who asks `visible_on_boards`."""
    least, greatest = reach(membership)
    return {"group": membership.scope.group_id, "least": least, "greatest": greatest}


def _known_to(actor: Actor) -> ColumnElement[bool]:
    """`_knows` as SQL."""
    groups = list(actor.memberships)
    common = and_(Conversation.kind.in_(FOR_MEMBERS), Conversation.group_id.in_(groups))
    to_team = or_(Conversation.id.in_(list(actor.lines)), Conversation.group_id.in_(_teams(actor)))
    return or_(common, and_(Conversation.kind == ConversationKind.TEAM, to_team))
