"""What an organisation asks of all its groups at least: no group's rules are looser (C3). For its admins, in the record."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Row, delete, insert, select, update

from forum.accounts import second_factor
from forum.accounts.staff import find_staff, get_staff
from forum.base.db import row, rows
from forum.base.errors import NotFound
from forum.base.idents import new_ident
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.ground_rules.checks import floor_of
from forum.models import Charter, Clause, Floor, Group, Organisation
from forum.policy import bindings, promises, record
from forum.policy.actor import Actor
from forum.policy.bindings import REGISTRY, RETENTION
from forum.policy.permissions import Denial, may_administer, require


@dataclass(frozen=True)
class OfOrganisation:
    """An organisation with the values it asks for at least, by key."""

    id: bytes
    name: str
    floor: Mapping[str, str]


def get_floor(actor: Actor, organisation_id: bytes) -> OfOrganisation:
    """What an organisation asks for. :raises NotFound: no admin of it."""
    get_staff(actor, organisation_id)
    found = row(select(Organisation.name).where(Organisation.id == organisation_id))
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return OfOrganisation(organisation_id, found.name, floor_of(organisation_id))


def clean(wanted: Mapping[str, str]) -> dict[str, str]:
    """What was chosen; the loosest value of a setting asks for nothing. :raises Invalid: no such setting or value."""
    return {key: value for key, value in wanted.items() if value and bindings.check(key, value).values.index(value) > 0}


def consequences(actor: Actor, organisation_id: bytes, wanted: Mapping[str, str]) -> list[str]:
    """What this changes, for each setting and for each group whose rules are looser; empty if it changes nothing.

    :raises NotFound: no admin of it. :raises Invalid: as `clean`.
    """
    before, after = get_floor(actor, organisation_id).floor, clean(wanted)
    said = []
    for key, binding in REGISTRY.items():
        if before.get(key) == after.get(key):
            continue
        if key not in after:
            said.append(_("%(what)s: groups decide this on their own again.", what=str(binding.name)))
            continue
        said.append(f"{binding.name}: {binding.words[after[key]]}")
        said += [_said_of(group) for group in _list_looser(organisation_id, key, after[key])]
    return said


def _said_of(group: Row) -> str:
    return _("The rules of “%(group)s” are looser here. From now on yours counts there.", group=group.name)


def _list_looser(organisation_id: bytes, key: str, value: str) -> list[Row]:
    found = rows(
        select(Group.name, Clause.binding_value)
        .join(Charter, Charter.group_id == Group.id)
        .join(Clause, Clause.version_id == Charter.version_id)
        .where(Group.organisation_id == organisation_id, Clause.binding_key == key)
        .order_by(Group.name)
    )
    known = [r for r in found if r.binding_value in REGISTRY[key].values]
    return [r for r in known if bindings.is_looser(key, r.binding_value, value)]


@retrying
def set_floor(actor: Actor, organisation_id: bytes, wanted: Mapping[str, str]) -> None:
    """Ask for this from now on, and for nothing else. In every group of the organisation it holds at once.

    :raises NotFound: no admin of it. :raises StepUpNeeded: no code lately. :raises Invalid: as `clean`.
    """
    require(may_administer, actor, find_staff(actor).of(organisation_id))
    after = clean(wanted)
    get_floor(actor, organisation_id)
    second_factor.require_step_up(actor)
    with transaction():
        before = floor_of(organisation_id)
        for key in sorted(before.keys() | after.keys()):
            if before.get(key) != after.get(key):
                _set(organisation_id, key, after.get(key))
                record.note("floor.set", actor.account_id or b"", organisation_id, f"{key}:{after.get(key, '')}")
        mark = new_ident() if after else None
        change = update(Organisation).where(Organisation.id == organisation_id).values(floor_id=mark)
        here().execute(change.execution_options(synchronize_session=False))


def _set(organisation_id: bytes, key: str, value: str | None) -> None:
    here().execute(delete(Floor).where(Floor.organisation_id == organisation_id, Floor.key == key))
    if value is not None:
        here().execute(insert(Floor).values(organisation_id=organisation_id, key=key, value=value))
    if key == RETENTION:
        promises.keep(organisation_id, bindings.days_of(value))
