"""Reading boards and their topics. Every query that permits takes the actor first and is bounded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, func, or_, select

from forum.base.db import rows
from forum.base.errors import NotFound
from forum.base.hot import Asked, Hot
from forum.models import Board, Charter, Conversation, Group, Organisation
from forum.policy.actor import Actor
from forum.policy.audience import includes
from forum.policy.holding import brake_of, holding_columns
from forum.policy.permissions import ConversationFacts, Denial

#: On one page of a board.
TOPICS = 25
#: Boards whose newest topics are not read anew while nothing happens there; some 15 kB each.
BOARDS_KEPT = 500


def list_boards(actor: Actor, group_id: bytes) -> Sequence[Row]:
    """A group's boards that are for this member, in their order, with when somebody last wrote there."""
    membership = actor.membership_in(group_id)
    if membership is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    latest = (
        select(func.max(Conversation.last_activity_hour))
        .where(Conversation.board_id == Board.id, Conversation.last_shown_seq > 0)
        .scalar_subquery()
    )
    found = rows(
        select(Board.id, Board.name, Board.purpose, Board.readers, Board.starters, latest.label("latest"))
        .where(Board.group_id == group_id, Board.retired_at.is_(None))
        .order_by(Board.ord, Board.name)
    )
    return [board for board in found if includes(board.readers, membership)]


def list_boards_to_start_on(actor: Actor, group_id: bytes) -> Sequence[Row]:
    """Those of them where this member may open a topic."""
    membership = actor.membership_in(group_id)
    return [b for b in list_boards(actor, group_id) if membership and includes(b.starters, membership)]


def list_retired_boards(actor: Actor, group_id: bytes) -> Sequence[Row]:
    """Boards that nobody writes on any more and this member may still read."""
    membership = actor.membership_in(group_id)
    found = rows(
        select(Board.id, Board.name, Board.readers)
        .where(Board.group_id == group_id, Board.retired_at.is_not(None))
        .order_by(Board.ord, Board.name)
    )
    return [board for board in found if membership and includes(board.readers, membership)]


def board_columns() -> tuple[Any, ...]:
    """What a board's pages show and its rules need."""
    return (
        Board.id,
        Board.name,
        Board.purpose,
        Board.readers,
        Board.starters,
        Board.retired_at,
        Board.group_id,
        Group.name.label("group_name"),
        Group.address.label("group_address"),
        Group.words.label("group_words"),
        *holding_columns(),
        Group.own_notes,
        Group.zone,
        Organisation.nation,
    )


def find_board(board_id: bytes) -> Row | None:
    """A board with its group, to load the actor's membership; not a permission."""
    return _BOARD.row({"board": board_id})


def join_board(statement: Select) -> Select:
    """Board joined to what `board_columns` names. One that was retired is still read."""
    return (
        statement.join(Group, Group.id == Board.group_id)
        .join(Organisation, Organisation.id == Group.organisation_id)
        .outerjoin(Charter, Charter.group_id == Group.id)
        .where(Board.id == bindparam("board"))
    )


_BOARD = Hot(join_board(select(*board_columns(), Board.template).select_from(Board)))


def facts_of_board(board: Row) -> ConversationFacts:
    """What the rules need to know before a topic is started on a board from `find_board`."""
    retired = board.retired_at is not None
    brake = brake_of(board)
    stopped = brake is not None and brake.stops
    return ConversationFacts(
        board.group_id, readers=board.readers, writers=board.starters, retired=retired, stopped=stopped
    )


@dataclass(frozen=True)
class Before:
    """Where the next page of topics begins: after the last one shown."""

    hour: datetime
    id: bytes


_TOPICS = (
    select(
        Conversation.id,
        Conversation.group_id,
        Conversation.title,
        Conversation.lang,
        Conversation.shown_posts,
        Conversation.last_shown_seq,
        Conversation.last_activity_hour,
        Conversation.closed_at,
        Conversation.pinned,
    )
    .where(Conversation.board_id == bindparam("board"), Conversation.last_shown_seq > 0)
    .order_by(Conversation.pinned.desc(), Conversation.last_activity_hour.desc(), Conversation.id.desc())
    .limit(TOPICS + 1)
)
_NEWEST = Hot(_TOPICS)
_OLDER = Hot(
    _TOPICS.where(
        Conversation.pinned.is_(False),  # these stood on the first page
        or_(
            Conversation.last_activity_hour < bindparam("hour"),
            and_(Conversation.last_activity_hour == bindparam("hour"), Conversation.id < bindparam("id")),
        ),
    )
)


def list_topics(actor: Actor, board_id: bytes, before: Before | None = None) -> Sequence[Row]:
    """A board's topics: what is pinned, then latest activity first; one more than a page, to know if there is a next one."""
    if before is None:
        found = _newest(board_id).rows()
    else:
        found = _OLDER.rows({"board": board_id, "hour": before.hour, "id": before.id})
    theirs = {one for one in {topic.group_id for topic in found} if actor.membership_in(one) is not None}
    return [topic for topic in found if topic.group_id in theirs]


@lru_cache(maxsize=BOARDS_KEPT)
def _newest(board_id: bytes) -> Asked:
    return _NEWEST.asked({"board": board_id})
