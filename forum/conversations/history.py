"""What the team changed in a conversation, and why: for its readers, and for undoing it."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row, insert, select, update

from forum.base import clock
from forum.base.db import row, rows
from forum.base.idents import new_ident
from forum.base.transaction import here
from forum.models import Conversation, ConversationEvent, Persona

MOST_LISTED = 50


class Kind(enum.StrEnum):
    """What was done. Each has its inverse."""

    PIN = "pin"
    UNPIN = "unpin"
    LOCK = "lock"
    UNLOCK = "unlock"
    SLOW = "slow"
    MOVE = "move"  #: to another board
    WENT = "went"  #: all its posts went to another topic
    CAME = "came"  #: another topic's posts came here
    PARTED = "parted"  #: the posts from one place on went to a new topic
    BEGAN = "began"  #: this topic was made of another's posts
    UNDO = "undo"


#: After these, posts stand elsewhere: a page that was open before is loaded anew.
OF_POSTS = (Kind.WENT, Kind.CAME, Kind.PARTED, Kind.BEGAN, Kind.UNDO)
#: Their posts are in the other conversation now.
AWAY = (Kind.WENT, Kind.PARTED)


@dataclass(frozen=True)
class Moved:
    """Posts that went from one conversation to another.

    :param first: the first of the places that they took there; last: the last. :param shifted: by how much these are
        more than the places they had.
    """

    first: int
    last: int
    shifted: int


def record(
    conversation_id: bytes,
    kind: Kind,
    by: bytes,
    reason: str,
    *,
    before: int = 0,
    other_id: bytes | None = None,
    moved: Moved | None = None,
    ident: bytes | None = None,
    twin_id: bytes | None = None,
) -> bytes:
    """Step: one event. From now on its conversation says that there are some.

    :param before: minutes between posts, or 1 if it was closed. :param other_id: the board, or the other conversation.
    """
    event_id = ident or new_ident()
    feed = row(select(Conversation.feed_no).where(Conversation.id == conversation_id))
    here().execute(
        insert(ConversationEvent).values(
            id=event_id,
            conversation_id=conversation_id,
            kind=kind,
            reason=reason,
            by=by,
            hour=clock.this_hour(),
            feed_no=feed.feed_no if feed else 0,
            before=before,
            other_id=other_id,
            first_seq=moved.first if moved else 0,
            last_seq=moved.last if moved else 0,
            shifted=moved.shifted if moved else 0,
            twin_id=twin_id,
            undone=False,
        )
    )
    change = update(Conversation).where(Conversation.id == conversation_id).values(tended=True)
    here().execute(change.execution_options(synchronize_session=False))
    return event_id


def mark_undone(event_ids: Sequence[bytes]) -> None:
    """Step: these are undone now."""
    change = update(ConversationEvent).where(ConversationEvent.id.in_(event_ids)).values(undone=True)
    here().execute(change.execution_options(synchronize_session=False))


def find_event(event_id: bytes) -> Row | None:
    """One event, for whoever goes on to ask the rules."""
    return row(select(*ConversationEvent.__table__.columns).where(ConversationEvent.id == event_id))


def list_events(conversation_id: bytes) -> Sequence[Row]:
    """What was done to a conversation, the latest first, with the name of whoever did it. The caller asks who may know."""
    return rows(
        select(*ConversationEvent.__table__.columns, Persona.name.label("by_name"))
        .join(Persona, Persona.id == ConversationEvent.by)
        .where(ConversationEvent.conversation_id == conversation_id)
        .order_by(ConversationEvent.hour.desc(), ConversationEvent.feed_no.desc(), ConversationEvent.id)
        .limit(MOST_LISTED)
    )


def list_away(conversation_id: bytes) -> Sequence[Row]:
    """Where posts of a conversation went, for the line that it keeps: the other conversation, and from which place on."""
    first = (ConversationEvent.first_seq - ConversationEvent.shifted).label("first")
    wanted = (ConversationEvent.conversation_id == conversation_id, ConversationEvent.kind.in_(AWAY))
    return rows(
        select(ConversationEvent.kind, ConversationEvent.other_id, first)
        .where(*wanted, ConversationEvent.undone.is_(False))
        .order_by(first)
        .limit(MOST_LISTED)
    )


def has_parted_since(conversation_id: bytes, feed_no: int) -> bool:
    """Whether posts came or went after this feed number."""
    since = (ConversationEvent.conversation_id == conversation_id, ConversationEvent.feed_no > feed_no)
    found = select(ConversationEvent.id).where(*since, ConversationEvent.kind.in_(OF_POSTS)).limit(1)
    return row(found) is not None
