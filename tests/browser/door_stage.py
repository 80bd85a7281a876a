"""Ways in and the people page, with something on each of their pages."""

from dataclasses import dataclass

from sqlalchemy import insert

from forum.accounts import links
from forum.accounts import usecases as accounts
from forum.base import clock
from forum.base.idents import new_ident
from forum.base.transaction import here, transaction
from forum.groups import doors, people
from forum.groups import usecases as groups
from forum.models import Door, LinkPurpose, Role, SignInKind, Standing, UnusualReading
from forum.web import sessions
from tests.world import GroupHere, Person, World


@dataclass(frozen=True)
class DoorStage:
    """What the pages about doors and people are about.

    :param asks: a persona that waits for `group`. :param waiting: somebody who waits for `by_request`;
        `refused` was told no there. :param by_invitation: a group that names itself only.
    """

    asks: bytes
    by_request: GroupHere
    by_invitation: GroupHere
    waiting: Person
    refused: Person
    secret: str


def set_door_stage(world: World, group: GroupHere, facilitator: Person, other: Person) -> DoorStage:
    """Requests, an unusual evening, a proposal, and a link with a role."""
    by_request, by_invitation = world.group(), world.group()
    world.configure(by_request, door=Door.REQUEST)
    world.configure(by_invitation, door=Door.INVITATION)
    world.on_duty(by_request, 0, "19:00", "21:00")
    asks = asking(world, group, "Quiet Fern")
    waiting, refused = asking(world, by_request, "Early Fern"), asking(world, by_request, "Late Fern")
    looks_after = world.person(by_request, Role.FACILITATOR)
    with world.app.app_context():
        doors.say_no(looks_after.actor, by_request.scope, refused.persona_id, "This group is for carers.")
        with transaction():
            people.propose(group.scope, other.persona_id, new_ident(), "They wrote to people at night.")
            people.propose(group.scope, facilitator.persona_id, new_ident(), "We do not agree.")
            unusual = {"group_id": group.scope.group_id, "day": clock.today(), "conversations": 118}
            here().execute(insert(UnusualReading).values(id=new_ident(), **unusual))
            secret = links.make_link(
                LinkPurpose.ROLE,
                organisation_id=group.scope.organisation_id,
                group_id=group.scope.group_id,
                role=Role.MODERATOR,
            )
    return DoorStage(asks.persona_id, by_request, by_invitation, waiting, refused, secret)


def asking(world: World, group: GroupHere, name: str) -> Person:
    """Somebody signed in who asks to come in."""
    with world.app.app_context(), transaction():
        account_id = accounts.make_account()
        persona = groups.add_persona(group.scope, account_id, name, standing=Standing.WAITING)
        entered = accounts.enter(account_id, SignInKind.OWN, None)
    person = Person(world, world.app.test_client(), name, account_id, persona.id, group)
    person.client.set_cookie(sessions.COOKIE, entered.secret, domain="localhost", secure=True)
    return person
