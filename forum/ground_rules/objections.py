"""Objections: a reason against a proposal with what should stand instead. An open one is enough to talk again (C6).

Its words are a post in the discussion. While people decide only its author ends it, by taking the post back; neither the
author of the proposal nor the team can talk it away.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, insert, select, update

from forum.base import clock
from forum.base.db import rows
from forum.base.transaction import here
from forum.ground_rules import ballots
from forum.models import CharterObjection, CharterVote, ObjectionStatus, Post, PostState, VoteResult

_COLUMNS = (
    CharterObjection.post_id,
    CharterObjection.vote_id,
    CharterObjection.clause_uid,
    CharterObjection.answer,
    CharterObjection.status,
    Post.state,
    Post.seq,
)


def add(vote_id: bytes, post_id: int, clause_uid: str) -> None:
    """Step: these words, which stand in the discussion, are an objection."""
    values = {"vote_id": vote_id, "clause_uid": clause_uid, "status": ObjectionStatus.OPEN}
    here().execute(insert(CharterObjection).values(post_id=post_id, **values))


def list_of(proposal_id: bytes) -> Sequence[Any]:
    """All objections to a proposal, in the order of reading. Whether their words can be seen is the discussion's to say."""
    return rows(_of(proposal_id).order_by(Post.seq))


def _of(proposal_id: bytes) -> Select:
    wanted = select(*_COLUMNS).join(Post, Post.id == CharterObjection.post_id)
    return wanted.join(CharterVote, CharterVote.id == CharterObjection.vote_id).where(
        CharterVote.proposal_id == proposal_id
    )


def list_open(proposal_id: bytes) -> Sequence[Any]:
    """Those that nobody has met yet. One whose author took the words back is none; one that waits for the team, or that
    it put out of sight, still is: nobody decides by hiding a reason."""
    still = (CharterObjection.status == ObjectionStatus.OPEN, Post.state != PostState.WITHDRAWN)
    return rows(_of(proposal_id).where(*still))


def settle(proposal_id: bytes, post_id: int, status: ObjectionStatus, answer: str = "") -> bool:
    """Step: one of them is met; whether it was open."""
    if post_id not in {one.post_id for one in list_open(proposal_id)}:
        return False
    change = update(CharterObjection).where(CharterObjection.post_id == post_id)
    here().execute(change.values(status=status, answer=answer).execution_options(synchronize_session=False))
    return True


def settle_all(proposal_id: bytes, status: ObjectionStatus) -> None:
    """Step: all that are open are met in the same way."""
    for one in list_open(proposal_id):
        settle(proposal_id, one.post_id, status)


def call_off(proposal_id: bytes) -> None:
    """Step: the deciding that is open ends without a result, and its ballots go uncounted."""
    still = (CharterVote.proposal_id == proposal_id, CharterVote.result.is_(None))
    ended = update(CharterVote).where(*still).values(result=VoteResult.CALLED_OFF, closed_at=clock.now())
    done = here().execute(ended.returning(CharterVote.id).execution_options(synchronize_session=False))
    for vote in done.all():
        ballots.forget(vote.id)
    ballots.forget_calls(proposal_id)
