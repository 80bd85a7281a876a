"""A change of the ground rules, from its first words to the deciding about it (ground-rules.md §2.2).

Each step locks the group's charter first, so that two of them take turns and each sees what the other left.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from forum.base import clock
from forum.base.db import row, rows
from forum.base.errors import Invalid, NotFound
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.pools import render_pool
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.ground_rules import checks, objections, versions
from forum.ground_rules.patches import Patch, from_json, rebase, to_json
from forum.models import CharterProposal, Group, ObjectionStatus, Persona, ProposalState
from forum.policy import gate
from forum.policy.actor import Actor, Membership
from forum.policy.contracting import (
    OPEN,
    ProposalFacts,
    may_amend,
    may_answer_objection,
    may_give_up,
    may_propose,
    may_read_proposals,
    may_second,
)
from forum.policy.gate import Situation
from forum.policy.members import actor_in, get_scope
from forum.policy.permissions import Denial, require

#: People who come every second day have read it and could say something.
TALK = timedelta(hours=72)
#: Of one person at a time: a group reads and talks about each of them.
MOST_OPEN = 3


@dataclass(frozen=True)
class Wish:
    """What somebody wants to change, and why.

    :param summary: in plain words, what it means for members. :param is_material: False: only spelling or order, no meaning.
    """

    patch: Patch
    summary: str
    rationale: str
    is_material: bool = True


@dataclass(frozen=True)
class Proposal:
    """One proposal, as in CharterProposal."""

    id: bytes
    group_id: bytes
    state: ProposalState
    base_id: bytes
    patch: Patch
    summary: str
    rationale: str
    is_material: bool
    author_id: bytes | None
    second_id: bytes | None
    conversation_id: bytes | None
    round: int
    discussed_from: datetime | None
    conflicts: tuple[str, ...]
    made_on: date

    def by(self, membership: Membership | None) -> bool:
        """Whether this member wrote it."""
        return membership is not None and membership.persona_id == self.author_id

    @property
    def may_be_called_at(self) -> datetime | None:
        """From when on the group can be asked to decide."""
        return self.discussed_from + TALK if self.discussed_from else None


_COLUMNS = tuple(CharterProposal.__table__.columns)


def find(proposal_id: bytes) -> Proposal | None:
    """One proposal. Whoever shows it asks `get`."""
    found = row(select(*_COLUMNS).where(CharterProposal.id == proposal_id))
    return _whole(found) if found else None


def _whole(found: Any) -> Proposal:
    values = dict(found._mapping)
    patch, conflicts = from_json(values.pop("patch")), tuple(values.pop("conflicts").split())
    return Proposal(**values, patch=patch, conflicts=conflicts)


def get(actor: Actor, proposal_id: bytes) -> tuple[Proposal, Scope]:
    """A proposal for a member of its group. A draft is in no list, and there for whoever was given its address.

    :raises NotFound: none, or of a group that they are not in.
    """
    found = find(proposal_id)
    scope = get_scope(found.group_id) if found else None
    if found is None or scope is None or may_read_proposals(actor_in(actor, scope), scope.group_id):
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return found, scope


def list_for(actor: Actor, group_id: bytes) -> list[Proposal]:
    """Every proposal of a group, the newest first; of drafts one's own alone.

    :raises NotFound: no member.
    """
    require(may_read_proposals, actor, group_id)
    me = actor.membership_in(group_id)
    found = select(*_COLUMNS).where(CharterProposal.group_id == group_id)
    newest = rows(found.order_by(CharterProposal.made_on.desc(), CharterProposal.id))
    return [one for one in map(_whole, newest) if one.state is not ProposalState.DRAFT or one.by(me)]


def find_author(proposal: Proposal) -> str | None:
    """The name of whoever wrote it, as their words stand in the group."""
    found = row(select(Persona.name).where(Persona.id == proposal.author_id))
    return found.name if found else None


def facts_of(proposal: Proposal, now: Actor, **more: Any) -> ProposalFacts:
    """What the rules ask about a proposal."""
    mine = proposal.by(now.membership_in(proposal.group_id))
    return ProposalFacts(proposal.group_id, proposal.state, mine, **more)


def take(actor: Actor, proposal_id: bytes) -> tuple[Proposal, Scope, Actor]:
    """Step: a proposal that nobody else changes meanwhile, and who the actor is now. :raises NotFound: as for `get`."""
    _seen, scope = get(actor, proposal_id)
    versions.lock(scope.group_id)
    now = actor_in(actor, scope)
    return get(now, proposal_id)[0], scope, now


@retrying
def begin(actor: Actor, scope: Scope, wish: Wish) -> bytes:
    """Write a draft; gives its id.

    :raises NotFound, NotAllowed: no member, or one who did not agree the rules in force.
    :raises Invalid: what to change; also what the team would read first in a post.
    """
    require(may_propose, actor, scope.group_id)
    ready = prepare(scope, wish)
    with transaction():
        versions.lock(scope.group_id)
        now = actor_in(actor, scope)
        return draft(now, scope, ready)


def draft(now: Actor, scope: Scope, ready: Wish) -> bytes:
    """Step: the same within a transaction that locked the charter. :param ready: of `prepare`. Raises as `begin` does."""
    require(may_propose, now, scope.group_id)
    me = now.memberships[scope.group_id]
    if _count_open(me.persona_id) >= MOST_OPEN:
        raise Invalid(_("You have %(n)s open proposals. Finish or take back one of them first.", n=MOST_OPEN))
    return add(scope, ready, ProposalState.DRAFT, me.persona_id)


def add(scope: Scope, wish: Wish, state: ProposalState, author_id: bytes, **columns: Any) -> bytes:
    """Step: keep a proposal about what was agreed last. Lock the charter first.

    :raises Invalid, Conflict: it is not one that a group may decide about.
    """
    tip, ident = versions.get_tip(scope.group_id), new_ident()
    check_wish(scope, wish, tip)
    values = {"group_id": scope.group_id, "base_id": tip.id, "author_id": author_id, "made_on": clock.today()}
    here().execute(insert(CharterProposal).values(id=ident, state=state, round=0, **values, **_said(wish), **columns))
    return ident


def _said(wish: Wish) -> dict[str, Any]:
    words = {"summary": wish.summary, "rationale": wish.rationale}
    return {"patch": to_json(wish.patch), "is_material": wish.is_material, **words}


def _count_open(persona_id: bytes) -> int:
    mine = select(CharterProposal.id).where(CharterProposal.author_id == persona_id, CharterProposal.state.in_(OPEN))
    return len(rows(mine))


def prepare(scope: Scope, wish: Wish) -> Wish:
    """The words tidied, and looked at as those of a post are. May wait.

    :raises Invalid: empty, too long, or such as the team would read first.
    """
    summary = checks.clean_line(wish.summary, checks.MOST_SUMMARY, "summary")
    rationale = checks.clean_text(wish.rationale, checks.MOST_RATIONALE, "rationale")
    said = [value or "" for change in wish.patch for part, value in change.to.items() if part in checks.WORDS]
    screen(scope, "\n\n".join((summary, rationale, *said)))
    return Wish(wish.patch, summary, rationale, wish.is_material)


def screen(scope: Scope, text: str) -> None:
    """Let the gate look at words that stand outside posts. :raises Invalid: the team would read them first."""
    found = row(select(Group.words).where(Group.id == scope.group_id))
    findings = render_pool.run(gate.screen, text, gate.group_words(found.words if found else ""))
    gate.require_no_wait(gate.decide(findings, Situation(scope.group_id)))


def check_wish(scope: Scope, wish: Wish, base: versions.Version) -> None:
    """Whether a group may decide about it. :raises Invalid, Conflict: why not."""
    checks.check(wish.patch, base.rules, checks.floor_of(scope.organisation_id))
    if not wish.patch and not base.review_is_due:
        raise Invalid(_("Nothing changes yet. Choose a rule to change first."))
    if not wish.is_material and not checks.is_editorial(wish.patch):
        raise Invalid(_("This changes more than spelling, so people have to agree to it again."), "is_material")


def amend(actor: Actor, proposal_id: bytes, wish: Wish) -> None:
    """Write it anew. While it is talked about the time for talking begins again, and open objections are met by it.

    :raises NotFound, NotAllowed, Invalid, Conflict: as for `begin`.
    """
    seen, scope = get(actor, proposal_id)
    require(may_amend, actor, facts_of(seen, actor))
    ready = prepare(scope, wish)
    with transaction():
        found, scope, now = take(actor, proposal_id)
        require(may_amend, now, facts_of(found, now))
        check_wish(scope, ready, versions.get(found.base_id))
        again = {"discussed_from": clock.now()} if found.state is ProposalState.DISCUSSING else {}
        put(found, conflicts="", **_said(ready), **again)
        objections.settle_all(found.id, ObjectionStatus.AMENDED)


def second(actor: Actor, proposal_id: bytes, conversation_id: bytes) -> None:
    """Step: a second person wants the group to talk about it, in this conversation.

    :raises NotFound, NotAllowed: as `may_second` says.
    """
    found, _scope, now = take(actor, proposal_id)
    require(may_second, now, facts_of(found, now))
    me = now.memberships[found.group_id]
    begins = {"discussed_from": clock.now(), "conversation_id": conversation_id, "second_id": me.persona_id}
    put(found, state=ProposalState.DISCUSSING, **begins)


def give_up(actor: Actor, proposal_id: bytes) -> None:
    """Take one's own proposal back. The rules stay as they are.

    :raises NotFound, NotAllowed: not one's own, or decided.
    """
    with transaction():
        found, _scope, now = take(actor, proposal_id)
        require(may_give_up, now, facts_of(found, now))
        objections.call_off(found.id)
        put(found, state=ProposalState.WITHDRAWN)


def answer_objection(actor: Actor, proposal_id: bytes, post_id: int, answer: str) -> None:
    """Say to everybody what speaks against an objection. The group decides anew, and whoever objected can object again.

    :raises NotFound, NotAllowed: as `may_answer_objection` says. :raises Invalid: no words, or no open objection.
    """
    seen, scope = get(actor, proposal_id)
    require(may_answer_objection, actor, facts_of(seen, actor))
    said = checks.clean_text(answer, checks.MOST_BODY, "answer")
    screen(scope, said)
    with transaction():
        found, _scope, now = take(actor, proposal_id)
        require(may_answer_objection, now, facts_of(found, now))
        if not objections.settle(found.id, post_id, ObjectionStatus.ANSWERED, said):
            raise Invalid(_("This has an answer now, or it was taken back."))


def put(proposal: Proposal, **columns: Any) -> None:
    """Step: change a proposal that `take` gave."""
    change = update(CharterProposal).where(CharterProposal.id == proposal.id).values(**columns)
    here().execute(change.execution_options(synchronize_session=False))


def carry_open(scope: Scope) -> None:
    """Step: every open proposal is about what was agreed last. Where both changed one clause people talk again."""
    tip = versions.get_tip(scope.group_id)
    wanted = select(*_COLUMNS).where(CharterProposal.group_id == scope.group_id, CharterProposal.state.in_(OPEN))
    for found in map(_whole, rows(wanted.where(CharterProposal.base_id != tip.id).order_by(CharterProposal.id))):
        _carry(found, tip)


def _carry(found: Proposal, tip: versions.Version) -> None:
    carried = rebase(found.patch, versions.get(found.base_id).rules, tip.rules)
    values: dict[str, Any] = {"base_id": tip.id, "patch": to_json(carried.patch)}
    if not carried.patch:
        objections.call_off(found.id)
        values["state"] = ProposalState.WITHDRAWN
    elif carried.conflicts:
        objections.call_off(found.id)
        values["conflicts"] = "\n".join(sorted({*found.conflicts, *carried.conflicts}))
        if found.state is not ProposalState.DRAFT:
            values |= {"state": ProposalState.DISCUSSING, "discussed_from": clock.now()}
    put(found, **values)
