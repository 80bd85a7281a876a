"""Who is called about a concern, how, and when: shifts of the organisation's officers, their channels, pages and calls."""

import enum
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from forum.base.db import Ident, UtcDateTime, db
from forum.base.idents import new_ident
from forum.models.columns import Tagged, state_of


class CallSetting(db.Model):  # type: ignore[name-defined,misc]
    """What an organisation set about calls. Without a row nobody is called, and pages say so."""

    __tablename__ = "call_setting"
    organisation_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("organisation.id"), primary_key=True)
    armed_on: Mapped[date | None] = mapped_column(Date)  #: calls are on since; None: off
    zone: Mapped[str] = mapped_column(String(40))  #: the clock of its officers' shifts
    holidays: Mapped[str] = mapped_column(String(20))  #: whose bank holidays; empty: none
    drill_days: Mapped[int] = mapped_column(SmallInteger)  #: days between two drills
    drill_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)  #: the next one


class ChannelKind(enum.StrEnum):
    """How a call reaches somebody."""

    PAGE = "page"  #: a red line on the pages they open; it never counts as having reached them
    MAIL = "mail"
    HOOK = "hook"  #: a signed request to a gateway that sends a text or rings a telephone


class Channel(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """tag(call_channel, responder, kind) to where calls go, sealed in a row of one size."""

    __tablename__ = "call_channel"


class PageState(enum.StrEnum):
    """What became of the intent to call somebody about something."""

    WAITING = "waiting"  #: to be called as soon as the time between two calls allows
    CALLED = "called"  #: in a call, which may be under way, made or failed
    OVER = "over"  #: answered, taken on by somebody, or no longer theirs to see


class ConcernPage(db.Model):  # type: ignore[name-defined,misc]
    """The intent to call one person about one concern at one step: written once, however many tickers there are."""

    __tablename__ = "concern_page"
    __table_args__ = (
        UniqueConstraint("concern_id", "gen", "step", "responder_id", "channel"),
        Index("ix_concern_page_state_channel", "state", "channel"),
        Index("ix_concern_page_responder_id_state", "responder_id", "state"),
    )
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    concern_id: Mapped[bytes] = mapped_column(Ident)  #: or the drill's own id
    gen: Mapped[int]
    step: Mapped[int]
    responder_id: Mapped[bytes] = mapped_column(Ident)
    channel: Mapped[ChannelKind] = mapped_column(state_of(ChannelKind))
    state: Mapped[PageState] = mapped_column(state_of(PageState))
    code: Mapped[str] = mapped_column(String(8))  #: of the concern: all that a call says of it
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    repeat_minutes: Mapped[int]  #: nobody is called more often than this for its sake
    urgent: Mapped[bool]  #: danger to life now: it does not wait for another call's answer
    drill: Mapped[bool]
    organisation_id: Mapped[bytes] = mapped_column(Ident)
    call_id: Mapped[bytes | None] = mapped_column(Ident, index=True)


class CallState(enum.StrEnum):
    """How far one call is."""

    SENDING = "sending"  #: claimed; after its lease it is anybody's again
    SENT = "sent"
    FAILED = "failed"  #: not taken; tried again at `retry_at`
    OVER = "over"  #: answered, or nothing in it waits any more


class Call(db.Model):  # type: ignore[name-defined,misc]
    """One message to one person over one channel, about everything that waited for them. Its id is its key at a gateway."""

    __tablename__ = "responder_call"
    __table_args__ = (Index("ix_responder_call_responder_id_channel", "responder_id", "channel"),)
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    responder_id: Mapped[bytes] = mapped_column(Ident)
    organisation_id: Mapped[bytes] = mapped_column(Ident)
    channel: Mapped[ChannelKind] = mapped_column(state_of(ChannelKind))
    state: Mapped[CallState] = mapped_column(state_of(CallState), index=True)
    code: Mapped[str] = mapped_column(String(8))
    step: Mapped[int]
    count: Mapped[int]
    urgent: Mapped[bool]
    drill: Mapped[bool]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    retry_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int]


class ItemCall(db.Model):  # type: ignore[name-defined,misc]
    """People were called about an item that nobody looked at, at this step: once, however many tickers there are.

    Whom is not kept: it would say from whom the item is kept.
    """

    __tablename__ = "item_call"
    __table_args__ = {"sqlite_with_rowid": False}
    item_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("case_item.id"), primary_key=True)
    step: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)


class Drill(db.Model):  # type: ignore[name-defined,misc]
    """A rehearsal: one call to each person on duty, and whether it was answered."""

    __tablename__ = "call_drill"
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    organisation_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("organisation.id"), index=True)
    responder_id: Mapped[bytes] = mapped_column(Ident)
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TierSlot(db.Model):  # type: ignore[name-defined,misc]
    """An officer is called first at these hours, every week, by the organisation's own clock."""

    __tablename__ = "tier_slot"
    __table_args__ = (CheckConstraint("weekday BETWEEN 0 AND 7", "weekday"),)
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    organisation_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("organisation.id"), index=True)
    weekday: Mapped[int] = mapped_column(SmallInteger)  #: 0 = Monday; 7 = every bank holiday, instead of its weekday
    starts: Mapped[str] = mapped_column(String(5))  #: HH:MM
    ends: Mapped[str] = mapped_column(String(5))  #: HH:MM; at or before `starts` means the next day
    officer_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("officer.id"))


class TierDay(db.Model):  # type: ignore[name-defined,misc]
    """One date that differs: nobody (no hours), or other hours with somebody else."""

    __tablename__ = "tier_day"
    __table_args__ = (UniqueConstraint("organisation_id", "day", "starts"),)
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    organisation_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("organisation.id"))
    day: Mapped[date] = mapped_column(Date)
    starts: Mapped[str] = mapped_column(String(5))  #: empty: nobody that day
    ends: Mapped[str] = mapped_column(String(5))
    officer_id: Mapped[bytes | None] = mapped_column(Ident, ForeignKey("officer.id"))


class TierSwap(db.Model):  # type: ignore[name-defined,misc]
    """One turn on one date that somebody asked another to take. Until it is taken, whoever asked keeps it."""

    __tablename__ = "tier_swap"
    __table_args__ = (UniqueConstraint("slot_id", "day"),)
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    slot_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("tier_slot.id"))
    day: Mapped[date] = mapped_column(Date)
    asked_by: Mapped[bytes] = mapped_column(Ident)
    taken_by: Mapped[bytes | None] = mapped_column(Ident)


class FactorReset(db.Model):  # type: ignore[name-defined,misc]
    """An officer lost their second steps: two of the others agree, and a day later they set up new ones."""

    __tablename__ = "factor_reset"
    officer_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("officer.id"), primary_key=True)
    first_by: Mapped[bytes] = mapped_column(Ident)
    second_by: Mapped[bytes | None] = mapped_column(Ident)
    ready_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  #: a day after the second; None until then
