"""What the team read together, and what it says to each other about an item: never who of them read what."""

import enum
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from forum.base.db import Ident, UtcDateTime, db
from forum.base.idents import new_ident
from forum.models.columns import state_of


class TeamRead(db.Model):  # type: ignore[name-defined,misc]
    """How far the team read in one conversation. One row for all of them: nobody's own reading can be seen from it."""

    __tablename__ = "team_read"
    __table_args__ = {"sqlite_with_rowid": False}
    conversation_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("conversation.id"), primary_key=True)
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"), index=True)
    feed_no: Mapped[int] = mapped_column(Integer, default=0)  #: changes of the conversation that somebody read
    taken_by: Mapped[bytes | None] = mapped_column(Ident)  #: who reads on here now, as long as `taken_until` says
    taken_until: Mapped[datetime | None] = mapped_column(UtcDateTime)  #: past it the rest is anybody's; nobody sweeps


class LeftUnread(db.Model):  # type: ignore[name-defined,misc]
    """A post that one of the team leaves for a colleague to read. It does not say who, and there is no why."""

    __tablename__ = "left_unread"
    __table_args__ = {"sqlite_with_rowid": False}
    post_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("post.id"), primary_key=True, autoincrement=False)
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"), index=True)
    since_hour: Mapped[datetime] = mapped_column(UtcDateTime)  #: from when nobody of the team read it


class NoteKind(enum.StrEnum):
    """What a note on an item is for."""

    NOTE = "note"
    ASK = "ask"  #: whoever looks after the item asks a colleague
    ANSWER = "answer"  #: a colleague answers


class CaseNote(db.Model):  # type: ignore[name-defined,misc]
    """What one of the team wrote on an item for the others. There are no notes on people: `item_id` is never empty."""

    __tablename__ = "case_note"
    __table_args__ = {"sqlite_with_rowid": False}
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    item_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("case_item.id"), index=True)
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"))
    kind: Mapped[NoteKind] = mapped_column(state_of(NoteKind))
    written_by: Mapped[bytes] = mapped_column(Ident, ForeignKey("persona.id"))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    key_id: Mapped[str] = mapped_column(String(16), index=True)
