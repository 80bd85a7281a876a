"""What is held about somebody's part in changing the ground rules, for their own copy: what they proposed or seconded, and
what they chose as long as it can be counted. After that nobody knows it any more, they included."""

from typing import Any

from sqlalchemy import select

from forum.base.db import rows
from forum.base.idents import write_ident
from forum.base.keyring import Scope
from forum.ground_rules import ballots
from forum.models import CharterProposal, CharterVote


def held(scope: Scope, persona_id: bytes) -> dict[str, Any]:
    """In JSON's types. What others proposed stands there by its id: the words are theirs."""
    seconded = select(CharterProposal.id).where(CharterProposal.second_id == persona_id).order_by(CharterProposal.id)
    return {
        "proposed": _proposed(persona_id),
        "seconded": [write_ident(one.id) for one in rows(seconded)],
        "chosen": _chosen(scope, persona_id),
    }


def _proposed(persona_id: bytes) -> list[dict[str, str]]:
    wanted = (CharterProposal.id, CharterProposal.summary, CharterProposal.rationale, CharterProposal.made_on)
    mine = select(*wanted).where(CharterProposal.author_id == persona_id)
    return [
        {"proposal": write_ident(r.id), "means": r.summary, "why": r.rationale, "on": r.made_on.isoformat()}
        for r in rows(mine.order_by(CharterProposal.made_on, CharterProposal.id))
    ]


def _chosen(scope: Scope, persona_id: bytes) -> list[dict[str, str]]:
    """Of votes whose ballots are gone nothing is found."""
    wanted = select(CharterVote.id, CharterVote.proposal_id)
    votes = wanted.join(CharterProposal, CharterProposal.id == CharterVote.proposal_id)
    here = rows(votes.where(CharterProposal.group_id == scope.group_id).order_by(CharterVote.opens_at, CharterVote.id))
    found = [(one.proposal_id, ballots.find(scope, one.id, persona_id)) for one in here]
    return [{"proposal": write_ident(proposal), "choice": choice} for proposal, choice in found if choice]
