"""What is kept of words and people that are on their way out, until it cannot be undone any more."""

from datetime import date

from sqlalchemy import Date, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from forum.base.db import Ident, db
from forum.base.idents import new_ident
from forum.models.columns import Tagged


class PutAway(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """Words that their author took back and may still bring back: tag(put_away, post) to the sealed words.

    Without the keyring no row leads to its post, so the rows of one person cannot be laid beside each other.
    """

    __tablename__ = "put_away"
    until_on: Mapped[date] = mapped_column(Date, index=True)  #: the last day on which they can come back


class Errand(db.Model):  # type: ignore[name-defined,misc]
    """Words that go, or come back, at their own hour: sealed whose they are. The job beside it knows only this id."""

    __tablename__ = "errand"
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"), index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)  #: what to do, and the name or alias it is done for
    key_id: Mapped[str] = mapped_column(String(16), index=True)


class Farewell(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """Somebody left, or took their words or their name out of sight: found by tag from their sign-in alone.

    Four kinds, alike from outside, each for one group or, for the sign-in itself, for the whole house.
    """

    __tablename__ = "farewell"


class Copy(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """What is held about somebody in one group, made for them to take along: tag(copy, persona) to the sealed file."""

    __tablename__ = "copy"
    until_on: Mapped[date] = mapped_column(Date, index=True)  #: gone after that day
