"""Ways into a group: invitations, and what a group is told of itself."""

from datetime import date

from sqlalchemy import Date, ForeignKey, Integer, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from forum.base.db import Ident, db
from forum.base.idents import new_ident
from forum.models.columns import Tagged


class Invitation(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """Three words that let somebody in. Found by tag(invitation, digest of the words); the words are kept nowhere.

    It names nobody: neither who made it nor whom it is for.
    """

    __tablename__ = "invitation"
    id: Mapped[bytes] = mapped_column(Ident, unique=True, default=new_ident)  #: for its team; the tag changes with keys
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"), index=True)
    uses_left: Mapped[int] = mapped_column(SmallInteger)
    ends_on: Mapped[date] = mapped_column(Date)  #: the last day it works
    revoked: Mapped[bool] = mapped_column(default=False)


class HeldInvitation(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """This browser showed a valid invitation: tag(invited, cookie hash) leads to it until the person came in."""

    __tablename__ = "held_invitation"
    day: Mapped[date] = mapped_column(Date, index=True)  #: for forgetting it; the exact end is sealed


class ProposedRemoval(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """Somebody of the team asks that a person leaves the group: tag(removal, persona) and sealed who, whom and why."""

    __tablename__ = "proposed_removal"
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"), index=True)
    day: Mapped[date] = mapped_column(Date)


class UnusualReading(db.Model):  # type: ignore[name-defined,misc]
    """Somebody read far more of a group within an hour than people do. Who, and at what hour, is not kept."""

    __tablename__ = "unusual_reading"
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"), index=True)
    day: Mapped[date] = mapped_column(Date, index=True)
    conversations: Mapped[int] = mapped_column(Integer)
