"""A draft that makes one rule clearer, for whoever found that it can be read in two ways.

It says nothing of how they found it: that somebody disagreed with a decision is nobody else's business.
"""

from forum.base.errors import Invalid
from forum.base.keyring import Scope
from forum.base.words import _
from forum.ground_rules import checks, proposals, versions
from forum.ground_rules.patches import EDIT, Change, Rule
from forum.ground_rules.proposals import Wish
from forum.models import ClauseKind
from forum.policy.actor import Actor
from forum.policy.contracting import may_propose


def find_rule(actor: Actor, scope: Scope, uid: str) -> Rule | None:
    """The rule as it was agreed last, if this member may propose to change it; None for one that no group may change."""
    if not uid or may_propose(actor, scope.group_id):
        return None
    found = next((one for one in versions.get_tip(scope.group_id).rules if one.uid == uid), None)
    return found if found and found.kind != ClauseKind.GIVEN else None


def prepare(actor: Actor, scope: Scope, uid: str, typed: str, field: str) -> Wish:
    """The wish that this rule says one thing more. May wait.

    :param typed: what it should say, in the words of whoever wishes it. :param field: that they stand in.
    :raises Invalid: no such rule any more, or words that cannot stand.
    """
    rule = find_rule(actor, scope, uid)
    if rule is None:
        raise Invalid(
            _("This rule is not there any more, so it cannot be made clearer. Please leave this empty."), field
        )
    words = checks.clean_text(typed, checks.MOST_BODY, field)
    to: dict[str, str | None] = {"body": f"{rule.body.strip()}\n\n{words}"}
    if rule.easy:
        to["easy"] = ""  # it says the old rule
    summary = _("We make the rule “%(name)s” clearer.", name=" ".join(rule.heading.split()))
    return proposals.prepare(
        scope, Wish((Change(uid, EDIT, to),), summary, _("People can read this rule in two ways."))
    )
