"""Officers of an organisation as the tests need them: in office, and signed in with both steps."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert

from forum.accounts import second_factor
from forum.accounts import usecases as accounts
from forum.base import clock
from forum.base.idents import new_ident
from forum.base.transaction import here, transaction
from forum.models import Officer, OfficerRole, OfficerStanding
from forum.models.groups import Role
from forum.policy.actor import Actor
from forum.web import sessions
from moderation.safeguarding import cases, concerns
from moderation.safeguarding.cases import Case
from moderation.safeguarding.concerns import Raise
from moderation.safeguarding.models import Kind, Origin
from moderation.safeguarding.people_models import CallSetting
from tests.world import GroupHere, Person, World


@dataclass
class Officeholder:
    """One officer. :param person: their browser."""

    id: bytes
    person: Person

    @property
    def actor(self) -> Actor:
        """As use cases want them."""
        return self.person.device


def officer(world: World, group: GroupHere, role: OfficerRole, name: str = "") -> Officeholder:
    """Somebody in office for the organisation of a group."""
    person, officer_id = world.visitor(), new_ident()
    with world.app.app_context(), transaction():
        account_id = accounts.make_account()
        values = {"organisation_id": group.scope.organisation_id, "role": role, "standing": OfficerStanding.ACTIVE}
        there = {"id": officer_id, "account_id": account_id, "name": name or f"The {role.value}"}
        here().execute(insert(Officer).values(**values, **there))
        second_factor.give(account_id)
        entered = accounts.enter_proved(account_id, None)
    person.account_id = account_id
    person.client.set_cookie(sessions.COOKIE, entered.secret, domain="localhost", secure=True)
    return Officeholder(officer_id, person)


@dataclass
class Scene:
    """A group with two facilitators, a member, and an organisation with all of its officers."""

    world: World
    group: GroupHere
    robin: Person  #: a facilitator
    sam: Person  #: another
    wren: Person  #: a member
    lead: Officeholder
    deputy: Officeholder
    independent: Officeholder
    confirmer: Officeholder

    def raise_one(self, once: bytes = b"", **more: Any) -> Case:
        """A concern about Wren, by nobody in particular."""
        given: dict[str, Any] = {
            "scope": self.group.scope,
            "kind": Kind.ADULT,
            "origin": Origin.MEMBER,
            "once": once or new_ident(),
            "subject_kind": "persona",
            "subject_id": self.wren.persona_id,
            "said": "I am worried.",
        }
        raised = concerns.raise_concern(Raise(**given | more))
        return self.now(raised.concern_id)

    def now(self, concern_id: bytes) -> Case:
        """How a concern is now."""
        found = cases.find(concern_id)
        assert found is not None
        return found


def scene(world: World, organisation: str = "Harbour Trust") -> Scene:
    """The people of one organisation."""
    group = world.group(organisation)
    return Scene(
        world,
        group,
        world.person(group, Role.FACILITATOR, "Robin"),
        world.person(group, Role.FACILITATOR, "Samphire"),
        world.person(group, name="Wren"),
        *(officer(world, group, role) for role in OfficerRole if role is not OfficerRole.INTERIM),
    )


def arm(organisation_id: bytes) -> None:
    """From now on people of this organisation are called."""
    chosen = {"zone": "Europe/London", "holidays": "england", "drill_days": 30, "drill_at": None}
    with transaction():
        here().execute(insert(CallSetting).values(organisation_id=organisation_id, armed_on=clock.today(), **chosen))
