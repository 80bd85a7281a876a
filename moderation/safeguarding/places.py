"""Where somebody can tell of a worry: the places, organisations and people that the forms of the doors offer."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row, select

from forum.base.db import rows
from forum.base.idents import write_ident
from forum.base.keyring import Scope
from forum.groups import queries as groups
from forum.models import Group, Listing, Organisation, Persona
from moderation import not_for
from moderation.safeguarding import arming
from moderation.safeguarding.cases import NO_GROUP


@dataclass(frozen=True)
class Place:
    """Where somebody who is in none of the groups here can tell of. :param key: in the form."""

    key: str
    name: str


def list_places() -> list[Place]:
    """Where somebody outside can tell of: groups that show themselves, of organisations whose people are called."""
    shown = select(Group.address, Group.name, Group.organisation_id).where(
        Group.listing != Listing.UNLISTED, Group.opened_at.is_not(None)
    )
    return [Place(r.address, r.name) for r in rows(shown.order_by(Group.name)) if arming.is_armed(r.organisation_id)]


def list_armed() -> list[bytes]:
    """The organisations whose people are called."""
    return [bytes(r.id) for r in _armed()]


def list_organisations() -> list[Place]:
    """The same, to choose from."""
    return [Place(write_ident(r.id), r.name) for r in _armed()]


def _armed() -> list[Row]:
    found = rows(select(Organisation.id, Organisation.name).order_by(Organisation.name))
    return [r for r in found if arming.is_armed(r.id)]


def list_team(scope: Scope) -> list[Place]:
    """Whom of the team a member can say is involved, by their names in the group."""
    named = rows(select(Persona.id, Persona.name).where(Persona.id.in_(not_for.team_of(scope))).order_by(Persona.name))
    return [Place(write_ident(r.id), r.name) for r in named]


def scopes_of(key: str) -> Sequence[Scope]:
    """Where it goes: the group, or without one every organisation whose people are called. None of it is lost."""
    card = groups.find_card(key) if key in {one.key for one in list_places()} else None
    if card is not None:
        return [groups.scope_of(card)]
    return [Scope(one, NO_GROUP) for one in list_armed()]
