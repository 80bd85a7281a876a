"""Who may read, start and reply on a board: everyone here, members of more than n days, or the team.

One number for each, so that both databases and Python compare the same thing.
"""

from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from forum.base import clock
from forum.models import Board, Conversation, Persona, Role
from forum.policy.actor import Membership

EVERYONE = 0
TEAM = -1
#: Longer than this is not a board for members any more; a year is what a group may want after a hard time.
MOST_DAYS = 365
#: Only the Monday of the week that somebody came in is kept: whoever came on the Sunday counts from then.
_WEEK = 7


def admits(audience: int, *, on_team: bool, joined_on: date | None) -> bool:
    """Whether an audience includes somebody.

    :param audience: EVERYONE, TEAM, or a number of days from 1 to MOST_DAYS. :param joined_on: None: long ago.
    """
    if on_team or audience == EVERYONE:
        return True
    return audience > 0 and (joined_on is None or audience <= days_here(joined_on))


def days_here(joined_on: date) -> int:
    """For how many whole days somebody who came in that week has been here for certain; below 0 in the first."""
    return (counted_to() - joined_on).days


def counted_to() -> date:
    """The day up to which the days since a Monday of coming in are counted."""
    return clock.today() - timedelta(days=_WEEK)


def includes(audience: int, membership: Membership) -> bool:
    """`admits` for a member."""
    return admits(audience, on_team=membership.on_team, joined_on=membership.joined_on)


def reach(membership: Membership) -> tuple[int, int]:
    """The least and the greatest audience that include a member."""
    if membership.on_team:
        return TEAM, MOST_DAYS
    return EVERYONE, MOST_DAYS if membership.joined_on is None else max(0, days_here(membership.joined_on))


def readable_by(membership: Membership) -> ColumnElement[bool]:
    """Whether a conversation's board has this member among its readers, as SQL; rooms and lines have no board."""
    if membership.on_team:
        return Conversation.group_id == membership.scope.group_id
    boards = select(Board.id).where(
        Board.group_id == membership.scope.group_id, Board.readers.between(*reach(membership))
    )
    return and_(
        Conversation.group_id == membership.scope.group_id,
        or_(Conversation.board_id.is_(None), Conversation.board_id.in_(boards)),
    )


def personas_of(audience: int) -> ColumnElement[bool]:
    """The personas that an audience includes, as SQL."""
    if audience == EVERYONE:
        return true()
    before = clock.today() - timedelta(days=audience + _WEEK)
    here_long = or_(Persona.joined_on.is_(None), Persona.joined_on <= before) if audience > 0 else false()
    return or_(Persona.role != Role.MEMBER, here_long)
