"""What helps the people who moderate: what is one moderator's own, words for the next shift, second looks."""

from datetime import date

from sqlalchemy import Date, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from forum.base.db import Ident, db
from forum.base.idents import new_ident
from forum.models.columns import Tagged, state_of
from moderation.models import Choice


class ModeratorOwn(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """tag(moderator_own, persona) to what one moderator chose and took on, in a row of one size.

    Plain, it would say who of the team cannot read about suicide today, and why may be guessed.
    """

    __tablename__ = "moderator_own"


class HandOver(db.Model):  # type: ignore[name-defined,misc]
    """What one shift tells the next, sealed with who wrote it. Gone after some days."""

    __tablename__ = "hand_over"
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"), index=True)
    day: Mapped[date] = mapped_column(Date, index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    key_id: Mapped[str] = mapped_column(String(16), index=True)


class SecondLook(db.Model):  # type: ignore[name-defined,misc]
    """What somebody else would have decided, who did not know what was. It changes nothing, and says not who it was."""

    __tablename__ = "second_look"
    decision_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("decision.id"), primary_key=True)
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"), index=True)
    choice: Mapped[Choice] = mapped_column(state_of(Choice))
    agreed: Mapped[bool]
    looked_on: Mapped[date] = mapped_column(Date)
