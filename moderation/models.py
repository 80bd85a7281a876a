"""What moderators work on, and what must outlive the text it is about: cases, decisions, sealed evidence, the audit chain."""

import enum
from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from forum.base.db import Ident, UtcDateTime, db
from forum.base.idents import new_ident
from forum.models.columns import Tagged, state_of


class CaseKind(enum.StrEnum):
    """Why a post is on the team's list."""

    HOLD = "hold"  #: the gate kept it back
    WELCOME = "welcome"  #: somebody's first words here; nothing is wrong with them
    REPORT = "report"  #: somebody says that it breaks the rules
    WELFARE = "welfare"  #: somebody is worried about a person
    PRIVACY = "privacy"  #: words that say who somebody is, or where
    LIVE = "live"  #: somebody says so of a room that is open now, or of words in it
    SPAM = "spam"  #: a link that looks sold rather than shared
    ILLEGAL = "illegal"  #: somebody says that the law forbids it
    APPEAL = "appeal"  #: an author disagrees with a decision
    COMPLAINT = "complaint"  #: somebody who told disagrees with what came of it
    SELF = "self"  #: an author asks about their own words
    ASK = "ask"  #: somebody wrote to the team
    PROPOSED = "proposed"  #: one of the team proposes to restrict a person; a second one confirms


class Source(enum.StrEnum):
    """Who opened an item."""

    RULE = "rule"  #: the gate, by a rule of the group
    MEMBER = "member"
    TEAM = "team"
    DETECTOR = "detector"
    SELF = "self"  #: the author of the words
    OUTSIDE = "outside"  #: somebody who is not in the group


#: What people tell the team. Its rows have no `post_id`, so that what asks for posts that wait never meets them.
TOLD = (CaseKind.REPORT, CaseKind.LIVE, CaseKind.WELFARE, CaseKind.ILLEGAL)


class Target(enum.StrEnum):
    """What somebody told the team about."""

    POST = "post"  #: also a message in a line to the team
    TOPIC = "topic"  #: a whole topic; `about` is the first of its posts that could be seen
    PERSON = "person"  #: a name or an alias
    GROUP = "group"  #: the group's own page
    LINE = "line"  #: a line to the team
    DECISION = "decision"


class CaseItem(db.Model):  # type: ignore[name-defined,misc]
    """One thing that waits for somebody of the team. Closed only by a decision, never by age."""

    __tablename__ = "case_item"
    __table_args__ = (
        UniqueConstraint("post_id", "kind", "round"),
        Index("ix_case_item_open", "group_id", "decided", "due_at"),
        Index("ix_case_item_about", "about", "kind", "round", unique=True),  # two at once cannot open the same one
    )
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"))
    post_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("post.id"))
    kind: Mapped[CaseKind] = mapped_column(state_of(CaseKind))
    round: Mapped[int] = mapped_column(Integer, default=0)  #: the same post can be held again after an edit
    reasons: Mapped[str] = mapped_column(
        String(200), default=""
    )  #: codes of the rules that held it, never what they found
    opened_hour: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)  #: the first look is promised by then
    decided: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=0)  #: two moderators at once: the second is told
    target: Mapped[Target | None] = mapped_column(state_of(Target))  #: of what somebody told; with `about`
    about: Mapped[bytes | None] = mapped_column(Ident)  #: the post's id in 16 bytes, a persona, a mask or the group
    outside_id: Mapped[bytes | None] = mapped_column(Ident)  #: it went to the organisation: everyone here is named
    claimed_by: Mapped[bytes | None] = mapped_column(Ident)  #: the moderator's persona, as long as `lease_until` says
    claim_gen: Mapped[int] = mapped_column(
        default=0, server_default="0"
    )  #: fencing: a decision of an older lease fails
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  #: a lease is renewed for an hour at most
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)  #: past it the item is anybody's; nobody sweeps
    source: Mapped[Source] = mapped_column(state_of(Source), default=Source.RULE, server_default="rule")
    intensity: Mapped[int] = mapped_column(
        SmallInteger, default=0, server_default="0"
    )  #: 0 to 3: how heavy it is to read
    lang: Mapped[str] = mapped_column(String(35), default="", server_default="")  #: of the words, if known
    screened: Mapped[bool] = mapped_column(default=True, server_default=true())  #: a detector knows their language
    decision_id: Mapped[bytes | None] = mapped_column(Ident)  #: what an appeal or a complaint is about
    looked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  #: when somebody of the team first said "I look"
    topics: Mapped[int] = mapped_column(
        Integer, default=0, server_default="0"
    )  #: mask of note classes; a reader said so
    merged_into: Mapped[bytes | None] = mapped_column(Ident, index=True)  #: the item that is decided about instead


class Choice(enum.StrEnum):
    """What a moderator decided; each has an inverse."""

    RELEASE = "release"
    KEEP_BACK = "keep_back"
    HIDE = "hide"
    RESTORE = "restore"
    WELCOMED = "welcomed"
    HOLD_AUTHOR = "hold_author"  #: this author's next posts wait for 24 hours
    LOOKED = "looked"  #: somebody looked at a report; nothing more was needed
    SPOKEN = "spoken"  #: somebody looked and spoke with the person: the only end of a worry
    KEPT_OPEN = "kept_open"  #: somebody looked at a worry and it waits on
    ASK_AUTHOR = "ask_author"  #: a milder wording is suggested; the post stays as it is
    FOLD = "fold"  #: behind a note, opened by a tap
    LIMIT = "limit"  #: only its author and the team see it
    MOVE = "move"  #: to another board
    LOCK = "lock"  #: no answers for 24 hours
    SLOW_MEMBER = "slow_member"  #: so many posts an hour for at most seven days
    PAUSE_POSTING = "pause_posting"  #: for at most seven days; reading and help stay
    SUSPEND = "suspend"  #: for at most 28 days
    REMOVE = "remove"  #: out of the group
    REFER = "refer"  #: it becomes a safeguarding concern
    MERGE = "merge"  #: another item is about the same
    TAKE_DOWN = "take_down"  #: the law forbids it; a sealed copy is kept
    CONFIRM = "confirm"  #: a second person agrees with what was proposed
    DECLINE = "decline"  #: a second person does not
    UPHOLD = "uphold"  #: an appeal: the decision stands
    VARY = "vary"  #: an appeal: something milder instead
    OVERTURN = "overturn"  #: an appeal: everything is as it was
    ANSWERED = "answered"  #: somebody of the team answered


class Decision(db.Model):  # type: ignore[name-defined,misc]
    """What was decided, never changed. The reasons in words lie with the evidence.

    One about a report alone names no post: `item_id` leads there, and the post's own pages do not show it.
    """

    __tablename__ = "decision"
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"))
    item_id: Mapped[bytes | None] = mapped_column(Ident, ForeignKey("case_item.id"), index=True)
    post_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("post.id"), index=True)
    choice: Mapped[Choice] = mapped_column(state_of(Choice))
    decided_by: Mapped[bytes] = mapped_column(Ident, ForeignKey("persona.id"))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    evidence_id: Mapped[bytes | None] = mapped_column(Ident, ForeignKey("evidence.id"))
    reverts_id: Mapped[bytes | None] = mapped_column(Ident)  #: the decision that this one undoes
    bulk_id: Mapped[bytes | None] = mapped_column(Ident)  #: shared by decisions that were made together
    until_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    clause_uid: Mapped[str] = mapped_column(String(40), default="", server_default="")  #: the ground rule it rests on
    rules_version: Mapped[bytes | None] = mapped_column(Ident)  #: and the words that rule had
    statement: Mapped[bytes | None] = mapped_column(Ident)  #: sealed reasons for the author, among the evidence
    shown_from: Mapped[datetime | None] = mapped_column(UtcDateTime)  #: until then only the decider sees it
    confirmed_by: Mapped[bytes | None] = mapped_column(Ident)


class EffectKind(enum.StrEnum):
    """What a decision does, and its inverse takes away again."""

    HIDE = "hide"
    FOLD = "fold"
    LIMIT = "limit"
    LOCK = "lock"
    MOVE = "move"
    RESTRICT = "restrict"  #: a person: which one stands under a tag in the restrictions
    UNFOLD = "unfold"  #: what was folded until somebody looked is not any more


class Effect(db.Model):  # type: ignore[name-defined,misc]
    """One exact effect of one decision. The state of a post is what all of its effects that were not lifted make of it."""

    __tablename__ = "effect"
    __table_args__ = {"sqlite_with_rowid": False}
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    decision_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("decision.id"), index=True)
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"))
    kind: Mapped[EffectKind] = mapped_column(state_of(EffectKind))
    post_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("post.id"), index=True)
    conversation_id: Mapped[bytes | None] = mapped_column(Ident, index=True)
    until_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lifted_by: Mapped[bytes | None] = mapped_column(Ident)  #: the decision that took it away


class Evidence(db.Model):  # type: ignore[name-defined,misc]
    """A sealed copy of what was judged and why, with a retention of its own (decisions.md §6)."""

    __tablename__ = "evidence"
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"))
    post_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("post.id"), index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)  #: JSON: the fields of moderation.evidence.Copy
    keep_until: Mapped[date] = mapped_column(Date)
    key_id: Mapped[str] = mapped_column(String(16), index=True)
    item_id: Mapped[bytes | None] = mapped_column(Ident, index=True)  #: of what was told; then there is no `post_id`


class Report(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """What one person told about an item: found by tag(report, persona, item), words and teller sealed."""

    __tablename__ = "report"
    item_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("case_item.id"), index=True)


class NotFor(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """An item that one persona must not see, since it names them: found by tag(not_for, persona, item).

    Whoever has the tables alone learns how many people an item names, and not one of them.
    """

    __tablename__ = "case_not_for"
    item_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("case_item.id"), index=True)


class AuditEntry(db.Model):  # type: ignore[name-defined,misc]
    """One link of the chain: ids, codes and salted digests, never free text. Triggers refuse UPDATE and DELETE."""

    __tablename__ = "audit_entry"
    __table_args__ = (CheckConstraint("n > 0", "from_one"),)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    action: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(32))  #: salted digest of who
    subject: Mapped[str] = mapped_column(String(32))  #: salted digest of what
    codes: Mapped[str] = mapped_column(String(200), default="")
    link: Mapped[str] = mapped_column(String(64))  #: HMAC over this row and the link before


class AuditHead(db.Model):  # type: ignore[name-defined,misc]
    """One row: the last link of the chain, so that entries cannot be cut from its end. Writers of the chain queue at it."""

    __tablename__ = "audit_head"
    __table_args__ = {"sqlite_with_rowid": False}
    one: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    n: Mapped[int] = mapped_column(Integer)
    link: Mapped[str] = mapped_column(String(64))
    proof: Mapped[str] = mapped_column(String(64))  #: HMAC over both: nobody writes an earlier one without the keyring
