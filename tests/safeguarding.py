"""An organisation whose people are called, for tests of concerns: officers who came in by their links, with both steps."""

from dataclasses import dataclass, replace

from sqlalchemy import select

from forum.accounts import second_factor
from forum.accounts import usecases as accounts
from forum.base import clock
from forum.base.db import row
from forum.base.idents import new_ident
from forum.base.transaction import transaction
from forum.models import Officer, OfficerRole
from forum.policy.actor import Actor
from forum.web import sessions, sign_ins
from moderation.safeguarding import channels, officers, settings
from moderation.safeguarding.channels import Way
from moderation.safeguarding.people_models import ChannelKind
from tests.world import GroupHere, Person, World


@dataclass(frozen=True)
class Tier:
    """The officers of one organisation, signed in. :param ids: of their offices, by role."""

    lead: Person
    deputy: Person
    independent: Person
    ids: dict[OfficerRole, bytes]


def officer(world: World, organisation_id: bytes, role: OfficerRole, name: str) -> tuple[Person, bytes]:
    """Somebody who came into office by their link, with both steps and a mailbox that was tried; and their office."""
    person = world.visitor()
    with world.app.app_context():
        secret = officers.invite(None, organisation_id, role, name)
        half = officers.accept(person.actor, secret, f"{role.value} {new_ident().hex()[:8]}", "a long enough one")
        with transaction():
            account_id = second_factor.find_half(Actor(sign_in=sign_ins.hash_of(half.secret)))
            assert account_id
            second_factor.give(account_id)
            entered = accounts.enter_proved(account_id, None)
        found = row(select(Officer.id).where(Officer.account_id == account_id))
        assert found
        way = replace(Way(f"{role.value}@example.org"), tested_on=clock.today().isoformat())
        channels.keep(found.id, ChannelKind.MAIL, way)
    person.account_id, person.name = account_id, name
    person.client.set_cookie(sessions.COOKIE, entered.secret, domain="localhost", secure=True)
    return person, bytes(found.id)


def arm(world: World, group: GroupHere) -> Tier:
    """Have people of the group's organisation called from now on."""
    organisation_id = group.scope.organisation_id
    people = {
        role: officer(world, organisation_id, role, name)
        for role, name in (
            (OfficerRole.LEAD, "Lee Lead"),
            (OfficerRole.DEPUTY, "Dee Deputy"),
            (OfficerRole.INDEPENDENT, "Ina Outside"),
        )
    }
    with world.app.app_context(), transaction():
        settings.turn_on(organisation_id, new_ident())
    lead, deputy, independent = (person for person, _ident in people.values())
    return Tier(lead, deputy, independent, {role: ident for role, (_person, ident) in people.items()})
