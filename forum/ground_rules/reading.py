"""What the page of rules says beside each clause: who keeps it, and since when all of them hold."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row, select

from forum.base.db import row
from forum.base.keyring import Scope
from forum.base.words import _
from forum.ground_rules.queries import Rules
from forum.models import ClauseKind, Organisation
from forum.policy import terms
from forum.policy.bindings import REGISTRY
from forum.policy.terms import Terms


@dataclass(frozen=True)
class Card:
    """One clause as its readers get it.

    :param n: its number, from 1. :param words: the clause's own, or its Easy Read, if that was asked for and is there.
    :param easy: `words` is Easy Read. :param kept: sentences on who keeps it.
    """

    n: int
    clause: Row
    words: str
    easy: bool
    kept: Sequence[str]


def cards(rules: Rules, scope: Scope, *, easy: bool) -> list[Card]:
    """Every clause in order.

    :param easy: in Easy Read, where a clause has it.
    """
    here = terms_of(rules, scope)
    return [
        Card(
            n,
            clause,
            clause.easy if easy and clause.easy else clause.body,
            easy and bool(clause.easy),
            kept(clause, here),
        )
        for n, clause in enumerate(rules.clauses, start=1)
    ]


def terms_of(rules: Rules, scope: Scope) -> Terms:
    """What this version means over the floor of the group's organisation."""
    found = row(select(Organisation.floor_id).where(Organisation.id == scope.organisation_id))
    return terms.find(rules.version_id, scope.organisation_id, found.floor_id if found else None)


def kept(clause: Row, here: Terms) -> list[str]:
    """Who keeps a clause, in words: law and safety, the program, or a person."""
    if clause.kind is ClauseKind.GIVEN:
        return [_("This rule is there for safety. The group cannot vote it away.")]
    binding = REGISTRY.get(clause.binding_key or "")
    if binding is None:
        return []
    if not binding.exists:
        return [_("A live room never shows who only reads.")]
    said = [_("The site keeps this rule by itself.")] if clause.kind is ClauseKind.ENFORCED else []
    value = here.values[binding.key]
    if value != clause.binding_value:
        said.append(_("The organisation that runs this group asks for more: %(words)s", words=binding.words[value]))
    return said
