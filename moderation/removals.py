"""Removing somebody from a group: one of the team asks, another person decides (decisions on what nobody may infer).

What may be done at once, by one person and in every case, is smaller: hiding a post, holding somebody's next posts for a
day, shutting the door.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row, insert, select, update

from forum.accounts.second_factor import require_step_up
from forum.accounts.staff import get_staff
from forum.base import clock
from forum.base.db import rows
from forum.base.errors import Invalid, NotAllowed, NotFound
from forum.base.idents import new_ident, write_ident
from forum.base.keyring import Scope
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.ground_rules.queries import find_rules
from forum.groups import kept_out, people, successor
from forum.groups.people import Proposal
from forum.models import Group, Standing
from forum.policy import guard
from forum.policy.actor import Actor
from forum.policy.members import find_membership
from forum.policy.permissions import Denial, may_facilitate, require
from moderation import audit, items, leases, not_for, own, statements
from moderation.models import CaseItem, CaseKind, Choice, Decision, Effect, EffectKind, Source, Target
from moderation.statements import Statement


@retrying
def propose_removal(actor: Actor, scope: Scope, persona_id: bytes, reason: str, clause_uid: str) -> None:
    """Ask that somebody leaves the group. Nothing changes for them until a second person agrees.

    :param reason: for whoever decides, and then for the person; LEAST_WORDS to MOST_REASON characters.
    :param clause_uid: a ground rule that is in force. :raises Invalid: a reason too short or too long, no rule. :raises NotFound, NotAllowed: no facilitator here, nobody by that id, oneself.
    """
    found = people.get_person(actor, scope, persona_id)
    me = actor.memberships[scope.group_id]
    if persona_id == me.persona_id or found.standing is Standing.WAITING:
        raise NotAllowed(_("You can ask for this only about others who are in the group."))
    said = " ".join(reason.split())
    if not statements.LEAST_WORDS <= len(said) <= people.MOST_REASON:
        raise Invalid(
            _("Say why in a sentence for the person, in at most %(n)s letters.", n=people.MOST_REASON), "words"
        )
    if clause_uid not in {clause.uid for clause in list_clauses(scope)}:
        raise Invalid(_("Choose the ground rule that this is about."), "clause")
    with transaction():
        people.propose(scope, persona_id, me.persona_id, said, clause_uid)
        audit.note("removal.propose", me.persona_id, persona_id)


def list_clauses(scope: Scope) -> Sequence[Row]:
    """The ground rules in force, one of which a removal rests on."""
    rules = find_rules(scope.group_id)
    return rules.clauses if rules else []


def list_to_decide(actor: Actor, scope: Scope) -> list[Proposal]:
    """What waits for a second facilitator of this group.

    :raises NotFound, NotAllowed: no facilitator of this group.
    """
    require(may_facilitate, actor, scope.group_id)
    return people.list_proposals([scope])


@retrying
def decide_as_facilitator(actor: Actor, scope: Scope, persona_id: bytes, *, agree: bool) -> None:
    """Agree to a removal that another facilitator asked for, or say no to it; whoever asked may only take it back.

    :raises NotFound, NotAllowed: no facilitator here, or one's own proposal, or about oneself, or the last facilitator.
    :raises Conflict: it is decided.
    """
    require(may_facilitate, actor, scope.group_id)
    membership = actor.memberships[scope.group_id]
    me = membership.persona_id
    if agree:
        require_step_up(actor)
    with transaction():
        proposal = people.take_proposal(scope, persona_id)
        if agree and me in (proposal.by, proposal.persona_id):
            raise NotAllowed(_("A second person has to decide this, and not the one it is about."))
        if agree:
            guard.require_free(scope, persona_id, membership)
        if not agree and me == proposal.persona_id:
            raise NotAllowed(_("A second person has to decide this, and not the one it is about."))
        _carry_out(proposal, me, me, agree=agree)


@dataclass(frozen=True)
class ForAdmin:
    """A proposal as an admin reads it."""

    proposal: Proposal
    name: str
    group: str

    @property
    def ref(self) -> str:
        """The person, for the form."""
        return write_ident(self.proposal.persona_id)

    @property
    def group_ref(self) -> str:
        """The group, for the form."""
        return write_ident(self.proposal.scope.group_id)


def list_for_admin(actor: Actor) -> list[ForAdmin]:
    """What waits in all groups of the actor's organisations.

    :raises NotFound: no admin.
    """
    scopes = _scopes_of(actor)
    found = people.list_proposals(scopes)
    known = people.names_in(scopes, [p.persona_id for p in found])
    return [ForAdmin(p, *known[p.persona_id]) for p in found]


@retrying
def decide_as_admin(actor: Actor, group_id: bytes, persona_id: bytes, *, agree: bool) -> None:
    """The organisation's second person decides.

    :raises NotFound: no admin of the group's organisation. :raises StepUpNeeded: give the code first.
    :raises Conflict: it is decided. :raises NotAllowed: one's own proposal, or about oneself, or the last facilitator.
    """
    scope = next((s for s in _scopes_of(actor) if s.group_id == group_id), None)
    if scope is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    require_step_up(actor)
    me = find_membership(actor.account_id, scope)  # who looks after a group can be an admin as well
    with transaction():
        proposal = people.take_proposal(scope, persona_id)
        if agree and me and me.persona_id in (proposal.by, proposal.persona_id):
            raise NotAllowed(_("A second person has to decide this, and not the one it is about."))
        if agree:
            guard.require_free(scope, persona_id, me)
        _carry_out(proposal, actor.account_id or b"", me.persona_id if me else None, agree=agree)


def _scopes_of(actor: Actor) -> list[Scope]:
    staff = get_staff(actor)
    statement = select(Group.organisation_id, Group.id)
    if not staff.whole_site:
        statement = statement.where(Group.organisation_id.in_(list(staff.organisations)))
    return [Scope(r.organisation_id, r.id) for r in rows(statement)]


def _carry_out(proposal: Proposal, by: bytes, second: bytes | None, *, agree: bool) -> None:
    """Step: what was decided, with its link of the chain before its effect.

    :param by: who decides, as the chain has it. :param second: their persona in the group; admins may have none.
    """
    audit.note("removal.agree" if agree else "removal.decline", by, proposal.persona_id)
    if agree:
        successor.check_successor(proposal.scope, proposal.persona_id)
        kept_out.remove(proposal.scope, proposal.persona_id, _record(proposal, second))
        leases.free_all(proposal.scope, proposal.persona_id)
        own.forget(proposal.scope, proposal.persona_id)


def _record(proposal: Proposal, second: bytes | None) -> bytes:
    """Step: the decision with its reasons, which the person can read and disagree with. It hangs on an item of its own,
    which names them, so that nobody of the team who is meant finds it."""
    scope, decision_id, now = proposal.scope, new_ident(), clock.now()
    item_id = items.new_item(
        scope, CaseKind.PROPOSED, about=proposal.persona_id, target=Target.PERSON, source=Source.TEAM
    )
    ended = update(CaseItem).where(CaseItem.id == item_id).values(decided=True)
    here().execute(ended.execution_options(synchronize_session=False))
    not_for.keep_from(scope, item_id, {proposal.persona_id})
    made = _state(proposal)
    here().execute(
        insert(Decision).values(
            id=decision_id,
            group_id=scope.group_id,
            item_id=item_id,
            choice=Choice.REMOVE,
            decided_by=proposal.by,
            confirmed_by=second,
            decided_at=now,
            clause_uid=made.clause_uid,
            rules_version=made.rules_id if made.rules_version else None,
            statement=statements.keep(scope, made),
            shown_from=now,
        )
    )
    values = {"decision_id": decision_id, "group_id": scope.group_id, "kind": EffectKind.RESTRICT}
    here().execute(insert(Effect).values(id=new_ident(), **values))
    return decision_id


def _state(proposal: Proposal) -> Statement:
    """What was asked for before people could read it was written for the second person alone."""
    rules = find_rules(proposal.scope.group_id)
    words = proposal.reason if proposal.clause_uid else _("You can ask for a second look, and why this was decided.")
    return statements.about_person(rules.version_id if rules else None, Choice.REMOVE, words, proposal.clause_uid)
