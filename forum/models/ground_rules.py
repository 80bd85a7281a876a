"""What a group agreed. Versions and clauses are never changed: a new agreement is a new version."""

import enum
from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, SmallInteger, String, Text, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column

from forum.base.db import Ident, UtcDateTime, db
from forum.base.idents import new_ident
from forum.models.columns import state_of


class VersionStatus(enum.StrEnum):
    """Which of a charter's versions holds (ground-rules.md §2.2). That a review is due is a date, not a state."""

    ADOPTED = "adopted"  #: agreed; holds from `effective_at` on
    PROVISIONAL = "provisional"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"


class ClauseKind(enum.StrEnum):
    """given: law and the organisation's floor; value: human judgement; practice; enforced: the software keeps it."""

    GIVEN = "given"
    VALUE = "value"
    PRACTICE = "practice"
    ENFORCED = "enforced"


class Charter(db.Model):  # type: ignore[name-defined,misc]
    """The ground rules of one group through all their versions."""

    __tablename__ = "charter"
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"), primary_key=True)
    version_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("charter_version.id"))  #: in force now
    #: Until then whoever agreed to an earlier version may still post; None: nobody is waited for.
    grace_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CharterVersion(db.Model):  # type: ignore[name-defined,misc]
    """One text that a group lived by, hashed."""

    __tablename__ = "charter_version"
    __table_args__ = (UniqueConstraint("group_id", "n"),)
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"))
    n: Mapped[int]
    status: Mapped[VersionStatus] = mapped_column(state_of(VersionStatus))
    text_sha256: Mapped[str] = mapped_column(String(64))
    effective_at: Mapped[datetime] = mapped_column(UtcDateTime)
    review_on: Mapped[date] = mapped_column(Date)
    base_n: Mapped[int | None] = mapped_column(SmallInteger)  #: the version that it changed; None: the first
    summary: Mapped[str] = mapped_column(Text, default="", server_default="")  #: one line: what this means for members
    #: False: an editorial change, which asks nobody to agree again
    is_material: Mapped[bool] = mapped_column(default=True, server_default=true())
    proposal_id: Mapped[bytes | None] = mapped_column(Ident)  #: what it was decided by; None: nobody was asked
    until_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  #: an emergency's: ends then if it is not ratified


class Clause(db.Model):  # type: ignore[name-defined,misc]
    """One rule of one version. `uid` stays the same from version to version."""

    __tablename__ = "clause"
    version_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("charter_version.id"), primary_key=True)
    uid: Mapped[str] = mapped_column(String(40), primary_key=True)
    ord: Mapped[int] = mapped_column(SmallInteger)
    heading: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text, default="")
    kind: Mapped[ClauseKind] = mapped_column(state_of(ClauseKind))
    question: Mapped[str | None] = mapped_column(Text)  #: asked of everyone who joins (limits of confidentiality)
    answers: Mapped[str] = mapped_column(Text, default="[]")  #: JSON: uid, text, opens, reply of each answer on offer
    binding_key: Mapped[str | None] = mapped_column(String(40))
    binding_value: Mapped[str | None] = mapped_column(String(40))
    easy: Mapped[str] = mapped_column(Text, default="", server_default="")  #: the same rule in Easy Read
    #: where its words come from: "starter", "library" or "own"
    origin: Mapped[str] = mapped_column(String(20), default="", server_default="")


class Floor(db.Model):  # type: ignore[name-defined,misc]
    """The least strict value of a setting that an organisation allows its groups. No clause is looser (C3)."""

    __tablename__ = "floor"
    organisation_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("organisation.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(40))


class Agreement(db.Model):  # type: ignore[name-defined,misc]
    """Somebody agreed to one version: which text, in which language, how they read it, what they answered."""

    __tablename__ = "agreement"
    persona_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("persona.id", ondelete="CASCADE"), primary_key=True)
    version_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("charter_version.id"), primary_key=True)
    text_sha256: Mapped[str] = mapped_column(String(64))
    locale: Mapped[str] = mapped_column(String(10))
    method: Mapped[str] = mapped_column(String(20), default="self")  #: self, read_aloud, with_supporter
    acknowledged: Mapped[str] = mapped_column(Text)  #: uids of the given clauses, one a line
    agreed_on: Mapped[date] = mapped_column(Date)
    withdrawn_on: Mapped[date | None] = mapped_column(Date)
