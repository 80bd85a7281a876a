"""Boards, conversations and posts: one table of posts for boards, rooms and the line to the team."""

import enum
from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from forum.base.db import Ident, UtcDateTime, db
from forum.base.idents import new_ident, new_post_id
from forum.models.columns import Tagged, state_of
from forum.models.holding import Braked

#: Exactly INTEGER makes it SQLite's own row number; beside any other key that number would tell the order of writing.
PostId = BigInteger().with_variant(Integer(), "sqlite")


class Board(Braked, db.Model):  # type: ignore[name-defined,misc]
    """A shelf of topics in one group."""

    __tablename__ = "board"
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"), index=True)
    ord: Mapped[int] = mapped_column(SmallInteger, default=0)
    name: Mapped[str] = mapped_column(String(60))
    purpose: Mapped[str] = mapped_column(String(200), default="")
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  #: still readable; nobody writes there any more
    # Who may: 0 everyone here, n > 0 members of more than n days, -1 the team (forum.policy.audience).
    readers: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    starters: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    repliers: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    template: Mapped[str] = mapped_column(Text, default="", server_default="")  #: what a new topic's form begins with
    searched: Mapped[bool] = mapped_column(default=True, server_default=true())  #: its words can be found by searching
    #: of forum.models.holding.Hold: what waits here beside what waits in the whole group
    holds: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")


class ConversationKind(enum.StrEnum):
    """One write path, one gate, one history for all of them."""

    TOPIC = "topic"
    ROOM = "room"
    TEAM = "team"  #: one member or alias with the group's team
    PRIVATE = "private"  #: two members; not opened yet


class Conversation(db.Model):  # type: ignore[name-defined,misc]
    """Where posts stand. Its numbers are public, so a held post moves none of the last four."""

    __tablename__ = "conversation"
    __table_args__ = (
        Index("ix_conversation_board_latest", "board_id", "last_activity_hour", "id"),
        Index("ix_conversation_group_latest", "group_id", "last_activity_hour", "id"),  # what is new, for home
        # A board's page: what is pinned first, then the latest.
        Index("ix_conversation_board_first", "board_id", "pinned", "last_activity_hour", "id"),
        CheckConstraint("(kind = 'topic') = (board_id IS NOT NULL)", "topic_has_board"),
    )
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"), index=True)
    board_id: Mapped[bytes | None] = mapped_column(Ident, ForeignKey("board.id"))
    kind: Mapped[ConversationKind] = mapped_column(state_of(ConversationKind))
    title: Mapped[str] = mapped_column(String(120))
    lang: Mapped[str] = mapped_column(String(35), default="en")
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_seq: Mapped[int] = mapped_column(default=1)  #: the next place; counts held posts too, so never shown
    feed_no: Mapped[int] = mapped_column(default=0)  #: visible changes so far
    shown_posts: Mapped[int] = mapped_column(default=0)
    last_shown_seq: Mapped[int] = mapped_column(default=0)
    last_activity_hour: Mapped[datetime] = mapped_column(UtcDateTime)  #: to the hour, for masks stand in it
    pinned: Mapped[bool] = mapped_column(default=False, server_default=false())  #: stands first on its board
    slow_minutes: Mapped[int] = mapped_column(
        SmallInteger, default=0, server_default="0"
    )  #: between two posts of one person
    #: whoever started it wants no answers under hidden names
    names_only: Mapped[bool] = mapped_column(default=False, server_default=false())
    polled: Mapped[bool] = mapped_column(default=False, server_default=false())  #: it has a question to everybody
    tended: Mapped[bool] = mapped_column(default=False, server_default=false())  #: the team changed something here


class PostState(enum.StrEnum):
    """Assigned only by forum.conversations.lifecycle."""

    SENDING = "sending"  #: for ten seconds its author alone sees it and can take it back
    HELD = "held"  #: waits for a person
    VISIBLE = "visible"
    HIDDEN = "hidden"  #: put out of sight by the team
    WITHDRAWN = "withdrawn"  #: taken back by its author


class PostMark(enum.StrEnum):
    """What its author says a post is, so that answers fit."""

    EXPERIENCE = "experience"  #: my own experience, not advice
    LISTENING = "listening"  #: please listen; no advice


class Post(db.Model):  # type: ignore[name-defined,misc]
    """One message by one member, in a board topic or a live room alike."""

    __tablename__ = "post"
    __table_args__ = (
        CheckConstraint("(persona_id IS NULL) <> (mask_id IS NULL)", "one_author"),
        UniqueConstraint("conversation_id", "seq"),
        Index("ix_post_conversation_changed", "conversation_id", "changed_in"),
        # All that a page asks about words that wait, so that their texts are not read to find out.
        Index(
            "ix_post_waiting",
            "conversation_id",
            "state",
            "due_at",
            "persona_id",
            "mask_id",
            postgresql_where=text("state IN ('sending', 'held')"),
            sqlite_where=text("state IN ('sending', 'held')"),
        ),
        Index("ix_post_answers", "answers_id"),
    )
    id: Mapped[int] = mapped_column(PostId, primary_key=True, default=new_post_id, autoincrement=False)
    conversation_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("conversation.id"))
    seq: Mapped[int]  #: place in the conversation, never reused
    changed_in: Mapped[int]  #: the conversation's feed number at the last visible change; 0 before the first
    persona_id: Mapped[bytes | None] = mapped_column(Ident, ForeignKey("persona.id"), index=True)
    mask_id: Mapped[bytes | None] = mapped_column(Ident, ForeignKey("mask.id"), index=True)  #: exactly one of the two
    state: Mapped[PostState] = mapped_column(state_of(PostState))
    body: Mapped[str] = mapped_column(Text)  #: as typed, at most 20 000 characters
    html: Mapped[str] = mapped_column(Text)  #: rendered and sanitised once, by the renderer beside it
    renderer: Mapped[str] = mapped_column(String(20))
    lang: Mapped[str] = mapped_column(String(35), default="en")
    answers_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("post.id")
    )  #: the post it answers, quoted as it now may be seen
    charter_version_id: Mapped[bytes | None] = mapped_column(Ident, ForeignKey("charter_version.id"))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)  #: masked: floored to the hour
    edited: Mapped[bool] = mapped_column(default=False)
    notes: Mapped[int] = mapped_column(
        default=0, server_default="0"
    )  #: content notes, one bit for each class, and one for each reason to fold (forum.content.notes)
    mark: Mapped[PostMark | None] = mapped_column(state_of(PostMark))
    reacted: Mapped[int] = mapped_column(
        SmallInteger, default=0, server_default="0"
    )  #: kinds of reactions it has, a bit each
    #: its words went because the time was over for which they were to be kept
    faded: Mapped[bool] = mapped_column(default=False, server_default=false())
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  #: when a sending post is published; gone after


class PostVersion(db.Model):  # type: ignore[name-defined,misc]
    """What a post said before an edit: for its author, and for moderators while an item on it is open."""

    __tablename__ = "post_version"
    __table_args__ = (UniqueConstraint("post_id", "n"),)
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    post_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("post.id"))
    n: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    replaced_hour: Mapped[datetime] = mapped_column(UtcDateTime)


class PostEvent(db.Model):  # type: ignore[name-defined,misc]
    """One visible change of a conversation. Names the post, never a person."""

    __tablename__ = "post_event"
    conversation_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("conversation.id"), primary_key=True)
    feed_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    post_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("post.id"))
    kind: Mapped[str] = mapped_column(String(20))  #: add, edit, fold, hide, … (forum.conversations.lifecycle)
    hour: Mapped[datetime] = mapped_column(UtcDateTime)


class Mask(db.Model):  # type: ignore[name-defined,misc]
    """The alias of one persona in one conversation. The row does not say whose."""

    __tablename__ = "mask"
    __table_args__ = (UniqueConstraint("conversation_id", "alias"),)
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    conversation_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("conversation.id"))  #: where it was born
    alias: Mapped[str] = mapped_column(String(30))


class MaskOwner(db.Model):  # type: ignore[name-defined,misc]
    """Leads from a persona to its mask by tag and back by seal. Only forum.conversations.masks may import it."""

    __tablename__ = "mask_owner"
    owner_tag: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)  #: tag(mask, persona, conversation)
    mask_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("mask.id"), unique=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)  #: the persona's id
    key_id: Mapped[str] = mapped_column(String(16), index=True)


class Resend(db.Model):  # type: ignore[name-defined,misc]
    """This form was sent already and became that post. Kept for two days."""

    __tablename__ = "resend"
    tag: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)  #: tag(send, persona, client token)
    post_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("post.id"))
    day: Mapped[date] = mapped_column(Date, index=True)


class ReadMarker(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """How far somebody read in one conversation. Plain, it named 91.7 % of masked authors."""

    __tablename__ = "read_marker"


class Draft(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """Words not sent yet."""

    __tablename__ = "draft"
