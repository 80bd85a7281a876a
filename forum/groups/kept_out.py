"""Being kept out of a group: for good, or for some weeks. Two people decided it (moderation.removals, moderation.proposals).

It is a sealed row under the tag of the persona, with what they were before, so that the inverse gives exactly that back.
The persona is a stranger meanwhile, as whoever left is, and their words stay under their name.
"""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import format_date
from sqlalchemy import select, update

from forum.base import clock, tagged
from forum.base.db import row
from forum.base.keyring import Scope
from forum.base.transaction import here
from forum.base.words import _
from forum.models import Persona, Restriction, Role, Standing
from forum.policy.members import REMOVED, SUSPENDED, out_until
from forum.web.sign_ins import announce_end

_ROLES = {Role.MEMBER: 0, Role.MODERATOR: 1, Role.FACILITATOR: 2}
_STANDINGS = {Standing.LEFT: 0, Standing.WAITING: 1, Standing.NEWCOMER: 2, Standing.SETTLED: 3}
NO_DECISION = bytes(16)


@dataclass(frozen=True)
class KeptOut:
    """One decision that keeps somebody out. :param until: None: for good. :param decision_id: empty where none was kept.

    :param role: what they were before; with `standing`.
    """

    decision_id: bytes
    until: datetime | None
    role: Role
    standing: Standing

    @property
    def holds(self) -> bool:
        """Whether it still keeps them out."""
        return self.until is None or clock.now() < self.until


def remove(scope: Scope, persona_id: bytes, decision_id: bytes = NO_DECISION) -> None:
    """Step: somebody is out of the group: their words stay under their name, their sockets are hung up, and the account
    behind the persona, whoever holds it, does not come in again."""
    _put_out(scope, persona_id, REMOVED, decision_id, None)


def suspend(scope: Scope, persona_id: bytes, until: datetime, decision_id: bytes) -> None:
    """Step: somebody is out of the group until then. They can still write to its team and find help."""
    _put_out(scope, persona_id, SUSPENDED, decision_id, until)


def _put_out(scope: Scope, persona_id: bytes, kind: str, decision_id: bytes, until: datetime | None) -> None:
    role, standing = _before(scope, persona_id)
    seconds = int(until.timestamp()) if until else 0
    parts = (b"\1", decision_id, seconds.to_bytes(8), bytes([_ROLES[role], _STANDINGS[standing]]))
    tagged.keep(Restriction, scope, kind, (persona_id,), b"".join(parts))
    _write(scope, persona_id, Role.MEMBER, Standing.LEFT)
    announce_end(f"persona:{persona_id.hex()}")


def _before(scope: Scope, persona_id: bytes) -> tuple[Role, Standing]:
    """What they were before anything kept them out."""
    for kind in (REMOVED, SUSPENDED):
        if there := _find(scope, persona_id, kind):
            return there.role, there.standing
    found = row(select(Persona.role, Persona.standing).where(Persona.id == persona_id))
    return (found.role, found.standing) if found else (Role.MEMBER, Standing.LEFT)


def _write(scope: Scope, persona_id: bytes, role: Role, standing: Standing) -> None:
    change = update(Persona).where(Persona.id == persona_id, Persona.group_id == scope.group_id)
    here().execute(change.values(standing=standing, role=role).execution_options(synchronize_session=False))


def let_back(scope: Scope, persona_id: bytes, decision_id: bytes) -> None:
    """Step: the inverse of one decision, and of no other: who is still kept out by another one stays out."""
    for kind in (REMOVED, SUSPENDED):
        there = _find(scope, persona_id, kind)
        if there is not None and there.decision_id == decision_id:
            tagged.drop(Restriction, scope, kind, (persona_id,))
            if not any(_find(scope, persona_id, other) for other in (REMOVED, SUSPENDED)):
                _write(scope, persona_id, there.role, there.standing)


def was_removed(scope: Scope, persona_id: bytes) -> bool:
    """Whether the team decided that this person leaves the group for good."""
    return _find(scope, persona_id, REMOVED) is not None


def suspended_until(scope: Scope, persona_id: bytes) -> datetime | None:
    """Until when this person stays out of the group by a decision that is not for good."""
    there = _find(scope, persona_id, SUSPENDED)
    return there.until if there and there.holds else None


def refusal(until: datetime) -> str:
    """What somebody reads who is kept out for some weeks and knocks."""
    day = format_date(until)
    return _(
        "The team decided that you stay out of this group until %(day)s. You can write to it all the same.", day=day
    )


def list_for(scope: Scope, persona_id: bytes) -> list[KeptOut]:
    """What keeps somebody out now, for themselves."""
    found = (_find(scope, persona_id, kind) for kind in (REMOVED, SUSPENDED))
    return [there for there in found if there and there.holds and there.decision_id != NO_DECISION]


def _find(scope: Scope, persona_id: bytes, kind: str) -> KeptOut | None:
    value = tagged.find(Restriction, scope, kind, (persona_id,))
    if value is None:
        return None
    if len(value) == 1:  # before decisions about it were kept
        return KeptOut(NO_DECISION, None, Role.MEMBER, Standing.SETTLED)
    role = next(one for one, code in _ROLES.items() if code == value[25])
    standing = next(one for one, code in _STANDINGS.items() if code == value[26])
    return KeptOut(value[1:17], out_until(value), role, standing)
