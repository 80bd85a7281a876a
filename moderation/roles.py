"""Roles in a group: given and ended by the operator for now, each change a link of the audit chain."""

from sqlalchemy import func, select, update

from forum.accounts import names
from forum.base.db import row
from forum.base.errors import NotAllowed, NotFound
from forum.base.keyring import Scope
from forum.base.transaction import here, transaction
from forum.base.words import _
from forum.models import Persona, Role, Standing
from forum.web.sign_ins import announce_end
from moderation import audit

#: Who acts when the command line does.
OPERATOR = b"operator"


def set_role(scope: Scope, name: str, role: Role) -> None:
    """Give somebody a role in one group, found by the name they go by there.

    :raises NotFound: nobody of that name. :raises NotAllowed: the last facilitator cannot go without another.
    """
    with transaction():
        found = row(
            select(Persona.id, Persona.role).where(
                Persona.group_id == scope.group_id,
                Persona.skeleton == names.skeleton(name),
                Persona.standing != Standing.LEFT,
            )
        )
        if found is None:
            raise NotFound(_("Nobody goes by that name in this group."))
        if found.role is Role.FACILITATOR and role is not Role.FACILITATOR and _facilitators(scope) == 1:
            raise NotAllowed(_("This is the last facilitator. Name another one first."))
        here().execute(
            update(Persona)
            .where(Persona.id == found.id)
            .values(role=role, standing=Standing.SETTLED)
            .execution_options(synchronize_session=False)
        )
        announce_end(f"persona:{found.id.hex()}")
        audit.note("role.set", OPERATOR, found.id, role.value)


def _facilitators(scope: Scope) -> int:
    counted = row(
        select(func.count()).where(
            Persona.group_id == scope.group_id,
            Persona.role == Role.FACILITATOR,
            Persona.standing != Standing.LEFT,
        )
    )
    return int(counted[0]) if counted else 0
