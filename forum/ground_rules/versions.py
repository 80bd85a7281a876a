"""Versions of a group's ground rules: making a new one, and bringing it into force. The only writer of what is in force.

`charter.version_id` alone says what holds (C1). Whoever changes anything here first locks the charter's row, so that
two decisions about one group take turns.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, insert, or_, select, update

from forum.base import clock, jobs
from forum.base.db import row, rows
from forum.base.idents import new_ident, read_ident, write_ident
from forum.base.keyring import Scope
from forum.base.transaction import here
from forum.content.charter import StarterClause
from forum.ground_rules.patches import Rule, apply, diff, rebase
from forum.ground_rules.queries import is_review_due
from forum.models import Charter, CharterVersion, Clause, ClauseKind, Persona, VersionStatus
from forum.policy import answered
from forum.policy.members import NOT_IN
from forum.policy.terms import EMERGENCY

#: Between a decision and its rules: somebody who comes every second day reads of it before it holds.
LEAD = timedelta(hours=48)
#: So long may those who agreed to an earlier version still post under a new one.
GRACE = timedelta(days=7)
#: A group looks at its rules again after half a year, whatever they are.
REVIEW_AFTER = timedelta(days=182)
JOB = "charter_in_force"


@dataclass(frozen=True)
class Version:
    """One version with its clauses in order. `status`, dates and hash as in CharterVersion."""

    id: bytes
    group_id: bytes
    n: int
    status: VersionStatus
    text_sha256: str
    effective_at: datetime
    review_on: Any
    base_n: int | None
    summary: str
    is_material: bool
    proposal_id: bytes | None
    until_at: datetime | None
    rules: tuple[Rule, ...]

    @property
    def review_is_due(self) -> bool:
        """Whether the group should look at its rules again: a date, never a state."""
        return is_review_due(self.review_on)


_COLUMNS = (
    CharterVersion.id,
    CharterVersion.group_id,
    CharterVersion.n,
    CharterVersion.status,
    CharterVersion.text_sha256,
    CharterVersion.effective_at,
    CharterVersion.review_on,
    CharterVersion.base_n,
    CharterVersion.summary,
    CharterVersion.is_material,
    CharterVersion.proposal_id,
    CharterVersion.until_at,
)
_PARTS = (
    Clause.uid,
    Clause.heading,
    Clause.body,
    Clause.why,
    Clause.easy,
    Clause.kind,
    Clause.binding_key,
    Clause.binding_value,
    Clause.question,
    Clause.answers,
    Clause.origin,
)


def lock(group_id: bytes) -> bytes:
    """Step: nobody else changes this group's rules until the transaction ends; gives the version in force."""
    found = here().execute(select(Charter.version_id).where(Charter.group_id == group_id).with_for_update()).first()
    if found is None:
        raise LookupError("A group without ground rules.")
    return bytes(found.version_id)


def find(version_id: bytes) -> Version | None:
    """One version, whole."""
    found = row(select(*_COLUMNS).where(CharterVersion.id == version_id))
    return _whole(found) if found else None


def get(version_id: bytes) -> Version:
    """One version that something refers to. :raises LookupError: there is none."""
    if (found := find(version_id)) is None:
        raise LookupError("A version that is not there.")
    return found


def find_by_number(group_id: bytes, n: int) -> Version | None:
    """The n-th version of a group."""
    found = row(select(*_COLUMNS).where(CharterVersion.group_id == group_id, CharterVersion.n == n))
    return _whole(found) if found else None


def list_all(group_id: bytes) -> Sequence[Row]:
    """Every version of a group without its clauses, the newest first."""
    return rows(select(*_COLUMNS).where(CharterVersion.group_id == group_id).order_by(CharterVersion.n.desc()))


def get_tip(group_id: bytes) -> Version:
    """What a new proposal is made for: the last version that was agreed, also if it holds only from tomorrow on."""
    adopted = [one for one in list_all(group_id) if one.status is VersionStatus.ADOPTED]
    return _whole(adopted[0]) if adopted else get_in_force(group_id)


def get_in_force(group_id: bytes) -> Version:
    """The version in force, whole. :raises LookupError: the group has none."""
    found = row(select(Charter.version_id).where(Charter.group_id == group_id))
    if found is None:
        raise LookupError("A group without ground rules.")
    return get(found.version_id)


def _whole(found: Row) -> Version:
    clauses = rows(select(*_PARTS).where(Clause.version_id == found.id).order_by(Clause.ord))
    return Version(**found._mapping, rules=tuple(_rule(one) for one in clauses))


def _rule(clause: Row) -> Rule:
    return Rule(**{**clause._mapping, "kind": clause.kind.value})


def text_sha256(rules: Sequence[Rule | StarterClause]) -> str:
    """The hash of what people agree to: headings, bodies and questions in order."""
    text = json.dumps([[one.uid, one.heading, one.body, one.question or ""] for one in rules], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def adopt(
    scope: Scope,
    base_version_id: bytes,
    clauses: Sequence[Rule],
    summary: str,
    is_material: bool,
    proposal_id: bytes | None,
    effective_at: datetime,
    until_at: datetime | None = None,
) -> bytes:
    """Step: a new version that will hold from `effective_at` on, by a job; gives its id. Lock the charter first.

    :param base_version_id: what it changes. :param summary: in one line, what it means for members.
    :param is_material: False: it asks nobody who agreed to its base to agree again.
    :param until_at: of an emergency, which ends then unless the group keeps it; what is built on it inherits it.
    """
    version_id, base = new_ident(), get(base_version_id)
    if any(one.origin == EMERGENCY for one in clauses):
        until_at = until_at or base.until_at
    newest = list_all(scope.group_id)[0]
    here().execute(
        insert(CharterVersion).values(
            id=version_id,
            group_id=scope.group_id,
            n=newest.n + 1,
            status=VersionStatus.ADOPTED,
            text_sha256=text_sha256(clauses),
            effective_at=effective_at,
            review_on=(effective_at + REVIEW_AFTER).date(),
            base_n=base.n,
            summary=summary,
            is_material=is_material,
            proposal_id=proposal_id,
            until_at=until_at,
        )
    )
    for ord_, rule in enumerate(clauses, start=1):
        values = {name: getattr(rule, name) for name in rule.__dataclass_fields__}
        values["kind"] = ClauseKind(rule.kind)
        here().execute(insert(Clause).values(version_id=version_id, ord=ord_, **values))
    jobs.enqueue(JOB, payload_of(scope), effective_at, f"{JOB}:{write_ident(version_id)}")
    return version_id


def payload_of(scope: Scope) -> dict[str, str]:
    """A group in a job."""
    return {"organisation": write_ident(scope.organisation_id), "group": write_ident(scope.group_id)}


def scope_in(payload: jobs.Payload) -> Scope:
    """The group of a job."""
    found = read_ident(payload["organisation"]), read_ident(payload["group"])
    assert found[0] is not None and found[1] is not None  # noqa: PT018 - one fact: we wrote both
    return Scope(found[0], found[1])


def bring_what_is_due(scope: Scope) -> bool:
    """Step: what was agreed and is due holds, in the order in which it was agreed; whether anything changed."""
    lock(scope.group_id)
    due = [one for one in list_all(scope.group_id) if one.status is VersionStatus.ADOPTED]
    due = [one for one in due if one.effective_at <= clock.now()]
    for one in reversed(due):
        bring_into_force(scope, one.id)
    return bool(due)


def bring_into_force(scope: Scope, version_id: bytes) -> bytes:
    """Step: from now on this version holds, and no other; gives what is in force then. Twice is as once.

    What was agreed and waits for its time is carried over to it, so that neither loses the other.

    :param version_id: made for the version in force; one that was made for another waits for its turn.
    """
    current, version = get(lock(scope.group_id)), get(version_id)
    is_next = version.group_id == scope.group_id and version.base_n == current.n
    if not is_next or version.status is not VersionStatus.ADOPTED:
        return current.id
    _set_status(current.id, VersionStatus.SUPERSEDED)
    _set_status(version.id, VersionStatus.IN_FORCE)
    in_force: dict[str, Any] = {"version_id": version.id}
    if version.is_material:
        in_force["grace_until"] = clock.now() + GRACE
    holds = update(Charter).where(Charter.group_id == scope.group_id).values(**in_force)
    here().execute(holds.execution_options(synchronize_session=False))
    _move_agreements(scope, version, current)
    _carry_waiting(scope, version)
    return version.id


def _carry_waiting(scope: Scope, base: Version) -> None:
    """Each version that waits for its time is made anew where it was not made for the one before it."""
    waiting = [one for one in reversed(list_all(scope.group_id)) if one.status is VersionStatus.ADOPTED]
    for one in map(_whole, waiting):
        base = one if one.base_n == base.n else _carried_over(scope, one, base)


def _carried_over(scope: Scope, version: Version, to: Version) -> Version:
    base = find_by_number(scope.group_id, version.base_n or 0)
    assert base is not None
    clauses = apply(rebase(diff(base.rules, version.rules), base.rules, to.rules).patch, to.rules)
    _set_status(version.id, VersionStatus.SUPERSEDED)
    said = (version.summary, version.is_material, version.proposal_id, version.effective_at)
    return get(adopt(scope, to.id, clauses, *said))


def _set_status(version_id: bytes, status: VersionStatus) -> None:
    change = update(CharterVersion).where(CharterVersion.id == version_id).values(status=status)
    here().execute(change.execution_options(synchronize_session=False))


def _move_agreements(scope: Scope, version: Version, before: Version) -> None:
    """Nobody is asked again about what they agreed to: an editorial change, or words that came back as they were."""
    alike = [one.id for one in list_all(version.group_id) if one.text_sha256 == version.text_sha256]
    same = [one for one in alike if one != version.id and _asks_the_same(one, version)]
    same += [] if version.is_material else [before.id]
    agreed = update(Persona).where(Persona.group_id == version.group_id, Persona.agreed_version_id.in_(same))
    here().execute(agreed.values(agreed_version_id=version.id).execution_options(synchronize_session=False))
    answered.change_version(scope, list_behind(scope.group_id), same, version.id)


def list_behind(group_id: bytes) -> list[bytes]:
    """Members of whom no table says that they agreed to what is in force; they may have answered lately."""
    other = or_(Persona.agreed_version_id.is_(None), Persona.agreed_version_id != Charter.version_id)
    wanted = select(Persona.id).join(Charter, Charter.group_id == Persona.group_id)
    return [r.id for r in rows(wanted.where(Persona.group_id == group_id, Persona.standing.not_in(NOT_IN), other))]


def _asks_the_same(version_id: bytes, version: Version) -> bool:
    """The hash is of the words; what the program keeps must be the same as well."""
    kept = {(one.uid, one.binding_key, one.binding_value) for one in version.rules}
    return kept == {(one.uid, one.binding_key, one.binding_value) for one in get(version_id).rules}
