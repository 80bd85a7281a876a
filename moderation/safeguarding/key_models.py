"""Keys of responders, contact details that only they open, who opened them, and what becomes of a record.

The server holds boxes and no key to them. What says who and why is sealed as well; exact times only as long as a clock runs.
"""

import enum
from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from forum.base.db import Ident, UtcDateTime, db
from forum.base.idents import new_ident
from forum.models.columns import Tagged, state_of


class SafeKey(db.Model):  # type: ignore[name-defined,misc]
    """The public key of an organisation to which contact details are sealed. Its private half is in no row."""

    __tablename__ = "safe_key"
    __table_args__ = {"sqlite_with_rowid": False}
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    organisation_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("organisation.id"), index=True)
    public: Mapped[bytes] = mapped_column(LargeBinary(32))
    active: Mapped[bool]  #: new details are sealed to it; the one before is read until nothing is under it
    stale: Mapped[bool] = mapped_column(default=False)  #: somebody who could open it is gone: a new one must follow
    made_on: Mapped[date] = mapped_column(Date)


class KeyHolder(db.Model):  # type: ignore[name-defined,misc]
    """A responder's own key, its private half behind their passphrase."""

    __tablename__ = "key_holder"
    __table_args__ = {"sqlite_with_rowid": False}
    responder_id: Mapped[bytes] = mapped_column(Ident, primary_key=True)
    organisation_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("organisation.id"), index=True)
    group_id: Mapped[bytes | None] = mapped_column(Ident)  #: None: an officer
    public: Mapped[bytes] = mapped_column(LargeBinary(32))
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))
    passes: Mapped[int]
    memory_kib: Mapped[int]
    made_on: Mapped[date] = mapped_column(Date)
    checked_on: Mapped[date | None] = mapped_column(Date)  #: when they last opened a test envelope, or a real one


class KeyShare(db.Model):  # type: ignore[name-defined,misc]
    """What one responder holds of an organisation's private key: all of it (an officer), or one of two halves."""

    __tablename__ = "key_share"
    __table_args__ = {"sqlite_with_rowid": False}
    safe_key_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("safe_key.id"), primary_key=True)
    responder_id: Mapped[bytes] = mapped_column(Ident, primary_key=True)
    box: Mapped[bytes] = mapped_column(LargeBinary)  #: sealed to the responder's own key
    other_half: Mapped[bytes | None] = mapped_column(LargeBinary)  #: sealed by the keyring; None: `box` holds it all
    key_id: Mapped[str] = mapped_column(String(16), index=True)


class ContactDetail(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """tag(contact, persona) to which key, and one box of one size for each field, filled in or not."""

    __tablename__ = "contact_detail"


class Way(enum.StrEnum):
    """How details may be opened."""

    TWO_PEOPLE = "two_people"
    EMERGENCY = "emergency"  #: a lead or deputy alone, while it is an emergency
    TWO_HALVES = "two_halves"  #: whoever has it, once the calls to everybody else ran without an answer


class Stage(enum.StrEnum):
    """How far it is."""

    ASKED = "asked"
    AGREED = "agreed"
    REFUSED = "refused"
    OPENED = "opened"


class DetailOpening(db.Model):  # type: ignore[name-defined,misc]
    """One asking to open somebody's contact details, and what came of it. It stays as long as the concern does."""

    __tablename__ = "detail_opening"
    __table_args__ = {"sqlite_with_rowid": False}
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    concern_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("concern.id"), index=True)
    way: Mapped[Way] = mapped_column(state_of(Way))
    stage: Mapped[Stage] = mapped_column(state_of(Stage))
    asked_by: Mapped[bytes] = mapped_column(Ident)  #: a responder
    agreed_by: Mapped[bytes | None] = mapped_column(Ident)
    reviewed_by: Mapped[bytes | None] = mapped_column(Ident)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)  #: under the case key: opening.Asked
    envelope: Mapped[bytes | None] = mapped_column(LargeBinary)  #: for a facilitator: boxed to their own key, then gone
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)  #: it may be looked at again until then
    review_by: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)  #: gone once somebody reviewed it


class OpeningTold(db.Model):  # type: ignore[name-defined,misc]
    """What a member reads of an opening of their details. Written with it, in one transaction."""

    __tablename__ = "opening_told"
    __table_args__ = {"sqlite_with_rowid": False}
    opening_id: Mapped[bytes] = mapped_column(Ident, primary_key=True)  #: it outlives the record of the concern
    inbox: Mapped[bytes] = mapped_column(Ident, index=True)  #: tag(opened, persona)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    key_id: Mapped[str] = mapped_column(String(16), index=True)
    shown_from: Mapped[datetime | None] = mapped_column(UtcDateTime)  #: put off until then; None: at once
    seen: Mapped[bool] = mapped_column(default=False)


class RecordExport(db.Model):  # type: ignore[name-defined,misc]
    """One copy of a record that left: up to which line, and, sealed, for whom, why and with which hashes."""

    __tablename__ = "record_export"
    __table_args__ = {"sqlite_with_rowid": False}
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    concern_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("concern.id"), index=True)
    cut_off: Mapped[int] = mapped_column(Integer)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)  #: under the case key: export.Taken


class ConcernDeletion(db.Model):  # type: ignore[name-defined,misc]
    """One officer says that a record can go; nothing happens before a second one agrees."""

    __tablename__ = "concern_deletion"
    __table_args__ = {"sqlite_with_rowid": False}
    concern_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("concern.id"), primary_key=True)
    proposed_by: Mapped[bytes] = mapped_column(Ident)
    preview: Mapped[str] = mapped_column(String(64))  #: hash of what was shown: what came since stops it


class ConcernTombstone(db.Model):  # type: ignore[name-defined,misc]
    """What is left of a deleted record: code, outcome, days, and a hash of what it said."""

    __tablename__ = "concern_tombstone"
    __table_args__ = {"sqlite_with_rowid": False}
    concern_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("concern.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(4))
    outcome: Mapped[str] = mapped_column(String(30))
    raised_on: Mapped[date] = mapped_column(Date)
    closed_on: Mapped[date] = mapped_column(Date)
    gone_on: Mapped[date] = mapped_column(Date)
    digest: Mapped[str] = mapped_column(String(64))
