"""How a group decides about its ground rules: what is proposed, talked about, decided and objected to.

Who proposes and who seconds is known to the group. Who takes part in deciding, and how, is known to nobody: a ballot is
found by a tag that only the keyring makes, and its row goes when the result stands (docs/decisions/0073).
"""

import enum
from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Index, LargeBinary, SmallInteger, String, Text, true
from sqlalchemy.orm import Mapped, mapped_column

from forum.base.db import Ident, UtcDateTime, db
from forum.base.idents import new_ident
from forum.models.columns import state_of


class ProposalState(enum.StrEnum):
    """Where a proposal is (ground-rules.md §2.2)."""

    DRAFT = "draft"  #: its author writes it and looks for a second person
    DISCUSSING = "discussing"
    DECIDING = "deciding"
    ADOPTED = "adopted"
    REJECTED = "rejected"
    LAPSED = "lapsed"  #: too few took part, twice
    WITHDRAWN = "withdrawn"  #: by its author, or because the rules say so already


class VoteMode(enum.StrEnum):
    """consent: nobody has a reasoned objection; vote: two thirds of those who say yes or no."""

    CONSENT = "consent"
    VOTE = "vote"


class VoteResult(enum.StrEnum):
    """What came of deciding."""

    ADOPTED = "adopted"
    OBJECTED = "objected"  #: an open objection, so people talk again
    REJECTED = "rejected"
    LAPSED = "lapsed"
    CALLED_OFF = "called_off"  #: the proposal was withdrawn, or the rules below it changed


class ObjectionStatus(enum.StrEnum):
    """open blocks consent. Only its author ends it while people decide; after that it is answered before they decide anew."""

    OPEN = "open"
    ANSWERED = "answered"
    AMENDED = "amended"  #: the proposal was changed
    WITHDRAWN = "withdrawn"
    TO_VOTE = "to_vote"


class CharterProposal(db.Model):  # type: ignore[name-defined,misc]
    """A change of the ground rules that a member wishes for, as a patch of the version it was made for."""

    __tablename__ = "charter_proposal"
    __table_args__ = (Index("ix_charter_proposal_group_state", "group_id", "state"),)
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"))
    state: Mapped[ProposalState] = mapped_column(state_of(ProposalState))
    base_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("charter_version.id"))
    patch: Mapped[str] = mapped_column(Text)  #: forum.ground_rules.patches, as JSON
    summary: Mapped[str] = mapped_column(String(300))  #: in plain words, what this means for members
    rationale: Mapped[str] = mapped_column(Text)
    is_material: Mapped[bool] = mapped_column(default=True, server_default=true())
    author_id: Mapped[bytes | None] = mapped_column(Ident, ForeignKey("persona.id"))
    second_id: Mapped[bytes | None] = mapped_column(Ident, ForeignKey("persona.id"))
    conversation_id: Mapped[bytes | None] = mapped_column(Ident)  #: where it is talked about
    round: Mapped[int] = mapped_column(SmallInteger, default=0)  #: how many times people decided about it by consent
    discussed_from: Mapped[datetime | None] = mapped_column(UtcDateTime)  #: its words are as they are since then
    conflicts: Mapped[str] = mapped_column(Text, default="", server_default="")  #: uids that others changed, one a line
    made_on: Mapped[date] = mapped_column(Date)


class CharterCall(db.Model):  # type: ignore[name-defined,misc]
    """Somebody asks that the group decides now. tag(ballot key; call, proposal, persona): who, it does not say."""

    __tablename__ = "charter_call"
    tag: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    proposal_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("charter_proposal.id"), index=True)


class CharterVote(db.Model):  # type: ignore[name-defined,misc]
    """One time that a group decides about a proposal. Its result is a function of its ballots and objections."""

    __tablename__ = "charter_vote"
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    proposal_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("charter_proposal.id"), index=True)
    mode: Mapped[VoteMode] = mapped_column(state_of(VoteMode))
    quorum: Mapped[int] = mapped_column(SmallInteger)
    electors: Mapped[int] = mapped_column(SmallInteger)  #: how many may take part, frozen when it opened
    opens_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime] = mapped_column(UtcDateTime)
    extended: Mapped[bool] = mapped_column(default=False)
    result: Mapped[VoteResult | None] = mapped_column(state_of(VoteResult))  #: None: still open
    tallies: Mapped[str] = mapped_column(Text, default="{}", server_default="{}")  #: JSON: how many chose what
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CharterBallot(db.Model):  # type: ignore[name-defined,misc]
    """One elector's place in a vote, there from its opening on, with a sealed choice of one size: "none" at first.

    tag(ballot key; vote, persona). All rows of a vote are written at once in the order of their tags, so neither their
    number nor their order tells who took part; they go after the result stood for some time.
    """

    __tablename__ = "charter_ballot"
    tag: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    vote_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("charter_vote.id"), index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    key_id: Mapped[str] = mapped_column(String(16), index=True)


class CharterObjection(db.Model):  # type: ignore[name-defined,misc]
    """A reason against a proposal, with what should stand instead. Its words are a post in the discussion, so that they
    can be reported, answered and taken back like all words; it names nobody besides."""

    __tablename__ = "charter_objection"
    post_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    vote_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("charter_vote.id"), index=True)
    clause_uid: Mapped[str] = mapped_column(String(40))
    status: Mapped[ObjectionStatus] = mapped_column(state_of(ObjectionStatus))
    answer: Mapped[str] = mapped_column(Text, default="")  #: of the author or a facilitator; everyone reads it


class ClauseRemark(db.Model):  # type: ignore[name-defined,misc]
    """A post in the discussion of a proposal that is about one of its clauses."""

    __tablename__ = "clause_remark"
    post_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    proposal_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("charter_proposal.id"), index=True)
    clause_uid: Mapped[str] = mapped_column(String(40))
