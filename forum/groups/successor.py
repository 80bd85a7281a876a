"""No group is left without a facilitator: asked wherever one of them goes."""

from sqlalchemy import Row, select

from forum.base.db import rows
from forum.base.errors import NotAllowed
from forum.base.keyring import Scope
from forum.base.words import _
from forum.models import Persona, Role
from forum.policy.members import NOT_IN


def check_successor(scope: Scope, persona_id: bytes) -> None:
    """Step: go on only if the group keeps a facilitator without this persona.

    :raises NotAllowed: it is the last one.
    """
    facilitators = {p.id for p in lock_team_and(scope, persona_id) if p.role is Role.FACILITATOR}
    if facilitators == {persona_id}:
        raise NotAllowed(_("This is the last facilitator. Name another one first."))


def lock_team_and(scope: Scope, persona_id: bytes) -> list[Row]:
    """Step: the facilitators and one more persona of the group, nobody else's to change until this transaction ends.

    In one order, so that two who act at once take turns and the second sees what the first did.
    """
    return list(
        rows(
            select(Persona.id, Persona.role)
            .where(
                Persona.group_id == scope.group_id,
                Persona.standing.not_in(NOT_IN),
                (Persona.role == Role.FACILITATOR) | (Persona.id == persona_id),
            )
            .order_by(Persona.id)
            .with_for_update()
        )
    )
