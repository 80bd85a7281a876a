"""Proposing a rule of the library: what a group would have to change to have it."""

from collections.abc import Sequence

from forum.base.errors import Conflict, NotFound
from forum.base.keyring import Scope
from forum.base.words import _
from forum.content.library import Offer, clause_library
from forum.ground_rules import proposals, versions
from forum.ground_rules.patches import ADD, EDIT, Change, Patch, Rule
from forum.ground_rules.proposals import Wish
from forum.policy.actor import Actor
from forum.policy.contracting import may_propose
from forum.policy.permissions import Denial, require


def get_offer(actor: Actor, scope: Scope, ident: str) -> Offer:
    """A rule of the library that this member may propose.

    :raises NotFound: no such rule, one that every group has, or not a member. :raises NotAllowed: the rules in force are
        not agreed.
    """
    require(may_propose, actor, scope.group_id)
    offer = clause_library().find(ident)
    if offer is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return offer


def propose(actor: Actor, scope: Scope, ident: str, summary: str, rationale: str) -> bytes:
    """A draft of the change that brings this rule; gives its id.

    :param summary: in one line, what it means for members. :param rationale: why they want it.
    :raises NotFound, NotAllowed: as `get_offer`. :raises Conflict: the group has this very rule.
    :raises Invalid: what to change in the words.
    """
    offer = get_offer(actor, scope, ident)
    patch = patch_for(offer, versions.get_tip(scope.group_id).rules)
    if not patch:
        raise Conflict(_("Your group has this rule already."))
    return proposals.begin(actor, scope, Wish(patch, summary, rationale))


def patch_for(offer: Offer, now: Sequence[Rule]) -> Patch:
    """What brings this rule: other words for the one that is there, or a new one at the end; nothing if it is there.

    A rule of the group's own that keeps the same setting gives way: two rules about one setting would both be read, and
    only the stricter one kept.
    """
    said = _parts(offer)
    there = next((one for one in now if _same_rule(one, offer)), None)
    if there is None:
        return (Change(offer.clause.uid, ADD, said, len(now) + 1),)
    changed = {name: value for name, value in said.items() if value != getattr(there, name)}
    return (Change(there.uid, EDIT, changed),) if changed.keys() - {"origin"} else ()


def _same_rule(rule: Rule, offer: Offer) -> bool:
    key = offer.clause.binding_key
    return rule.uid == offer.clause.uid or (bool(key) and rule.binding_key == key)


def _parts(offer: Offer) -> dict[str, str | None]:
    clause = offer.clause
    bound = {"binding_key": clause.binding_key or None, "binding_value": clause.binding_value or None}
    words = {name: str(getattr(clause, name)) for name in ("heading", "body", "why", "easy", "kind")}
    return {**words, **bound, "origin": "library"}
