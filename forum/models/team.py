"""The line from one face (a name or an alias) to a group's team, swaps of duty, and reports to somebody outside the team."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from forum.base.db import Ident, UtcDateTime, db
from forum.base.idents import new_ident
from forum.models.columns import Tagged


class TeamLine(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """One conversation with the team, found by tag(team_line, persona, 0..15).

    The seal holds whose face writes here and how far its owner read. What stands open says nothing about the owner:
    only where the conversation is, and how long it has waited for an answer.
    """

    __tablename__ = "team_line"
    __table_args__ = (Index("ix_team_line_waiting", "group_id", "due_at"),)
    conversation_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("conversation.id"), unique=True)
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"))
    asked_seq: Mapped[int] = mapped_column(default=0)  #: the place of the owner's last words
    answered_seq: Mapped[int] = mapped_column(default=0)  #: the team answered what stands up to here
    answer_seq: Mapped[int] = mapped_column(default=0)  #: the place of the team's last words
    due_at: Mapped[datetime] = mapped_column(
        UtcDateTime
    )  #: somebody looks by then; to the hour, for aliases write here
    marks: Mapped[str] = mapped_column(String(200), default="")  #: codes of what the gate found in what waits


class OutsideReport(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """What somebody told their organisation about the team: found by tag(outside_report, persona, id), words sealed.

    The seal holds a copy of the conversation as it was, so that nobody of the team can take away what it is about.
    """

    __tablename__ = "outside_report"
    id: Mapped[bytes] = mapped_column(Ident, unique=True, default=new_ident)
    organisation_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("organisation.id"), index=True)
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"))
    day: Mapped[date] = mapped_column(Date)
    handled_on: Mapped[date | None] = mapped_column(Date)  #: somebody of the organisation says that it is seen to


class DutySwap(db.Model):  # type: ignore[name-defined,misc]
    """Somebody asks another of the team to take one turn. Until it is taken the first stays responsible."""

    __tablename__ = "duty_swap"
    __table_args__ = (UniqueConstraint("slot_id", "day"),)
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    slot_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("duty_slot.id", ondelete="CASCADE"))
    day: Mapped[date] = mapped_column(Date)  #: the date on which the turn begins
    asked_by: Mapped[bytes] = mapped_column(Ident, ForeignKey("persona.id"), index=True)
    taken_by: Mapped[bytes | None] = mapped_column(Ident, ForeignKey("persona.id"), index=True)
