"""Live rooms: the rooms of a group, their meetings, who holds a seat in one, and what has to be followed up.

What is said in a meeting is posts of its conversation. A row that members can see names a persona or, in a room where
names are hidden, a mask; who signed up, who struggles and whom a follow-up is about is sealed.
"""

import enum
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from forum.base.db import Ident, UtcDateTime, db
from forum.base.idents import new_ident
from forum.models.columns import Tagged, state_of
from forum.models.holding import Braked


class RoomKind(enum.StrEnum):
    """How a room is used."""

    DROP_IN = "drop_in"  #: open while somebody looks after it
    SESSION = "session"  #: at planned times
    SIDE = "side"  #: beside a meeting, for the people asked in; no room has this kind, a meeting with a parent does
    PRACTICE = "practice"  #: to try things out; nothing stays


class Room(Braked, db.Model):  # type: ignore[name-defined,misc]
    """Where a group meets live."""

    __tablename__ = "room"
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    purpose: Mapped[str] = mapped_column(String(200), default="")
    kind: Mapped[RoomKind] = mapped_column(state_of(RoomKind))
    masked: Mapped[bool] = mapped_column(default=False)  #: members all under an alias, or all under their names
    needs: Mapped[int] = mapped_column(SmallInteger, default=2)  #: facilitators that opening needs
    capacity: Mapped[int | None] = mapped_column(SmallInteger)  #: members who may say that they come; None: no limit
    weekday: Mapped[int | None] = mapped_column(SmallInteger)  #: 0 = Monday; None: no weekly meeting
    starts: Mapped[str] = mapped_column(String(5), default="")  #: HH:MM by the group's own clock
    minutes: Mapped[int] = mapped_column(SmallInteger, default=60)  #: how long a meeting is
    agenda: Mapped[str] = mapped_column(Text, default="")  #: the steps of a meeting, as JSON; empty: none
    sign_up: Mapped[bool] = mapped_column(default=False)  #: people say beforehand if they come
    summary: Mapped[bool] = mapped_column(default=False)  #: facilitators may post one, without names
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  #: no more meetings


class MeetingState(enum.StrEnum):
    """Assigned only by forum.rooms.meetings."""

    PLANNED = "planned"
    EARLY = "early"  #: facilitators are in and prepare
    OPEN = "open"
    ALONE = "alone"  #: nobody looks after it: a notice, and slow
    HELD = "held"  #: still nobody: messages wait
    WINDING_DOWN = "winding_down"  #: over; people say goodbye, hands and signals are answered
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Meeting(db.Model):  # type: ignore[name-defined,misc]
    """One time that people meet in a room, with a conversation of its own."""

    __tablename__ = "meeting"
    __table_args__ = (
        UniqueConstraint("room_id", "planned_at"),  # the weekly meetings are planned once, whoever plans them
        Index("ix_meeting_group_state", "group_id", "state"),
        Index("ix_meeting_state_grace", "state", "grace_until"),
    )
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    room_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("room.id"))
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"))
    conversation_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("conversation.id"), unique=True)
    parent_id: Mapped[bytes | None] = mapped_column(Ident, ForeignKey("meeting.id"), index=True)  #: it is a side room
    state: Mapped[MeetingState] = mapped_column(state_of(MeetingState))
    planned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  #: None: nobody planned it, it was opened
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  #: None: open until somebody closes it
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    theme: Mapped[str] = mapped_column(String(100), default="")
    prompt: Mapped[str] = mapped_column(String(300), default="")  #: what people can begin with
    host_id: Mapped[bytes | None] = mapped_column(Ident)  #: the facilitator who leads; a seat says if they are here
    step: Mapped[str] = mapped_column(String(20), default="")  #: of forum.rooms.run
    step_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state_no: Mapped[int] = mapped_column(Integer, default=0)  #: changes that people here may see, beside its messages
    slow_s: Mapped[int] = mapped_column(SmallInteger, default=0)  #: seconds between two messages of one person
    paused: Mapped[bool] = mapped_column(default=False)
    quiet_until: Mapped[datetime | None] = mapped_column(UtcDateTime)  #: everybody writes for themselves till then
    least_heard: Mapped[bool] = mapped_column(
        default=False, server_default=false()
    )  #: hands of those heard least first
    clause_uid: Mapped[str | None] = mapped_column(String(40))  #: the ground rule that stands above the messages now
    grace_until: Mapped[datetime | None] = mapped_column(UtcDateTime)  #: when nobody looks after it for longer
    #: why it opened with fewer facilitators than agreed (forum.rooms.opening.REASONS); the audit says who decided
    alone_reason: Mapped[str] = mapped_column(String(20), default="")
    #: the strictest value of chat.retention that held since its first message; its words stay no longer
    retention: Mapped[str] = mapped_column(String(20), default="")
    #: its words are gone, and with them everything that said who was there
    emptied: Mapped[bool] = mapped_column(default=False, server_default=false())


class Duty(enum.StrEnum):
    """What the holder of a seat does in a meeting."""

    HOST = "host"
    SUPPORT = "support"  #: for whoever struggles
    TECH = "tech"  #: for whoever has trouble with the site


class RoomSeat(db.Model):  # type: ignore[name-defined,misc]
    """A facilitator is in a meeting, as long as their page says so again and again (decisions.md §7)."""

    __tablename__ = "room_seat"
    meeting_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("meeting.id"), primary_key=True)
    persona_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("persona.id"), primary_key=True)
    duty: Mapped[Duty] = mapped_column(state_of(Duty))
    lease_until: Mapped[datetime] = mapped_column(UtcDateTime)
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class RoomGuest(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """tag(room_guest, persona, meeting) to how somebody is let in: they came through the doorway, or were asked in to a
    side room; they may be sent out, or quiet for a while. Of its meeting it tells; of whose, nothing."""

    __tablename__ = "room_guest"
    meeting_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("meeting.id"), index=True)


class SignUp(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """tag(sign_up, persona, meeting) to a sealed yes, no or not sure."""

    __tablename__ = "sign_up"
    meeting_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("meeting.id"), index=True)


class HandState(enum.StrEnum):
    """What became of a hand."""

    UP = "up"
    HAS_FLOOR = "has_floor"
    LOWERED = "lowered"


class Hand(db.Model):  # type: ignore[name-defined,misc]
    """Somebody asked to speak. Words prepared for it are a sealed draft of theirs."""

    __tablename__ = "hand"
    __table_args__ = (
        CheckConstraint("(persona_id IS NULL) <> (mask_id IS NULL)", "one_face"),
        Index("ix_hand_meeting_state", "meeting_id", "state"),
    )
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    meeting_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("meeting.id"))
    persona_id: Mapped[bytes | None] = mapped_column(Ident, ForeignKey("persona.id"))
    mask_id: Mapped[bytes | None] = mapped_column(Ident, ForeignKey("mask.id"))
    n: Mapped[int] = mapped_column(Integer)  #: the order in which hands went up
    state: Mapped[HandState] = mapped_column(state_of(HandState))
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)  #: the end of a timed turn


class SignalState(enum.StrEnum):
    """Whether somebody looks after it."""

    OPEN = "open"
    TAKEN = "taken"
    DONE = "done"


class Signal(db.Model):  # type: ignore[name-defined,misc]
    """Somebody asked for a person, alone. Facilitators see it and nobody else."""

    __tablename__ = "signal"
    __table_args__ = (Index("ix_signal_meeting_state", "meeting_id", "state"),)
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"), index=True)
    meeting_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("meeting.id"))
    kind: Mapped[str] = mapped_column(String(20))  #: of forum.rooms.struggling
    state: Mapped[SignalState] = mapped_column(state_of(SignalState))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)  #: who
    key_id: Mapped[str] = mapped_column(String(16), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_by: Mapped[bytes | None] = mapped_column(Ident)
    side_id: Mapped[bytes | None] = mapped_column(Ident)  #: the side room that was opened for it
    line: Mapped[str] = mapped_column(String(20), default="")  #: left, lost or silent since; empty: still here
    heard_at: Mapped[datetime] = mapped_column(UtcDateTime)  #: when their page last asked; gone with the signal


class FollowUpState(enum.StrEnum):
    """Open until somebody says what came of it."""

    OPEN = "open"
    DONE = "done"


class FollowUp(db.Model):  # type: ignore[name-defined,misc]
    """What a facilitator still has to do after a meeting, with an owner and a time."""

    __tablename__ = "follow_up"
    __table_args__ = (Index("ix_follow_up_group_state", "group_id", "state", "due_at"),)
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"))
    meeting_id: Mapped[bytes | None] = mapped_column(Ident, ForeignKey("meeting.id"), index=True)
    signal_id: Mapped[bytes | None] = mapped_column(Ident, ForeignKey("signal.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))  #: of forum.rooms.follow_ups
    state: Mapped[FollowUpState] = mapped_column(state_of(FollowUpState))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)  #: whom it is about, and what came of it
    key_id: Mapped[str] = mapped_column(String(16), index=True)
    owner_id: Mapped[bytes | None] = mapped_column(Ident)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(SmallInteger, default=0)  #: of two who change it at once the second looks anew


class RoomNote(db.Model):  # type: ignore[name-defined,misc]
    """A note between those who facilitate a meeting. It goes with the meeting's words."""

    __tablename__ = "room_note"
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"))
    meeting_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("meeting.id"), index=True)
    persona_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("persona.id"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    key_id: Mapped[str] = mapped_column(String(16), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class SummaryState(enum.StrEnum):
    """A second facilitator approves before anybody else reads it."""

    DRAFT = "draft"
    APPROVED = "approved"
    POSTED = "posted"


class Summary(db.Model):  # type: ignore[name-defined,misc]
    """What a meeting was about, without names."""

    __tablename__ = "summary"
    meeting_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("meeting.id"), primary_key=True)
    state: Mapped[SummaryState] = mapped_column(state_of(SummaryState))
    body: Mapped[str] = mapped_column(Text)
    author_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("persona.id"))
    approved_by: Mapped[bytes | None] = mapped_column(Ident)
    version: Mapped[int] = mapped_column(SmallInteger, default=0)


class Debrief(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """tag(debrief, persona, meeting) to a facilitator's three answers, for those who facilitated it with them."""

    __tablename__ = "debrief"
    meeting_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("meeting.id"), index=True)


class CheckIn(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """tag(check_in, persona, meeting): somebody asked to be asked the next day how they are, and what they said."""

    __tablename__ = "check_in"
    meeting_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("meeting.id"), index=True)
