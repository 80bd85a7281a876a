"""What is new about a group's ground rules: each step of a proposal, and of a version that begins to hold or grows old.

Computed from the rows that the steps left; nothing is written for anybody who is to be told. No step says who proposed,
seconded, called for or chose anything: a summary and what happened is all.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from forum.base import clock
from forum.base.db import rows
from forum.ground_rules.queries import REVIEW_TOLD_DAYS
from forum.ground_rules.votes import LONGER
from forum.models import CharterProposal, CharterVersion, CharterVote, ProposalState, VersionStatus, VoteResult
from forum.policy.actor import Membership

#: Who was away for longer finds the rules and the changes on their own pages.
TOLD = timedelta(days=30)
#: So long before new rules hold members hear of it once more.
SOON = timedelta(hours=24)
#: Steps are counted in seconds since then: a number that grows with each step, and fits where a place does.
_ZERO = datetime(2024, 1, 1, tzinfo=UTC)


class Step(enum.StrEnum):
    """What happened. The first ones are a proposal's, the others a version's."""

    TALKING = "talking"  #: a second person wants it too
    DECIDING = "deciding"
    LONGER = "longer"  #: too few took part so far
    AGREED = "agreed"
    OBJECTED = "objected"
    REJECTED = "rejected"
    LAPSED = "lapsed"
    AGAIN = "again"  #: other rules were agreed meanwhile
    SOON = "soon"
    HOLDS = "holds"
    SAFETY = "safety"  #: with no vote, for some days
    REVIEW = "review"
    REVIEW_NOW = "review_now"


#: On which page a member reads more about a step.
OF_VERSIONS = frozenset({Step.SOON, Step.HOLDS, Step.SAFETY, Step.REVIEW, Step.REVIEW_NOW})


@dataclass(frozen=True)
class Told:
    """One thing that is new about the rules.

    :param about: the proposal or version. :param n: grows with its steps. :param words: what it means, in a line.
    :param day: until when people decide, from when on it holds, or when it ends or is looked at again; None: no such day.
    :param mine: the reader proposed it.
    """

    about: bytes
    n: int
    step: Step
    words: str
    day: datetime | None = None
    mine: bool = False

    @property
    def of_version(self) -> bool:
        """Whether `about` is a version."""
        return self.step in OF_VERSIONS


def list_told(membership: Membership) -> list[Told]:
    """The last step of everything that is going on with the group's rules, the newest first, in two queries."""
    joined = membership.joined_on
    since = max(clock.now() - TOLD, datetime.combine(joined, time(), UTC) if joined else _ZERO)
    found = [*_of_proposals(membership), *_of_versions(membership.scope.group_id)]
    return [one for at, one in sorted(found, key=lambda one: one[0], reverse=True) if since <= at <= clock.now()]


def _number(at: datetime) -> int:
    return int((at - _ZERO).total_seconds())


_PROPOSALS = select(
    CharterProposal.id,
    CharterProposal.state,
    CharterProposal.summary,
    CharterProposal.author_id,
    CharterProposal.discussed_from,
    CharterVote.opens_at,
    CharterVote.closes_at,
    CharterVote.extended,
    CharterVote.result,
    CharterVote.closed_at,
).outerjoin(CharterVote, CharterVote.proposal_id == CharterProposal.id)
#: A draft is its author's own affair, and whoever takes a wish back knows it.
_SPOKEN_OF = (
    ProposalState.DISCUSSING,
    ProposalState.DECIDING,
    ProposalState.ADOPTED,
    ProposalState.REJECTED,
    ProposalState.LAPSED,
)


def _of_proposals(membership: Membership) -> Iterable[tuple[datetime, Told]]:
    here = (CharterProposal.group_id == membership.scope.group_id, CharterProposal.state.in_(_SPOKEN_OF))
    last: dict[bytes, Any] = {}
    for found in rows(_PROPOSALS.where(*here).order_by(CharterProposal.id, CharterVote.opens_at)):
        last[found.id] = found
    for found in last.values():
        at, step, day = _last_step(found)
        mine = found.author_id == membership.persona_id
        yield at, Told(found.id, _number(at), step, found.summary, day, mine)


_ENDS = {
    ProposalState.ADOPTED: Step.AGREED,
    ProposalState.REJECTED: Step.REJECTED,
    ProposalState.LAPSED: Step.LAPSED,
}


def _last_step(found: Any) -> tuple[datetime, Step, datetime | None]:
    """When it was, what it was, and a day to know. :param found: a proposal beside the last time people decided about it."""
    if found.state is ProposalState.DECIDING:
        at = found.closes_at - LONGER if found.extended else found.opens_at
        return at, Step.LONGER if found.extended else Step.DECIDING, found.closes_at
    if found.state in _ENDS:
        return found.closed_at, _ENDS[found.state], None
    step = {VoteResult.OBJECTED: Step.OBJECTED, VoteResult.CALLED_OFF: Step.AGAIN}.get(found.result, Step.TALKING)
    return found.discussed_from, step, None


def _of_versions(group_id: bytes) -> Iterable[tuple[datetime, Told]]:
    wanted = select(
        CharterVersion.id,
        CharterVersion.n,
        CharterVersion.status,
        CharterVersion.summary,
        CharterVersion.effective_at,
        CharterVersion.until_at,
        CharterVersion.review_on,
        CharterVersion.proposal_id,
    )
    old = CharterVersion.status == VersionStatus.SUPERSEDED
    for found in rows(wanted.where(CharterVersion.group_id == group_id, ~old)):
        yield from _steps_of_version(found)


def _steps_of_version(found: Any) -> Iterable[tuple[datetime, Told]]:
    """The last of them alone: each next one takes the place of the one before."""
    steps: list[tuple[datetime, Step, datetime]] = []
    if found.status is VersionStatus.ADOPTED:
        steps.append((found.effective_at - SOON, Step.SOON, found.effective_at))
    else:
        review = datetime.combine(found.review_on, time(), UTC)
        if found.n > 1:
            alone = found.until_at is not None and found.proposal_id is None
            holds = (Step.SAFETY, found.until_at) if alone else (Step.HOLDS, found.effective_at)
            steps.append((found.effective_at, *holds))
        steps.append((review - timedelta(days=REVIEW_TOLD_DAYS), Step.REVIEW, review))
        steps.append((review, Step.REVIEW_NOW, review))
    past = [one for one in steps if one[0] <= clock.now()]
    if past:
        at, step, day = past[-1]
        yield at, Told(found.id, _number(at), step, found.summary, day)
