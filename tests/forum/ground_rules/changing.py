"""A group whose rules change while people are away: short ways to bring a new version into force."""

from dataclasses import replace
from datetime import timedelta

from forum.base import clock
from forum.base.transaction import transaction
from forum.ground_rules import versions
from forum.ground_rules.patches import Rule
from tests.world import GroupHere

GENTLY = "Write gently. We are all tired here."
MEANS = "From now on we write more gently."


def change_rules(
    group: GroupHere, *, body: str = GENTLY, uid: str = "be-kind", material: bool = True, **said: str
) -> None:
    """A version with other words for one clause comes into force. Asks for an application context.

    :param said: other parts of the clause.
    """
    now = versions.get_in_force(group.scope.group_id)
    clauses = [replace(rule, body=body, **said) if rule.uid == uid else rule for rule in now.rules]
    bring(group, clauses, material=material)


def bring(group: GroupHere, clauses: list[Rule], *, means: str = MEANS, material: bool = True) -> None:
    """These clauses come into force. Asks for an application context."""
    with transaction():
        current = versions.lock(group.scope.group_id)
        made = versions.adopt(group.scope, current, clauses, means, material, None, clock.now())
        versions.bring_into_force(group.scope, made)


#: After that whoever has not agreed writes no more.
AFTER_GRACE = versions.GRACE + timedelta(minutes=1)
