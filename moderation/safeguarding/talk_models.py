"""What the person a concern is about and whoever looks after them say to each other. It lies in the record, not among posts.

The team of a group reads every line to it; this is read by whoever holds the concern, and by others only if the person says so.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, LargeBinary, false
from sqlalchemy.orm import Mapped, mapped_column

from forum.base.db import Ident, UtcDateTime, db
from forum.base.idents import new_ident
from forum.models.columns import Tagged


class ConcernTalk(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """tag(concern_talk, persona or the secret of an address, place) to one concern: how the person finds it, and nobody else."""

    __tablename__ = "concern_talk"
    __table_args__ = {"sqlite_with_rowid": False}
    id: Mapped[bytes] = mapped_column(Ident, unique=True, default=new_ident)
    concern_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("concern.id"), unique=True)
    shared: Mapped[bool] = mapped_column(
        default=False, server_default=false()
    )  #: the person lets all who may see the concern read


class ConcernWord(db.Model):  # type: ignore[name-defined,misc]
    """One thing that was said. Its words, who said it and the minute are sealed with the concern's key."""

    __tablename__ = "concern_word"
    __table_args__ = {"sqlite_with_rowid": False}
    concern_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("concern.id"), primary_key=True)
    n: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    by_person: Mapped[bool]
    seen: Mapped[bool] = mapped_column(default=False)  #: the other side had it on a page
    hour: Mapped[datetime] = mapped_column(UtcDateTime)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
