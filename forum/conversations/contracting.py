"""Talking about a change of the ground rules: an ordinary topic, so that aliases, the gate, reports and taking back all work.

Words are posted first, as any words are, and then noted as what they are for: if the machine dies between the two the words
stand in the topic, and the form sent again finds them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from forum.base.db import rows
from forum.base.errors import NotAllowed
from forum.base.keyring import Scope
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.conversations import board_queries, usecases
from forum.conversations.lifecycle import Written
from forum.conversations.prepare import MOST_TITLE, Words
from forum.ground_rules import checks, emergencies, objections, proposals, versions, votes
from forum.ground_rules.proposals import Proposal
from forum.ground_rules.votes import Vote
from forum.models import CharterObjection, ClauseRemark, Post, PostState
from forum.policy.actor import Actor, Membership
from forum.policy.audience import EVERYONE
from forum.policy.contracting import ProposalFacts, may_object, may_propose, may_second
from forum.policy.members import actor_in
from forum.policy.permissions import may_facilitate, require


def second(actor: Actor, proposal_id: bytes, words: Words, token: str) -> Written:
    """Bring a draft to the group, with the first words of the talk about it. Under one's name: a second person is known.

    :raises NotFound, NotAllowed: as `may_second` says; or there is no board for everybody. :raises Invalid: other words.
    """
    found, scope = proposals.get(actor, proposal_id)
    now = actor_in(actor, scope)
    require(may_second, now, proposals.facts_of(found, now))
    written = _begin_talk(now, scope, found.summary, words, token)
    with transaction():
        proposals.second(actor, proposal_id, written.conversation_id)
    return written


def _begin_talk(now: Actor, scope: Scope, about: str, words: Words, token: str) -> Written:
    """On the first board that everybody reads."""
    boards = board_queries.list_boards_to_start_on(now, scope.group_id)
    board = next((one for one in boards if one.readers == EVERYONE), None)
    if board is None:
        raise NotAllowed(_("There is no board where everyone can talk about it. Please write to the team."))
    title = _("Our rules: %(summary)s", summary=about)[:MOST_TITLE]
    return usecases.start_topic(now, board.id, title, words, token)


def add_for_safety(actor: Actor, scope: Scope, heading: str, body: str, reason: Words, token: str) -> bytes:
    """A rule that holds at once, by a facilitator alone; gives the proposal to keep it.

    :param reason: for everybody; the first words of the talk about it.
    :raises NotFound, NotAllowed: no facilitator. :raises Conflict: one holds already. :raises Invalid: other words.
    """
    now = actor_in(actor, scope)
    require(may_facilitate, now, scope.group_id)
    emergencies.require_none(scope)
    name = checks.clean_line(heading, checks.MOST_HEADING, "heading")
    rule = checks.clean_text(body, checks.MOST_BODY, "body")
    proposals.screen(scope, f"{name}\n\n{rule}")
    written = _begin_talk(now, scope, name, reason, token)
    with transaction():
        versions.lock(scope.group_id)
        now = actor_in(actor, scope)
        require(may_facilitate, now, scope.group_id)
        me = now.memberships[scope.group_id]
        why = checks.clean_text(reason.body, checks.MOST_RATIONALE, "reason")
        return emergencies.put_in_force(scope, me, name, rule, why, written.conversation_id)


@dataclass(frozen=True)
class Saying:
    """Words about one clause of a proposal.

    :param objects: they are a reason against it that people have to meet.
    """

    clause_uid: str
    words: Words
    objects: bool = False


@retrying
def say(actor: Actor, proposal_id: bytes, saying: Saying, token: str) -> Written:
    """Say something about one rule of a proposal; with a hidden name like everywhere.

    :raises NotFound, NotAllowed: nobody talks about it now, or the actor may not object. :raises Invalid: other words.
    """
    found, scope = proposals.get(actor, proposal_id)
    now = actor_in(actor, scope)
    require(may_propose, now, scope.group_id)
    if found.conversation_id is None:
        raise NotAllowed(_("Nobody talks about it yet. Second it first."))
    if saying.objects:
        me, vote = now.memberships[scope.group_id], votes.find_open(found.id)
        require(may_object, now, facts_now(found, me, vote, votes.find_mine(now, vote, scope) if vote else None))
    written = usecases.submit_post(now, found.conversation_id, saying.words, token)
    with transaction():
        _note(found, saying, written.id)
    return written


def _note(proposal: Proposal, saying: Saying, post_id: int) -> None:
    """Nothing here names the persona: under an alias these rows lead to the post alone."""
    versions.lock(proposal.group_id)
    vote = votes.find_open(proposal.id) if saying.objects else None
    if vote and not _there(CharterObjection, post_id):
        objections.add(vote.id, post_id, saying.clause_uid)
    elif not saying.objects and not _there(ClauseRemark, post_id):
        values = {"proposal_id": proposal.id, "clause_uid": saying.clause_uid}
        here().execute(insert(ClauseRemark).values(post_id=post_id, **values))


def _there(model: Any, post_id: int) -> bool:
    return bool(rows(select(model.post_id).where(model.post_id == post_id)))


def facts_now(proposal: Proposal, me: Membership, vote: Vote | None, mine: str | None) -> ProposalFacts:
    """What the rules ask about a proposal and one member.

    :param vote: the deciding that is open. :param mine: of `votes.find_mine`; None: no elector.
    """
    now = Actor(memberships={me.scope.group_id: me})
    return proposals.facts_of(proposal, now, elector=mine is not None, mode=vote.mode if vote else None)


def list_remarks(proposal_id: bytes) -> Sequence[Any]:
    """Posts about one clause each, that everybody can see."""
    wanted = select(ClauseRemark.post_id, ClauseRemark.clause_uid).join(Post, Post.id == ClauseRemark.post_id)
    shown = (ClauseRemark.proposal_id == proposal_id, Post.state == PostState.VISIBLE)
    return rows(wanted.where(*shown).order_by(Post.seq))
