"""Deciding about a proposal: who may, for how long, and what came of it.

Closing is a function of the ballots, the open objections and what was frozen at the opening (C4). It is a job in one
transaction with everything that follows from it, so it is done wholly or not at all, and once.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from forum.base import clock, jobs
from forum.base.db import row, rows
from forum.base.errors import Conflict, Invalid, NotAllowed
from forum.base.idents import first_of_hour, new_ident, post_hour, write_ident
from forum.base.keyring import Scope
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.ground_rules import ballots, checks, objections, proposals, versions
from forum.ground_rules.ballots import ABSTAIN, AGREE, NO, NONE, OBJECT, YES
from forum.ground_rules.proposals import Proposal
from forum.models import CharterVote, ObjectionStatus, Persona, Post, ProposalState, Role, VoteMode, VoteResult
from forum.policy.actor import Actor
from forum.policy.contracting import may_call, may_choose
from forum.policy.members import NOT_IN, actor_in
from forum.policy.permissions import Denial, require

#: Everybody who comes once a week can take part.
OPEN_FOR = timedelta(days=7)
#: Once more as long when too few took part.
LONGER = timedelta(days=7)
#: So long a result can be counted again; then nothing leads from a member to a choice any more.
COUNTABLE = timedelta(days=14)
#: Members who together bring a proposal to a decision; a facilitator can alone.
CALLERS = 3
#: After that many times by consent with an objection it is put to the vote.
MOST_ROUNDS = 2
LEAST_QUORUM = 3
ACTIVE_DAYS = 30
CLOSE, FORGET = "charter_close", "charter_forget"

OFFERED = {VoteMode.CONSENT: (AGREE, OBJECT, ABSTAIN), VoteMode.VOTE: (YES, NO, ABSTAIN)}


@dataclass(frozen=True)
class Vote:
    """One time that a group decides, as in CharterVote."""

    id: bytes
    proposal_id: bytes
    mode: VoteMode
    quorum: int
    electors: int
    opens_at: datetime
    closes_at: datetime
    extended: bool
    result: VoteResult | None
    tallies: dict[str, int]
    closed_at: datetime | None


_COLUMNS = tuple(CharterVote.__table__.columns)


def _whole(found: Any) -> Vote:
    values = dict(found._mapping)
    return Vote(**{**values, "tallies": json.loads(values["tallies"])})


def list_of(proposal_id: bytes) -> list[Vote]:
    """Every time that a group decided about a proposal, the last first."""
    found = select(*_COLUMNS).where(CharterVote.proposal_id == proposal_id)
    return [_whole(one) for one in rows(found.order_by(CharterVote.opens_at.desc()))]


def find_open(proposal_id: bytes) -> Vote | None:
    """The deciding that goes on now."""
    found = row(select(*_COLUMNS).where(CharterVote.proposal_id == proposal_id, CharterVote.result.is_(None)))
    return _whole(found) if found else None


def quorum_of(active: int) -> int:
    """How many have to say something: half of those who were active, rounded up, and three at least."""
    return max(LEAST_QUORUM, -(-active // 2))


def tally(
    counted: Mapping[str, int], mode: VoteMode, quorum: int, objections_open: int, *, extended: bool
) -> VoteResult | None:
    """What came of it; None: too few, and people get a week more. Silence is not consent: who said nothing is not counted.

    :param counted: how many chose what. :param objections_open: with a reason.
    """
    if sum(counted.values()) < quorum:
        return VoteResult.LAPSED if extended else None
    if mode is VoteMode.CONSENT:
        if objections_open:
            return VoteResult.OBJECTED
        return VoteResult.ADOPTED if counted.get(AGREE) else VoteResult.REJECTED
    yes, no = counted.get(YES, 0), counted.get(NO, 0)
    return VoteResult.ADOPTED if yes and 3 * yes >= 2 * (yes + no) else VoteResult.REJECTED


@retrying
def call(actor: Actor, proposal_id: bytes, mode: VoteMode = VoteMode.CONSENT) -> bool:
    """Ask that the group decides now; whether it does. A facilitator is enough, or three members.

    :param mode: of a facilitator's choice; with VOTE open objections are put to the vote. Members ask for consent.
    :raises NotFound, NotAllowed: as `may_call` says, or people did not talk long enough, or an objection is not met.
    """
    with transaction():
        found, scope, now = proposals.take(actor, proposal_id)
        require(may_call, now, proposals.facts_of(found, now))
        me = now.memberships[found.group_id]
        if (found.may_be_called_at or clock.now()) > clock.now():
            raise NotAllowed(_("People need three days to read it and to talk. Please come back then."))
        leads = me.role is Role.FACILITATOR
        chosen = VoteMode.VOTE if found.round >= MOST_ROUNDS else mode if leads else VoteMode.CONSENT
        if chosen is VoteMode.CONSENT and objections.list_open(found.id):
            raise NotAllowed(_("A reason against it still waits. Please answer it, or change the words."))
        if ballots.note_call(scope, found.id, me.persona_id) < CALLERS and not leads:
            return False
        _open(scope, found, chosen)
        return True


def _open(scope: Scope, found: Proposal, mode: VoteMode) -> None:
    """Freeze who may take part and how many have to."""
    members = select(Persona.id, Persona.joined_on)
    electors = rows(members.where(Persona.group_id == scope.group_id, Persona.standing.not_in(NOT_IN)))
    vote_id, now = new_ident(), clock.now()
    times = {"opens_at": now, "closes_at": now + OPEN_FOR, "extended": False}
    sizes = {"quorum": quorum_of(_count_active(electors)), "electors": len(electors)}
    here().execute(insert(CharterVote).values(id=vote_id, proposal_id=found.id, mode=mode, **sizes, **times))
    ballots.open_for(scope, vote_id, [one.id for one in electors])
    ballots.forget_calls(found.id)
    objections.settle_all(found.id, ObjectionStatus.TO_VOTE)
    by_consent = mode is VoteMode.CONSENT
    proposals.put(found, state=ProposalState.DECIDING, round=found.round + by_consent, conflicts="")
    _close_later(scope, vote_id, now + OPEN_FOR)


def _close_later(scope: Scope, vote_id: bytes, at: datetime) -> None:
    payload = {**versions.payload_of(scope), "vote": write_ident(vote_id)}
    jobs.enqueue(CLOSE, payload, at, f"{CLOSE}:{write_ident(vote_id)}:{at.isoformat()}")


def _count_active(electors: Any) -> int:
    """Who wrote under their own name lately, or came lately. An alias counts for nobody: a number that moved with it would
    tell whose it is."""
    since = clock.now() - timedelta(days=ACTIVE_DAYS)
    lately = select(Post.persona_id).where(Post.id >= first_of_hour(post_hour(since)))
    wrote = {one.persona_id for one in rows(lately.where(Post.persona_id.in_([e.id for e in electors])).distinct())}
    came = {one.id for one in electors if one.joined_on and one.joined_on >= since.date()}
    return len(wrote | came)


def choose(actor: Actor, proposal_id: bytes, choice: str) -> None:
    """Choose, choose anew, or take one's choice back ("none"), until it closes.

    :raises NotFound, NotAllowed: as `may_choose` says, or it is over. :raises Invalid: no such choice here.
    """
    _seen, scope = proposals.get(actor, proposal_id)
    with transaction():
        vote = _lock_open(proposal_id)
        found, _scope = proposals.get(actor, proposal_id)
        if vote is None or clock.now() >= vote.closes_at:
            raise NotAllowed(str(Denial.OTHER_STEP.value))
        if choice not in (NONE, *OFFERED[vote.mode]):
            raise Invalid(_("Choose one of the answers."), "choice")
        now = actor_in(actor, scope)
        me = now.membership_in(scope.group_id)
        elector = me is not None and ballots.find(scope, vote.id, me.persona_id) is not None
        require(may_choose, now, proposals.facts_of(found, now, elector=elector))
        ballots.put(scope, vote.id, now.memberships[scope.group_id].persona_id, choice)


def _lock_open(proposal_id: bytes) -> Vote | None:
    """Closing and choosing take turns at this row: a ballot is in before the count, or refused."""
    wanted = select(*_COLUMNS).where(CharterVote.proposal_id == proposal_id, CharterVote.result.is_(None))
    found = here().execute(wanted.with_for_update()).first()
    return _whole(found) if found else None


def find_mine(actor: Actor, vote: Vote, scope: Scope) -> str | None:
    """What the actor chose, for themselves alone; None: they are no elector."""
    me = actor.membership_in(scope.group_id)
    return ballots.find(scope, vote.id, me.persona_id) if me else None


def close(scope: Scope, vote_id: bytes) -> None:
    """Step: count, and do what follows. Too early, or a second time, nothing happens."""
    versions.lock(scope.group_id)
    found = here().execute(select(*_COLUMNS).where(CharterVote.id == vote_id).with_for_update()).first()
    vote = _whole(found) if found else None
    if vote is None or vote.result is not None or clock.now() < vote.closes_at:
        return
    result = recount(scope, vote)
    if result is None:
        _extend(scope, vote)
    else:
        _end(scope, vote, result)


def recount(scope: Scope, vote: Vote) -> VoteResult | None:
    """What the ballots say: the same as long as they are kept, whoever counts and whenever."""
    open_now = len(objections.list_open(vote.proposal_id))
    return tally(ballots.count(scope, vote.id), vote.mode, vote.quorum, open_now, extended=vote.extended)


def _extend(scope: Scope, vote: Vote) -> None:
    """A whole week more, also when this comes late because the machine was away."""
    until = max(vote.closes_at, clock.now()) + LONGER
    _put(vote.id, closes_at=until, extended=True)
    _close_later(scope, vote.id, until)


def _put(vote_id: bytes, **columns: Any) -> None:
    change = update(CharterVote).where(CharterVote.id == vote_id).values(**columns)
    here().execute(change.execution_options(synchronize_session=False))


def _end(scope: Scope, vote: Vote, result: VoteResult) -> None:
    proposal = proposals.find(vote.proposal_id)
    assert proposal is not None
    if result is VoteResult.ADOPTED and not _adopt(scope, proposal):
        result = VoteResult.CALLED_OFF
    tallies = json.dumps(ballots.count(scope, vote.id))
    _put(vote.id, result=result, tallies=tallies, closed_at=clock.now())
    payload = {"vote": write_ident(vote.id)}
    jobs.enqueue(FORGET, payload, clock.now() + COUNTABLE, f"{FORGET}:{write_ident(vote.id)}")
    proposals.put(proposal, **_AFTER[result]())
    if result is VoteResult.ADOPTED:
        proposals.carry_open(scope)


def _talk_again() -> dict[str, Any]:
    return {"state": ProposalState.DISCUSSING, "discussed_from": clock.now()}


_AFTER = {
    VoteResult.ADOPTED: lambda: {"state": ProposalState.ADOPTED},
    VoteResult.REJECTED: lambda: {"state": ProposalState.REJECTED},
    VoteResult.LAPSED: lambda: {"state": ProposalState.LAPSED},
    VoteResult.OBJECTED: _talk_again,
    VoteResult.CALLED_OFF: _talk_again,
}


def _adopt(scope: Scope, proposal: Proposal) -> bool:
    """The new version; not one that the organisation's floor forbids by now, nor one made for other rules (C3)."""
    tip = versions.get_tip(scope.group_id)
    try:
        clauses = checks.check(proposal.patch, tip.rules, checks.floor_of(scope.organisation_id))
    except (Invalid, Conflict):
        return False
    at = max(clock.now() + versions.LEAD, tip.effective_at)
    versions.adopt(scope, tip.id, clauses, proposal.summary, proposal.is_material, proposal.id, at)
    return True
