"""The people of one group, for its facilitators: names, roles and standing, and nothing else about anybody.

No last visit, no number of posts, no aliases, no account: none of it is needed to look after people, and each would
help somebody who means harm.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Row, delete, func, insert, select

from forum.base import clock, tagged
from forum.base.db import row, rows
from forum.base.errors import Conflict, NotFound
from forum.base.keyring import Scope
from forum.base.transaction import here
from forum.base.words import _
from forum.models import Group, Persona, ProposedRemoval, Role, Standing
from forum.policy.actor import Actor
from forum.policy.members import NOT_IN
from forum.policy.permissions import Denial, may_facilitate, require

#: A reason of three sentences; kept at one size, so that the size tells nothing.
MOST_REASON, REASON_BYTES = 300, 1200
#: The uid of a ground rule, behind the reason. What was asked for before has none: its reason was for the second person.
CLAUSE_BYTES = 40
_REMOVAL = "removal"


def list_people(actor: Actor, scope: Scope) -> Sequence[Row]:
    """Everybody who is in the group, the team first, then by name: id, name, role, standing, joined_on.

    :raises NotFound, NotAllowed: no facilitator of this group.
    """
    require(may_facilitate, actor, scope.group_id)
    found = rows(
        select(Persona.id, Persona.name, Persona.role, Persona.standing, Persona.joined_on)
        .where(Persona.group_id == scope.group_id, Persona.standing.not_in(NOT_IN))
        .order_by(Persona.name)
    )
    order = {Role.FACILITATOR: 0, Role.MODERATOR: 1, Role.MEMBER: 2}
    return sorted(found, key=lambda one: order[one.role])


def get_person(actor: Actor, scope: Scope, persona_id: bytes) -> Row:
    """One of them, or one who asks to come in.

    :raises NotFound: nobody here by that id, or no facilitator. :raises NotAllowed: no facilitator.
    """
    require(may_facilitate, actor, scope.group_id)
    found = row(
        select(Persona.id, Persona.name, Persona.role, Persona.standing, Persona.joined_on).where(
            Persona.id == persona_id, Persona.group_id == scope.group_id, Persona.standing != Standing.LEFT
        )
    )
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return found


@dataclass(frozen=True)
class Proposal:
    """Somebody of the team asks that a person leaves the group.

    :param by: the persona that asks. :param clause_uid: the ground rule; empty: its reason is not for the person.
    """

    scope: Scope
    persona_id: bytes
    by: bytes
    reason: str
    day: date
    clause_uid: str = ""


def propose(scope: Scope, persona_id: bytes, by: bytes, reason: str, clause_uid: str = "") -> None:
    """Step: ask for a removal. A second one for the same person replaces nothing: the first is looked at.

    :param reason: 1 to MOST_REASON characters; whoever is removed reads them if they come with a `clause_uid`.
    """
    if tagged.find(ProposedRemoval, scope, _REMOVAL, (persona_id,)) is not None:
        return
    said = reason.encode().ljust(REASON_BYTES, b"\0") + clause_uid.encode().ljust(CLAUSE_BYTES, b"\0")
    value = persona_id + by + said
    kept = tagged.sealed_row(ProposedRemoval, scope, _REMOVAL, (persona_id,), value)
    here().execute(insert(ProposedRemoval).values(**kept, group_id=scope.group_id, day=clock.today()))


def list_proposals(scopes: Sequence[Scope]) -> list[Proposal]:
    """What is asked for in these groups. Call it for those who may decide."""
    by_group = {scope.group_id: scope for scope in scopes}
    found = rows(
        select(ProposedRemoval.tag, ProposedRemoval.sealed, ProposedRemoval.group_id, ProposedRemoval.day)
        .where(ProposedRemoval.group_id.in_(list(by_group)))
        .order_by(ProposedRemoval.day, ProposedRemoval.tag)
    )
    return [_read(by_group[r.group_id], r) for r in found]


def count_proposals(group_ids: Sequence[bytes]) -> int:
    """How much is asked for in these groups. Call it for those who may decide."""
    found = row(select(func.count().label("n")).where(ProposedRemoval.group_id.in_(list(group_ids))))
    return int(found.n) if found else 0


def _read(scope: Scope, found: Row) -> Proposal:
    value = tagged.open_value(ProposedRemoval, scope, found.tag, found.sealed)
    said, clause = (part.rstrip(b"\0").decode() for part in (value[32:][:REASON_BYTES], value[32:][REASON_BYTES:]))
    return Proposal(scope, value[:16], value[16:32], said, found.day, clause)


def take_proposal(scope: Scope, persona_id: bytes) -> Proposal:
    """Step: decide about a proposal; of two who decide at once one gets it.

    :raises Conflict: it is decided, or there was none.
    """
    tags = tagged.tags(scope, _REMOVAL, persona_id)
    found = here().execute(
        delete(ProposedRemoval)
        .where(ProposedRemoval.tag.in_(tags))
        .returning(ProposedRemoval.tag, ProposedRemoval.sealed, ProposedRemoval.group_id, ProposedRemoval.day)
    )
    proposal = found.first()
    if proposal is None:
        raise Conflict(_("Somebody decided this already."))
    return _read(scope, proposal)


def names_in(scopes: Sequence[Scope], persona_ids: Sequence[bytes]) -> dict[bytes, tuple[str, str]]:
    """The names of people and of their groups, for pages about several groups of one organisation."""
    found = rows(
        select(Persona.id, Persona.name, Group.name.label("group"))
        .join(Group, Group.id == Persona.group_id)
        .where(Persona.id.in_(list(persona_ids)), Group.id.in_([s.group_id for s in scopes]))
    )
    return {r.id: (r.name, r.group) for r in found}
