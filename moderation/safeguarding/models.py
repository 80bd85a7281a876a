"""Concerns about people, whom each must not reach, what happened in what order, and copies of what it was about.

Who it is about, who raised it and every word are sealed; times finer than the hour stand in sealed rows, or only as long as
a clock runs. Other parts of this package keep their tables in files of their own.
"""

import enum
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, LargeBinary, String, Text, false
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from forum.base.db import Ident, UtcDateTime, db
from forum.base.idents import new_ident
from forum.models.columns import Tagged, state_of


class Kind(enum.StrEnum):
    """What it is about; it decides which lines are shown first and which questions are asked."""

    ADULT = "adult"
    CHILD = "child"  #: somebody under 18, as far as anybody knows
    DEATH = "death"  #: somebody may have died
    STAFF = "staff"  #: what one of the team is said to have done


class Origin(enum.StrEnum):
    """Where it came from."""

    SELF = "self"  #: the person asks for help
    MEMBER = "member"  #: somebody worries about somebody
    FACILITATOR = "facilitator"
    VISITOR = "visitor"  #: nobody was signed in
    ITEM = "item"  #: a worry among the items of the queue that nobody opened in time
    REFERRED = "referred"  #: a moderator made it of an item
    ROOM = "room"  #: "I'm struggling", or a line that broke off, in a live room


class Level(enum.StrEnum):
    """How soon somebody must act. Unassessed counts as high."""

    UNASSESSED = "unassessed"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    IMMEDIATE = "immediate"


class State(enum.StrEnum):
    """Where a concern is between its first word and its end."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    TRIAGED = "triaged"
    SUPPORTING = "supporting"
    EMERGENCY = "emergency"
    REFERRED = "referred"
    MONITORING = "monitoring"
    CLOSE_PROPOSED = "close_proposed"
    CLOSED = "closed"
    MERGED = "merged"


class Timer(enum.StrEnum):
    """What falls due."""

    PAGE = "page"  #: the next step of calling somebody
    LAPSE = "lapse"  #: whoever has it did nothing that was written down
    TRIAGE = "triage"  #: somebody must say how serious it is
    SPOKEN = "spoken"  #: somebody must have spoken with the person, or said why not
    REVIEW = "review"  #: a second look after the last act
    FOLLOW_UP = "follow_up"  #: did they receive it? How is the person?
    CONFIRM = "confirm"  #: somebody must agree that it can be closed
    OFFER = "offer"  #: a hand-over that nobody took ends
    SIGHT = "sight"  #: the lead must have seen that a first assessment said "low"
    EMERGENCY_RECORD = "emergency_record"  #: who called, when, and what they were told
    WATCH = "watch"  #: somebody who was close to a member who died is to be spoken with
    NOBODY_LEFT = "nobody_left"  #: everyone who may act is named in it: the independent contact and the outside body


class Concern(db.Model):  # type: ignore[name-defined,misc]
    """One concern about one person. Closed only by people, never by age (§3.10)."""

    __tablename__ = "concern"
    __table_args__ = (
        Unique("organisation_id", "code"),
        CheckConstraint("(due_at IS NULL) = (state IN ('closed', 'merged'))", "armed"),
        CheckConstraint("(timer IS NULL) = (due_at IS NULL)", "timer_of_due"),
        {"sqlite_with_rowid": False},
    )
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    organisation_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("organisation.id"))
    group_id: Mapped[bytes | None] = mapped_column(Ident, ForeignKey("group.id"), index=True)  #: None: of no group
    code: Mapped[str] = mapped_column(String(4))  #: random: a gap or an order tells nobody anything
    kind: Mapped[Kind] = mapped_column(state_of(Kind), default=Kind.ADULT)
    origin: Mapped[Origin] = mapped_column(state_of(Origin))
    level: Mapped[Level] = mapped_column(state_of(Level), default=Level.UNASSESSED)
    state: Mapped[State] = mapped_column(state_of(State), default=State.RAISED)
    gen: Mapped[int] = mapped_column(
        Integer, default=1
    )  #: fencing: what an earlier holder or clock asks for does nothing
    version: Mapped[int] = mapped_column(Integer, default=0)  #: two at once: the second is told
    step: Mapped[int] = mapped_column(Integer, default=0)  #: how often people were called in this generation
    owner_id: Mapped[bytes | None] = mapped_column(Ident, index=True)  #: a responder
    offered_to: Mapped[bytes | None] = mapped_column(Ident)  #: a responder who may take it over
    proposed_by: Mapped[bytes | None] = mapped_column(Ident)  #: the responder who says that it can be closed
    timer: Mapped[Timer | None] = mapped_column(state_of(Timer))  #: the earliest of `clocks`
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)  #: exact, and gone when it ends
    clocks: Mapped[str] = mapped_column(Text, default="{}")  #: JSON: every clock that runs, and when it ends
    armed_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, index=True
    )  #: later than now: this machine's clock jumped back
    policy: Mapped[str] = mapped_column(Text)  #: JSON: the times of §3.2 as they were when it was raised
    raised_hour: Mapped[datetime] = mapped_column(UtcDateTime)
    subject_tag: Mapped[bytes | None] = mapped_column(
        Ident, index=True
    )  #: concerns about the same person have the same
    once_tag: Mapped[bytes] = mapped_column(Ident, unique=True)  #: the same form sent twice makes one
    sealed: Mapped[bytes] = mapped_column(LargeBinary)  #: the case key, whom it is about, who raised it (words.Inside)
    key_id: Mapped[str] = mapped_column(String(16), index=True)
    do_not_write: Mapped[bool] = mapped_column(default=False)  #: writing first could put the person in danger
    spoken: Mapped[bool] = mapped_column(default=False)  #: the person answered, or a reason why not is recorded
    wants_no_action: Mapped[bool] = mapped_column(default=False)  #: the person said so; closing still needs people
    ever_high: Mapped[bool] = mapped_column(default=False)  #: assessed as high or immediate at any time
    identity_opened: Mapped[bool] = mapped_column(default=False)
    looked_at: Mapped[bool] = mapped_column(default=False)  #: a person has taken it at least once
    promise_unmet: Mapped[bool] = mapped_column(default=False)  #: nobody was there when it was raised
    outcome: Mapped[str | None] = mapped_column(String(30))  #: proposed with a close, and then kept
    merged_into: Mapped[bytes | None] = mapped_column(Ident, index=True)
    closed_on: Mapped[date | None] = mapped_column(Date)  #: how long it is kept counts from here
    keep_until: Mapped[date | None] = mapped_column(Date)
    legal_hold: Mapped[bool] = mapped_column(default=False, server_default=false())  #: beats every clock of retention
    gone_on: Mapped[date | None] = mapped_column(Date)  #: what it held was deleted by two people; this row is left


class ConcernNotFor(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """A concern that one responder must not see: found by tag(concern_not_for, responder, concern).

    Whoever has the tables alone learns how many people a concern is kept from, and not one of them.
    """

    __tablename__ = "concern_not_for"
    concern_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("concern.id"), index=True)


class EventKind(enum.StrEnum):
    """What stands in a chronology: notes by people, and what the program saw happen."""

    FACT = "fact"
    SAID = "said"  #: word for word
    OBSERVATION = "observation"
    DECISION = "decision"
    ACTION = "action"
    CONTACT_ATTEMPT = "contact_attempt"
    RAISED = "raised"
    TOLD_MORE = "told_more"  #: somebody raised it once more
    PAGED = "paged"
    PAGE_FAILED = "page_failed"
    NO_ONE_ON_CALL = "no_one_on_call"
    ACKNOWLEDGED = "acknowledged"
    LAPSED = "lapsed"
    OVERDUE = "overdue"  #: a decision or an act that was due is not there
    TRIAGED = "triaged"
    LEVEL = "level"
    EMERGENCY = "emergency"
    EMERGENCY_RECORDED = "emergency_recorded"
    REFERRED = "referred"
    RECEIVED = "received"  #: the body that it was referred to has it
    PLANNED = "planned"
    MONITORED = "monitored"
    OFFERED = "offered"
    OFFER_ENDED = "offer_ended"
    HANDED_OVER = "handed_over"
    EXCLUDED = "excluded"  #: somebody may not see it from now on; never says who
    INTERIM = "interim"
    SPOKEN = "spoken"
    SEEN_BY_LEAD = "seen_by_lead"
    CLOSE_PROPOSED = "close_proposed"
    CLOSED = "closed"
    CLOSE_REJECTED = "close_rejected"
    REOPENED = "reopened"
    MERGED = "merged"
    ABSORBED = "absorbed"
    NO_ACTION_WISHED = "no_action_wished"
    PERSON_TOLD = "person_told"
    VIEWED = "viewed"
    EXPORTED = "exported"
    IDENTITY_ASKED = "identity_asked"
    IDENTITY_OPENED = "identity_opened"
    IDENTITY_REFUSED = "identity_refused"
    WATCH = "watch"  #: somebody looks after a person who was close to a member who died
    WATCHED = "watched"  #: they spoke with them, or tried
    RESTRICTED = "restricted"  #: the person was restricted in the group, by people who could not know of it
    HELD = "held"
    HOLD_ENDED = "hold_ended"
    PUT_BACK = "put_back"  #: with a backup: what was done since then is not here


#: What people write themselves.
NOTES = frozenset(
    {
        EventKind.FACT,
        EventKind.SAID,
        EventKind.OBSERVATION,
        EventKind.DECISION,
        EventKind.ACTION,
        EventKind.CONTACT_ATTEMPT,
    }
)


class ConcernEvent(db.Model):  # type: ignore[name-defined,misc]
    """One line of a chronology, never changed. A correction is a new line that names the old one.

    Triggers refuse UPDATE, and DELETE as long as the concern was not deleted by two people.
    """

    __tablename__ = "concern_event"
    __table_args__ = (CheckConstraint("n > 0", "from_one"), {"sqlite_with_rowid": False})
    concern_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("concern.id"), primary_key=True)
    n: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kind: Mapped[EventKind] = mapped_column(state_of(EventKind))
    hour: Mapped[datetime] = mapped_column(UtcDateTime)  #: when it was written; the minute is sealed
    sealed: Mapped[bytes] = mapped_column(LargeBinary)  #: under the case key: chronology.Line


class ConcernCopy(db.Model):  # type: ignore[name-defined,misc]
    """A sealed copy of what a concern is about, taken when it was raised; it outlives the words. As append-only as the lines."""

    __tablename__ = "concern_copy"
    __table_args__ = {"sqlite_with_rowid": False}
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    concern_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("concern.id"), index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)  #: under the case key: moderation.evidence.Copy


class SafeguardingPolicy(db.Model):  # type: ignore[name-defined,misc]
    """The times that an organisation chose instead of ours, within the bounds of moderation.safeguarding.policy."""

    __tablename__ = "safeguarding_policy"
    __table_args__ = {"sqlite_with_rowid": False}
    organisation_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("organisation.id"), primary_key=True)
    numbers: Mapped[str] = mapped_column(Text)  #: JSON, as a concern's `policy`


#: What keeps both tables append-only. The migration makes it; a test compares both after each migration.
APPEND_ONLY = ("concern_event", "concern_copy")
