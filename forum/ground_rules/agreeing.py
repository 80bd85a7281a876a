"""Agreeing anew when the rules changed: what became different since somebody agreed, word by word, and their answer.

Whoever has not answered reads on, and reports, asks for help, takes their words along and leaves: nothing of that asks
here. Nobody is put out for saying "not now" (ground-rules.md §2.3).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Row, and_, exists, select, update

from forum.base import clock
from forum.base.db import row, rows
from forum.base.errors import Conflict, NotFound
from forum.base.keyring import Scope
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.ground_rules import queries, reading, usecases
from forum.ground_rules.patches import Piece, words_diff
from forum.ground_rules.queries import Rules
from forum.ground_rules.usecases import Answers
from forum.models import Agreement, Charter, CharterVersion, Persona
from forum.policy import answered
from forum.policy.actor import Actor, Membership
from forum.policy.bindings import REGISTRY
from forum.policy.members import NOT_IN
from forum.policy.permissions import Denial, may_answer_rules, may_facilitate, require

NEW, CHANGED, GONE = "new", "changed", "gone"
#: With less of the old text left than this, marks in it are harder to read than both texts.
LEAST_SAME = 0.5


@dataclass(frozen=True)
class ChangedClause:
    """A rule that is not as it was.

    :param how: NEW, CHANGED or GONE. :param n: its number now; 0 if it is gone. :param means: what the site does from now
        on, if it keeps this rule by itself and does something else than before.
    """

    how: str
    n: int
    heading: Sequence[Piece]
    body: Sequence[Piece]
    means: str


@dataclass(frozen=True)
class Again:
    """What somebody is asked to agree to.

    :param before: what they agreed to last; None: nothing, so that they answer as somebody who joins does.
    :param means: one line of each version that came since, oldest first. :param questions: clauses with a question whose
        words are not those that they answered.
    """

    rules: Rules
    before: Rules | None
    means: Sequence[str]
    clauses: Sequence[ChangedClause]
    questions: Sequence[Row]


def find_again(actor: Actor, scope: Scope) -> Again | None:
    """What this member has to read and answer; None if nothing changed since they agreed.

    :raises NotFound: not a member, or a group without rules.
    """
    rules, membership = _rules_and_member(actor, scope)
    agreed_id = _agreed_id(membership)
    if agreed_id == rules.version_id:
        return None
    before = queries.find_version(scope.group_id, agreed_id) if agreed_id else None
    if before is None:
        return Again(rules, None, (), (), rules.questions)
    questions = [clause for clause in rules.questions if _said(clause) not in [_said(one) for one in before.clauses]]
    return Again(rules, before, _summaries(scope, before, rules), _changes_of(before, rules, scope), questions)


def _rules_and_member(actor: Actor, scope: Scope) -> tuple[Rules, Membership]:
    require(may_answer_rules, actor, scope.group_id)
    rules, membership = queries.find_rules(scope.group_id), actor.membership_in(scope.group_id)
    if rules is None or membership is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return rules, membership


def has_agreed_before(membership: Membership) -> bool:
    """Whether somebody agreed to some version, so that only what changed has to be read."""
    return _agreed_id(membership) is not None


def _agreed_id(membership: Membership) -> bytes | None:
    if one := answered.find(membership.scope, membership.persona_id):
        return one.version_id
    found = row(select(Persona.agreed_version_id).where(Persona.id == membership.persona_id))
    return found.agreed_version_id if found else None


def _summaries(scope: Scope, before: Rules, rules: Rules) -> list[str]:
    wanted = select(CharterVersion.summary).where(
        CharterVersion.group_id == scope.group_id, CharterVersion.n > before.n, CharterVersion.n <= rules.n
    )
    return [r.summary for r in rows(wanted.order_by(CharterVersion.n)) if r.summary]


def _changes_of(before: Rules, rules: Rules, scope: Scope) -> list[ChangedClause]:
    return changes(before.clauses, rules.clauses, reading.terms_of(rules, scope).values)


def changes(before: Sequence[Row], now: Sequence[Row], values: Mapping[str, str]) -> list[ChangedClause]:
    """Each clause that says or does something else, in the order of the rules now; what is gone stands at the end.

    :param values: what each setting is now, the organisation's floor counted in.
    """
    old, new = {one.uid: one for one in before}, {one.uid: one for one in now}
    found = [
        _changed(n, old.get(one.uid), one, values)
        for n, one in enumerate(now, start=1)
        if _differs(old.get(one.uid), one)
    ]
    return found + [_changed(0, one, None, values) for uid, one in old.items() if uid not in new]


def _differs(old: Row | None, new: Row) -> bool:
    return old is None or (_said(old), old.kind, _bound(old)) != (_said(new), new.kind, _bound(new))


def _said(clause: Row) -> tuple[object, ...]:
    return clause.uid, clause.heading, clause.body, clause.question, clause.answers


def _bound(clause: Row | None) -> tuple[str | None, str | None]:
    return (clause.binding_key, clause.binding_value) if clause else (None, None)


def _changed(n: int, old: Row | None, new: Row | None, values: Mapping[str, str]) -> ChangedClause:
    how = NEW if old is None else GONE if new is None else CHANGED
    heading = readable_diff(old.heading if old else "", new.heading if new else "")
    body = readable_diff(old.body if old else "", new.body if new else "")
    return ChangedClause(how, n, heading, body, _means(old, new, values))


def readable_diff(old: str, new: str) -> tuple[Piece, ...]:
    """Which words went and which came; a text that hardly a word is left of stands whole beside the new one, for single
    words saved out of it can be read by nobody."""
    pieces = words_diff(old, new)
    same = sum(len(piece.text) for piece in pieces if piece.how == "same")
    if not old or not new or same >= LEAST_SAME * len(old):
        return pieces
    return Piece("removed", old), Piece("added", new)


def _means(old: Row | None, new: Row | None, values: Mapping[str, str]) -> str:
    """What a setting does from now on; where its clause is gone, what holds when no rule says anything."""
    if _bound(old) == _bound(new):
        return ""
    binding = REGISTRY.get(_bound(new)[0] or _bound(old)[0] or "")
    return str(binding.words[values[binding.key]]) if binding and binding.exists else ""


@retrying
def agree_again(actor: Actor, scope: Scope, version_id: bytes | None, answers: Answers) -> None:
    """Agree to the version that somebody has read. Doing it twice is harmless.

    :param version_id: the one that stood on the page. :param answers: to `Again.questions`.
    :raises Conflict: the rules changed once more meanwhile. :raises Invalid: a question is not answered.
    :raises NotAllowed: an answer says "not now", in the clause's own words. :raises NotFound: not a member.
    """
    again = find_again(actor, scope)
    if again is None:
        return
    if again.rules.version_id != version_id:
        raise Conflict(_("The rules changed once more while you were reading. Please look at them again."))
    asked = [clause.uid for clause in again.questions]
    usecases.check_answers(replace(again.rules, clauses=[c for c in again.rules.clauses if c.uid in asked]), answers)
    membership = actor.membership_in(scope.group_id)
    assert membership is not None
    with transaction():
        usecases.keep_answer(membership, again.rules, answers)


@retrying
def take_back(actor: Actor, scope: Scope) -> None:
    """Somebody does not agree any more: they read on and do not write, until they answer the rules as a newcomer does.

    :raises NotFound: not a member.
    """
    _rules, membership = _rules_and_member(actor, scope)
    mine = Agreement.persona_id == membership.persona_id
    with transaction():
        answered.drop(scope, membership.persona_id)
        for change in (
            update(Agreement).where(mine, Agreement.withdrawn_on.is_(None)).values(withdrawn_on=clock.today()),
            update(Persona).where(Persona.id == membership.persona_id).values(agreed_version_id=None),
        ):
            here().execute(change.execution_options(synchronize_session=False))


@dataclass(frozen=True)
class Mine:
    """What somebody agreed to last. :param n: of the version."""

    n: int
    agreed_on: date
    method: str


def find_mine(actor: Actor, scope: Scope) -> Mine | None:
    """What this member agreed to last; None if they took it back, or never did.

    :raises NotFound: not a member.
    """
    _rules, membership = _rules_and_member(actor, scope)
    if one := answered.find(scope, membership.persona_id):
        version = queries.find_version(scope.group_id, one.version_id)
        return Mine(version.n, one.week, one.method) if version else None
    found = row(
        select(CharterVersion.n, Agreement.agreed_on, Agreement.method)
        .join(CharterVersion, CharterVersion.id == Agreement.version_id)
        .where(Agreement.persona_id == membership.persona_id, Agreement.withdrawn_on.is_(None))
        .order_by(CharterVersion.n.desc())
        .limit(1)
    )
    return Mine(found.n, found.agreed_on, found.method) if found else None


@dataclass(frozen=True)
class Agreed:
    """How many stand behind the rules in force, as of `on`.

    :param names: for facilitators: who had agreed, and who had not.
    """

    agreed: int
    all: int
    names: tuple[Sequence[str], Sequence[str]] | None
    on: date


def find_agreed(actor: Actor, scope: Scope) -> Agreed:
    """Who agreed to the rules in force: a number for members, names for facilitators. As of Monday: whoever saw a name
    come minutes before words under an alias would know whose words they are.

    :raises NotFound: not a member.
    """
    _rules_and_member(actor, scope)
    monday = clock.monday()
    lately = exists().where(
        Agreement.persona_id == Persona.id,
        Agreement.version_id == Charter.version_id,
        Agreement.agreed_on >= monday,
    )
    found = rows(
        select(Persona.name, and_(Persona.agreed_version_id == Charter.version_id, ~lately).label("agreed"))
        .join(Charter, Charter.group_id == Persona.group_id)
        .where(Persona.group_id == scope.group_id, Persona.standing.not_in(NOT_IN))
        .order_by(Persona.name)
    )
    agreed, waiting = [r.name for r in found if r.agreed], [r.name for r in found if not r.agreed]
    sees_names = may_facilitate(actor, scope.group_id) is None
    return Agreed(len(agreed), len(found), (agreed, waiting) if sees_names else None, monday)
