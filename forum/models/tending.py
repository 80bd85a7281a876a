"""How the team looks after topics: what it changed there and why, and where posts came from."""

from datetime import datetime

from sqlalchemy import ForeignKey, SmallInteger, String, false
from sqlalchemy.orm import Mapped, mapped_column

from forum.base.db import Ident, UtcDateTime, db
from forum.base.idents import new_ident


class ConversationEvent(db.Model):  # type: ignore[name-defined,misc]
    """One thing that the team did to a conversation, with what undoing it needs.

    When posts went from one conversation to another each of the two has its event, and they know each other.
    """

    __tablename__ = "conversation_event"
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    conversation_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("conversation.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))  #: of forum.conversations.history.Kind
    reason: Mapped[str] = mapped_column(String(300))  #: in words that members read
    by: Mapped[bytes] = mapped_column(Ident, ForeignKey("persona.id"))
    hour: Mapped[datetime] = mapped_column(UtcDateTime)
    feed_no: Mapped[int] = mapped_column(default=0)  #: of the conversation after it: pages open since are made anew
    before: Mapped[int] = mapped_column(SmallInteger, default=0)  #: minutes between posts, or if it was closed
    other_id: Mapped[bytes | None] = mapped_column(Ident)  #: the board it stood on, or the other conversation
    first_seq: Mapped[int] = mapped_column(default=0)  #: the places that posts took where they went to
    last_seq: Mapped[int] = mapped_column(default=0)
    shifted: Mapped[int] = mapped_column(default=0)  #: by how much these are more than the places they had
    twin_id: Mapped[bytes | None] = mapped_column(Ident)  #: the same event in the other conversation
    undone: Mapped[bool] = mapped_column(default=False, server_default=false())


class ConversationOrigin(db.Model):  # type: ignore[name-defined,misc]
    """Posts of one conversation came from another, with masks that were born there."""

    __tablename__ = "conversation_origin"
    conversation_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("conversation.id"), primary_key=True)
    origin_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("conversation.id"), primary_key=True)
