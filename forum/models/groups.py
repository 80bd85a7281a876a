"""Organisations, their groups, and the persona that somebody is in one group."""

import enum
from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from forum.base.db import Ident, UtcDateTime, db
from forum.base.idents import new_ident
from forum.models.columns import Tagged, state_of
from forum.models.holding import USUAL, Braked


class Organisation(db.Model):  # type: ignore[name-defined,misc]
    """Who answers for its groups. The staff of one are strangers in another."""

    __tablename__ = "organisation"
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    nation: Mapped[str] = mapped_column(String(20), default="england")  #: whose crisis contacts its groups show
    complaints: Mapped[str] = mapped_column(Text, default="")  #: where somebody outside the team listens, in words
    retention_days: Mapped[int] = mapped_column(Integer, default=183)  #: sealed evidence; 183 = the longest appeal
    #: Another one after each change of its floor, so that what was computed from it before is not used; None: no floor.
    floor_id: Mapped[bytes | None] = mapped_column(Ident)


class Door(enum.StrEnum):
    """Who may come in: anyone, after a person of the team said yes, with an invitation, or nobody for now."""

    OPEN = "open"
    REQUEST = "request"
    INVITATION = "invitation"
    SHUT = "shut"


class Listing(enum.StrEnum):
    """Who learns of a group: everyone, everyone its name only, or nobody outside: its address is then no address."""

    LISTED = "listed"
    BY_NAME = "by_name"
    UNLISTED = "unlisted"


class Group(Braked, db.Model):  # type: ignore[name-defined,misc]
    """One peer-support group and its public card."""

    __tablename__ = "group"
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    organisation_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("organisation.id"), index=True)
    address: Mapped[str] = mapped_column(String(40), unique=True)  #: two neutral words; says nothing about the topic
    name: Mapped[str] = mapped_column(String(60))
    benefits: Mapped[str] = mapped_column(Text)  #: one a line, what people get out of it; stands first on the card
    who_for: Mapped[str] = mapped_column(Text)
    expect: Mapped[str] = mapped_column(Text, default="")
    hours: Mapped[str] = mapped_column(String(200), default="")  #: published hours, in words
    facilitators: Mapped[str] = mapped_column(Text, default="")  #: who looks after it, as they chose to say
    zone: Mapped[str] = mapped_column(String(40), default="Europe/London")
    door: Mapped[Door] = mapped_column(state_of(Door), default=Door.OPEN)
    listing: Mapped[Listing] = mapped_column(
        state_of(Listing), default=Listing.LISTED, server_default=Listing.LISTED.value
    )
    hold_newcomers: Mapped[bool] = mapped_column(default=False)  #: the group's own choice; costs waiting time
    #: of forum.models.holding.Hold, without its NEWCOMERS: that is `hold_newcomers`
    holds: Mapped[int] = mapped_column(SmallInteger, default=int(USUAL), server_default=str(int(USUAL)))
    words: Mapped[str] = mapped_column(Text, default="")  #: the group's list; a post with one of them waits
    #: content notes of its own, one a line; an empty line keeps the place of one that was given up
    own_notes: Mapped[str] = mapped_column(Text, default="", server_default="")
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  #: None: being set up, and unknown to outsiders


class Role(enum.StrEnum):
    """What somebody does in one group."""

    MEMBER = "member"
    FACILITATOR = "facilitator"
    MODERATOR = "moderator"


class Standing(enum.StrEnum):
    """waiting until a person of the team lets them in, a stranger till then; newcomer until the first named post; left
    keeps the row so that words stay under one name."""

    WAITING = "waiting"
    NEWCOMER = "newcomer"
    SETTLED = "settled"
    LEFT = "left"


class Persona(db.Model):  # type: ignore[name-defined,misc]
    """Who somebody is in one group. It names no account: only `holder_tag` leads there, with the keyring."""

    __tablename__ = "persona"
    __table_args__ = (UniqueConstraint("group_id", "skeleton"),)
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"))
    holder_tag: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True)  #: tag(holder, account) in this group
    name: Mapped[str] = mapped_column(String(30))
    skeleton: Mapped[str] = mapped_column(String(60))  #: look-alike names share it, so one cannot pose as another
    role: Mapped[Role] = mapped_column(state_of(Role), default=Role.MEMBER)
    standing: Mapped[Standing] = mapped_column(state_of(Standing), default=Standing.NEWCOMER)
    agreed_version_id: Mapped[bytes | None] = mapped_column(Ident, ForeignKey("charter_version.id"))
    joined_on: Mapped[date | None] = mapped_column(Date)  #: the Monday of that week, no finer; None: long ago
    key_id: Mapped[str] = mapped_column(String(16), index=True)


class SetupStep(db.Model):  # type: ignore[name-defined,misc]
    """A step of setting a group up that a person says is done. The others are seen in the data."""

    __tablename__ = "setup_step"
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"), primary_key=True)
    step: Mapped[str] = mapped_column(String(20), primary_key=True)
    done_on: Mapped[date] = mapped_column(Date)


class Seat(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """ "My groups": tag(seat, account, 0..15) leads to a sealed persona, group and organisation."""

    __tablename__ = "seat"


class Restriction(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """Something this person may not do for now, found by tag: the row names neither persona nor mask (decisions.md §5)."""

    __tablename__ = "restriction"


class DutySlot(db.Model):  # type: ignore[name-defined,misc]
    """Somebody looks after the group at these hours, every week, by the group's own clock."""

    __tablename__ = "duty_slot"
    __table_args__ = (CheckConstraint("weekday BETWEEN 0 AND 6", "weekday"),)
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"), index=True)
    weekday: Mapped[int] = mapped_column(SmallInteger)  #: 0 = Monday
    starts: Mapped[str] = mapped_column(String(5))  #: HH:MM
    ends: Mapped[str] = mapped_column(String(5))  #: HH:MM; at or before `starts` means the next day
    who: Mapped[str] = mapped_column(String(60), default="")  #: in words, where no persona is named
    persona_id: Mapped[bytes | None] = mapped_column(Ident)  #: whose turn it is; may be left open


class DutyException(db.Model):  # type: ignore[name-defined,misc]
    """One date that differs: nobody (no hours), or other hours."""

    __tablename__ = "duty_exception"
    __table_args__ = (UniqueConstraint("group_id", "day", "starts"),)
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"))
    day: Mapped[date] = mapped_column(Date)
    starts: Mapped[str] = mapped_column(String(5), default="")  #: empty: nobody that day
    ends: Mapped[str] = mapped_column(String(5), default="")
    persona_id: Mapped[bytes | None] = mapped_column(Ident)  #: whose turn it is; may be left open


class EndedFeed(db.Model):  # type: ignore[name-defined,misc]
    """What ended a moment ago, so that every process hangs up within a second (decisions.md §7). Purged after minutes."""

    __tablename__ = "ended_feed"
    __table_args__ = (Index("ix_ended_feed_at", "at"),)
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    what: Mapped[str] = mapped_column(String(80))  #: the live room to close: "sign-in:<hash>", "persona:<id>"
    at: Mapped[datetime] = mapped_column(UtcDateTime)
