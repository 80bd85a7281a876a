"""A rule for safety that a facilitator puts in force at once, alone, with a reason. The group decides whether it stays.

It can only add one clause. After fourteen days it ends by itself, unless the group kept it by then.
"""

from datetime import timedelta

from forum.base import clock, jobs
from forum.base.errors import Conflict
from forum.base.idents import new_ident, write_ident
from forum.base.keyring import Scope
from forum.base.words import _
from forum.ground_rules import checks, proposals, versions
from forum.ground_rules.patches import ADD, EDIT, Change, Rule, apply, parts
from forum.ground_rules.proposals import Wish
from forum.models import ClauseKind, ProposalState
from forum.policy import record
from forum.policy.actor import Membership
from forum.policy.terms import EMERGENCY

#: Three days to talk, seven to decide and two until it holds fit in.
LASTS = timedelta(days=14)
JOB = "charter_emergency_ends"


def require_none(scope: Scope) -> None:
    """Go on only if no such rule holds. :raises Conflict: one does."""
    if any(one.origin == EMERGENCY for one in versions.get_in_force(scope.group_id).rules):
        raise Conflict(_("A rule for safety holds already. The group decides about that one first."))


def put_in_force(scope: Scope, facilitator: Membership, heading: str, body: str, reason: str, talk: bytes) -> bytes:
    """Step: the rule holds at once, and a proposal to keep it is talked about; gives the proposal. Lock the charter first.

    :param heading: and `body`, `reason`: tidied, and seen by the gate. :param talk: the conversation about it.
    :raises Conflict: one holds already. :raises Invalid: it cannot stand like this.
    """
    require_none(scope)
    current = versions.get_in_force(scope.group_id)
    uid, until = f"safety-{write_ident(new_ident())[:8]}", clock.now() + LASTS
    rule = Rule(uid, heading, body, reason[: checks.MOST_WHY], kind=ClauseKind.PRACTICE, origin=EMERGENCY)
    patch = (Change(uid, ADD, parts(rule), len(current.rules) + 1),)
    checks.check(patch, current.rules, {})
    made = versions.adopt(scope, current.id, apply(patch, current.rules), heading, True, None, clock.now(), until)
    versions.bring_into_force(scope, made)
    record.note("charter.emergency", facilitator.persona_id, made)
    jobs.enqueue(JOB, {**versions.payload_of(scope), "clause": uid}, until, f"{JOB}:{uid}")
    proposals.carry_open(scope)
    return _propose_to_keep(scope, facilitator, uid, heading, reason, talk)


def _propose_to_keep(scope: Scope, facilitator: Membership, uid: str, heading: str, reason: str, talk: bytes) -> bytes:
    kept: dict[str, str | None] = {"origin": "own"}
    wish = Wish((Change(uid, EDIT, kept),), _("Keep the rule “%(name)s”.", name=heading), reason, is_material=False)
    times = {"conversation_id": talk, "discussed_from": clock.now()}
    return proposals.add(scope, wish, ProposalState.DISCUSSING, facilitator.persona_id, **times)


def lapse(scope: Scope, uid: str) -> None:
    """Step: take the rule out again if the group did not keep it. Twice is as once."""
    versions.lock(scope.group_id)
    current = versions.get_in_force(scope.group_id)
    rules = [one for one in current.rules if one.uid != uid or one.origin != EMERGENCY]
    if len(rules) == len(current.rules):
        return
    words = _("A rule for safety ended after 14 days.")
    made = versions.adopt(scope, current.id, rules, words, False, None, clock.now())
    versions.bring_into_force(scope, made)
    proposals.carry_open(scope)
