"""What people read before they join, and what they say about the pages themselves."""

import enum
from datetime import date

from sqlalchemy import Date, ForeignKey, LargeBinary, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from forum.base.db import Ident, db
from forum.base.idents import new_ident
from forum.models.columns import state_of


class Example(db.Model):  # type: ignore[name-defined,misc]
    """A conversation that the facilitators made up, so that newcomers see how people talk here. No member wrote it."""

    __tablename__ = "example"
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"), index=True)
    ord: Mapped[int] = mapped_column(SmallInteger)
    title: Mapped[str] = mapped_column(String(120))


class ExamplePost(db.Model):  # type: ignore[name-defined,misc]
    """One made-up voice in an example."""

    __tablename__ = "example_post"
    example_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("example.id", ondelete="CASCADE"), primary_key=True)
    ord: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    name: Mapped[str] = mapped_column(String(30))  #: made up; nobody's persona
    body: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)


class Rating(enum.StrEnum):
    """How a page was for somebody."""

    GOOD = "good"
    HARD = "hard"
    WRONG = "wrong"


class Feedback(db.Model):  # type: ignore[name-defined,misc]
    """What somebody said of a page. It names no person and no group, only the kind of page; the words are sealed."""

    __tablename__ = "feedback"
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    route: Mapped[str] = mapped_column(String(60))  #: the endpoint, never an address with ids
    rating: Mapped[Rating] = mapped_column(state_of(Rating))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    day: Mapped[date] = mapped_column(Date, index=True)
    key_id: Mapped[str] = mapped_column(String(16), index=True)
