"""Bringing the answers of a week into the tables, all at once: who agreed to which rules, and not on which day."""

from sqlalchemy import select

from forum.base import clock
from forum.base.db import rows
from forum.base.keyring import Scope
from forum.base.transaction import transaction
from forum.ground_rules import queries, usecases, versions
from forum.ground_rules.usecases import Answers
from forum.models import Group
from forum.policy import answered
from forum.policy.answered import Answered


def bring_in_due() -> int:
    """Write down every answer of the weeks before this one; gives how many. Safe to do each night."""
    groups = rows(select(Group.id, Group.organisation_id).order_by(Group.id))
    return sum(_bring_in(Scope(one.organisation_id, one.id)) for one in groups)


def _bring_in(scope: Scope) -> int:
    if not _find_due(scope):
        return 0
    with transaction():
        versions.lock(scope.group_id)
        due = _find_due(scope)
        for persona_id, one in sorted(due.items()):  # in the order of random ids, never of the answers
            _write(scope, persona_id, one)
        return len(due)


def _find_due(scope: Scope) -> dict[bytes, Answered]:
    found = answered.find_all(scope, versions.list_behind(scope.group_id))
    return {who: one for who, one in found.items() if one.week < clock.monday()}


def _write(scope: Scope, persona_id: bytes, one: Answered) -> None:
    rules = queries.find_version(scope.group_id, one.version_id)
    answered.drop(scope, persona_id)
    if rules is not None:
        usecases.keep_agreement(persona_id, rules, Answers({}, one.locale, one.method), one.week)
