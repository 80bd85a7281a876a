"""Who may answer for a person in danger: the facilitators of their group, and the officers of its organisation.

A person can be both. Whatever binds the person, such as not being told of a concern about themselves, binds both hats.
"""

import enum
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from forum.base.db import row, rows
from forum.base.keyring import Scope
from forum.groups import rota
from forum.models import Group, Officer, OfficerRole, OfficerStanding, Persona, Role, SignIn, SignInKind
from forum.policy.actor import Actor, Membership
from forum.policy.members import NOT_IN, find_membership, holder_tags, list_scopes
from moderation.safeguarding import tier_rota


class ResponderRole(enum.StrEnum):
    """In which role somebody answers."""

    FACILITATOR = "facilitator"
    LEAD = "lead"
    DEPUTY = "deputy"
    INDEPENDENT = "independent"
    INTERIM = "interim"
    CONFIRMER = "confirmer"


#: Those of the organisation who may hold a concern. A confirmer may only confirm that one is closed.
TIER = (ResponderRole.LEAD, ResponderRole.DEPUTY, ResponderRole.INDEPENDENT, ResponderRole.INTERIM)
_ORDER = {role: n for n, role in enumerate(OfficerRole)}


@dataclass(frozen=True)
class Responder:
    """Somebody who may answer.

    :param id: of their persona in the group, or of their office. :param group_id: None for an officer.
    """

    id: bytes
    role: ResponderRole
    organisation_id: bytes
    group_id: bytes | None
    name: str
    persona_id: bytes | None = None
    staff_id: bytes | None = None

    @property
    def may_own(self) -> bool:
        """Whether they may hold a concern."""
        return self.role is not ResponderRole.CONFIRMER

    @property
    def is_tier(self) -> bool:
        """Whether they answer for the whole organisation."""
        return self.staff_id is not None


def of_group(scope: Scope) -> list[Responder]:
    """The facilitators of a group, by name."""
    found = rows(
        select(Persona.id, Persona.name)
        .where(Persona.group_id == scope.group_id, Persona.role == Role.FACILITATOR, Persona.standing.not_in(NOT_IN))
        .order_by(Persona.name)
    )
    return [_facilitator(scope, r) for r in found]


def of_organisation(organisation_id: bytes) -> list[Responder]:
    """Its officers who are in office, the lead first."""
    found = rows(_OFFICER.where(Officer.organisation_id == organisation_id, Officer.standing == OfficerStanding.ACTIVE))
    return [_officer(r) for r in sorted(found, key=lambda r: (_ORDER[r.role], r.name, r.id))]


def named_in(organisation_id: bytes, text: str) -> set[bytes]:
    """The officers whom a text names, by the names that the others know them by."""
    folded = " ".join(text.casefold().split())
    return {
        one.id
        for one in of_organisation(organisation_id)
        if re.search(rf"(?<!\w){re.escape(' '.join(one.name.casefold().split()))}(?!\w)", folded)
    }


_OFFICER = select(Officer.id, Officer.organisation_id, Officer.role, Officer.name, Officer.standing, Officer.account_id)


def all_of(scope: Scope) -> list[Responder]:
    """Everybody who may answer in a group."""
    return [*of_group(scope), *of_organisation(scope.organisation_id)]


def of(membership: Membership) -> Responder | None:
    """A facilitator as one who may answer; None for a moderator, who sees no concern."""
    if membership.role is not Role.FACILITATOR:
        return None
    return Responder(
        membership.persona_id,
        ResponderRole.FACILITATOR,
        membership.scope.organisation_id,
        membership.scope.group_id,
        membership.name,
        persona_id=membership.persona_id,
    )


def find(actor: Actor, scope: Scope) -> Responder | None:
    """Who the actor is for a group's concerns: an officer of its organisation, one of its facilitators, or nobody."""
    officer = find_officer(actor)
    if officer is not None and officer.organisation_id == scope.organisation_id:
        return officer
    membership = find_membership(actor.account_id, scope)
    return of(membership) if membership is not None else None


def every_hat(actor: Actor) -> list[Responder]:
    """Every role in which somebody answers: their office, or each group that they look after."""
    officer = find_officer(actor)
    if officer is not None:
        return [officer]
    scopes = list_scopes(actor.account_id) if actor.account_id else []
    return [me for scope in scopes if (me := find(actor, scope))]


def find_officer(actor: Actor) -> Responder | None:
    """The actor as an officer in office, only in a sign-in that took its second step."""
    if actor.account_id is None or actor.sign_in is None:
        return None
    found = row(
        _OFFICER.join(SignIn, SignIn.account_id == Officer.account_id).where(
            Officer.account_id == actor.account_id,
            Officer.standing == OfficerStanding.ACTIVE,
            SignIn.cookie_sha256 == actor.sign_in,
            SignIn.kind == SignInKind.STAFF,
        )
    )
    return _officer(found) if found else None


def get(scope: Scope, responder_id: bytes) -> Responder | None:
    """One by id, whoever asks: for names beside what they did. Those who left are found, too."""
    found = row(_OFFICER.where(Officer.id == responder_id, Officer.organisation_id == scope.organisation_id))
    if found is not None:
        return _officer(found)
    persona = row(
        select(Persona.id, Persona.name).where(Persona.id == responder_id, Persona.group_id == scope.group_id)
    )
    return _facilitator(scope, persona) if persona else None


def same_person(scope: Scope, responder_id: bytes) -> frozenset[bytes]:
    """Every id in this group of the person behind one: their persona, whatever its role, and their office."""
    held = {
        r.id: r.account_id
        for r in rows(_OFFICER.where(Officer.organisation_id == scope.organisation_id))
        if r.account_id is not None
    }
    personas = _personas_of(scope, held)
    theirs = {responder_id}
    for officer_id, persona_id in personas.items():
        if responder_id in (officer_id, persona_id):
            theirs |= {officer_id, persona_id}
    return frozenset(theirs)


def _personas_of(scope: Scope, held: dict[bytes, bytes]) -> dict[bytes, bytes]:
    """The personas that officers have in a group. Found by computing tags: no column leads from one to the other."""
    wanted = {tag: officer_id for officer_id, account in held.items() for tag in holder_tags(account, scope)}
    if not wanted:
        return {}
    found = rows(
        select(Persona.id, Persona.holder_tag).where(
            Persona.group_id == scope.group_id, Persona.holder_tag.in_(list(wanted))
        )
    )
    return {wanted[r.holder_tag]: r.id for r in found}


def on_duty(scope: Scope, now: datetime) -> list[Responder]:
    """The facilitators who look after the group at this time. A turn that names nobody is everybody's."""
    facilitators = of_group(scope)
    zone = row(select(Group.zone).where(Group.id == scope.group_id))
    if not facilitators or zone is None:
        return []
    holders = rota.holders_now(scope, str(zone.zone), now)
    if None in holders:
        return facilitators
    return [one for one in facilitators if one.id in holders]


def on_duty_tier(organisation_id: bytes, now: datetime) -> list[Responder]:
    """The officers who are called first at this time: by their own table, else the lead, else the deputy."""
    officers = [
        one for one in of_organisation(organisation_id) if one.may_own and one.role is not ResponderRole.INTERIM
    ]
    turns = tier_rota.holders_now(organisation_id, now)
    on_table = [one for one in officers if one.id in turns]
    return on_table or officers[:1]


def _facilitator(scope: Scope, found: Row[Any]) -> Responder:
    return Responder(
        found.id, ResponderRole.FACILITATOR, scope.organisation_id, scope.group_id, found.name, persona_id=found.id
    )


def _officer(found: Row[Any]) -> Responder:
    role = ResponderRole(found.role.value)
    return Responder(found.id, role, found.organisation_id, None, found.name, staff_id=found.id)
