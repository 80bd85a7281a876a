"""Groups whose rules bind something, made as real groups make them: a new version that comes into force."""

from dataclasses import replace
from typing import Any

from sqlalchemy import delete, insert, update

from forum.base import clock
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.transaction import here, transaction
from forum.ground_rules import versions
from forum.models import Floor, Organisation


def bind(scope: Scope, settings: dict[str, str], *, is_material: bool = False) -> bytes:
    """From now on the group's rules say this; gives the version. Whoever had agreed has agreed to it too.

    :param settings: values by key. What the rules say of other settings stays. Needs an application context.
    """
    with transaction():
        current = versions.get(versions.lock(scope.group_id))
        others = [one for one in current.rules if one.binding_key not in settings]
        like: Any = next(one for one in current.rules if one.kind == "enforced")
        made = [
            replace(like, uid=f"own-{key}", heading=f"About {key}", binding_key=key, binding_value=value, origin="own")
            for key, value in settings.items()
        ]
        version = versions.adopt(scope, current.id, [*others, *made], "", is_material, None, clock.now())
        return versions.bring_into_force(scope, version)


def set_floor(scope: Scope, settings: dict[str, str]) -> None:
    """What the organisation asks of all its groups, and nothing else. Needs an application context."""
    with transaction():
        here().execute(delete(Floor).where(Floor.organisation_id == scope.organisation_id))
        for key, value in settings.items():
            here().execute(insert(Floor).values(organisation_id=scope.organisation_id, key=key, value=value))
        mark = update(Organisation).where(Organisation.id == scope.organisation_id).values(floor_id=new_ident())
        here().execute(mark)
